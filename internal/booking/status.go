package booking

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

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

// VisitStatuses are those of a visit that somebody has booked: what an organization's day shows.
func VisitStatuses() []string {
	return slices.DeleteFunc(Statuses(), func(s string) bool { return s == StatusHeld || s == StatusLapsed })
}

// NextStatuses are what whoever works there can make of a visit; each but the way back to booked can be taken back.
// Mark accepts these steps and no others.
func NextStatuses(status string) []string {
	switch status {
	case StatusBooked:
		return []string{StatusArrived, StatusFulfilled, StatusNoShow}
	case StatusArrived:
		return []string{StatusFulfilled, StatusBooked}
	case StatusFulfilled, StatusNoShow:
		return []string{StatusBooked}
	}
	return nil
}

// Mark says what became of a visit that still has the status that whoever marks it saw. ErrEarly, ErrNotHere; ErrGone:
// it has changed meanwhile, or there is no step from the one status to the other.
func Mark(ctx context.Context, q *tenantdb.Queries, p tenantdb.MarkAppointmentParams) error {
	err := attempt(func() error {
		_, err := q.MarkAppointment(ctx, p)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotHere
	}
	return err
}
