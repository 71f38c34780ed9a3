package patient_test

import (
	"strings"
	"testing"
	"time"

	"kindward/internal/pgtest"
)

func TestChangingTheTimeBeginsAroundTheTimeOneHasAndShowsItThereOnly(t *testing.T) {
	h := open(t)
	maya := h.member(t, "Maya")
	booking := maya.book(maya.hold(3))
	zone, err := time.LoadLocation(h.clinic.Zone)
	if err != nil {
		t.Fatal(err)
	}
	start := pgtest.Value[time.Time](t, h.clinic, `select starts_at from appointment where id = $1`, idOf(booking)).In(zone)
	p := maya.get(booking + "/reschedule")
	mine := p.all("a", "class", "slot mine")
	if len(mine) != 1 || value(mine[0], "href") != booking || !strings.Contains(p.text(), "You have "+start.Format("Monday 2 January at 3:04 pm")) {
		t.Errorf("%d times are marked as one's own: %.300s", len(mine), p.text())
	}
	other := start.AddDate(0, 0, 28)
	for other.Format("Mon 2") != start.Format("Mon 2") { // the same weekday and number in another month
		other = other.AddDate(0, 0, 7)
	}
	p = maya.get(booking + "/reschedule?week=" + other.Format(time.DateOnly))
	if n := len(p.all("a", "class", "slot mine")); n != 0 || len(p.starts()) == 0 {
		t.Errorf("in the week of %s: %d own times, %d free", other.Format(time.DateOnly), n, len(p.starts()))
	}
}

func TestACancelledAppointmentNamesNoPriceAndNothingToBring(t *testing.T) {
	h := open(t)
	maya := h.member(t, "Maya")
	booking := maya.book(maya.hold(3))
	says := []string{"You pay at the place", "Free to cancel until", "Before you go"}
	for _, s := range says {
		if !strings.Contains(maya.get(booking).text(), s) {
			t.Errorf("negative control: %q is not said before either", s)
		}
	}
	maya.post(booking+"/cancellation", "sequence", "0", "why", "better")
	for _, s := range says {
		if p := maya.get(booking); !strings.Contains(p.h1(), "is cancelled") || strings.Contains(p.text(), s) {
			t.Errorf("%q still says %q", p.h1(), s)
		}
	}
}
