package onboarding

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Accept lets whoever asks take part in the scope's application, if the link's offer is to their address: else
// identity.ErrRunOut. The offer is used up, the log says that they came and their row is written, or nothing is.
func Accept(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, token string, who identity.Account,
	e Event) error {
	e.Kind, e.By, e.At, e.Data.Name = Joined, who.ID, moment(e.At), who.Name
	return gateway.WithinShared(ctx, s, func(q *shareddb.Queries) error {
		_, err := q.AcceptApplicantInvitation(ctx, e.At, identity.InvitationHash(token), who.Email)
		if errors.Is(err, pgx.ErrNoRows) {
			return identity.ErrRunOut
		}
		if err != nil {
			return err
		}
		_, _, err = actLocked(ctx, q, e)
		return err
	})
}

// ApplicantInvitationPending is what a link offers, or identity.ErrRunOut: used, revoked, run out, never made, or made
// by somebody who takes no part any more.
func ApplicantInvitationPending(ctx context.Context, q *shareddb.Queries, token string,
	now time.Time) (identity.PendingInvitation, error) {
	row, err := q.ApplicantInvitationPending(ctx, identity.InvitationHash(token), now)
	if errors.Is(err, pgx.ErrNoRows) {
		return identity.PendingInvitation{}, identity.ErrRunOut
	}
	return identity.PendingInvitation{Email: row.Email, InvitedBy: row.InvitedBy, Until: row.ExpiresAt}, err
}
