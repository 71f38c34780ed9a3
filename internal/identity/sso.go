package identity

import (
	"context"
	"errors"
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
	ID               uuid.UUID // of this provider: one that is set anew, or has another issuer or client, has another
	Issuer, ClientID string
	Required         bool // its people come in no other way
	UpdatedAt        time.Time
	UpdatedBy        string
	Life             time.Duration // how long a sign-in by it opens the organization
	SSOState
	secret []byte // sealed
}

// SSOOf is the sign-in of the organization of q, or ErrNoSSO.
func SSOOf(ctx context.Context, q *shareddb.Queries) (SSO, error) {
	row, err := q.SSO(ctx)
	if noRow(err) {
		return SSO{}, ErrNoSSO
	}
	return SSO{ID: row.ID, Issuer: row.Issuer, ClientID: row.ClientID, Required: row.Required, UpdatedAt: row.UpdatedAt,
		UpdatedBy: row.UpdatedBy, Life: time.Duration(row.SessionMinutes) * time.Minute, secret: row.ClientSecret,
		SSOState: SSOState{WorkingSince: row.WorkingSince, BrokenSince: row.BrokenSince, Fault: SSOFault(row.Fault),
			LastSignIn: row.LastSignInAt, SaysTime: row.SaysTime, Vouches: row.Vouches}}, err
}

// sealedFor binds a provider's secret to the organization and to the issuer: it is never sent to another.
func sealedFor(tenant uuid.UUID, issuer string) []byte {
	return []byte("sso|client_secret|" + tenant.String() + "|" + issuer)
}

// KeepSSO sets the provider of the tenant, an organization; q is in its scope. id is the provider's if it is another
// than before. secret may be empty if the issuer stays.
// ErrIssuer or ErrNoSecret otherwise.
func KeepSSO(ctx context.Context, q *shareddb.Queries, client SSOClient, id, tenant uuid.UUID, issuer, clientID,
	secret string, now time.Time) error {
	if !client.MayAsk(issuer) {
		return ErrIssuer
	}
	row := shareddb.KeepSSOParams{ID: id, Issuer: issuer, ClientID: clientID, Now: now}
	if secret == "" {
		set, err := SSOOf(ctx, q)
		if errors.Is(err, ErrNoSSO) || err == nil && set.Issuer != issuer {
			return ErrNoSecret
		}
		if err != nil {
			return err
		}
	} else {
		row.ClientSecret = client.Keys.Seal("sso", []byte(secret), sealedFor(tenant, issuer))
	}
	_, err := q.KeepSSO(ctx, row)
	return refused(err)
}

// RequireSSO makes the provider the only way in, or one of two again. ErrUntried: nobody closes one way in before
// they have used the other.
func RequireSSO(ctx context.Context, q *shareddb.Queries, required bool, now time.Time) error {
	_, err := q.RequireSSO(ctx, required, now)
	return refused(err)
}

// RemoveSSO ends the sign-in of the organization of q, or ErrNoSSO.
func RemoveSSO(ctx context.Context, q *shareddb.Queries) error {
	_, err := q.RemoveSSO(ctx)
	return noRowIs(ErrNoSSO, err)
}

// SSOOrganization is the organization, by its word in addresses, whose people have addresses of this domain; "" when
// it is nobody's. It asks nothing about accounts: a known and an unknown address are the same to it.
func SSOOrganization(ctx context.Context, gateway *tenancy.Gateway, caller tenancy.Caller, email string) (string,
	error) {
	_, domain, _ := strings.Cut(email, "@")
	slug, err := gateway.Anonymous().SSOTenant(ctx, strings.ToLower(domain))
	if noRow(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	place, err := gateway.Tenant(ctx, slug)
	if err != nil {
		return "", err
	}
	caller.Subject = uuid.Nil
	if _, err = SSOOf(ctx, gateway.Identity(gateway.Admit(place, caller))); errors.Is(err, ErrNoSSO) {
		return "", nil
	}
	return slug, err
}
