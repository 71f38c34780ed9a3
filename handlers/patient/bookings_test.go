package patient_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestWrongDetailsComeBackAsTyped(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(0)
	key := maya.Get(hold).Field("key")
	p := maya.Post(hold+"/confirmation", "key", key, "name", "M<b>aya", "dob-month", "2", "dob-day", "30", "dob-year",
		"1988", "phone", "12", "note", "a \"note\"", "payer", "PAY99")
	if p.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", p.Status)
	}
	for name, typed := range map[string]string{"name": "M<b>aya", "dob-month": "2", "dob-day": "30", "dob-year": "1988",
		"phone": "12", "note": `a "note"`} {
		if got := p.Field(name); got != typed {
			t.Errorf("%s came back as %q", name, got)
		}
	}
	problems := p.Problems()
	if len(problems) == 0 {
		t.Fatal("no summary of what is wrong")
	}
	for id := range problems {
		if !p.HasID(id) {
			t.Errorf("the summary leads to #%s, which is not on the page", id)
		}
	}
	if !strings.HasPrefix(p.Title(), "Error: ") {
		t.Error("the title does not say that something is wrong")
	}
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment where status = 'booked'`); n != 0 {
		t.Error("something was booked")
	}
}

func TestABookingIsShownMovedAndCancelledByItsOwnerOnly(t *testing.T) {
	site := webtest.Open(t)
	maya, charlie := site.Person(t, "Maya"), site.Person(t, "Charlie")
	booking := maya.Book(maya.Hold(3))
	p := maya.Get(booking)
	if !strings.HasPrefix(p.H1(), "You are booked for ") || !strings.Contains(p.Text(), "KW-") ||
		!strings.Contains(p.Text(), "Bring photo ID.") {
		t.Errorf("confirmation: %q", p.H1())
	}
	if list := maya.Get("/bookings"); !strings.Contains(list.Text(), "Skin check") {
		t.Error("it is not among my appointments")
	}
	ics := maya.Get(booking + "/calendar.ics")
	if ics.Header.Get("Content-Type") != "text/calendar; charset=utf-8" ||
		!strings.Contains(ics.Body, "UID:"+webtest.IDOf(booking).String()) || strings.Contains(ics.Body, "Skin check") {
		t.Errorf("calendar file: %s\n%s", ics.Header.Get("Content-Type"), ics.Body)
	}
	t.Run("Charlie can't", func(t *testing.T) {
		for _, path := range []string{booking, booking + "/calendar.ics", booking + "/cancellation",
			booking + "/reschedule"} {
			if p := charlie.Get(path); p.Status != http.StatusNotFound || strings.Contains(p.Body, "Skin check") {
				t.Errorf("GET %s: %d", path, p.Status)
			}
		}
		for _, path := range []string{booking + "/cancellation", booking + "/reschedule"} {
			if p := charlie.Post(path, "why", "time", "sequence", "0", "start",
				site.Clock.Now().AddDate(0, 0, 10).UTC().Format(time.RFC3339)); p.Status != http.StatusNotFound {
				t.Errorf("POST %s: %d", path, p.Status)
			}
		}
		if strings.Contains(charlie.Get("/bookings").Text(), "Skin check") {
			t.Error("Charlie sees it in a list")
		}
		stranger := site.Visitor(t)
		if p := stranger.Get(booking); p.Status != http.StatusSeeOther ||
			p.Location != "/sign-in?next="+strings.ReplaceAll(booking, "/", "%2F") {
			t.Errorf("a stranger is sent to %d %s", p.Status, p.Location)
		}
	})
	t.Run("E10 a reschedule page used twice moves it once", func(t *testing.T) {
		times := maya.Get(booking + "/reschedule?week=" + site.Day(16))
		starts := times.Starts()
		if len(starts) < 3 {
			t.Fatalf("%d free times", len(starts))
		}
		for i, want := range []string{"Moved to ", "This appointment has changed since you opened the page. Your visit is now on"} {
			p := maya.Post(booking+"/reschedule", "sequence", times.Field("sequence"), "start", starts[i+1])
			if p.Location != booking {
				t.Fatalf("%d %s", p.Status, p.Location)
			}
			if text := maya.Get(booking).Text(); !strings.Contains(text, want) {
				t.Errorf("use %d does not say %q: %s", i+1, want, text)
			}
		}
		if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment where status = 'booked'`); n != 1 {
			t.Errorf("%d appointments", n)
		}
	})
	t.Run("2.12 canceling asks for a reason and needs none, then frees the time", func(t *testing.T) {
		form := maya.Get(booking + "/cancellation")
		form.Has(http.StatusOK, "You need not say", "I would rather not say")
		maya.Post(booking+"/cancellation", "sequence", form.Field("sequence"), "why", "whim").
			Has(http.StatusUnprocessableEntity, "Choose one of these, or say nothing")
		maya.Post(booking+"/cancellation", "sequence", form.Field("sequence"), "why", form.Field("why")).Goes(booking)
		maya.Get(booking).Has(200, "Look whether you can have it back", "/times?week=")
		if p := maya.Get(booking); !strings.Contains(p.H1(), "is canceled") {
			t.Errorf("after it: %q", p.H1())
		}
		if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from market.busy where tenant_id = $1`,
			site.Clinic().ID); n != 0 {
			t.Errorf("E6 %d ranges are still taken", n)
		}
	})
}

func TestPastTheCutOffThePagesSayWhoToCallBeforeBookingToo(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Clinic: func(c *pgtest.Clinic) { c.Cutoff = 60 * 24 * 30 }})
	site.Clinic().SQL(t, `update location set phone = '401-555-0177'`)
	const late = "This visit is too close to cancel or move online; to cancel it, call"
	maya := site.Person(t, "Maya")
	hold := maya.Hold(0)
	maya.Get(hold).Has(http.StatusOK, late, "401-555-0177")
	maya.Get(hold).Lacks("Free to")
	booking := maya.Book(hold)
	p := maya.Get(booking)
	p.Has(http.StatusOK, late, "401-555-0177")
	p.Lacks("Free to", booking+"/cancellation")
	if file := strings.ReplaceAll(maya.Get(booking+"/calendar.ics").Body, "\r\n ", ""); !strings.Contains(file,
		"too close to cancel or move") {
		t.Errorf("the calendar's entry: %s", file)
	}
	far := maya.Get(site.Times() + "?week=" + site.Day(70)).Starts()
	hold = held(t, maya, site.Clinic(), far[0]) // the control: a visit that is farther away
	maya.Get(hold).Has(http.StatusOK, "Free to cancel or move until")
	maya.Get(hold).Lacks("too late")
	if p := maya.Post(booking+"/cancellation", "sequence", "0", "why", "better"); p.Status != http.StatusSeeOther {
		t.Errorf("%d", p.Status)
	}
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment where status = 'booked'`); n != 1 {
		t.Error("it was canceled past the cut-off")
	}
}

