// Package identity says who somebody is: accounts, passwords, sessions, and how often one may try.
package identity

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
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
	Zone      *time.Location // in which letters tell the time; nil is UTC

	gateway *tenancy.Gateway
	keys    *keys.Keyring
	base    *url.URL
	now     func() time.Time
	log     *slog.Logger
	mail    Mailer
	limiter RateLimiter
	letters chan struct{} // one for each letter under way
	under   sync.WaitGroup

	TXT TXT // how proofs of domains are looked up; nil = the system's resolver
}

// NewAccounts needs the address under which the product is reached, because links in letters come from nowhere else.
func NewAccounts(gateway *tenancy.Gateway, ring *keys.Keyring, base *url.URL, now func() time.Time, log *slog.Logger, mail Mailer) *Accounts {
	return &Accounts{gateway: gateway, keys: ring, base: base, now: now, log: log, mail: mail,
		limiter:   RateLimiter{Gateway: gateway, Keys: ring, Now: now},
		Passwords: NewPasswords(nil, log), letters: make(chan struct{}, 64)}
}

// scope is for shared rows only; subject is uuid.Nil until somebody has proved who they are.
func (a *Accounts) scope(caller tenancy.Caller, subject uuid.UUID) tenancy.Scope {
	caller.Subject = subject
	return a.gateway.Admit(tenancy.Tenant{}, caller)
}

// Wait returns when the letters under way are out.
func (a *Accounts) Wait() { a.under.Wait() }

// later does what an answer must not wait for, because the time it takes would tell who has an account. Work beyond the
// limit is dropped and logged: somebody floods the letter box.
func (a *Accounts) later(ctx context.Context, what string, work func(ctx context.Context) error) {
	select {
	case a.letters <- struct{}{}:
	default:
		a.log.WarnContext(ctx, "letter dropped: too many at once", "letter", what)
		return
	}
	ctx = context.WithoutCancel(ctx)
	a.under.Go(func() {
		defer func() { <-a.letters }()
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		if err := work(ctx); err != nil {
			a.log.ErrorContext(ctx, "letter not sent", "letter", what, "error", err)
		}
	})
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
