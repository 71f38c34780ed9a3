package identity

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// What can be said to whoever sets an organization's own sign-in.
var (
	ErrNoSSO     = errors.New("the organization has no sign-in of its own")
	ErrIssuer    = errors.New("not the address of a provider that may be asked")
	ErrNoSecret  = errors.New("a new provider needs its own secret")
	ErrUntried   = errors.New("whoever asks has not come in through it")
	ErrDomains   = errors.New("twenty domains are the most")
	ErrDomain    = errors.New("no such domain here")
	ErrNoProof   = errors.New("the proof is not in the domain's DNS")
	ErrNotAnswer = errors.New("the provider does not answer as one")
	ErrElsewhere = errors.New("another organization has proved the domain")
)

// SSO is an organization's own sign-in: OpenID Connect with its provider.
type SSO struct {
	Issuer, ClientID string
	Required         bool // its people come in no other way
	UpdatedAt        time.Time
	UpdatedBy        string
	secret           []byte // sealed
}

// SSOOf is the sign-in of the organization of q, or ErrNoSSO.
func SSOOf(ctx context.Context, q *shareddb.Queries) (SSO, error) {
	row, err := q.SSO(ctx)
	if noRow(err) {
		return SSO{}, ErrNoSSO
	}
	return SSO{Issuer: row.Issuer, ClientID: row.ClientID, Required: row.Required, UpdatedAt: row.UpdatedAt, UpdatedBy: row.UpdatedBy, secret: row.ClientSecret}, err
}

// sealedFor binds a provider's secret to the organization and to the issuer: it is never sent to another.
func sealedFor(scope tenancy.Scope, issuer string) []byte {
	return []byte("sso|client_secret|" + scope.Tenant().String() + "|" + issuer)
}

// KeepSSO sets the provider of the scope's organization. secret may be empty if the issuer stays. ErrIssuer or ErrNoSecret otherwise.
func (a *Accounts) KeepSSO(ctx context.Context, scope tenancy.Scope, issuer, clientID, secret string) error {
	if !a.MayAsk(issuer) {
		return ErrIssuer
	}
	row := shareddb.KeepSSOParams{Issuer: issuer, ClientID: clientID, Now: a.now()}
	if secret == "" {
		now, err := SSOOf(ctx, a.gateway.Shared(scope))
		if errors.Is(err, ErrNoSSO) || err == nil && now.Issuer != issuer {
			return ErrNoSecret
		}
		if err != nil {
			return err
		}
	} else {
		row.ClientSecret = a.keys.Seal("sso", []byte(secret), sealedFor(scope, issuer))
	}
	return a.gateway.Shared(scope).KeepSSO(ctx, row)
}

// RequireSSO makes the provider the only way in, or one of two again. ErrUntried: nobody closes one way in before they have used the other.
func RequireSSO(ctx context.Context, q *shareddb.Queries, required bool, now time.Time) error {
	_, err := q.RequireSSO(ctx, required, now)
	return refused(err)
}

// RemoveSSO ends the sign-in of the organization of q, or ErrNoSSO.
func RemoveSSO(ctx context.Context, q *shareddb.Queries) error {
	_, err := q.RemoveSSO(ctx)
	return noRowIs(ErrNoSSO, err)
}

// SSOPlace is the organization, by its word in addresses, whose people have addresses of this domain; "" when it is nobody's. It asks
// nothing about accounts: a known and an unknown address are the same to it.
func (a *Accounts) SSOOrganization(ctx context.Context, caller tenancy.Caller, email string) (string, error) {
	_, domain, _ := strings.Cut(email, "@")
	slug, err := a.gateway.Public().SSOTenant(ctx, strings.ToLower(domain))
	if noRow(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	place, err := a.gateway.Tenant(ctx, slug)
	if err != nil {
		return "", err
	}
	if _, err = SSOOf(ctx, a.gateway.Shared(a.at(place, caller, uuid.Nil))); errors.Is(err, ErrNoSSO) {
		return "", nil
	}
	return slug, err
}

// MayAsk tells whether an address can be a provider's: https with a host and nothing hidden in it. A deployment that is itself on this
// machine without TLS may ask providers on this machine.
func (a *Accounts) MayAsk(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(address, "#") || len(address) > 300 {
		return false
	}
	if strings.IndexFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) >= 0 {
		return false
	}
	if a.onThisMachine() && u.Scheme == "http" {
		return thisMachine(u.Hostname())
	}
	if u.Scheme != "https" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err != nil || a.onThisMachine() || public(ip)
}

// onThisMachine tells that the deployment is one person's: reached without TLS, on this machine.
func (a *Accounts) onThisMachine() bool {
	return a.base.Scheme == "http" && thisMachine(a.base.Hostname())
}

func thisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// ssoRedirect is where a provider sends people back to. The host is the configured one, whatever a request said.
func (a *Accounts) ssoRedirect(place tenancy.Tenant) string {
	return a.link(&url.URL{Path: "/sso/" + place.Slug + "/callback"})
}

// SSORedirect is what the organization enters at its provider as the address to come back to.
func (a *Accounts) SSORedirect(place tenancy.Tenant) string { return a.ssoRedirect(place) }
