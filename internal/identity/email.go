package identity

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// EmailChangeLife is how long the link in an email gives an account its new address.
const EmailChangeLife = 30 * time.Minute

var (
	emailHere    = AttemptLimit{"email change here", 3, time.Hour, Sliding} // emails of one account to one address
	emailChanges = AttemptLimit{"email changes", 5, time.Hour, Sliding}     // of one account
	emailAddress = AttemptLimit{"email change", 10, time.Hour, Sliding}     // emails to one address
)

// AskEmailChange sends a link to the new address, or word that somebody has it already: whether so, only its mailbox
// learns (A40). *TooManyError when the account asks often.
func AskEmailChange(ctx context.Context, mail Mail, limiter AttemptLimiter, caller tenancy.Caller, id uuid.UUID,
	email string, now time.Time) error {
	if _, err := limiter.Reserve(ctx, emailChanges.For(id.String())); err != nil {
		return err
	}
	_, err := limiter.Reserve(ctx, emailHere.For(email, id.String()), emailAddress.For(email))
	if _, many := errors.AsType[*TooManyError](err); many {
		return nil // who else has asked for the address is nobody's business
	}
	if err != nil {
		return err
	}
	token := make([]byte, 32)
	rand.Read(token)
	return mail.ask(ctx, ownScope(mail.Gateway, caller, id), now,
		notify.EmailChangeAsked{To: email, Account: id, Token: token,
			At: now.Truncate(time.Second), Valid: EmailChangeLife, Asker: asker(caller)})
}

// EmailChangePending is the address that a token would give its owner, or ErrRunOut. Somebody else's token is
// ErrRunOut too.
func EmailChangePending(ctx context.Context, mail Mail, q *shareddb.Queries, token string,
	now time.Time) (string, error) {
	hash, err := tokenHash(token)
	if err != nil {
		return "", err
	}
	row, err := q.EmailChangePending(ctx, hash, now)
	if err == nil && !vouched(ctx, mail.Keys, mail.Log, claim{"email_change", hex.EncodeToString(hash), changePurpose,
		changeFacts(hash, row.AccountID, row.Email, row.ExpiresAt)}, row.Mac) {
		return "", ErrRunOut
	}
	return row.Email, noRowIs(ErrRunOut, err)
}

// UseEmailChange gives an account the address that its token was sent to, once, and tells the old address. It ends all
// sessions; that of who goes on in the epoch that is given back. ErrRunOut, also when somebody else has taken the
// address meanwhile, or the session of who has ended.
func UseEmailChange(ctx context.Context, mail Mail, caller tenancy.Caller, who Account, token string,
	now time.Time) (email string, epoch int64, err error) {
	hash, err := tokenHash(token)
	if err != nil {
		return "", 0, err
	}
	var row shareddb.UseEmailChangeRow
	err = mail.commit(ctx, ownScope(mail.Gateway, caller, who.ID), now, func(q *shareddb.Queries) (notify.Entry, error) {
		var next string
		if next, err = EmailChangePending(ctx, mail, q, token, now); err != nil {
			return nil, err
		}
		row, err = q.UseEmailChange(ctx, shareddb.UseEmailChangeParams{Now: now, TokenHash: hash, Email: next,
			Epoch: who.SessionEpoch})
		return notify.EmailChanged{Recipient: notify.Recipient{To: row.OldEmail, Name: row.Name}}, err
	})
	if errors.Is(err, pgx.ErrNoRows) || tenancy.Code(err) == "23505" {
		return "", 0, ErrRunOut
	}
	return row.NewEmail, row.Epoch, err
}
