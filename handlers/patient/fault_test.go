package patient_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

// cutSite is the product behind a network that cuts its connections to the database.
type cutSite struct {
	*webtest.Site
	network *pgtest.Network
}

func openCut(t *testing.T) cutSite {
	t.Helper()
	db := pgtest.Open(t)
	network := db.Between(t)
	gateway, err := tenancy.Open(t.Context(), network.Through(t, db.AppURL()), db.Keys,
		tenancy.Options{MaxConns: 7, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	return cutSite{webtest.OpenWith(t, webtest.Options{DB: db.Behind(gateway), HoldLimit: ratelimit.Unlimited}), network}
}

// state is what the database has of an appointment, in a word: status, sequence, and whether more time was
// asked for.
func (s cutSite) state(t *testing.T, path string) string {
	t.Helper()
	return pgtest.Value[string](t, s.Clinic(), `select concat_ws(' ', status, sequence, case when extended then 'extended' end)
		from appointment where id = $1`, webtest.IDOf(path))
}

// writing is one route that writes: act sends it and gives what is asked about afterward, done is what the database has
// once it was done, and claim what the page that one is led to then says.
var writing = []struct {
	name  string
	ready func(*testing.T, cutSite, *webtest.Person) (act func() webtest.Answer, object string)
	done  string
	claim string
}{
	{"extend", func(t *testing.T, s cutSite, p *webtest.Person) (func() webtest.Answer, string) {
		hold := p.Hold(0)
		return func() webtest.Answer { return p.Post(hold + "/extension") }, hold
	}, "held 0 extended", "You have had the extra time"},
	{"release", func(t *testing.T, s cutSite, p *webtest.Person) (func() webtest.Answer, string) {
		hold := p.Hold(1)
		return func() webtest.Answer { return p.Post(hold + "/release") }, hold
	}, "lapsed 0", "When would you like to come?"},
	{"confirm", func(t *testing.T, s cutSite, p *webtest.Person) (func() webtest.Answer, string) {
		hold := p.Hold(2)
		key := p.Get(hold).Field("key")
		return func() webtest.Answer {
			return p.Post(hold+"/confirmation", append(webtest.Details(), "key", key)...)
		}, hold
	}, "booked 0", "You are booked for"},
	{"move", func(t *testing.T, s cutSite, p *webtest.Person) (func() webtest.Answer, string) {
		booking := p.Book(p.Hold(3))
		starts := p.Get(booking + "/reschedule?week=" + s.Day(16)).Starts()
		return func() webtest.Answer {
			return p.Post(booking+"/reschedule", "sequence", "0", "start", starts[0])
		}, booking
	}, "booked 1", "Moved to|Your visit is now on"},
	{"cancel", func(t *testing.T, s cutSite, p *webtest.Person) (func() webtest.Answer, string) {
		booking := p.Book(p.Hold(4))
		return func() webtest.Answer {
			return p.Post(booking+"/cancellation", "sequence", "0", "why", "better")
		}, booking
	}, "cancelled 1", "is canceled"},
}

// says tells whether an answer says one of some words.
func says(a webtest.Answer, words string) bool {
	return slices.ContainsFunc(strings.Split(words, "|"), func(w string) bool { return strings.Contains(a.Text(), w) })
}

// follow goes where an answer leads, and on.
func follow(p *webtest.Person, a webtest.Answer) webtest.Answer {
	for range 5 {
		if a.Location == "" {
			break
		}
		a = p.Get(a.Location)
	}
	return a
}

// The connection ends exactly where nobody can tell whether the server had committed. What the person is told is
// compared with what is in the database; and it is done once.
func TestF21WhatIsSaidAfterALostAnswerIsWhatIsInTheDatabase(t *testing.T) {
	site := openCut(t)
	for _, cut := range []pgtest.Cut{pgtest.CutAnswer, pgtest.CutRequest} {
		for _, w := range writing {
			maya := site.Person(t, "Maya")
			act, object := w.ready(t, site, maya)
			before := site.network.Cuts()
			site.network.Arm(cut, false)
			a := follow(maya, act())
			if site.network.Up(); site.network.Cuts() != before+1 {
				t.Fatalf("%s: nothing was cut: this proves nothing", w.name)
			}
			if state := site.state(t, object); state != w.done {
				t.Errorf("%s, cut %d: the database has %q", w.name, cut, state)
			}
			if a.Status != http.StatusOK || !says(a, w.claim) {
				t.Errorf("%s, cut %d: %d without %q: %.300s", w.name, cut, a.Status, w.claim, a.Text())
			}
			if w.name == "confirm" || w.name == "move" { // makes room for the next round
				maya.Post("/bookings/"+webtest.IDOf(object).String()+"/cancellation", "sequence", "0", "why", "better")
				maya.Post("/bookings/"+webtest.IDOf(object).String()+"/cancellation", "sequence", "1", "why", "better")
			}
		}
	}
}

func TestF21AHoldWhoseAnswerIsLostIsThePersonsOwn(t *testing.T) {
	site := openCut(t)
	starts := freeTimes(t, site.Site, site.Clinic(), 4)
	for n, cut := range []pgtest.Cut{pgtest.CutAnswer, pgtest.CutRequest} {
		leo := site.Visitor(t)
		leo.Get(site.Times())
		site.network.Arm(cut, false)
		a := leo.HoldAt(starts[n])
		if site.network.Up(); site.network.Cuts() != n+1 {
			t.Fatal("nothing was cut: this proves nothing")
		}
		if a.Status != http.StatusSeeOther || site.state(t, a.Location) != "held 0" ||
			leo.Get(a.Location).Status != http.StatusOK {
			t.Errorf("cut %d: %d %s", cut, a.Status, a.Location)
		}
	}
	if n := pgtest.Value[int](t, site.Clinic(), `select count(*) from appointment`); n != 2 {
		t.Errorf("%d appointments of two holds", n)
	}
}

// The server goes away with the answer and stays away: nobody can ask. The page says that it is being found out, and
// nothing else; once the server is there again it leads to what is so.
func TestF21WhileNobodyCanAskThePageSaysSoAndGoesOn(t *testing.T) {
	for _, cut := range []pgtest.Cut{pgtest.CutAnswer, pgtest.CutRequest} {
		for _, w := range writing {
			if w.name == "extend" || w.name == "release" {
				continue // they lead to the hold's own page
			}
			t.Run(fmt.Sprint(w.name, ", cut ", cut), func(t *testing.T) {
				t.Parallel() // they wait, each for a server of its own
				site := openCut(t)
				maya := site.Person(t, "Maya")
				act, object := w.ready(t, site, maya)
				was := site.state(t, object)
				site.network.Arm(cut, true)
				a := act()
				if a.Status != http.StatusSeeOther || !strings.Contains(a.Location, "since=") {
					t.Fatalf("%d %q %.300s", a.Status, a.Location, a.Text())
				}
				checking := a.Location
				page := maya.Get(checking)
				page.Has(http.StatusAccepted, "We are checking", `http-equiv="refresh"`, "This page goes on by itself")
				page.Lacks("did not go through", "You are booked", "Your visit is now", "nothing was")
				maya.HTMX().Get(checking).IsPart("checking")
				site.network.Up()
				if cut == pgtest.CutRequest {
					if a := maya.Get(checking); a.Status != http.StatusAccepted {
						t.Errorf("it is said not to be done while it may still be: %d %s", a.Status, a.Location)
					}
					site.Clock.Forward(tenancy.EndedAfter + 2*time.Second)
				}
				last := follow(maya, maya.Get(checking))
				state, said := site.state(t, object), last.Text()
				if wrote := cut == pgtest.CutAnswer; state != map[bool]string{true: w.done, false: was}[wrote] ||
					wrote != says(last, w.claim) || wrote == strings.Contains(said, "It did not go through") {
					t.Errorf("the database has %q, the page says %.400s", state, said)
				}
				site.Visitor(t).Get(checking).Lacks("did not go through", "You are booked")
			})
		}
	}
}

// The negative control: what a page would say that takes every lost connection for something that was not done.
func TestF21NegativeControlALostAnswerIsNoRefusal(t *testing.T) {
	site := openCut(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(2)
	key := maya.Get(hold).Field("key")
	site.network.Arm(pgtest.CutAnswer, true)
	maya.Post(hold+"/confirmation", append(webtest.Details(), "key", key)...)
	site.network.Up()
	if state := site.state(t, hold); state != "booked 0" {
		t.Errorf("the answer was lost, and the database has %q: the tests of lost answers prove nothing", state)
	}
	if !web.Unavailable(tenancy.ErrUnknown) {
		t.Error("an unknown end is told as something else")
	}
}
