// Package identity says who somebody is: accounts, passwords, sessions, and how often one may try.
package identity

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Account is a person who can sign in.
type Account struct {
	ID    uuid.UUID
	Email string
	Name  string
	Phone string     // E.164, or empty
	Born  *time.Time // a date in UTC, or nil while unknown
}

// Accounts are the verbs of signing up, in and out. It is safe for concurrent use.
type Accounts struct {
	Passwords *Passwords
	Notify    func() // says that emails are queued, so that the worker need not look for them; nil: it looks

	gateway *tenancy.Gateway
	keys    *keys.Keyring
	base    *url.URL
	now     func() time.Time
	log     *slog.Logger
	limiter RateLimiter

	TXT TXT // how proofs of domains are looked up; nil = the system's resolver
}

// NewAccounts needs the address under which the product is reached: providers of single sign-on send people back there.
func NewAccounts(gateway *tenancy.Gateway, ring *keys.Keyring, base *url.URL, now func() time.Time, log *slog.Logger) *Accounts {
	return &Accounts{gateway: gateway, keys: ring, base: base, now: now, log: log,
		limiter: RateLimiter{Gateway: gateway, Keys: ring, Now: now}, Passwords: NewPasswords(nil, log)}
}

// scope is for shared rows only; subject is uuid.Nil until somebody has proved who they are.
func (a *Accounts) scope(caller tenancy.Caller, subject uuid.UUID) tenancy.Scope {
	caller.Subject = subject
	return a.gateway.Admit(tenancy.Tenant{}, caller)
}

// link is an address of this deployment. The host is the configured one, whatever a request said (A20).
func (a *Accounts) link(path *url.URL) string {
	u := *a.base
	u.Path, u.RawPath, u.RawQuery, u.Fragment = path.Path, "", path.RawQuery, ""
	return u.String()
}

// ActiveAccount is an account by its id. ErrNotFound: there is none, or it is disabled.
func ActiveAccount(ctx context.Context, q *shareddb.Queries, id uuid.UUID) (Account, error) {
	row, err := q.ActiveAccount(ctx, id)
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}, noRowIs(ErrNotFound, err)
}

// Sweep deletes what has run out: sessions with their tombstones, tokens, counts of attempts. Once an hour will do.
func Sweep(ctx context.Context, q *shareddb.Queries, now time.Time) error {
	week := now.Add(-7 * 24 * time.Hour)
	return errors.Join(q.SweepSessions(ctx, now), q.SweepPasswordResets(ctx, week), q.SweepEmailChanges(ctx, week),
		q.SweepRateLimits(ctx, now.Add(-48*time.Hour)))
}
