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
)

// EmailChangeLife is how long the link in a letter gives an account its new address.
const EmailChangeLife = 30 * time.Minute

var (
	emailChanges = Limit{"e-mail changes", 5, time.Hour} // of one account
	emailAddress = Limit{"e-mail change", 3, time.Hour}  // letters to one address
)

// AskEmailChange sends a link to the new address, or word that somebody has it already: whether so, only its letter box learns (A40).
// *TooManyError when the account asks often.
func (a *Accounts) AskEmailChange(ctx context.Context, caller tenancy.Caller, id uuid.UUID, email string) error {
	if _, err := a.limiter.Reserve(ctx, emailChanges.For(id.String())); err != nil {
		return err
	}
	a.later(ctx, "e-mail change", func(ctx context.Context) error {
		if _, err := a.limiter.Reserve(ctx, emailAddress.For(email)); err != nil {
			return err
		}
		taken, err := a.gateway.Public().AccountExists(ctx, email)
		if err != nil {
			return err
		}
		if taken {
			return a.mail(ctx, Letter{Kind: EmailTaken, To: email})
		}
		token := make([]byte, 32)
		rand.Read(token)
		hash := sha256.Sum256(token)
		if err := a.own(caller, id).StartEmailChange(ctx, hash[:], email, a.now().Add(EmailChangeLife)); err != nil {
			return err
		}
		path := &url.URL{Path: "/account/email/" + base64.RawURLEncoding.EncodeToString(token)}
		return a.mail(ctx, Letter{Kind: EmailChange, To: email, URL: a.link(path)})
	})
	return nil
}

// EmailChangePending is the address that a token would give its owner, or ErrRunOut. Somebody else's token is ErrRunOut too.
func (a *Accounts) EmailChangePending(ctx context.Context, caller tenancy.Caller, id uuid.UUID, token string) (string, error) {
	hash, err := tokenHash(token)
	if err != nil {
		return "", err
	}
	email, err := a.own(caller, id).EmailChangePending(ctx, hash, a.now())
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrRunOut
	}
	return email, err
}

// UseEmailChange gives an account the address that its token was sent to, once, and tells the old address. ErrRunOut, also when somebody
// else has taken the address meanwhile.
func (a *Accounts) UseEmailChange(ctx context.Context, caller tenancy.Caller, id uuid.UUID, token string) (email string, err error) {
	hash, err := tokenHash(token)
	if err != nil {
		return "", err
	}
	row, err := a.own(caller, id).UseEmailChange(ctx, a.now(), hash)
	if errors.Is(err, pgx.ErrNoRows) || tenancy.Code(err) == "23505" {
		return "", ErrRunOut
	}
	if err != nil {
		return "", err
	}
	a.tell(ctx, "e-mail changed", Letter{Kind: EmailChanged, To: row.OldEmail, Name: row.Name, URL: a.link(helpURL)})
	return row.NewEmail, nil
}
