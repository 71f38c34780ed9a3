package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Tries at the gateway. The narrowest is the one that people meet; the wide ones stop lists of addresses and lists of passwords.
var (
	signInHere    = Limit{"sign-in here", 10, 15 * time.Minute} // one address from one range
	signInAccount = Limit{"sign-in", 50, time.Hour}             // one address from anywhere
	signInRange   = Limit{"sign-in range", 100, 15 * time.Minute}
)

// SignIn finds the account that an address and a password belong to. Refused ones cost the same time and the same statements
// whether or not the address has an account (A19). ErrNoMatch, *TooManyError or ErrBusy.
func (a *Accounts) SignIn(ctx context.Context, caller tenancy.Caller, email, password string) (Account, error) {
	if a.Passwords.signIns.Allow("all", a.now()) > 0 {
		return Account{}, ErrBusy
	}
	from := Range(caller.IP)
	reserved, err := a.limiter.Reserve(ctx, signInHere.For(email, from), signInAccount.For(email), signInRange.For(from))
	if err != nil {
		return Account{}, err
	}
	row, err := a.gateway.Public().AccountForSignIn(ctx, email)
	known := err == nil
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Account{}, err
	}
	match, outdated, err := a.Passwords.Verify(ctx, password, row.Hash)
	if err != nil {
		return Account{}, err
	}
	if !match || !known {
		return Account{}, a.refuse(ctx, caller, row.ID)
	}
	if err := a.record(ctx, caller, row.ID, "sign-in"); err != nil {
		return Account{}, err
	}
	if err := reserved.Cancel(ctx); err != nil {
		return Account{}, err
	}
	if outdated {
		a.rehash(ctx, row, password)
	}
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}, nil
}

// refuse writes the failed try to the audit; id is uuid.Nil when the address has no account.
func (a *Accounts) refuse(ctx context.Context, caller tenancy.Caller, id uuid.UUID) error {
	var subject *uuid.UUID
	if id != uuid.Nil {
		subject = &id
	}
	if err := a.gateway.Shared(a.scope(caller, uuid.Nil)).WriteAccountEvent(ctx, subject, "sign-in", "denied"); err != nil {
		return err
	}
	return ErrNoMatch
}

func (a *Accounts) record(ctx context.Context, caller tenancy.Caller, id uuid.UUID, action string) error {
	return a.gateway.Shared(a.scope(caller, id)).WriteAccountEvent(ctx, &id, action, "success")
}

// rehash brings an old hash to today's recipe. Failing costs nothing: the next sign-in tries again.
func (a *Accounts) rehash(ctx context.Context, row shareddb.AccountForSignInRow, password string) {
	hash, err := a.Passwords.Hash(ctx, password)
	if err == nil {
		err = a.gateway.Public().KeepPasswordHash(ctx, hash, row.ID, row.Hash)
	}
	if err != nil {
		a.log.WarnContext(ctx, "password keeps its old hash", "error", err)
	}
}

// SignedOut writes a sign-out to the audit; the session itself ends where it is kept.
func (a *Accounts) SignedOut(ctx context.Context, caller tenancy.Caller, id uuid.UUID) error {
	return a.record(ctx, caller, id, "sign-out")
}

// SignOutEverywhere ends all sessions of an account, this one included, from now on.
func (a *Accounts) SignOutEverywhere(ctx context.Context, caller tenancy.Caller, id uuid.UUID) error {
	return a.gateway.Shared(a.scope(caller, id)).RevokeSessions(ctx, id, a.now())
}
