package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Mail is what a verb needs to tell somebody by email of what it changes. The email waits in the database, sealed, in
// the transaction of the change. It is safe for concurrent use.
type Mail struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Log     *slog.Logger
	Notify  func() // says that emails are queued, so that the worker need not look for them; nil: it looks
}

// commit makes a change and queues the email that tells of it in one transaction: neither is ever there without
// the other. change may return no entry; an error takes everything back.
func (m Mail) commit(ctx context.Context, scope tenancy.Scope, now time.Time,
	change func(q *shareddb.Queries) (notify.Entry, error)) error {
	return m.commitAll(ctx, scope, now, func(q *shareddb.Queries) ([]notify.Entry, error) {
		e, err := change(q)
		if e == nil {
			return nil, err
		}
		return []notify.Entry{e}, err
	})
}

// commitAll is commit for more emails than one.
func (m Mail) commitAll(ctx context.Context, scope tenancy.Scope, now time.Time,
	change func(q *shareddb.Queries) ([]notify.Entry, error)) error {
	queued := 0
	err := m.Gateway.WithinIdentity(ctx, scope, func(q *shareddb.Queries) error {
		entries, err := change(q)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := m.enqueue(ctx, q, now, e); err != nil {
				return err
			}
		}
		queued = len(entries)
		return nil
	})
	if err == nil && queued > 0 {
		m.notify()
	}
	return err
}

// ask queues a request about an address: one statement, whatever the database knows of the address.
func (m Mail) ask(ctx context.Context, scope tenancy.Scope, now time.Time, e notify.Entry) error {
	err := m.enqueue(ctx, m.Gateway.Identity(scope), now, e)
	if err == nil {
		m.notify()
	}
	return err
}

func (m Mail) enqueue(ctx context.Context, q *shareddb.Queries, now time.Time, e notify.Entry) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return notify.Enqueue(ctx, q, m.Keys, id, now, e)
}

func (m Mail) notify() {
	if m.Notify != nil {
		m.Notify()
	}
}

func recipient(who Account) notify.Recipient { return notify.Recipient{To: who.Email, Name: who.Name} }

func asker(caller tenancy.Caller) notify.Asker {
	return notify.Asker{Request: caller.RequestID, IP: caller.IP}
}

// ResolveEmail finds out, while nobody waits, what is said to an address about which a request could not ask,
// because the time of its answer would tell who has an account (A40). It is for jobs.Deps; a nil notice tells
// nobody. Keeping the hash of a token twice keeps it once.
func ResolveEmail(gateway *tenancy.Gateway,
	ring *keys.Keyring) func(context.Context, notify.Entry) (notify.Notice, error) {
	return func(ctx context.Context, e notify.Entry) (notify.Notice, error) {
		switch e := e.(type) {
		case notify.SignUpAsked:
			return resolveSignUp(ctx, gateway, e)
		case notify.PasswordResetAsked:
			return resolveReset(ctx, gateway, ring, e)
		case notify.EmailChangeAsked:
			return resolveEmailChange(ctx, gateway, ring, e)
		}
		return nil, fmt.Errorf("%w: %q asks for nothing", notify.ErrUnknownKind, e.Kind())
	}
}

func resolveSignUp(ctx context.Context, gateway *tenancy.Gateway, e notify.SignUpAsked) (notify.Notice, error) {
	exists, err := gateway.Anonymous().AccountExists(ctx, e.To)
	if err != nil {
		return nil, err
	}
	if exists {
		return notify.HaveAccount{Recipient: notify.Recipient{To: e.To}, SignIn: e.SignIn}, nil
	}
	return notify.SignUpCode{Recipient: e.Recipient, Code: e.Code, Valid: e.Valid}, nil
}

func resolveReset(ctx context.Context, gateway *tenancy.Gateway, ring *keys.Keyring,
	e notify.PasswordResetAsked) (notify.Notice, error) {
	row, err := gateway.Anonymous().AccountForSignIn(ctx, e.To)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(e.Token)
	q := gateway.Identity(onBehalf(gateway, e.Asker, uuid.Nil))
	until := e.At.Add(e.Valid)
	if err := q.StartPasswordReset(ctx, shareddb.StartPasswordResetParams{TokenHash: hash[:], AccountID: row.ID,
		ExpiresAt: until, Mac: ring.MAC(resetPurpose, resetFacts(hash[:], row.ID, until)...)}); err != nil {
		return nil, err
	}
	return notify.PasswordReset{Recipient: notify.Recipient{To: row.Email, Name: row.Name},
		Token: base64.RawURLEncoding.EncodeToString(e.Token), Next: e.Next, Valid: e.Valid}, nil
}

func resolveEmailChange(ctx context.Context, gateway *tenancy.Gateway, ring *keys.Keyring,
	e notify.EmailChangeAsked) (notify.Notice, error) {
	to := notify.Recipient{To: e.To}
	taken, err := gateway.Anonymous().AccountExists(ctx, e.To)
	if err != nil {
		return nil, err
	}
	if taken {
		return notify.EmailTaken{Recipient: to}, nil
	}
	hash := sha256.Sum256(e.Token)
	q := gateway.Identity(onBehalf(gateway, e.Asker, e.Account))
	until := e.At.Add(e.Valid)
	if err := q.StartEmailChange(ctx, shareddb.StartEmailChangeParams{TokenHash: hash[:], Email: e.To, ExpiresAt: until,
		Mac: ring.MAC(changePurpose, changeFacts(hash[:], e.Account, e.To, until)...)}); err != nil {
		return nil, err
	}
	return notify.EmailChange{Recipient: to, Token: base64.RawURLEncoding.EncodeToString(e.Token), Valid: e.Valid}, nil
}

// onBehalf is the scope of what follows from a request, in its name.
func onBehalf(gateway *tenancy.Gateway, from notify.Asker, subject uuid.UUID) tenancy.Scope {
	return gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: subject, RequestID: from.Request, IP: from.IP})
}
