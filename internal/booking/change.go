package booking

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// Booked is the appointment that is to change, as the page showed it.
type Booked struct {
	ID, Account  uuid.UUID
	Sequence     int32 // what the page showed; another value now is ErrGone
	Start        time.Time
	MoveCutoff   time.Duration
	CancelCutoff time.Duration
}

// MayMove tells whether a patient may still move it at now, and until when.
func (b Booked) MayMove(now time.Time) (until time.Time, ok bool) {
	until = b.Start.Add(-b.MoveCutoff)
	return until, !now.After(until)
}

// MayCancel tells whether a patient may still cancel it at now, and until when.
func (b Booked) MayCancel(now time.Time) (until time.Time, ok bool) {
	until = b.Start.Add(-b.CancelCutoff)
	return until, !now.After(until)
}

// ChangeLine says in a sentence until when a patient may cancel and move it, on the clock of b.Start, and whom to call
// where it is too late at now: at is who is called. late: one of the two, at least.
func (b Booked) ChangeLine(now time.Time, at, phone string) (line string, late bool) {
	cancelUntil, mayCancel := b.MayCancel(now)
	moveUntil, mayMove := b.MayMove(now)
	when := civil.TimeFormat{Now: now}.Full
	call := "call " + at
	if phone != "" {
		call += ": " + phone
	}
	switch {
	case mayCancel && mayMove && cancelUntil.Equal(moveUntil):
		return "Free to cancel or move until " + when(cancelUntil) + ".", false
	case mayCancel && mayMove:
		return "Free to cancel until " + when(cancelUntil) + ", and to move until " + when(moveUntil) + ".", false
	case mayCancel:
		return "Free to cancel until " + when(cancelUntil) + ". This visit is too close to move online; " +
			"for another time, cancel it and book again, or " + call + ".", true
	case mayMove:
		return "Free to move until " + when(moveUntil) + ". This visit is too close to cancel online; to cancel it, " +
			call + ".", true
	}
	return "This visit is too close to cancel or move online; to cancel it, " + call +
		". For another time, book again.", true
}

// CallLine says whom somebody calls who cannot change it online.
func CallLine(at, phone string) string {
	line := "To move or cancel it, or to ask what to bring, call " + at
	if phone != "" {
		line += ": " + phone
	}
	return line + "."
}

// Move gives the same appointment another start. A link used twice, or a second tab, is ErrGone: never a second
// appointment.
func Move(ctx context.Context, in tenancy.Scoped, b Booked, o Offering, start, now time.Time) error {
	if _, ok := b.MayMove(now); !ok {
		return ErrTooLate
	}
	if !o.offers(start, now) {
		return ErrChanged
	}
	from, err := b.liveClaim(ctx, in)
	if err != nil {
		return err
	}
	return o.onFree(ctx, in, b.ID, start, func(to Claim, ending []ending) error {
		return b.move(ctx, in, o, start, from, to, ending)
	})
}

// onFree takes a start for an appointment with the first resource that is free, and with the next one where somebody
// was faster. What the appointment itself has already is not in its way.
func (o Offering) onFree(ctx context.Context, in tenancy.Scoped, appointment uuid.UUID, start time.Time,
	take func(to Claim, ending []ending) error) error {
	pool := candidates(o.Resources, start)
	err := take(o.claim(start, pool[0]), nil)
	for n := 0; errors.Is(err, ErrTaken); n++ {
		to := o.claim(start, pool[0])
		free, failed := in.Once().FreeResources(ctx, tenantdb.FreeResourcesParams{Resources: pool,
			AppointmentID: appointment, ClaimStartsAt: to.Start, ClaimEndsAt: to.End})
		if failed != nil {
			return failed
		}
		if len(free) == 0 {
			break
		}
		if n == len(pool)+tries {
			return errOutrun
		}
		to.Resource = free[0]
		ending, failed := inTheWay(ctx, in, o, start, to, nil)
		if failed != nil {
			return failed
		}
		err = take(to, ending)
	}
	return err
}

// offers tells whether the offering has a start by its rules at now; the claims decide whether it is free.
func (o Offering) offers(start, now time.Time) bool {
	return start.Nanosecond() == 0 && len(o.Resources) > 0 && o.Schedule.ReasonAt(start.Unix(), now.Unix()) == Free
}

// liveClaim is the time that the booking has. None: it has changed, which the statement that locks it finds.
func (b Booked) liveClaim(ctx context.Context, in tenancy.Scoped) (Claim, error) {
	c, err := in.Once().LiveClaim(ctx, b.ID, &b.Account)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return Claim{c.ID, c.ResourceID, c.StartsAt, c.EndsAt}, err
}

func (b Booked) lock(ctx context.Context, q *tenantdb.Queries, claim Claim, offering *uuid.UUID) error {
	return q.LockBooking(ctx, tenantdb.LockBookingParams{ID: b.ID, AccountID: &b.Account, Sequence: b.Sequence,
		StartsAt: b.Start, ClaimID: claim.ID, OfferingID: offering})
}

func (b Booked) move(ctx context.Context, in tenancy.Scoped, o Offering, start time.Time, from, to Claim,
	ending []ending) error {
	return attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(o.require(ctx, q, to.Resource, start), b.lock(ctx, q, from, &o.ID),
				endAll(ctx, q, ending, nil),
				b.moving(ctx, q, o, start, from, to, b.audits("move", moved...)))
		})
	})
}

// moved are the fields of an appointment that moving it changes.
var moved = []string{"starts_at", "ends_at", "resource_id"}

// moving is what moving a locked booking does, in one transaction: the old claim goes, the new one decides. done is
// what the audit keeps of it.
func (b Booked) moving(ctx context.Context, q *tenantdb.Queries, o Offering, start time.Time, from, to Claim,
	done tenantdb.AuditAppointmentParams) error {
	err := errors.Join(
		q.MoveAppointment(ctx, tenantdb.MoveAppointmentParams{ID: b.ID, StartsAt: start, EndsAt: start.Add(o.visit()),
			ResourceID: to.Resource}),
		q.ReleaseClaim(ctx, from.ID),
		q.DeleteBusy(ctx, from.ID),
		q.InsertClaim(ctx, to.insert(b.ID, StatusBooked, nil)),
		q.RequireClaim(ctx, to.ID),
		q.MoveIndexed(ctx, start, b.ID),
		q.WriteMovedEvent(ctx, tenantdb.WriteMovedEventParams{ID: b.ID, Sequence: b.Sequence + 1,
			ResourceID: to.Resource, ClaimID: to.ID, StartsAt: to.Start, EndsAt: to.End,
			FromResourceID: from.Resource, FromClaimID: from.ID, FromStartsAt: from.Start, FromEndsAt: from.End}),
		q.AuditAppointment(ctx, done),
	)
	if err == nil {
		_, err = q.InsertBusy(ctx, to.show(nil))
	}
	return err
}

func (b Booked) audit(ctx context.Context, q *tenantdb.Queries, action string, fields ...string) error {
	return q.AuditAppointment(ctx, b.audits(action, fields...))
}

// audits is what the audit keeps of what the patient does.
func (b Booked) audits(action string, fields ...string) tenantdb.AuditAppointmentParams {
	return tenantdb.AuditAppointmentParams{Patient: &b.Account, Purpose: "booking", ID: &b.ID, Action: action,
		Fields: append([]string{}, fields...)}
}
