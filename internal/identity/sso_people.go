package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// ErrNotConnected: whom the provider means is not this one.
var ErrNotConnected = errors.New("the provider means nobody by that account")

// How long a sign-in by an organization's provider may open the organization. It is never longer than a session of
// work.
const (
	SSOShortest = time.Hour
	SSOLongest  = WorkLife
)

// SetSSOLife sets how long a sign-in by the provider of the organization of q opens it, between SSOShortest and
// SSOLongest. ErrNoSSO, ErrNotYours.
func SetSSOLife(ctx context.Context, q *shareddb.Queries, life time.Duration) error {
	_, err := q.SetSSOLife(ctx, int32(life/time.Minute))
	return noRowIs(ErrNoSSO, err)
}

// DisconnectSSO takes from a member of the place whom its provider means by them, ends what it let in, and tells them.
// ErrNotConnected.
func DisconnectSSO(ctx context.Context, mail Mail, scope tenancy.Scope, place tenancy.Tenant, member uuid.UUID,
	now time.Time) (name string, err error) {
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.DisconnectSSO(ctx, member, now)
		name = row.Name
		return notify.SSOUnlinked{Recipient: notify.Recipient{To: row.Email, Name: row.Name}, Organization: place.Name},
			noRowIs(ErrNotConnected, err)
	})
	return name, err
}
