package twoprocess_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// later is a clinic whose first free time is two days from now, and at no hour that passes meanwhile.
func later(c *pgtest.Clinic) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		panic(err)
	}
	from := (time.Now().In(zone).Hour() + 10) % 22
	c.From, c.To, c.Lead, c.Cutoff = from*60, from*60+120, 2*24*60, 0
}

// closing is a clinic with two times left today: one at the next whole minute that leaves a moment to look at it, and
// one half an hour later. Its zone is one where it is the middle of the day; at is in it.
func closing(t *testing.T, moment time.Duration) (at time.Time, change func(*pgtest.Clinic)) {
	t.Helper()
	at = time.Now().Add(moment).Truncate(time.Minute).Add(time.Minute)
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Asia/Tokyo", "Pacific/Honolulu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		if at = at.In(zone); at.Hour() >= 6 && at.Hour() < 22 {
			break
		}
	}
	return at, func(c *pgtest.Clinic) {
		c.Zone, c.Minutes, c.From = at.Location().String(), 30, at.Hour()*60+at.Minute()
		c.To = c.From + 60
	}
}

// firstTimes are the clinic's first free times, as forms name them, and the address of the calendar that has them.
func firstTimes(t *testing.T, c *pgtest.Clinic) (starts []string, calendar string) {
	t.Helper()
	schedule := c.Offering(t).Schedule
	today := civil.DateOf(time.Now().In(schedule.Location()))
	times := schedule.Times(nil, today, today.AddDays(4), booking.Pool{nil}, time.Now().Unix())
	for _, at := range times[:3] {
		starts = append(starts, time.Unix(at, 0).UTC().Format(time.RFC3339))
	}
	return starts, "/places/" + c.Slug + "/listings/" + c.OfferingID.String() + "/times?week=" +
		civil.DateOf(schedule.Local(times[0])).String()
}

// passing is a clinic whose next time passes within the next minutes, and that both servers show until then.
func (d *deployment) passing(guest *visitor, servers ...*process) (c *pgtest.Clinic, minute time.Time) {
	d.t.Helper()
	for moment := 8 * time.Second; moment < 3*time.Minute; moment *= 2 { // more on a slow machine
		at, change := closing(d.t, moment)
		c = d.Clinic(d.t, change)
		shown := 0
		for _, server := range servers {
			if holds(at, func() bool { return strings.Contains(guest.next(server, c), at.Format(", 3:04 pm")) }) {
				shown++
			}
		}
		if shown == len(servers) && time.Now().Before(at) {
			return c, at
		}
	}
	d.t.Fatal("an organization that published is not on the market")
	return nil, minute
}

// guesses are what ten wrong passwords for one person at the servers in turn and then the right one at each are
// answered by.
func (d *deployment) guesses(servers ...*process) (all []int) {
	d.t.Helper()
	leo := d.person("Leo Brandt")
	for n := range 10 {
		all = append(all, leo.signIn(servers[n%len(servers)], "wrong-"+uuid.NewString()))
	}
	for _, server := range servers {
		all = append(all, leo.signIn(server, password))
	}
	return all
}

