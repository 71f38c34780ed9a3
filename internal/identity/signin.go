package identity

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Attempts to sign in, from narrow to wide. The narrowest is the one that people meet; the wide ones stop lists of
// addresses and lists of passwords. A browser that the account knows has its own instead of all of them, so that no
// stranger who names an address keeps its owner out (A44).
var (
	signInHere    = AttemptLimit{"sign-in here", 10, 15 * time.Minute, Sliding} // one address from one range
	signInRange   = AttemptLimit{"sign-in range", 100, 15 * time.Minute, Sliding}
	signInAccount = AttemptLimit{"sign-in", 50, time.Hour, Sliding}              // one address from anywhere
	signInKnown   = AttemptLimit{"sign-in known", 10, 15 * time.Minute, Rolling} // one account from its own browser
)

// reserveSignIn counts an attempt to sign in. What protects this process comes last: only what passed the limits of
// its own network and address takes from what all share (A43).
func reserveSignIn(ctx context.Context, passwords *Passwords, limiter AttemptLimiter, ip netip.Addr, email string,
	now time.Time) (Reservation, error) {
	from := Range(ip)
	wait := passwords.ranges.Allow(from, now)
	if site := siteOf(ip); site != "" && wait == 0 {
		wait = passwords.sites.Allow(site, now)
	}
	if wait == 0 {
		wait = passwords.accounts.Allow(email, now)
	}
	if wait > 0 {
		return Reservation{}, &TooManyError{After: max(wait, time.Second)}
	}
	reserved, err := limiter.Reserve(ctx, signInHere.For(email, from), signInRange.For(from), signInAccount.For(email))
	if err == nil && passwords.signIns.Allow("all", now) > 0 {
		err = ErrBusy
	}
	return reserved, err
}

// limited tells a refusal for being too fast, or too many at once, from a fault.
func limited(err error) bool {
	_, many := errors.AsType[*TooManyError](err)
	return many || errors.Is(err, ErrBusy)
}

// reserveKnown counts an attempt of a browser that the account knows. Other browsers are refused as they were.
func reserveKnown(ctx context.Context, limiter AttemptLimiter, caller tenancy.Caller, account uuid.UUID,
	refused error, own AttemptLimit) (Reservation, error) {
	known, err := limiter.Browser.knows(ctx, limiter, caller, account)
	if err != nil {
		return Reservation{}, err
	}
	if !known {
		return Reservation{}, refused
	}
	return limiter.Reserve(ctx, own.For(account.String(), string(limiter.Browser.ID)))
}

// SignIn finds the account that an address and a password belong to. Refused ones cost the same time and the same
// statements whether or not the address has an account (A19). ErrNoMatch, *TooManyError or ErrBusy.
func SignIn(ctx context.Context, gateway *tenancy.Gateway, passwords *Passwords, limiter AttemptLimiter,
	caller tenancy.Caller,
	email, password string, now time.Time) (Account, error) {
	reserved, refused := reserveSignIn(ctx, passwords, limiter, caller.IP, email, now)
	if refused != nil && (!limited(refused) || len(limiter.Browser.ID) == 0) {
		return Account{}, refused
	}
	row, err := gateway.Anonymous().AccountForSignIn(ctx, email)
	if err != nil && !noRow(err) {
		return Account{}, err
	}
	if refused != nil {
		if reserved, err = reserveKnown(ctx, limiter, caller, row.ID, refused, signInKnown); err != nil {
			return Account{}, err
		}
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
	reserved.Good(ctx)
	if outdated {
		rehash(ctx, gateway.Anonymous(), passwords, row, password)
	}
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born,
		SessionEpoch: row.SessionEpoch}, nil
}

// CheckPassword proves once more who somebody is. bySSO: the session rests on an organization's sign-in alone, whose
// guesses count apart; else whoever looks after that could use up what the owner of the account may try. ErrNoMatch,
// *TooManyError or ErrBusy.
func CheckPassword(ctx context.Context, gateway *tenancy.Gateway, passwords *Passwords, limiter AttemptLimiter,
	caller tenancy.Caller, id uuid.UUID, password string, bySSO bool) error {
	keys := []AttemptKey{secondSteps.For("password", id.String()), signInAccount.For(id.String())}
	if bySSO {
		keys = []AttemptKey{secondSteps.For("password by single sign-on", id.String())}
	}
	reserved, err := limiter.Reserve(ctx, keys...)
	if err != nil {
		return err
	}
	hash, err := gateway.Anonymous().PasswordHash(ctx, id)
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
	reserved.Good(ctx)
	return nil
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
	return gateway.Identity(ownScope(gateway, caller, id))
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
