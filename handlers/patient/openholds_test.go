package patient_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/booking"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
)

// freeTimes are those of the clinic's week after next.
func freeTimes(t *testing.T, site *webtest.Site, c *pgtest.Clinic, atLeast int) []string {
	t.Helper()
	page := site.Visitor(t).Get("/places/" + c.Slug + "/listings/" + c.OfferingID.String() + "/times?week=" + site.Day(9))
	starts := page.Starts()
	if len(starts) < atLeast {
		t.Fatalf("%d free times, not %d", len(starts), atLeast)
	}
	return starts
}

// holdAt asks for one time of a clinic.
func holdAt(p *webtest.Person, c *pgtest.Clinic, start string) webtest.Answer {
	p.T.Helper()
	return p.Post("/places/"+c.Slug+"/holds", "listing", c.OfferingID.String(), "start", start)
}

// held is the address of a hold of one time of a clinic.
func held(t *testing.T, p *webtest.Person, c *pgtest.Clinic, start string) string {
	t.Helper()
	a := holdAt(p, c, start)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%s: %d %s", a.Request, a.Status, a.Text())
	}
	return a.Location
}

// clinics are so many, and the first free times of each.
func clinics(t *testing.T, site *webtest.Site, n int) (all []*pgtest.Clinic, starts [][]string) {
	t.Helper()
	for range n {
		c := site.NewClinic(t)
		all, starts = append(all, c), append(starts, freeTimes(t, site, c, 2))
	}
	return all, starts
}

func TestA13AVisitorKeepsThreeTimesAtMost(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	at, starts := clinics(t, site, 4)
	maya := site.Visitor(t)
	for _, n := range [][2]int{{0, 0}, {1, 0}, {1, 1}, {2, 0}, {0, 1}} { // another one at the same place is no fourth
		held(t, maya, at[n[0]], starts[n[0]][n[1]])
	}
	a := holdAt(maya, at[3], starts[3][0])
	if wait := retryAfter(a); a.Status != http.StatusTooManyRequests || wait <= 5*time.Minute || wait > booking.HoldTime {
		t.Errorf("a fourth: %d, %q, to come back in %v, though the first that is held ends in ten minutes", a.Status,
			a.Location, wait)
	}
	if n := pgtest.Value[int64](t, at[3], `select count(*) from claim where state = 'held'`); n != 0 {
		t.Error("the fourth is refused and kept all the same")
	}
	pass(t, site, 10*time.Minute+time.Second)
	held(t, maya, at[3], starts[3][0]) // the others ran out
}

