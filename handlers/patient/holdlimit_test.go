package patient_test

import (
	"net/http"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/ratelimit"
)

// someoneWhoLeft is a visitor in whose browser somebody has signed in before.
func someoneWhoLeft(t *testing.T, site *webtest.Site) *webtest.Person {
	t.Helper()
	leo := site.Person(t, "Leo Brandt")
	leo.Post("/sign-out").Has(http.StatusSeeOther)
	return leo
}

func TestA43WhoeverFloodsANetworkWithTimesKeepsNobodyElseOfItFromHolding(t *testing.T) {
	few := ratelimit.Limit{Burst: 3, Every: 100 * time.Second}
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: few, HoldLimits: loose})
	starts := freeTimes(t, site, site.Clinic(), 4)
	maya, leo, newcomer := site.Person(t, "Maya Okafor"), someoneWhoLeft(t, site), site.Visitor(t)
	flood := func(n int) (last webtest.Answer) {
		for range n {
			script := site.Visitor(t) // keeps no cookie
			script.IP = maya.IP
			last = holdAt(script, site.Clinic(), "2030-01-01T09:00:00Z")
		}
		return last
	}
	leo.IP, newcomer.IP = maya.IP, maya.IP
	if a := flood(6); a.Status == http.StatusTooManyRequests {
		t.Error("what is refused counts as much as what is taken")
	}
	held(t, newcomer, site.Clinic(), starts[0])
	if a := flood(10); a.Status != http.StatusTooManyRequests {
		t.Errorf("the flood is not refused: %d %s", a.Status, a.Text())
	}
	held(t, maya, site.Clinic(), starts[1])
	held(t, leo, site.Clinic(), starts[2])
	stranger := site.Visitor(t)
	stranger.IP = maya.IP
	if a := holdAt(stranger, site.Clinic(), starts[3]); a.Status != http.StatusTooManyRequests {
		t.Errorf("control: a browser that nobody knows gets %d", a.Status)
	}
}

func TestA13OneAccountTakesTimesNoFasterThanPeople(t *testing.T) {
	few := ratelimit.Limit{Burst: 3, Every: 100 * time.Second}
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: few, HoldLimits: loose})
	maya, left := site.Person(t, "Maya Okafor"), someoneWhoLeft(t, site)
	for n, start := range freeTimes(t, site, site.Clinic(), 8)[:8] {
		who, nth := maya, n
		if n >= 4 {
			who, nth = left, n-4
		}
		who.IP = site.Visitor(t).IP // another network each time
		want := http.StatusSeeOther
		if nth == 3 {
			want = http.StatusTooManyRequests
		}
		if a := holdAt(who, site.Clinic(), start); a.Status != want {
			t.Errorf("time %d: %d, not %d", n, a.Status, want)
		}
	}
}

func TestA13OneAccountMovesItsVisitsNoFasterThanPeople(t *testing.T) {
	few := ratelimit.Limit{Burst: 4, Every: 100 * time.Second}
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: few, HoldLimits: loose})
	maya, starts := site.Person(t, "Maya Okafor"), freeTimes(t, site, site.Clinic(), 2)
	visit := maya.Book(held(t, maya, site.Clinic(), starts[0]))
	move := func(n int) webtest.Answer {
		sequence := maya.Get(visit + "/reschedule").Field("sequence")
		return maya.Post(visit+"/reschedule", "start", starts[(n+1)%2], "sequence", sequence)
	}
	for n := range 3 {
		move(n).Goes(visit)
	}
	move(3).Has(http.StatusTooManyRequests)
	site.Clock.Forward(101 * time.Second)
	move(3).Goes(visit)
}