func TestTheSameConfirmationTwiceIsOneBooking(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(0)
	key := maya.Get(hold).Field("key")
	first := maya.Post(hold+"/confirmation", append(webtest.Details(), "key", key)...)
	again := maya.Post(hold+"/confirmation", append(webtest.Details(), "key", key)...)
	if first.Location == "" || again.Location != first.Location {
		t.Errorf("2.9 first %q, again %d %q", first.Location, again.Status, again.Location)
	}
	other := maya.Post(hold+"/confirmation", append([]string{"key", key, "note", "Right arm"}, webtest.Details()...)...)
	if other.Status != http.StatusUnprocessableEntity ||
		!strings.Contains(other.Text(), "sent before with other details") || other.All("a", "href", first.Location) == nil {
		t.Errorf("A14 another body with the same key: %d %s", other.Status, other.Text())
	}
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment where status = 'booked'`); n != 1 {
		t.Errorf("%d bookings", n)
	}
}

func TestALinkToSomebodyElsesAppointmentSaysAsWhomOneIsSignedInAndNotWhetherItIsThere(t *testing.T) {
	site := webtest.Open(t)
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	booking := maya.Book(maya.Hold(0))
	there, nowhere := leo.Get(booking), leo.Get("/bookings/"+uuid.NewString())
	there.Has(http.StatusNotFound, "You are signed in as "+leo.Email)
	reference := regexp.MustCompile(`R-[0-9A-F-]+|/bookings/[0-9a-f-]+`)
	if there.Status != nowhere.Status ||
		reference.ReplaceAllString(there.Body, "") != reference.ReplaceAllString(nowhere.Body, "") {
		t.Error("the page tells an appointment that is there from one that is not")
	}
	maya.Get(booking).Has(http.StatusOK)              // the control
	leo.Get("/nowhere").Lacks("You are signed in as") // no page of anybody's own
}
