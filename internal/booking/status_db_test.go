package booking_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

func TestTheDatabaseAllowsTheStatusesOfThisListAndNoOther(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	if got := c.DB.Allowed(t, c.Schema+".appointment", "status"); !slices.Equal(got, Statuses()) {
		t.Errorf("the schema allows %v, the list is %v", got, Statuses())
	}
}

// All 25 steps between the five states of a visit, against the statement.
func TestMarkingAcceptsTheStepsOfThisListAndNoOther(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	visit, patient, start := uuid.New(), uuid.New(), time.Now().Add(-time.Hour).Truncate(time.Minute)
	c.SQL(t, `insert into patient (id, name) values ($1, 'Maya')`, patient)
	c.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, patient_id, resource_id, starts_at, ends_at, cancelled_by, cancelled_why)
		values ($1, 'A', $2, 'booked', $3, $3, $4, $5, $6, 'patient', 'time')`, visit, c.OfferingID, patient, c.Resources[0], start, start.Add(20*time.Minute))
	for _, was := range VisitStatuses() {
		for _, status := range VisitStatuses() {
			c.SQL(t, `update appointment set status = $1`, was)
			err := Mark(t.Context(), c.In(uuid.Nil),
				Marking{Visit: visit, Now: time.Now(), Status: status, Was: was})
			if err != nil && err != ErrGone && !(err == ErrMarked && was == status) {
				t.Fatal(err)
			}
			if listed := slices.Contains(NextStatuses(was), status); (err == nil) != listed {
				t.Errorf("from %s to %s: the statement says %v, the list says %t", was, status, err, listed)
			}
		}
	}
}
