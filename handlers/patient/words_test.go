package patient

import (
	"maps"
	"slices"
	"testing"
	"time"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
)

// same tells whether a page's map has a name for each word of a list and for no other.
func same[T any](names map[string]T, list []string) bool {
	return slices.Equal(slices.Sorted(maps.Keys(names)), slices.Sorted(slices.Values(list)))
}

func TestPatientsReadANameForEveryStatusAndKindAndForNoOtherWord(t *testing.T) {
	if !same(states, booking.VisitStatuses()) {
		t.Errorf("states of %v, not of %v", slices.Sorted(maps.Keys(states)), booking.VisitStatuses())
	}
	if !same(kinds, search.OrganizationKinds()) {
		t.Errorf("kinds %v, not %v", slices.Sorted(maps.Keys(kinds)), search.OrganizationKinds())
	}
	if same(kinds, append(search.OrganizationKinds(), "pharmacy")) {
		t.Error("control: a kind without a name is not noticed")
	}
}

func TestAllTimesOfAPageAreWrittenAlike(t *testing.T) {
	schedule := booking.Schedule{Zone: "America/New_York", VisitMinutes: 30}
	if err := schedule.Compile(); err != nil {
		t.Fatal(err)
	}
	day := civil.Date{Year: 2026, Month: 12, Day: 1}
	at := func(hours ...int) row {
		var times []int64
		for _, hour := range hours {
			times = append(times, time.Date(2026, 12, 1, hour, 0, 0, 0, schedule.Location()).Unix())
		}
		return row{hit: search.Hit{Listing: &search.Listing{}}, offering: booking.Offering{Schedule: &schedule},
			days: []booking.Day{{Date: day, Times: times}}}
	}
	for want, rows := range map[string][]row{"3:04": {at(9, 10), at(13, 14)}, "3:04 pm": {at(13, 14), at(10, 13)}} {
		if got := (&timetable{rows: rows}).oneLayout(nil); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
