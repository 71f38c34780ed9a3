package booking_test

import (
	"testing"
	"time"

	. "kindward/internal/booking"
)

func TestWhatAPatientReadsOfChangesIsTrueAtThatMoment(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 28, 16, 15, 0, 0, zone)
	both := Booked{Start: start, CancelCutoff: 24 * time.Hour, MoveCutoff: 24 * time.Hour}
	parted := Booked{Start: start, CancelCutoff: 2 * time.Hour, MoveCutoff: 24 * time.Hour}
	other := Booked{Start: start, CancelCutoff: 24 * time.Hour, MoveCutoff: 0}
	const until = "Friday 27 November, 4:15 pm"
	for _, c := range []struct {
		b      Booked
		before time.Duration
		line   string
		late   bool
	}{
		{both, 25 * time.Hour, "Free to cancel or move until " + until + ".", false},
		{both, 24 * time.Hour, "Free to cancel or move until " + until + ".", false},
		{both, 23 * time.Hour, "This visit is too close to cancel or move online; to cancel it, " +
			"call Ives Clinic: 401-555-0142. For another time, book again.", true},
		{parted, 25 * time.Hour, "Free to cancel until Saturday 28 November, 2:15 pm, and to move until " + until + ".",
			false},
		{parted, 3 * time.Hour, "Free to cancel until Saturday 28 November, 2:15 pm. " +
			"This visit is too close to move online; for another time, cancel it and book again, " +
			"or call Ives Clinic: 401-555-0142.", true},
		{other, 3 * time.Hour, "Free to move until Saturday 28 November, 4:15 pm. " +
			"This visit is too close to cancel online; to cancel it, call Ives Clinic: 401-555-0142.", true},
	} {
		line, late := c.b.ChangeLine(start.Add(-c.before), "Ives Clinic", "401-555-0142")
		if line != c.line || late != c.late {
			t.Errorf("%v before: %q, %v", c.before, line, late)
		}
	}
	if line, _ := both.ChangeLine(start, "Ives Clinic", ""); line !=
		"This visit is too close to cancel or move online; to cancel it, call Ives Clinic. For another time, book again." {
		t.Errorf("without a number: %q", line)
	}
}
