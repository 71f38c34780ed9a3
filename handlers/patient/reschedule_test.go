package patient_test

import (
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestChangingTheTimeBeginsAroundTheTimeOneHasAndShowsItThereOnly(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(3))
	zone, err := time.LoadLocation(site.Clinic().Zone)
	if err != nil {
		t.Fatal(err)
	}
	start := pgtest.Value[time.Time](t, site.Clinic(), `select starts_at from appointment where id = $1`,
		webtest.IDOf(booking)).In(zone)
	p := maya.Get(booking + "/reschedule")
	mine := p.All("a", "class", "slot mine")
	if len(mine) != 1 || mine[0].Value("href") != booking ||
		!strings.Contains(p.Text(), "You have "+start.Format("Monday 2 January at 3:04 pm")) {
		t.Errorf("%d times are marked as one's own: %.300s", len(mine), p.Text())
	}
	other := start.AddDate(0, 0, 28)
	for other.Format("Mon 2") != start.Format("Mon 2") { // the same weekday and number in another month
		other = other.AddDate(0, 0, 7)
	}
	p = maya.Get(booking + "/reschedule?week=" + other.Format(time.DateOnly))
	if n := len(p.All("a", "class", "slot mine")); n != 0 || len(p.Starts()) == 0 {
		t.Errorf("in the week of %s: %d own times, %d free", other.Format(time.DateOnly), n, len(p.Starts()))
	}
}

func TestACancelledAppointmentNamesNoPriceAndNothingToBring(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(3))
	says := []string{"You pay at the place", "Free to cancel or move until", "Before you go"}
	for _, s := range says {
		if !strings.Contains(maya.Get(booking).Text(), s) {
			t.Errorf("negative control: %q is not said before either", s)
		}
	}
	maya.Post(booking+"/cancellation", "sequence", "0", "why", "better")
	for _, s := range says {
		if p := maya.Get(booking); !strings.Contains(p.H1(), "is canceled") || strings.Contains(p.Text(), s) {
			t.Errorf("%q still says %q", p.H1(), s)
		}
	}
}
