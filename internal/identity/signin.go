package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Attempts to sign in. The narrowest is the one that people meet; the wide ones stop lists of addresses and lists of
// passwords.
var (
	signInHere    = AttemptLimit{"sign-in here", 10, 15 * time.Minute, Fixed} // one address from one range
	signInAccount = AttemptLimit{"sign-in", 50, time.Hour, Fixed}             // one address from anywhere
	signInRange   = AttemptLimit{"sign-in range", 100, 15 * time.Minute, Fixed}
)

// SignIn finds the account that an address and a password belong to. Refused ones cost the same time and the same
// statements whether or not the address has an account (A19). ErrNoMatch, *TooManyError or ErrBusy.
func SignIn(ctx context.Context, gateway *tenancy.Gateway, passwords *Passwords, limiter AttemptLimiter,
	caller tenancy.Caller,
	email, password string, now time.Time) (Account, error) {
	if passwords.signIns.Allow("all", now) > 0 {
		return Account{}, ErrBusy
	}
	from := Range(caller.IP)
	reserved, err := limiter.Reserve(ctx, signInHere.For(email, from), signInAccount.For(email), signInRange.For(from))
	if err != nil {
		return Account{}, err
	}
	row, err := gateway.Public().AccountForSignIn(ctx, email)
	if err != nil && !noRow(err) {
		return Account{}, err
	}
	match, outdated, err := passwords.Verify(ctx, password, row.Hash)
	if err != nil {
		return Account{}, err
	}
	if !match {
		return Account{}, refuseSignIn(ctx, gateway, caller, row.ID, "sign-in", ErrNoMatch)
	}
	if err := ownQueries(gateway, caller, row.ID).WriteAccountEvent(ctx, &row.ID, "sign-in", "success"); err != nil {
		return Account{}, err
	}
	if err := reserved.Cancel(ctx); err != nil {
		return Account{}, err
	}
	if outdated {
		rehash(ctx, gateway.Public(), passwords, row, password)
	}
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born,
		SessionEpoch: row.SessionEpoch}, nil
}

// CheckPassword proves once more who somebody is. ErrNoMatch, *TooManyError or ErrBusy.
func CheckPassword(ctx context.Context, gateway *tenancy.Gateway, passwords *Passwords, limiter AttemptLimiter,
	caller tenancy.Caller, id uuid.UUID, password string) error {
	reserved, err := limiter.Reserve(ctx, signInAccount.For(id.String()), secondSteps.For("password", id.String()))
	if err != nil {
		return err
	}
	hash, err := gateway.Public().PasswordHash(ctx, id)
	if err != nil && !noRow(err) {
		return err
	}
	match, _, err := passwords.Verify(ctx, password, hash)
	if err != nil {
		return err
	}
	if !match {
		return refuseSignIn(ctx, gateway, caller, id, "sign-in", ErrNoMatch)
	}
	return reserved.Cancel(ctx)
}

// refuseSignIn writes the failed attempt to the audit, as nobody's, and says why; id is uuid.Nil when it is about no
// account.
func refuseSignIn(ctx context.Context, gateway *tenancy.Gateway, caller tenancy.Caller, id uuid.UUID, action string,
	why error) error {
	var subject *uuid.UUID
	if id != uuid.Nil {
		subject = &id
	}
	if err := ownQueries(gateway, caller, uuid.Nil).WriteAccountEvent(ctx, subject, action, "denied"); err != nil {
		return err
	}
	return why
}

// ownScope opens the shared rows of one person. id is uuid.Nil until somebody has proved who they are: nobody's.
func ownScope(gateway *tenancy.Gateway, caller tenancy.Caller, id uuid.UUID) tenancy.Scope {
	caller.Subject = id
	return gateway.Admit(tenancy.Tenant{}, caller)
}

// ownQueries see and change what ownScope opens.
func ownQueries(gateway *tenancy.Gateway, caller tenancy.Caller, id uuid.UUID) *shareddb.Queries {
	return gateway.Shared(ownScope(gateway, caller, id))
}

// rehash brings an old hash to today's parameters. Failing costs nothing: the next sign-in tries again.
func rehash(ctx context.Context, q *shareddb.Queries, passwords *Passwords, row shareddb.AccountForSignInRow,
	password string) {
	hash, err := passwords.Hash(ctx, password)
	if err == nil {
		err = q.KeepPasswordHash(ctx, hash, row.ID, row.Hash)
	}
	if err != nil {
		passwords.log.WarnContext(ctx, "password keeps its old hash", "error", err)
	}
}
