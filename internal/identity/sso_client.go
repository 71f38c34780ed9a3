package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"kindward/internal/keys"
	"kindward/internal/loopback"
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

var errPrivate = errors.New("an address that is not of the public network")

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
	return err != nil || c.onThisMachine() || public(ip)
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

// http asks an organization's provider, whose address a stranger to this machine has typed (A25): only hosts of the
// public network, judged by the address that is really connected to and not by the name; no redirects; no proxy; no
// more than a megabyte. The demonstration on one's own machine may ask itself.
func (c SSOClient) http() *http.Client {
	own := c.onThisMachine()
	dialer := &net.Dialer{Timeout: 4 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !public(at.Addr()) && !(own && loopback.Addr(at.Addr())) {
			return fmt.Errorf("%w: %s", errPrivate, address)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       providerTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: bounded{own: own, next: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true,
			TLSHandshakeTimeout: 4 * time.Second, ResponseHeaderTimeout: providerTime, MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2: true}},
	}
}

// bounded lets through requests by TLS, and of an answer no more than providerSize.
type bounded struct {
	own  bool
	next http.RoundTripper
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !(b.own && loopback.Host(r.URL.Hostname())) {
		return nil, fmt.Errorf("%w: %s without TLS", errPrivate, r.URL.Host)
	}
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := res.Body
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, providerSize), body}
	return res, nil
}

// notPublic are the networks of RFC 6890 and its like that net/netip has no word for.
var notPublic = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
	"2001:db8::/32", "2002::/16", "fec0::/10", "::/96")

// public tells whether an address is one of the internet, to which anybody may connect.
func public(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

func prefixes(all ...string) (out []netip.Prefix) {
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}
