package booking

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// DeskMove asks for an organization's own visit to have another start of the same offering, by whoever works there.
type DeskMove struct {
	Visit    uuid.UUID
	Sequence int32 // what the page showed; another value now is ErrGone
	Offering Offering
	Start    time.Time
	Now      time.Time
}

// Move gives the visit the start, past the patient's cut-off too, and frees the time of the resource that it gives.
// ErrNotHere; ErrTooLate: it has begun; ErrGone: it is canceled, marked or moved meanwhile, by this very request
// perhaps; ErrChanged: the time is not offered; ErrTaken.
func (m DeskMove) Move(ctx context.Context, in tenancy.Scoped) (resource uuid.UUID, err error) {
	visit, err := in.Once().VisitToCancel(ctx, m.Visit)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return uuid.Nil, ErrNotHere
	case err != nil:
		return uuid.Nil, err
	case visit.ClaimID == nil || visit.OfferingID != m.Offering.ID || visit.Sequence != m.Sequence:
		return uuid.Nil, ErrGone
	case !m.Now.Before(visit.StartsAt):
		return uuid.Nil, ErrTooLate
	case !m.Offering.offers(m.Start, m.Now):
		return uuid.Nil, ErrChanged
	}
	from := Claim{*visit.ClaimID, *visit.ClaimResourceID, *visit.ClaimStartsAt, *visit.ClaimEndsAt}
	b := Booked{ID: m.Visit, Sequence: m.Sequence}
	done := tenantdb.AuditAppointmentParams{Patient: visit.AccountID, Purpose: "care", ID: &m.Visit, Action: "move",
		Fields: append(VisitFields(visit.AccountID, visit.PatientID), moved...)}
	return from.Resource, m.Offering.onFree(ctx, in, m.Visit, m.Start, func(to Claim, ending []ending) error {
		return attempt(ctx, func(ctx context.Context) error {
			return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
				return errors.Join(m.Offering.require(ctx, q, to.Resource, m.Start),
					q.LockVisitToCancel(ctx, from.ID, m.Visit, m.Sequence), endAll(ctx, q, ending, nil),
					b.moving(ctx, q, m.Offering, m.Start, from, to, done))
			})
		})
	})
}
