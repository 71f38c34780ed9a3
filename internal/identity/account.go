// Package identity says who somebody is: accounts, passwords, sessions, and how often one may try.
package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/queries/shareddb"
)

// Account is a person who can sign in.
type Account struct {
	ID    uuid.UUID
	Email string
	Name  string
	Phone string     // E.164, or empty
	Born  *time.Time // a date in UTC, or nil while unknown

	// SessionEpoch is how often all sessions of the account had been ended when this was read. A session begun with it
	// is over with the next time, also with one that came before it was written.
	SessionEpoch int64
}

// ActiveAccount is an account by its id. ErrNotFound: there is none, or it is disabled.
func ActiveAccount(ctx context.Context, q *shareddb.Queries, id uuid.UUID) (Account, error) {
	row, err := q.ActiveAccount(ctx, id)
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born,
		SessionEpoch: row.SessionEpoch}, noRowIs(ErrNotFound, err)
}

// Sweep deletes what has run out: sessions with their tombstones, tokens, counts of attempts. Once an hour will do.
func Sweep(ctx context.Context, q *shareddb.Queries, now time.Time) error {
	week := now.Add(-7 * 24 * time.Hour)
	return errors.Join(q.SweepSessions(ctx, now), q.SweepVisitorSessions(ctx, now.Add(-VisitorIdle)),
		q.SweepPasswordResets(ctx, week), q.SweepEmailChanges(ctx, week),
		q.SweepAttempts(ctx, now.Add(-48*time.Hour)))
}