func TestTwoServersAndAWorkerAreOneProduct(t *testing.T) {
	d := deploy(t)
	c := d.Clinic(t, later)
	broken := d.Clinic(t, later)
	d.Admin(t, `update market.listing set schedule = '{"zone": "Mars/Olympus"}' where id = $1`, broken.OfferingID)
	a, b, worker := d.serve(), d.serve(), d.work()
	if !a.ready() || !b.ready() {
		t.Fatal("a listing that cannot be read keeps a server from being ready")
	}
	guest := browser(t)
	passing, minute := d.passing(guest, a, b)

	maya := d.person("Maya Okafor")
	free, times := firstTimes(t, c)
	t.Run("a session made at one server works at the other", func(t *testing.T) {
		if status := maya.signIn(a, password); status != http.StatusSeeOther {
			t.Fatalf("sign-in: %d", status)
		}
		if status, _ := maya.get(b, "/account"); status != http.StatusOK {
			t.Errorf("at the other server: %d", status)
		}
	})
	t.Run("what is booked through one is gone from the other, and what is canceled is back", func(t *testing.T) {
		const search = "/search?reason=skin+check&near=Providence"
		next := guest.next(b, c)
		if !slices.Contains(guest.starts(b, times), free[0]) || !slices.Contains(guest.starts(b, search), free[0]) {
			t.Fatalf("the control: %s is not free; the calendar has %v, the search %v", free[0], guest.starts(b, times),
				guest.starts(b, search))
		}
		visit := maya.book(a, c, free[0])
		if slices.Contains(guest.starts(a, times), free[0]) || slices.Contains(guest.starts(a, search), free[0]) {
			t.Error("the server that booked a time offers it")
		}
		eventually(t, "the other server does not offer it either", patience, func() bool {
			return !slices.Contains(guest.starts(b, times), free[0]) && !slices.Contains(guest.starts(b, search), free[0])
		})
		eventually(t, "the next free time is another one", patience, func() bool { return guest.next(b, c) != next })
		eventually(t, "one email goes out", patience, func() bool { return d.emails(maya) == 1 })
		if status, _ := maya.post(b, visit+"/cancellation", "why", booking.CancelReasons[0].Code, "sequence",
			"0"); status != http.StatusSeeOther {
			t.Fatalf("cancellation: %d", status)
		}
		if !slices.Contains(guest.starts(b, times), free[0]) {
			t.Error("the server that a time was given back to does not offer it")
		}
		eventually(t, "the other server offers it too", patience,
			func() bool { return slices.Contains(guest.starts(a, times), free[0]) })
		eventually(t, "the next free time is the old one", patience,
			func() bool { return guest.next(b, c) == next && guest.next(a, c) == next })
		eventually(t, "a second email goes out", patience, func() bool { return d.emails(maya) == 2 })
	})
	t.Run("a worker that is killed and started again loses nothing and tells nothing twice", func(t *testing.T) {
		before := d.emails(maya)
		maya.book(a, c, free[1])
		worker.kill() // perhaps while it sends
		told := d.emails(maya)
		maya.book(b, c, free[2])
		time.Sleep(1500 * time.Millisecond)
		if n := d.emails(maya); n != told {
			t.Fatalf("the control: %d emails, and nobody worked", n)
		}
		worker = d.work()
		// what was under way is taken up by the queue after two minutes at the latest
		eventually(t, "both are told", 3*time.Minute, func() bool { return d.emails(maya) >= before+2 })
		time.Sleep(2 * time.Second)
		if n := d.emails(maya); n != before+2 {
			t.Errorf("%d emails for two messages", n-before)
		}
	})
	t.Run("who signs out at one server is out at the other", func(t *testing.T) {
		if status, _ := maya.post(a, "/sign-out"); status != http.StatusSeeOther {
			t.Fatalf("sign-out: %d", status)
		}
		if status, _ := maya.get(b, "/account"); status == http.StatusOK {
			t.Error("the other server still knows the session")
		}
	})
	t.Run("tries to guess a password count together", func(t *testing.T) {
		for { // the count begins anew with each quarter of an hour: once more if one ended meanwhile
			quarter := time.Now().Truncate(15 * time.Minute)
			tries := d.guesses(a, b)
			if !time.Now().Truncate(15 * time.Minute).Equal(quarter) {
				continue
			}
			if n := slices.Index(tries, http.StatusTooManyRequests); n != 10 || tries[11] != tries[10] {
				t.Errorf("not from try eleven on: %v", tries)
			}
			return
		}
	})
	t.Run("a time that passes is gone everywhere without any event", func(t *testing.T) {
		time.Sleep(time.Until(minute))
		after := minute.Add(30 * time.Minute).Format("3:04 pm")
		for _, server := range []*process{a, b} {
			eventually(t, "the next time is the one after it", patience,
				func() bool { return strings.Contains(guest.next(server, passing), after) })
		}
	})
	for name, p := range map[string]*process{"a": a, "b": b, "worker": worker} {
		if code := p.stop(); code != 0 {
			t.Errorf("%s ends with %d: %s", name, code, p.text())
		}
	}
	if !strings.Contains(a.text(), broken.OfferingID.String()) {
		t.Error("the log does not name the listing that cannot be read")
	}
}
