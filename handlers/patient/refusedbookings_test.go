package patient_test

import (
	"net/http"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/ratelimit"
)

func TestA13WhoHasBookedAsOftenAsOneMayIsToldWhatToDoAndLosesNothing(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	site.Clinic().SQL(t, `update location set phone = '401-555-0177'`)
	starts := freeTimes(t, site, site.Clinic(), 60)
	maya := site.Person(t, "Maya")
	var booked []string
	for n := range 3 {
		booked = append(booked, maya.Book(held(t, maya, site.Clinic(), starts[n])))
	}
	book := func(who *webtest.Person, hold string) webtest.Answer {
		return who.Post(hold+"/confirmation", append(webtest.Details(), "key", who.Get(hold).Field("key"))...)
	}
	hold := held(t, maya, site.Clinic(), starts[3]) // of the same day
	p := book(maya, hold)
	p.Has(http.StatusUnprocessableEntity, "You have 3 visits at", "on this day, as many as one account can book",
		"401-555-0177", "We are holding this time for you")
	if p.Field("note") != "Left arm, please" || len(p.All("a", "href", "/bookings")) == 0 {
		t.Errorf("what was typed is lost, or no way leads on: %q", p.Field("note"))
	}
	if again := maya.Get(hold); again.Field("note") != "Left arm, please" {
		t.Errorf("opened again the page has forgotten what was typed: %q", again.Field("note"))
	}
	maya.Post(booked[0]+"/cancellation", "sequence", "0", "why", "mistake").Goes(booked[0])
	if p := book(maya, hold); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Location, "/bookings/") {
		t.Errorf("after one is canceled: %d %s", p.Status, p.Text())
	}
	other := held(t, maya, site.Clinic(), starts[len(starts)-1]) // of another day
	if p := book(maya, other); p.Status != http.StatusSeeOther {
		t.Errorf("on another day: %d %s", p.Status, p.Text())
	}
	ben := site.Person(t, "Ben")
	if p := book(ben, held(t, ben, site.Clinic(), starts[4])); p.Status != http.StatusSeeOther {
		t.Errorf("somebody else on that day: %d %s", p.Status, p.Text())
	}
}
