package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindward/handlers/demo"
	"kindward/handlers/webtest"
	"kindward/internal/identity"
)

// after puts the clock forward and asks for a page; in: it is there, and they are not sent to sign in.
func after(p *webtest.Person, wait time.Duration, path string) (in bool) {
	p.T.Helper()
	p.Site.Clock.Forward(wait)
	a := p.Get(path)
	if a.Status != http.StatusOK && !strings.HasPrefix(a.Location, "/sign-in") {
		p.T.Fatalf("%s: %d %s", path, a.Status, a.Location)
	}
	return a.Status == http.StatusOK
}

func TestWorkEndsHalfAnHourAfterTheLastRequestAndAPatientsVisitDoesNot(t *testing.T) {
	s := webtest.Open(t)
	day := webtest.Workplace(s.Clinic()) + "/appointments"
	for name, at := range map[string]struct {
		who  *webtest.Person
		path string
		work bool
	}{
		"an owner at work":            {s.Alice(t), day, true},
		"the front desk":              {s.Bob(t, "front_desk"), day, true},
		"staff in the console":        {s.Staff(t, "Ada", "administrator"), "/ops", true},
		"a patient":                   {s.Person(t, "Maya"), "/bookings", false},
		"an owner who is not at work": {s.Charlie(t), "/bookings", false},
	} {
		if !after(at.who, 0, at.path) || !after(at.who, identity.WorkIdle-2*time.Minute, at.path) {
			t.Errorf("%s: signed out within half an hour", name)
		}
		if in := after(at.who, identity.WorkIdle+time.Minute, at.path); in == at.work {
			t.Errorf("%s: signed in half an hour later: %v", name, in)
		}
	}
}

func TestWorkEndsTwelveHoursAfterTheSignInHoweverBusyItIs(t *testing.T) {
	s := webtest.Open(t)
	alice, maya := s.Alice(t), s.Person(t, "Maya")
	day := webtest.Workplace(s.Clinic())
	for at := time.Duration(0); at < identity.WorkLife; at += 25 * time.Minute {
		if !after(alice, 25*time.Minute*min(at, 1), day) || !after(maya, 0, "/bookings") {
			t.Fatalf("signed out after %s", at)
		}
	}
	if after(alice, 25*time.Minute, day) {
		t.Error("at work for more than twelve hours")
	}
	if !after(maya, 0, "/bookings") {
		t.Error("control: a patient is signed out as well")
	}
}

func TestWhoWasSignedInForLongSignsInAgainBeforeWork(t *testing.T) {
	s := webtest.Open(t)
	alice := s.Alice(t)
	day := webtest.Workplace(s.Clinic()) + "/appointments"
	if !after(alice, identity.WorkLife+time.Minute, "/bookings") {
		t.Fatal("she has only looked at her own: signed out")
	}
	alice.Get(day).Goes("/sign-in?next=" + url.QueryEscape(day))
	alice.Get("/bookings").Goes("/sign-in?next=%2Fbookings")
	alice.SignInAs(alice, 2)
	alice.Get(day).Has(http.StatusOK)
}

func TestAWorkersFormIsNotDoneAfterTheEndAndTheyAreToldAndLedBack(t *testing.T) {
	s := webtest.Open(t)
	alice, v := s.Alice(t), s.Visit(t, s.Clinic(), 0)
	page := webtest.Workplace(s.Clinic()) + "/appointments/" + v.ID.String()
	alice.Get(page).Has(http.StatusOK)
	s.Clock.Forward(identity.WorkIdle + time.Minute)
	alice.Do(http.MethodPost, page+"/status", webtest.Form("status", "completed"), "Referer",
		s.URL+page).Goes("/sign-in?next=" + url.QueryEscape(page))
	alice.Get("/sign-in?next="+page).Has(http.StatusOK, "What you just sent was not done", `value="`+page+`"`)
	alice.SignInAs(alice, 2)
	alice.Get(page).Has(http.StatusOK)
	s.Visitor(t).Post(page + "/status").
		Goes("/sign-in?next=" + url.QueryEscape(page)) // control: who had no session
}

func TestAPageThatAsksByItselfKeepsNoWorkerSignedIn(t *testing.T) {
	s := webtest.OpenWith(t, webtest.Options{Demo: &demo.Handlers{Everywhere: true}})
	for path, keeps := range map[string]bool{"/demo/codes": false, "/help": true} {
		alice := s.Alice(t)
		day := webtest.Workplace(s.Clinic())
		alice.Get(day).Has(http.StatusOK)
		for range 4 {
			after(alice, 10*time.Minute, path)
		}
		if in := after(alice, 0, day); in != keeps {
			t.Errorf("after forty minutes of %s: signed in %v", path, in)
		}
	}
}

