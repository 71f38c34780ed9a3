package twoprocess_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

var loadTime = flag.Duration("load", 4*time.Second, "how long two servers are booked at and looked at")

// lateness is how late what is taken may be shown. What is later than that is read from the database.
const lateness = 2 * time.Second

// taking is a time that somebody had: perhaps from when they asked until the answer that it was free again, for certain
// from the answer that they have it until they asked to let it go.
type taking struct {
	clinic, start            string
	asked, has, lets, isFree time.Time
}

// look is what a page showed of one clinic's week, and when.
type look struct {
	clinic      string
	from, until time.Time
	free        []string
	own         []uuid.UUID // holds that the page says the visitor has, as far as the browser knows
}

// load is visitors who book, move and cancel at some servers, while others look at the same weeks.
type load struct {
	t       *testing.T
	clinics []*pgtest.Clinic
	week    string
	all     map[string][]string // a clinic's times, by its slug

	mu      sync.Mutex
	takings []*taking
	looks   []look
	done    map[string]int
}

func newLoad(t *testing.T, db *pgtest.DB) *load {
	l := &load{t: t, all: map[string][]string{}, done: map[string]int{}}
	for range 2 {
		c := db.Clinic(t, func(c *pgtest.Clinic) { c.Cutoff = 0 })
		l.clinics = append(l.clinics, c)
		for _, day := range l.days(c) {
			for _, at := range day.Times {
				l.all[c.Slug] = append(l.all[c.Slug], time.Unix(at, 0).UTC().Format(time.RFC3339))
			}
		}
	}
	return l
}

// days is what the database knows of the week after next.
func (l *load) days(c *pgtest.Clinic) []booking.Day {
	o, now := c.Offering(l.t), time.Now()
	from := civil.Today(o.Schedule.Location(), now).AddDays(14).Monday()
	l.week = from.String()
	days, err := booking.FreeDays(l.t.Context(), booking.NewBusyCache(c.DB.Gateway.Public(), 0, nil), o, from,
		from.AddDays(6), now)
	if err != nil {
		l.t.Fatal(err)
	}
	return days
}

func (l *load) times(c *pgtest.Clinic) string {
	return "/places/" + c.Slug + "/listings/" + c.OfferingID.String() + "/times?week=" + l.week
}

func (l *load) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[what]++
}

// lookAt looks at one clinic's week and keeps what it saw.
func (l *load) lookAt(v *visitor, at *process, c *pgtest.Clinic) (free []string) {
	from := time.Now()
	for _, start := range v.starts(at, l.times(c)) {
		free = append(free, strings.Clone(start)) // not the page that it is a part of
	}
	slices.Sort(free)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks = append(l.looks, look{c.Slug, from, time.Now(), free, nil})
	return free
}

// busyPerson is somebody in the load, with what they have.
type busyPerson struct {
	*load
	*visitor
	dice    *rand.Rand
	servers []*process
	held    map[string]*having // by clinic: another hold there replaces it
	booked  []*having
}

type having struct {
	*taking
	clinic   *pgtest.Clinic
	path     string
	sequence int
}

func (p *busyPerson) server() *process { return p.servers[p.dice.IntN(len(p.servers))] }

// take asks for a free time at one server, and looks at once whether this server still shows it.
func (p *busyPerson) take() {
	at, c := p.server(), p.clinics[p.dice.IntN(len(p.clinics))]
	free := p.lookAt(p.visitor, at, c)
	if len(free) == 0 {
		return
	}
	start := free[p.dice.IntN(len(free))]
	asked := time.Now()
	status, path := p.post(at, "/places/"+c.Slug+"/holds", "listing", c.OfferingID.String(), "start", start)
	switch status {
	case http.StatusSeeOther:
		if before := p.held[c.Slug]; before != nil {
			p.end(before, asked)
		}
		p.held[c.Slug] = &having{taking: p.begin(c, start, asked), clinic: c, path: path}
		p.count("hold")
		p.own(at, c, start, false)
	case http.StatusConflict:
		p.count("hold refused")
	case http.StatusTooManyRequests: // nobody takes times as fast as this for long
		p.count("hold too fast")
	case http.StatusServiceUnavailable: // the machine has much to do; whether it was held nobody knows
		p.unknown(&having{taking: p.begin(c, start, asked)}, asked)
		if before := p.held[c.Slug]; before != nil {
			p.unknown(before, asked)
			delete(p.held, c.Slug)
		}
	default:
		p.load.t.Errorf("a hold answers %d", status)
	}
}

// own holds a server to showing what it has just done itself. Nobody else can take what is held; what is let go may be
// gone again.
func (p *busyPerson) own(at *process, c *pgtest.Clinic, start string, free bool) {
	if shown := slices.Contains(p.starts(at, p.times(c)), start); shown && !free {
		p.load.t.Errorf("a server offers %s, which it has just given to somebody", start)
	}
}

