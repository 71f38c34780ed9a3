package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// ResetLife is how long the link in an email changes a password.
const ResetLife = 30 * time.Minute

var (
	resetRange   = AttemptLimit{"reset range", 30, time.Hour, Sliding}
	resetHere    = AttemptLimit{"reset here", 3, time.Hour, Sliding}  // emails to one address from one range
	resetAddress = AttemptLimit{"reset", 10, time.Hour, Sliding}      // emails to one address
	resetKnown   = AttemptLimit{"reset known", 3, time.Hour, Rolling} // emails to one account from its own browser
)

// AskReset sends a link to the address if it has an account. The answer is the same, and as fast, if it has none or
// has been sent enough; only a range that asks for many gets a *TooManyError. next is where to go on after the new
// password.
func AskReset(ctx context.Context, mail Mail, limiter AttemptLimiter, caller tenancy.Caller, email, next string,
	now time.Time) error {
	enough, err := reserveReset(ctx, mail.Gateway, limiter, caller, email)
	if err != nil || enough {
		return err
	}
	token := make([]byte, 32)
	rand.Read(token)
	return mail.ask(ctx, ownScope(mail.Gateway, caller, uuid.Nil), now, notify.PasswordResetAsked{To: email, Token: token,
		Next: next, At: now.Truncate(time.Second), Valid: ResetLife, Asker: asker(caller)})
}

// reserveReset counts an email with a link. enough: the address has been sent so many that it gets no other, which
// nobody is told. A browser that the account knows has a count of its own (A44).
func reserveReset(ctx context.Context, gateway *tenancy.Gateway, limiter AttemptLimiter, caller tenancy.Caller,
	email string) (enough bool, err error) {
	from := Range(caller.IP)
	_, ranged := limiter.Reserve(ctx, resetRange.For(from))
	if err = ranged; err == nil {
		_, err = limiter.Reserve(ctx, resetHere.For(email, from), resetAddress.For(email))
	}
	if err == nil || !limited(err) {
		return false, err
	}
	if len(limiter.Browser.ID) > 0 {
		row, failed := gateway.Anonymous().AccountForSignIn(ctx, email)
		if failed != nil && !noRow(failed) {
			return false, failed
		}
		_, err = reserveKnown(ctx, limiter, caller, row.ID, err, resetKnown)
	}
	if limited(err) && ranged == nil {
		return true, nil
	}
	return false, err
}

// ResetPending is whose password a token may change now, or ErrRunOut.
func ResetPending(ctx context.Context, mail Mail, token string, now time.Time) (Account, error) {
	hash, err := tokenHash(token)
	if err != nil {
		return Account{}, err
	}
	row, err := mail.Gateway.Anonymous().PasswordResetPending(ctx, hash, now)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !vouched(ctx, mail.Keys, mail.Log, claim{"password_reset",
		hex.EncodeToString(hash), resetPurpose, resetFacts(hash, row.ID, row.ExpiresAt)}, row.Mac) {
		return Account{}, ErrRunOut
	}
	return Account{ID: row.ID, Email: row.Email, Name: row.Name}, err
}

// UseReset changes the password once, ends all sessions of the account and tells its owner by email. ErrRunOut or
// ErrBusy.
func UseReset(ctx context.Context, mail Mail, passwords *Passwords, caller tenancy.Caller, token, password string,
	now time.Time) (Account, error) {
	pending, err := ResetPending(ctx, mail, token, now) // before the work of hashing
	if err != nil {
		return Account{}, err
	}
	hash, err := passwords.Hash(ctx, password)
	if err != nil {
		return Account{}, err
	}
	key, err := tokenHash(token)
	if err != nil {
		return Account{}, err
	}
	var row shareddb.UsePasswordResetRow
	scope := ownScope(mail.Gateway, caller, uuid.Nil)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err = q.UsePasswordReset(ctx, shareddb.UsePasswordResetParams{Now: now, TokenHash: key, AccountID: pending.ID,
			Hash: hash})
		return notify.PasswordChanged{Recipient: notify.Recipient{To: row.Email, Name: row.Name}}, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, ErrRunOut
	}
	if err != nil {
		return Account{}, err
	}
	return Account{ID: row.ID, Email: row.Email, Name: row.Name}, nil
}

func tokenHash(token string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 32 {
		return nil, ErrRunOut
	}
	hash := sha256.Sum256(raw)
	return hash[:], nil
}
