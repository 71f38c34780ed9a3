package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/internal/pgtest"
)

func TestWrongDetailsComeBackAsTyped(t *testing.T) {
	h := open(t)
	maya := h.member(t, "Maya")
	hold := maya.hold(0)
	key := maya.get(hold).input("key")
	p := maya.post(hold+"/confirmation", "key", key, "name", "M<b>aya", "dob-month", "2", "dob-day", "30", "dob-year", "1988", "phone", "12", "note", "a \"note\"", "payer", "PAY99")
	if p.status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", p.status)
	}
	for name, typed := range map[string]string{"name": "M<b>aya", "dob-month": "2", "dob-day": "30", "dob-year": "1988", "phone": "12", "note": `a "note"`} {
		if got := p.input(name); got != typed {
			t.Errorf("%s came back as %q", name, got)
		}
	}
	summary := p.all("div", "class", "problems")
	if len(summary) != 1 {
		t.Fatal("no summary of what is wrong")
	}
	for _, link := range (page{root: summary[0]}).all("a") {
		id := strings.TrimPrefix(value(link, "href"), "#")
		found := false
		for n := range p.root.Descendants() {
			found = found || value(n, "id") == id
		}
		if !found {
			t.Errorf("the summary leads to #%s, which is not on the page", id)
		}
	}
	if !strings.HasPrefix(words(p.all("title")[0]), "Error: ") {
		t.Error("the title does not say that something is wrong")
	}
	if n := pgtest.Value[int64](t, h.clinic, `select count(*) from appointment where status = 'booked'`); n != 0 {
		t.Error("something was booked")
	}
}

func TestABookingIsShownMovedAndCancelledByItsOwnerOnly(t *testing.T) {
	h := open(t)
	maya, charlie := h.member(t, "Maya"), h.member(t, "Charlie")
	booking := maya.book(maya.hold(3))
	p := maya.get(booking)
	if !strings.HasPrefix(p.h1(), "You are booked for ") || !strings.Contains(p.text(), "KW-") || !strings.Contains(p.text(), "Bring photo ID.") {
		t.Errorf("confirmation: %q", p.h1())
	}
	if list := maya.get("/bookings"); !strings.Contains(list.text(), "Skin check") {
		t.Error("it is not among my appointments")
	}
	ics := maya.get(booking + "/calendar.ics")
	if ics.header.Get("Content-Type") != "text/calendar; charset=utf-8" || !strings.Contains(ics.body, "UID:"+idOf(booking).String()) || strings.Contains(ics.body, "Skin check") {
		t.Errorf("calendar file: %s\n%s", ics.header.Get("Content-Type"), ics.body)
	}
	t.Run("Charlie can't", func(t *testing.T) {
		for _, path := range []string{booking, booking + "/calendar.ics", booking + "/cancellation", booking + "/reschedule"} {
			if p := charlie.get(path); p.status != http.StatusNotFound || strings.Contains(p.body, "Skin check") {
				t.Errorf("GET %s: %d", path, p.status)
			}
		}
		for _, path := range []string{booking + "/cancellation", booking + "/reschedule"} {
			if p := charlie.post(path, "why", "time", "sequence", "0", "start", "2026-12-07T15:00:00Z"); p.status != http.StatusNotFound {
				t.Errorf("POST %s: %d", path, p.status)
			}
		}
		if strings.Contains(charlie.get("/bookings").text(), "Skin check") {
			t.Error("Charlie sees it in a list")
		}
		stranger := h.visitor(t)
		if p := stranger.get(booking); p.status != http.StatusSeeOther || p.location != "/sign-in?next="+strings.ReplaceAll(booking, "/", "%2F") {
			t.Errorf("a stranger is sent to %d %s", p.status, p.location)
		}
	})
	t.Run("E10 a reschedule page used twice moves it once", func(t *testing.T) {
		times := maya.get(booking + "/reschedule?week=" + time.Now().AddDate(0, 0, 16).Format(time.DateOnly))
		starts := times.starts()
		if len(starts) < 3 {
			t.Fatalf("%d free times", len(starts))
		}
		for i, want := range []string{"Moved to ", "nothing was moved"} {
			p := maya.post(booking+"/reschedule", "sequence", times.input("sequence"), "start", starts[i+1])
			if p.location != booking {
				t.Fatalf("%d %s", p.status, p.location)
			}
			if text := maya.get(booking).text(); !strings.Contains(text, want) {
				t.Errorf("use %d does not say %q: %s", i+1, want, text)
			}
		}
		if n := pgtest.Value[int64](t, h.clinic, `select count(*) from appointment where status = 'booked'`); n != 1 {
			t.Errorf("%d appointments", n)
		}
	})
	t.Run("cancelling needs a reason, then frees the time", func(t *testing.T) {
		form := maya.get(booking + "/cancellation")
		if p := maya.post(booking+"/cancellation", "sequence", form.input("sequence")); p.status != http.StatusUnprocessableEntity {
			t.Errorf("without a reason: %d", p.status)
		}
		if p := maya.post(booking+"/cancellation", "sequence", form.input("sequence"), "why", "better"); p.location != booking {
			t.Fatalf("%d %s", p.status, p.text())
		}
		if p := maya.get(booking); !strings.Contains(p.h1(), "is cancelled") {
			t.Errorf("after it: %q", p.h1())
		}
		if n := pgtest.Value[int64](t, h.clinic, `select count(*) from market.busy where tenant_id = $1`, h.clinic.ID); n != 0 {
			t.Errorf("E6 %d ranges are still taken", n)
		}
	})
}

func TestPastTheCutOffThePageSaysWhoToCall(t *testing.T) {
	h := open(t, func(c *pgtest.Clinic) { c.Cutoff = 60 * 24 * 30 })
	maya := h.member(t, "Maya")
	booking := maya.book(maya.hold(0))
	p := maya.get(booking)
	if !strings.Contains(p.text(), "too close to the appointment") || strings.Contains(p.body, booking+"/cancellation") {
		t.Errorf("2.4 %s", p.text())
	}
	if p := maya.post(booking+"/cancellation", "sequence", "0", "why", "better"); p.status != http.StatusSeeOther {
		t.Errorf("%d", p.status)
	}
	if n := pgtest.Value[int64](t, h.clinic, `select count(*) from appointment where status = 'booked'`); n != 1 {
		t.Error("it was cancelled past the cut-off")
	}
}

func TestTheSameConfirmationTwiceIsOneBooking(t *testing.T) {
	h := open(t)
	maya := h.member(t, "Maya")
	hold := maya.hold(0)
	key := maya.get(hold).input("key")
	first := maya.post(hold+"/confirmation", append(details(), "key", key)...)
	again := maya.post(hold+"/confirmation", append(details(), "key", key)...)
	if first.location == "" || again.location != first.location {
		t.Errorf("2.9 first %q, again %d %q", first.location, again.status, again.location)
	}
	other := maya.post(hold+"/confirmation", append([]string{"key", key, "note", "Right arm"}, details()...)...)
	if other.status == http.StatusSeeOther && other.location != first.location {
		t.Errorf("A14 another body with the same key: %d %s", other.status, other.location)
	}
	if n := pgtest.Value[int64](t, h.clinic, `select count(*) from appointment where status = 'booked'`); n != 1 {
		t.Errorf("%d bookings", n)
	}
}