func (p *busyPerson) begin(c *pgtest.Clinic, start string, asked time.Time) *taking {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := &taking{clinic: c.Slug, start: start, asked: asked, has: time.Now()}
	p.takings = append(p.takings, taken)
	return taken
}

func (p *busyPerson) end(h *having, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.lets, h.isFree = asked, time.Now()
}

// unknown leaves open whether somebody has a time: a server had no answer to what was asked.
func (p *busyPerson) unknown(h *having, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.lets = asked
	p.done["unanswered"]++
}

// change does something with a hold.
func (p *busyPerson) change() {
	for slug, h := range p.held {
		at, asked := p.server(), time.Now()
		switch p.dice.IntN(4) {
		case 0:
			if status, _ := p.post(at, h.path+"/extension"); status == http.StatusSeeOther {
				p.own(at, h.clinic, h.start, false)
				p.count("extend")
			}
		case 1:
			delete(p.held, slug)
			if status, _ := p.post(at, h.path+"/release"); status != http.StatusSeeOther {
				p.unknown(h, asked)
				return
			}
			p.end(h, asked)
			p.count("release")
		default:
			status, path := p.post(at, h.path+"/confirmation", "key", uuid.NewString(), "name", "Maya Okafor", "dob-month",
				"3", "dob-day", "27", "dob-year", "1988", "phone", "401 555 0134", "payer", "self", "share", "on")
			delete(p.held, slug)
			if status == http.StatusServiceUnavailable {
				p.unknown(h, asked)
				return
			}
			if status == http.StatusUnprocessableEntity && len(p.booked) > 0 { // as many visits to come as one may have
				p.held[slug] = h
				p.changeBooking(true)
				return
			}
			if status != http.StatusSeeOther || !strings.HasPrefix(path, "/bookings/") {
				p.load.t.Errorf("a confirmation answers %d %s", status, path)
			}
			p.own(at, h.clinic, h.start, false)
			h.path = path
			p.booked = append(p.booked, h)
			p.count("book")
		}
		return
	}
}

// changeBooking moves or cancels one.
func (p *busyPerson) changeBooking(cancel bool) {
	if len(p.booked) == 0 {
		return
	}
	h, at := p.booked[0], p.server()
	if cancel {
		asked := time.Now()
		p.booked = p.booked[1:]
		if status, _ := p.post(at, h.path+"/cancellation", "why", booking.CancelReasons[0].Code, "sequence",
			fmt.Sprint(h.sequence)); status != http.StatusSeeOther {
			p.unknown(h, asked)
			return
		}
		p.end(h, asked)
		p.count("cancel")
		return
	}
	free := p.lookAt(p.visitor, at, h.clinic)
	if len(free) == 0 {
		return
	}
	start, asked := free[p.dice.IntN(len(free))], time.Now()
	switch status, _ := p.post(at, h.path+"/reschedule", "sequence", fmt.Sprint(h.sequence), "start", start); status {
	case http.StatusSeeOther:
		p.end(h, asked)
		h.taking = p.begin(h.clinic, start, asked)
		h.sequence++
		p.own(at, h.clinic, start, false)
		p.count("move")
	case http.StatusConflict:
		p.count("move refused")
	case http.StatusTooManyRequests: // a move takes a time as a hold does
		p.count("move too fast")
	case http.StatusServiceUnavailable:
		p.unknown(h, asked)
		p.unknown(&having{taking: p.begin(h.clinic, start, asked)}, asked)
		p.booked = p.booked[1:]
	default:
		p.load.t.Errorf("a move answers %d", status)
	}
}

func (p *busyPerson) act() {
	switch n := p.dice.IntN(10); {
	case n < 4:
		p.take()
	case n < 7:
		p.change()
	default:
		p.changeBooking(n == 9 || len(p.booked) > 8)
	}
}

// goesOn tells whether the time is not over, or too little has been done on a machine that is slow.
func (l *load) goesOn(end time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	return now.Before(end) || now.Before(end.Add(patience)) && (l.done["hold"] < 10 || l.done["book"] < 2)
}

// run lets people act at some servers, and strangers look at all, until the time is over.
func (l *load) run(d *deployment, acting, servers []*process, people int, during time.Duration) {
	end := time.Now().Add(during)
	var crowd sync.WaitGroup
	for n := range people {
		p := &busyPerson{load: l, visitor: d.person(fmt.Sprintf("Maya %d", n)), servers: acting,
			held: map[string]*having{}, dice: rand.New(rand.NewPCG(11, uint64(n)))}
		p.from = func() string { return fmt.Sprintf("10.%d.%d.%d", n, p.dice.IntN(256), p.dice.IntN(256)) }
		if status := p.signIn(acting[0], password); status != http.StatusSeeOther {
			l.t.Fatalf("sign-in: %d", status)
		}
		crowd.Go(func() {
			for l.goesOn(end) {
				p.act()
			}
		})
	}
	for n, at := range servers {
		stranger := browser(l.t)
		crowd.Go(func() {
			for turn := n; l.goesOn(end); turn++ {
				l.lookAt(stranger, at, l.clinics[turn%len(l.clinics)])
			}
		})
	}
	crowd.Wait()
}

