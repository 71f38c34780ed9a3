package booking

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/queries/tenantdb"
)

// Reasons a patient may give for a cancellation (2.12); stored as typed.
var CancelReasons = []struct{ Code, Text string }{
	{"better", "I feel better"},
	{"time", "The time no longer suits me"},
	{"elsewhere", "I have found care elsewhere"},
	{"cost", "It costs too much"},
	{"mistake", "I booked by mistake"},
	{"other", "Another reason"},
}

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

// Move gives the same appointment another start. A link used twice, or a second tab, is ErrGone: never a second
// appointment.
func Move(ctx context.Context, q *tenantdb.Queries, b Booked, o Offering, start, now time.Time) error {
	if _, ok := b.MayMove(now); !ok {
		return ErrTooLate
	}
	if start.Nanosecond() != 0 || o.Schedule.ReasonAt(start.Unix(), now.Unix()) != Free {
		return ErrChanged
	}
	claim := o.Schedule.Claim(start.Unix())
	err := error(ErrTaken)
	for _, resource := range candidates(o.Resources, start) {
		err = attempt(func() error {
			_, err := q.MoveAppointment(ctx, tenantdb.MoveAppointmentParams{
				ID: b.ID, AccountID: &b.Account, Sequence: b.Sequence, OfferingID: o.ID, ScheduleVersion: o.ScheduleVersion,
				ResourceID: resource,
				StartsAt:   start, EndsAt: start.Add(o.visit()), ClaimID: uuid.Must(uuid.NewV7()),
				ClaimStartsAt: time.Unix(claim.Start, 0), ClaimEndsAt: time.Unix(claim.End, 0),
			})
			return err
		})
		if !errors.Is(err, ErrTaken) {
			return err
		}
	}
	return err
}

// Cancel ends the appointment on the patient's word and frees its time at once. Past the cut-off it is ErrTooLate.
func Cancel(ctx context.Context, q *tenantdb.Queries, b Booked, why string, now time.Time) error {
	if _, ok := b.MayCancel(now); !ok {
		return ErrTooLate
	}
	return attempt(func() error {
		_, err := q.CancelAppointment(ctx, tenantdb.CancelAppointmentParams{
			ID: b.ID, AccountID: &b.Account, Sequence: b.Sequence, CancelledBy: new("patient"), CancelledWhy: &why,
		})
		return err
	})
}