// retryAfter is when an answer says to come back.
func retryAfter(a webtest.Answer) time.Duration {
	seconds, _ := strconv.Atoi(a.Header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second
}

// pass lets time go by for the site and for what is held in the database.
func pass(t *testing.T, site *webtest.Site, by time.Duration) {
	t.Helper()
	site.Clock.Forward(by)
	site.Admin(t, `update market.busy set expires_at = expires_at - $1::interval where expires_at is not null`, by)
}

// loose are limits of holds that nobody reaches.
var loose = booking.HoldLimits{Own: 1000, Visitors: 1000, Patients: 1000, ShareOneIn: 1}

func TestA13OfFourteenRequestsOfOneSessionAtOnceThreeHold(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	at, starts := clinics(t, site, 14)
	maya := site.Visitor(t)
	held(t, maya, at[0], starts[0][0])
	var kept, refused atomic.Int64
	var group sync.WaitGroup
	for n := range 13 {
		group.Go(func() {
			a := holdAt(maya, at[n+1], starts[n+1][0])
			for a.Status == http.StatusServiceUnavailable { // no connection was free
				a = holdAt(maya, at[n+1], starts[n+1][0])
			}
			switch a.Status {
			case http.StatusSeeOther:
				kept.Add(1)
			case http.StatusTooManyRequests:
				refused.Add(1)
			default:
				t.Errorf("%d %s", a.Status, a.Text())
			}
		})
	}
	group.Wait()
	if kept.Load() != 2 || refused.Load() != 11 {
		t.Errorf("beside one that was held %d more are, and %d are refused", kept.Load(), refused.Load())
	}
}

func TestA13WhoeverIsRefusedIsToldWhatToDo(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	starts := freeTimes(t, site, site.Clinic(), 8)
	for n := range 6 {
		leo := site.Visitor(t)
		leo.IP = fmt.Sprintf("10.97.97.%d", n)
		held(t, leo, site.Clinic(), starts[n])
	}
	maya, ben := site.Visitor(t), site.Person(t, "Ben")
	maya.IP, ben.IP = "10.97.97.99", "10.97.97.98"
	a := maya.HoldAt(starts[6])
	if wait := retryAfter(a); a.Status != http.StatusTooManyRequests || wait <= time.Minute || wait > booking.HoldTime ||
		!strings.Contains(a.Text(), "Sign in, and you can take this one") {
		t.Errorf("%d %q %s", a.Status, a.Header.Get("Retry-After"), a.Text())
	}
	held(t, ben, site.Clinic(), starts[6]) // signed in
	elsewhere := site.Visitor(t)
	held(t, elsewhere, site.Clinic(), starts[7])
}

func TestA13VisitorsHoldForLessTimeUnderPressure(t *testing.T) {
	few := booking.HoldLimits{Own: 3, Visitors: 100, Patients: 100, ShareOneIn: 20}
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited, HoldLimits: few})
	deaf(site) // what is taken is kept in memory, as where events are heard
	starts := freeTimes(t, site, site.Clinic(), 10)
	left := func(hold string) int {
		return int(pgtest.Value[float64](t, site.Clinic(),
			`select extract(epoch from held_until - now())::float8 from appointment where id = $1`, webtest.IDOf(hold)))
	}
	var last int
	for n := range 9 {
		a := site.Visitor(t).HoldAt(starts[n])
		if a.Status == http.StatusTooManyRequests {
			break // visitors have their share
		}
		last = left(a.Location)
		if n == 0 && last < 9*60 {
			t.Errorf("the first visitor has %d seconds", last)
		}
	}
	if last > 5*60 {
		t.Errorf("under pressure a visitor has %d seconds", last)
	}
	if n := left(held(t, site.Person(t, "Ben"), site.Clinic(), starts[9])); n < 9*60 {
		t.Errorf("whoever is signed in has %d seconds", n)
	}
}

func TestA13ARangeOfAddressesTakesTimesNoFasterThanPeople(t *testing.T) {
	for name, c := range map[string]struct {
		limit  ratelimit.Limit
		passed int
	}{"its own limit": {ratelimit.Limit{Burst: 5, Every: 100 * time.Second}, 5}, "the usual one": {ratelimit.Limit{}, 30},
		"the control, none": {ratelimit.Unlimited, 40}} {
		site := webtest.OpenWith(t, webtest.Options{HoldLimit: c.limit, HoldLimits: loose})
		starts := freeTimes(t, site, site.Clinic(), 41)
		passed, began := 0, time.Now()
		for i := range 40 {
			leo := site.Visitor(t)
			leo.IP = fmt.Sprintf("10.99.99.%d", i)
			switch a := leo.HoldAt(starts[i]); a.Status {
			case http.StatusSeeOther:
				passed++
			case http.StatusTooManyRequests:
			default:
				t.Fatalf("%s: %d %s", name, a.Status, a.Text())
			}
		}
		// the usual limit lets one more pass every two seconds
		if more := int(time.Since(began) / (2 * time.Second)); passed < c.passed || passed > c.passed+more {
			t.Errorf("%s: %d of 40 visitors of one range passed", name, passed)
		}
		maya := site.Visitor(t)
		maya.IP = "10.98.98.1"
		if a := maya.HoldAt(starts[40]); a.Status != http.StatusSeeOther {
			t.Errorf("%s: another range waits too: %d", name, a.Status)
		}
	}
}

func TestATimeWithMoreMinutesCountsForLonger(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	at, starts := clinics(t, site, 4)
	three := func(p *webtest.Person, nth, extended int) {
		var holds []string
		for n := range 3 {
			holds = append(holds, held(t, p, at[n], starts[n][nth]))
		}
		for _, hold := range holds[:extended] {
			p.Post(hold + "/extension").Goes(hold)
		}
	}
	maya, leo := site.Visitor(t), site.Visitor(t)
	three(maya, 0, 3)
	three(leo, 1, 2)
	pass(t, site, 10*time.Minute+time.Second)
	if a := holdAt(maya, at[3], starts[3][0]); a.Status != http.StatusTooManyRequests {
		t.Errorf("beside three that were extended a fourth is %d", a.Status)
	}
	held(t, leo, at[3], starts[3][1]) // the control: the one that was not extended has run out
	pass(t, site, 5*time.Minute)
	held(t, maya, at[3], starts[3][0])
}
