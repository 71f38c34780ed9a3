package identity

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"kindward/internal/keys"
	"kindward/internal/loopback"
	"kindward/internal/outside"
	"kindward/internal/tenancy"
)

// TXT reads the texts of a name in the DNS.
type TXT func(ctx context.Context, name string) ([]string, error)

// SSOClient asks the outside about single sign-on: an organization's provider, and the DNS of its domains. It is safe
// for concurrent use.
type SSOClient struct {
	Base      *url.URL // under which the product is reached: providers send people back there
	Keys      *keys.Keyring
	Limiter   AttemptLimiter // of how often the outside is asked
	LookupTXT TXT            // nil = the system's resolver
}

// What a provider may take of us.
const (
	providerTime = 8 * time.Second // for one request, from the name to the last byte
	providerSize = 1 << 20
)

// Redirect is where a provider sends people back to: an organization enters it there. The host is the configured one,
// whatever a request said (A20).
func (c SSOClient) Redirect(place tenancy.Tenant) string { return c.address(place, "/callback") }

// Logout is where a provider says that somebody has signed out there: an organization enters it there.
func (c SSOClient) Logout(place tenancy.Tenant) string { return c.address(place, "/logout") }

func (c SSOClient) address(place tenancy.Tenant, end string) string {
	u := url.URL{Scheme: c.Base.Scheme, Host: c.Base.Host, Path: "/sso/" + place.Slug + end}
	return u.String()
}

// MayAsk tells whether an address can be a provider's: https with a host and nothing hidden in it. A deployment that is
// itself on this machine without TLS may ask providers on this machine.
func (c SSOClient) MayAsk(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery ||
		u.Fragment != "" || strings.Contains(address, "#") || len(address) > 300 {
		return false
	}
	if strings.IndexFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) >= 0 {
		return false
	}
	if c.onThisMachine() && u.Scheme == "http" {
		return loopback.Host(u.Hostname())
	}
	if u.Scheme != "https" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err != nil || c.onThisMachine() || outside.Public(ip)
}

// mayCall is MayAsk for the addresses that a provider names, which may have a query.
func (c SSOClient) mayCall(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	u.RawQuery, u.ForceQuery = "", false
	return c.MayAsk(u.String())
}

// onThisMachine tells that the deployment is one person's: reached without TLS, on this machine.
func (c SSOClient) onThisMachine() bool {
	return c.Base.Scheme == "http" && loopback.Host(c.Base.Hostname())
}

// asking makes the libraries use the guarded client.
func (c SSOClient) asking(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, c.http())
}

// http asks an organization's provider, whose address a stranger to this machine has typed (A25). The demonstration on
// one's own machine may ask itself.
func (c SSOClient) http() *http.Client {
	return outside.Client(outside.Options{ThisMachine: c.onThisMachine(), Time: providerTime, Size: providerSize})
}
