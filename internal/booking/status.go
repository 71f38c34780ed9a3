package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// States of an appointment, as the database keeps them (FHIR's, and lapsed: a hold that ran out or was let go).
const (
	StatusHeld      = "held"
	StatusLapsed    = "lapsed"
	StatusBooked    = "booked"
	StatusCancelled = "cancelled"
	StatusArrived   = "arrived"
	StatusFulfilled = "fulfilled"
	StatusNoShow    = "noshow"
)

// Statuses are all of them; the schema's CHECK constraint is held to this list by a test.
func Statuses() []string {
	return []string{StatusHeld, StatusLapsed, StatusBooked, StatusCancelled, StatusArrived, StatusFulfilled, StatusNoShow}
}

// Who canceled an appointment, as the database keeps it: on whose word stands in the reason.
const (
	CancelledByPatient  = "patient"
	CancelledByProvider = "provider"
	CancelledBySupport  = "support" // as the patient asked them to
	CancelledBySystem   = "system"
)

// Cancelers are all of them; the schema's CHECK constraint is held to this list by a test.
func Cancelers() []string {
	return []string{CancelledByPatient, CancelledByProvider, CancelledBySupport, CancelledBySystem}
}

// VisitStatuses are those of a visit that somebody has booked: what an organization's day shows.
func VisitStatuses() []string {
	return slices.DeleteFunc(Statuses(), func(s string) bool { return s == StatusHeld || s == StatusLapsed })
}

// NextStatuses are what whoever works there can make of a visit; each can be taken back. Mark accepts these steps and
// no others.
func NextStatuses(status string) []string {
	switch status {
	case StatusBooked:
		return []string{StatusArrived, StatusFulfilled, StatusNoShow}
	case StatusArrived:
		return []string{StatusFulfilled, StatusBooked}
	case StatusFulfilled:
		return []string{StatusBooked, StatusArrived}
	case StatusNoShow:
		return []string{StatusBooked}
	}
	return nil
}

// Undone is what a visit was before it was marked as it is, as far as that is known: one that is done was here, if
// anybody said so. Empty: there is nothing to take back.
func Undone(status string, arrived bool) string {
	switch {
	case status == StatusFulfilled && arrived:
		return StatusArrived
	case status == StatusArrived, status == StatusFulfilled, status == StatusNoShow:
		return StatusBooked
	}
	return ""
}

// beforehand is how long before a visit somebody may come without anybody wondering.
const beforehand = 2 * time.Hour

// AsksFirst tells that a visit is not marked so without a question: it is not yet time for it.
func AsksFirst(status string, starts, now time.Time) bool {
	switch status {
	case StatusArrived:
		return now.Before(starts.Add(-beforehand))
	case StatusFulfilled, StatusNoShow:
		return now.Before(starts)
	}
	return false
}

// Marking says what became of a visit.
type Marking struct {
	Visit       uuid.UUID
	Was, Status string // as whoever marks it saw it, and what it is to be
	Now         time.Time
	Sure        bool // whoever marks it before its time was asked
}

// Mark says what became of a visit that still has the status that whoever marks it saw. ErrEarly, ErrBeforehand,
// ErrNotHere; ErrMarked: it has the status already, as after the second press of a button; ErrGone: it has changed in
// another way meanwhile, or there is no step from the one status to the other.
func Mark(ctx context.Context, in tenancy.Scoped, m Marking) error {
	err := mark(ctx, in, m)
	if !errors.Is(err, ErrGone) || m.Status != m.Was && !slices.Contains(NextStatuses(m.Was), m.Status) {
		return err
	}
	if now, why := in.Once().VisitToMark(ctx, m.Visit); why == nil && now.Status == m.Status {
		return ErrMarked
	}
	return err
}

func mark(ctx context.Context, in tenancy.Scoped, m Marking) error {
	visit, err := in.Once().VisitToMark(ctx, m.Visit)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotHere
	case err != nil:
		return err
	case !slices.Contains(NextStatuses(m.Was), m.Status):
		return ErrGone
	case !m.Sure && AsksFirst(m.Status, visit.StartsAt, m.Now) && !undoes(m):
		return ErrBeforehand
	}
	fields := append(VisitFields(visit.AccountID, visit.PatientID), "status:"+m.Status)
	return attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(
				q.LockVisit(ctx, m.Visit, m.Was),
				q.RequireItsDay(ctx, m.Visit, m.Now),
				q.MarkAppointment(ctx, m.Status, m.Now, m.Visit),
				q.WriteMarkedEvent(ctx, m.Visit, m.Status),
				q.AuditAppointment(ctx, tenantdb.AuditAppointmentParams{Patient: visit.AccountID, Purpose: "care", ID: &m.Visit,
					Action: "mark", Fields: fields}),
			)
		})
	})
}

// undoes tells that a step leads back, which needs no question.
func undoes(m Marking) bool { return Undone(m.Was, true) == m.Status }
