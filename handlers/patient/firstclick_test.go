package patient_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
)

// atOnce lets requests of one browser go together and gives their answers. Each is sent with the cookies of before; the
// browser keeps what the answers set in the order in which they come.
func atOnce(requests ...func() webtest.Answer) []webtest.Answer {
	answers := make([]webtest.Answer, len(requests))
	begin := make(chan struct{})
	var group sync.WaitGroup
	for i, ask := range requests {
		group.Go(func() { <-begin; answers[i] = ask() })
	}
	close(begin)
	group.Wait()
	return answers
}

// twice presses one time twice at once and counts the presses that do not lead to the one hold.
func twice(t *testing.T, p *webtest.Person, start string) (astray int) {
	t.Helper()
	holds := map[string]bool{}
	press := func() webtest.Answer { return p.HoldAt(start) }
	for _, a := range atOnce(press, press) {
		to := a.Location + a.Header.Get("HX-Redirect")
		if holds[to] = true; p.Get(to).Status != http.StatusOK || !strings.Contains(to, "/holds/") {
			astray++
		}
	}
	return astray + len(holds) - 1
}

func TestTheFirstPressTwiceAtOnceIsOneHoldAndBothAnswersLeadToIt(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	const pairs = 16
	starts := freeTimes(t, site, site.Clinic(), 2*pairs+2)
	for n := range pairs {
		leo := site.Visitor(t)
		if leo.Get(site.Times()); n%2 == 1 {
			leo = leo.HTMX()
		}
		if astray := twice(t, leo, starts[n]); astray != 0 {
			t.Errorf("pair %d: %d answers lead elsewhere", n, astray)
		}
		if leo.Token() != "" {
			t.Error("a session is begun for a hold")
		}
		if leo.Get(site.Times()+"?week="+site.Day(9)).All("a", "class", "slot mine") == nil {
			t.Error("the time is not shown as the visitor's own")
		}
	}
	if n := pgtest.Value[int](t, site.Clinic(), `select count(*) from appointment where status = 'held'`); n != pairs {
		t.Errorf("%d holds of %d pairs", n, pairs)
	}
	t.Run("negative control: without the offered id they go astray", func(t *testing.T) {
		astray := 0
		for n := range pairs {
			astray += twice(t, site.Visitor(t), starts[pairs+n])
		}
		if astray == 0 {
			t.Error("none does: this proves nothing")
		}
	})
}

func TestTwoTabsAtTwoOrganizationsKeepBothHolds(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	at, starts := clinics(t, site, 2)
	for n := range 2 { // by somebody new, and by somebody who has a session
		leo := site.Visitor(t)
		leo.Get(site.Times())
		if n == 1 {
			leo.Hold(7)
		}
		press := func(i int) func() webtest.Answer {
			return func() webtest.Answer { return holdAt(leo, at[i], starts[i][n]) }
		}
		for _, a := range atOnce(press(0), press(1)) {
			a.Has(http.StatusSeeOther, "/holds/")
			if leo.Get(a.Location).Status != http.StatusOK {
				t.Errorf("round %d: %s is not there", n, a.Location)
			}
		}
		for i, c := range at {
			times := fmt.Sprintf("/places/%s/listings/%s/times?week=%s", c.Slug, c.OfferingID, site.Day(9))
			if mine := leo.Get(times).All("a", "class", "slot mine"); len(mine) != 1 {
				t.Errorf("round %d: at clinic %d %d times are shown as their own", n, i, len(mine))
			}
		}
	}
}

func TestWhoeverSignsOutLeavesNoHoldToTheNextAtThisBrowser(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	maya.Get(site.Times())
	hold := maya.Hold(0)
	maya.Get(hold).Has(http.StatusOK)
	maya.Post("/sign-out")
	asked := func(when string) { // to sign in, and told nothing
		if p := maya.Get(hold); p.Location != "/sign-in?next="+url.QueryEscape(hold) {
			t.Errorf("%s: %d %q", when, p.Status, p.Location)
		}
	}
	asked("at once")
	if mine := maya.Get(site.Times()+"?week="+site.Day(9)).All("a", "class", "slot mine"); len(mine) != 0 {
		t.Error("it is shown as the next one's own")
	}
	asked("after another page")
	maya.SignInAs(site.Person(t, "Ben"), 1)
	if p := maya.Get(hold); p.Status != http.StatusNotFound {
		t.Errorf("signed in as somebody else: %d", p.Status)
	}
}
