package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// ResetLife is how long the link in a letter changes a password.
const ResetLife = 30 * time.Minute

var (
	resetRange   = Limit{"reset range", 30, time.Hour}
	resetAddress = Limit{"reset", 3, time.Hour} // letters to one address
)

// AskReset sends a link to the address if it has an account. The answer is the same, and as fast, if it has none or has been
// sent enough; only a range that asks for many gets a *TooManyError. next is where to go on after the new password.
func (a *Accounts) AskReset(ctx context.Context, caller tenancy.Caller, email, next string) error {
	if _, err := a.limiter.Reserve(ctx, resetRange.For(Range(caller.IP))); err != nil {
		return err
	}
	a.later(ctx, "reset", func(ctx context.Context) error {
		if _, err := a.limiter.Reserve(ctx, resetAddress.For(email)); err != nil {
			return err
		}
		row, err := a.gateway.Public().AccountForSignIn(ctx, email)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		token := make([]byte, 32)
		rand.Read(token)
		hash := sha256.Sum256(token)
		if err := a.gateway.Shared(a.scope(caller, uuid.Nil)).StartPasswordReset(ctx, hash[:], row.ID, a.now().Add(ResetLife)); err != nil {
			return err
		}
		path := url.URL{Path: "/password-reset/" + base64.RawURLEncoding.EncodeToString(token)}
		if next != "" {
			path.RawQuery = url.Values{"next": {next}}.Encode()
		}
		return a.mail(ctx, Letter{Kind: Reset, To: row.Email, Name: row.Name, URL: a.link(&path)})
	})
	return nil
}

// ResetPending is whose password a token may change now, or ErrRunOut.
func (a *Accounts) ResetPending(ctx context.Context, token string) (Account, error) {
	hash, err := tokenHash(token)
	if err != nil {
		return Account{}, err
	}
	row, err := a.gateway.Public().PasswordResetPending(ctx, hash, a.now())
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, ErrRunOut
	}
	return Account{ID: row.ID, Email: row.Email, Name: row.Name}, err
}

// UseReset changes the password once, ends all sessions of the account and tells its owner by letter. ErrRunOut or ErrBusy.
func (a *Accounts) UseReset(ctx context.Context, caller tenancy.Caller, token, password string) (Account, error) {
	if _, err := a.ResetPending(ctx, token); err != nil {
		return Account{}, err // before the work of hashing
	}
	hash, err := a.Passwords.Hash(ctx, password)
	if err != nil {
		return Account{}, err
	}
	key, err := tokenHash(token)
	if err != nil {
		return Account{}, err
	}
	row, err := a.gateway.Shared(a.scope(caller, uuid.Nil)).UsePasswordReset(ctx, a.now(), key, hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, ErrRunOut
	}
	if err != nil {
		return Account{}, err
	}
	a.later(ctx, "password changed", func(ctx context.Context) error {
		return a.mail(ctx, Letter{Kind: PasswordChanged, To: row.Email, Name: row.Name, URL: a.link(&url.URL{Path: "/password-reset"})})
	})
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

func createAccount(id uuid.UUID, s SignUp, now time.Time) shareddb.CreateAccountParams {
	return shareddb.CreateAccountParams{ID: id, Email: s.Email, Name: s.Name, Hash: s.Hash, Now: now}
}
