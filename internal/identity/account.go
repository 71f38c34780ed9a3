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

// KeepDetails remembers the mobile number and date of birth that somebody typed while booking, to offer them the next time.
func (a *Accounts) KeepDetails(ctx context.Context, caller tenancy.Caller, id uuid.UUID, phone string, born time.Time) error {
	return a.gateway.Shared(a.scope(caller, id)).KeepDetails(ctx, phone, &born, id)
}

// Sweep deletes what has run out: sessions with their tombstones, reset tokens, counts of tries. Once an hour will do.
func (a *Accounts) Sweep(ctx context.Context) error {
	q, now := a.gateway.Public(), a.now()
	return errors.Join(q.SweepSessions(ctx, now), q.SweepPasswordResets(ctx, now.Add(-7*24*time.Hour)), q.SweepEmailChanges(ctx, now.Add(-7*24*time.Hour)), q.SweepRateLimits(ctx, now.Add(-48*time.Hour)))
}
