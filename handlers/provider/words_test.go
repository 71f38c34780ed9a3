package provider

import (
	"maps"
	"slices"
	"testing"

	"kindward/internal/booking"
	"kindward/internal/consent"
	"kindward/queries/tenantdb"
)

// same tells whether a page's map has a name for each word of a list and for no other.
func same[T any](names map[string]T, list []string) bool {
	return slices.Equal(slices.Sorted(maps.Keys(names)), slices.Sorted(slices.Values(list)))
}

func TestWhoeverWorksThereReadsANameForEveryStatusAndConsentAndForNoOtherWord(t *testing.T) {
	if !same(states, booking.VisitStatuses()) {
		t.Errorf("states of %v, not of %v", slices.Sorted(maps.Keys(states)), booking.VisitStatuses())
	}
	if !same(consentPurposes, consent.Purposes()) || !same(consentStates, consent.States()) {
		t.Errorf("consents: %v, %v", consentPurposes, consentStates)
	}
	for _, status := range booking.VisitStatuses() {
		for _, next := range booking.NextStatuses(status) {
			if next != booking.StatusBooked && !slices.ContainsFunc(verbs, func(v verb) bool { return v.status == next }) {
				t.Errorf("no verb makes a visit %s", next)
			}
		}
	}
	if same(states, append(booking.VisitStatuses(), "proposed")) {
		t.Error("control: a status without a name is not noticed")
	}
}

func TestADayCountsEveryStatusOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range counted(tenantdb.DayCountsRow{Expected: 1, Here: 1, Done: 1, Missed: 1, Canceled: 1}) {
		if seen[one.status] = true; one.n != 1 {
			t.Errorf("%s is counted %d times", one.status, one.n)
		}
	}
	for _, status := range booking.VisitStatuses() {
		if !seen[status] {
			t.Errorf("%s is not counted", status)
		}
	}
	if len(seen) != len(booking.VisitStatuses()) || lineOf(tenantdb.DayCountsRow{}) != "Nothing is booked on this day." {
		t.Errorf("the statuses are counted as %v", slices.Sorted(maps.Keys(seen)))
	}
}