// answer is what a page said of one time, with all who had it.
type answer struct {
	*look
	offered bool
	had     []*taking
}

// wrong tells whether the time was shown as free though somebody had it for longer than late, or as taken though nobody
// had had it for that long.
func (a answer) wrong(late time.Duration) bool {
	surely, perhaps, since := false, false, a.from.Add(-late)
	for _, k := range a.had {
		surely = surely || k.has.Before(since) && (k.lets.IsZero() || k.lets.After(a.until))
		perhaps = perhaps || k.asked.Before(a.until) && (k.isFree.IsZero() || k.isFree.After(since))
	}
	return a.offered && surely || !a.offered && !perhaps
}

// late are the answers that were not true at their moment, and how many there are in all.
func (l *load) late() (some []answer, all int) {
	had := map[string][]*taking{}
	for _, k := range l.takings {
		had[k.clinic+k.start] = append(had[k.clinic+k.start], k)
	}
	for i := range l.looks {
		seen := &l.looks[i]
		for _, start := range l.all[seen.clinic] {
			all++
			_, offered := slices.BinarySearch(seen.free, start)
			if a := (answer{seen, offered, had[seen.clinic+start]}); a.wrong(0) {
				some = append(some, a)
			}
		}
	}
	return some, all
}

// wrong counts the answers that were wrong for longer than late: wrongly free, wrongly taken.
func wrong(some []answer, late time.Duration) (free, taken int) {
	for _, a := range some {
		if !a.wrong(late) {
			continue
		}
		if a.offered {
			free++
		} else {
			taken++
		}
	}
	return free, taken
}

// agree tells whether all servers show of all clinics what the database knows.
func (l *load) agree(v *visitor, servers []*process) bool {
	for _, c := range l.clinics {
		var want []string
		for _, day := range l.days(c) {
			for _, at := range day.Times {
				want = append(want, time.Unix(at, 0).UTC().Format(time.RFC3339))
			}
		}
		for _, at := range servers {
			if got := v.starts(at, l.times(c)); !slices.Equal(got, want) {
				return false
			}
		}
	}
	return true
}

func (l *load) report(t *testing.T, late ...time.Duration) (some []answer) {
	t.Helper()
	some, all := l.late()
	t.Logf("%v, %d looks, %d answers", l.done, len(l.looks), all)
	for _, by := range late {
		free, taken := wrong(some, by)
		t.Logf("more than %v late: %d wrongly free, %d wrongly taken", by, free, taken)
	}
	return some
}

func TestTwoServersUnderLoadShowWhatIsTakenNoLaterThanTheyMayAndAgreeAfterward(t *testing.T) {
	d := deploy(t)
	l := newLoad(t, d.DB)
	servers := []*process{d.serve(), d.serve()}
	people := 4
	if *loadTime > time.Minute {
		people = 24 // each of whom takes times no faster than one may
	}
	l.run(d, servers, servers, people, *loadTime)
	some := l.report(t, 0, 20*time.Millisecond, 60*time.Millisecond, 100*time.Millisecond, 200*time.Millisecond,
		500*time.Millisecond, time.Second, lateness)
	if free, taken := wrong(some, lateness); free != 0 || taken != 0 {
		t.Errorf("%d answers show as free what was taken for longer than %v, %d as taken what was free", free, lateness, taken)
	}
	if l.done["hold"] == 0 || l.done["book"] == 0 {
		t.Errorf("nobody booked: %v", l.done)
	}
	v := browser(t)
	eventually(t, "both servers show what the database knows", patience, func() bool { return l.agree(v, servers) })
	for range 5 {
		if !l.agree(v, servers) {
			t.Error("nothing happens any more, and a server shows something else than the database knows")
		}
	}
}

// The negative control: a server that keeps what is taken and hears no event of another's acts is found out.
func TestServersThatHearNoEventAreFoundToBeWrong(t *testing.T) {
	d := deploy(t)
	l := newLoad(t, d.DB)
	var servers []*process
	for range 2 {
		site := webtest.OpenWith(t, webtest.Options{DB: d.DB})
		site.Market.Busy().UpToDate(time.Now().Add(time.Hour))
		servers = append(servers, &process{address: site.URL})
	}
	l.run(d, servers[:1], servers, 2, 2*lateness)
	if free, taken := wrong(l.report(t, lateness/4), lateness/4); free+taken == 0 && l.agree(browser(t), servers) {
		t.Error("nothing is wrong: the test before this one proves nothing")
	}
}
