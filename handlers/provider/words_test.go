package provider

import (
	"maps"
	"slices"
	"testing"
	"time"

	"kindward/internal/booking"
	"kindward/internal/civil"
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
	var next []string
	for _, status := range booking.VisitStatuses() {
		next = append(next, booking.NextStatuses(status)...)
	}
	slices.Sort(next)
	if !same(markWords, slices.Compact(next)) {
		t.Errorf("marks %v, not of %v", markWords, slices.Compact(next))
	}
	if same(states, append(booking.VisitStatuses(), "proposed")) {
		t.Error("control: a status without a name is not noticed")
	}
}

func TestADayCountsEveryStatusOnce(t *testing.T) {
	day := civil.DateOf(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	seen := map[string]bool{}
	for _, status := range booking.VisitStatuses() {
		_, line := dayWords([]tenantdb.DayAppointmentsRow{{Status: status}}, day, day)
		seen[line] = true
	}
	if len(seen) != len(booking.VisitStatuses()) || seen[lineOf(tenantdb.DayCountsRow{})] {
		t.Errorf("the statuses are counted as %v", slices.Sorted(maps.Keys(seen)))
	}
}