// lasts is what a page says of how long its session lasts, in seconds, or "".
func lasts(a webtest.Answer) string {
	for _, said := range a.All("aside", "data-seconds") {
		return said.Value("data-seconds")
	}
	return ""
}

// refreshes is when a page without scripts is replaced, in seconds, and by what.
func refreshes(a webtest.Answer) (seconds, by string) {
	_, rest, _ := strings.Cut(a.Body, `<noscript><meta http-equiv="refresh" content="`)
	all, _, _ := strings.Cut(rest, `"`)
	seconds, by, _ = strings.Cut(all, ";url=")
	return seconds, by
}

// about tells whether a number of seconds is the wanted one, but for what the test itself has taken.
func about(seconds string, want time.Duration) bool {
	n, err := strconv.Atoi(seconds)
	return err == nil && n <= int(want.Seconds()) && n > int((want-time.Minute).Seconds())
}

func TestAPageOfWorkSaysWhenItsSessionEndsAndWhatIsPolledSaysTheSameAndMovesNothing(t *testing.T) {
	s := webtest.OpenWith(t, webtest.Options{Demo: &demo.Handlers{Everywhere: true}})
	alice, maya := s.Alice(t), s.Person(t, "Maya")
	day := webtest.Workplace(s.Clinic()) + "/appointments"
	if said := lasts(alice.Get(day)); !about(said, identity.WorkIdle) {
		t.Errorf("the first page of work says %q", said)
	}
	s.Clock.Forward(20 * time.Minute)
	polled := alice.Get("/demo/codes")
	if said := polled.Header.Get("Kindward-Session-Seconds"); said != lasts(polled) || !about(said, 10*time.Minute) {
		t.Errorf("after twenty minutes a page that asks by itself says %q, its header %q", lasts(polled), said)
	}
	a := alice.Post("/session/extension")
	a.Has(http.StatusNoContent)
	if said := a.Header.Get("Kindward-Session-Seconds"); !about(said, identity.WorkIdle) {
		t.Errorf("after staying signed in: %q", said)
	}
	if !after(alice, identity.WorkIdle-2*time.Minute, day) {
		t.Error("who stays signed in is signed out")
	}
	if said := lasts(alice.Get("/account")); !about(said, identity.WorkIdle) {
		t.Errorf("their own pages say %q", said)
	}
	if said := lasts(maya.Get("/account")); said != "" {
		t.Errorf("control: a patient's page says %q", said)
	}
	if a := s.Visitor(t).Post("/session/extension"); a.Header.Get("Kindward-Session-Seconds") != "" {
		t.Error("control: nobody's session lasts")
	}
}

func TestAPageOfWorkNearTheEndOfTheDayEndsWithIt(t *testing.T) {
	s := webtest.Open(t)
	alice, day := s.Alice(t), webtest.Workplace(s.Clinic())
	for at := time.Duration(0); at < identity.WorkLife-50*time.Minute; at += 25 * time.Minute {
		after(alice, 25*time.Minute*min(at, 1), day)
	}
	for range 3 {
		after(alice, 20*time.Minute, day)
	}
	said, stays := lasts(alice.Get(day)), alice.Post("/session/extension").Header.Get("Kindward-Session-Seconds")
	if left := 10 * time.Minute; !about(said, left) || !about(stays, left) {
		t.Errorf("%q seconds, and %q after staying signed in", said, stays)
	}
}

func TestWithoutScriptsAPageThatIsLeftAloneIsPutAwayAndTwoOfThemKeepNobodySignedIn(t *testing.T) {
	s := webtest.Open(t)
	alice := s.Alice(t)
	day := webtest.Workplace(s.Clinic()) + "/appointments"
	away := "/session?next=" + url.QueryEscape(day)
	if seconds, by := refreshes(alice.Get(day)); !about(seconds, identity.WorkIdle+2*time.Second) || by != away {
		t.Errorf("replaced after %s seconds by %s", seconds, by)
	}
	s.Clock.Forward(20 * time.Minute)
	alice.Get(day).Has(http.StatusOK) // the other window
	s.Clock.Forward(10*time.Minute + 2*time.Second)
	a := alice.Get(away)
	a.Has(http.StatusOK, "You are still signed in", `href="`+day+`"`)
	if seconds, by := refreshes(a); !about(seconds, 20*time.Minute) || by != away {
		t.Errorf("what replaced it is replaced after %s seconds by %s", seconds, by)
	}
	a.Lacks(webtest.PatientName(s.Clinic()))
	s.Clock.Forward(20 * time.Minute)
	alice.Get(away).Goes("/sign-in?next=" + url.QueryEscape(day))
	alice.Get("/sign-in?next="+url.QueryEscape(day)).Has(http.StatusOK, "You were signed out", `value="`+day+`"`)
	alice.Get("/session?next=//elsewhere.example").Goes("/sign-in") // leads nowhere else
}
