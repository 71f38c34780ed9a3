package twoprocess_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kindward/internal/jobs"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// longForm is a flag that is on without a value: -long is ten minutes, -long=2m are two.
type longForm struct{ time.Duration }

func (l *longForm) IsBoolFlag() bool { return true }
func (l *longForm) Set(s string) (err error) {
	if on, err := strconv.ParseBool(s); err == nil {
		l.Duration = 0
		if on {
			l.Duration = 10 * time.Minute
		}
		return nil
	}
	l.Duration, err = time.ParseDuration(s)
	return err
}

var (
	soakLong longForm
	soakSeed = flag.Int64("seed", 1, "of the faults and the people of the soak")
	soakOnly = flag.String("faults", "", "only faults whose name contains this")
	soakFill = flag.Bool("fill", false, "fill the disk too, which must be the database's own: TMPDIR on a small tmpfs")
)

// The short form is a part of the suite: a few seconds of faults that nobody has to wait for.
const shortSoak = 8 * time.Second

// soak is a deployment that things happen to while people use it, and what they were told.
type soak struct {
	*deployment
	ctx      context.Context
	load     *load
	balancer *soakBalancer
	database *pgtest.Network // before the database: all come through it
	dice     *rand.Rand
	webs     []*web
	worker   *process
	paths    map[*process]*pgtest.Network // to the database
	logs     []*process                   // of all that ever ran

	mu       sync.Mutex
	history  history
	done     map[string]int
	now      string                    // the fault that is there, or ""
	answers  map[string]map[string]int // by fault and kind
	found    []string
	recovery map[string][]time.Duration
	probes   map[string]*probes // of each web process that ever ran, by its name
	prober   http.CookieJar     // somebody signed in, as whom observers ask
}

func (s *soak) note(f func(*history)) { s.mu.Lock(); defer s.mu.Unlock(); f(&s.history) }
func (s *soak) count(what string)     { s.mu.Lock(); defer s.mu.Unlock(); s.done[what]++ }
func (s *soak) fault() string         { s.mu.Lock(); defer s.mu.Unlock(); return s.now }

// find notes what may not be.
func (s *soak) find(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found = append(s.found, time.Now().Format(time.StampMilli)+" during "+strconv.Quote(s.now)+": "+
		fmt.Sprintf(format, args...))
}

func (s *soak) zone(c *pgtest.Clinic) *time.Location {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		panic(err)
	}
	return zone
}

// tally counts an answer under the fault during which it was asked or given, and notes one that may not be.
func (s *soak) tally(before, method, path string, a soakAnswer, res *http.Response) {
	kind := fmt.Sprint(a.status)
	switch {
	case a.status == 0:
		kind = "no answer"
	case a.status == http.StatusBadGateway:
		kind = "refused by the balancer"
	case a.status == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "":
		s.find("%s %s: 503 without Retry-After", method, path)
	case a.status == http.StatusServiceUnavailable:
	case a.status >= http.StatusInternalServerError:
		s.find("%s %s: %d %s %s", method, path, a.status, headed(a.body), s.logged(reference.FindString(a.body)))
	case a.status < http.StatusBadRequest:
		kind = "answered"
	case a.status == http.StatusNotFound && strings.HasPrefix(path, "/bookings/"): // as the judge finds it
	case a.status == http.StatusUnprocessableEntity && strings.HasSuffix(path, "/confirmation"): // as its sender finds it
	case a.status != http.StatusConflict && a.status != http.StatusTooManyRequests:
		s.find("%s %s: %d %s", method, path, a.status, headed(a.body))
	}
	if a.status >= http.StatusInternalServerError {
		for _, words := range claims {
			if a.says(words) {
				s.find("%s %s: a page of %d says %q", method, path, a.status, words)
			}
		}
	}
	if took := a.until.Sub(a.from); took > hang && soakLong.Duration > 0 {
		s.find("%s %s: %s after %v", method, path, kind, took.Round(time.Millisecond))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before == "" {
		before = s.now
	}
	if before == "" {
		before = "none"
	}
	if s.answers[before] == nil {
		s.answers[before] = map[string]int{}
	}
	s.answers[before][kind]++
}

// logged is all that a process wrote about a request.
func (s *soak) logged(reference string) string {
	if reference == "" {
		return ""
	}
	s.mu.Lock()
	all := slices.Clone(s.logs)
	s.mu.Unlock()
	var said []string
	for _, p := range all {
		for line := range strings.SplitSeq(p.text(), "\n") {
			if strings.Contains(line, reference) {
				said = append(said, line)
			}
		}
	}
	return strings.Join(said, "\n")
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	d := &deployment{t: t, data: t.TempDir()}
	if d.mail = d.data + "/mail"; soakLong.Duration > 0 {
		d.DB = pgtest.Alone(t, tenancy.Options{}) // which is killed
	} else {
		d.DB = pgtest.Fresh(t, tenancy.Options{})
	}
	if err := jobs.Migrate(t.Context(), d.AdminURL()); err != nil {
		t.Fatal(err)
	}
	s := &soak{deployment: d, ctx: t.Context(), load: newLoad(t, d.DB), dice: rand.New(rand.NewPCG(uint64(*soakSeed), 0)),
		done: map[string]int{}, answers: map[string]map[string]int{}, recovery: map[string][]time.Duration{},
		paths: map[*process]*pgtest.Network{}, probes: map[string]*probes{}}
	s.database = d.Between(t)
	s.balancer = newSoakBalancer(t)
	prober := d.person("Paula Probe")
	for range 2 {
		s.addWeb()
	}
	if status := prober.signIn(s.webs[0].process, password); status != http.StatusSeeOther {
		t.Fatalf("sign-in: %d", status)
	}
	for _, w := range s.webs {
		w.observe(prober.http.Jar)
	}
	s.prober = prober.http.Jar
	s.worker = s.startThrough("work", "working")
	return s
}

// startThrough starts a process that reaches the database through a network of its own.
func (s *soak) startThrough(verb, says string) *process {
	path := s.database.Between(s.t)
	s.settings = []string{"KINDWARD_GRACE=3s", "DATABASE_URL=" + path.Through(s.t, s.withoutPassword())}
	p := s.start(verb, says)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths[p] = path
	s.logs = append(s.logs, p)
	return p
}

// crowd are the people; the function waits until all of them have finished.
func (s *soak) crowd(patients, strangers int, until <-chan struct{}) (wait func()) {
	var all sync.WaitGroup
	n := 0
	add := func(p *soakPerson, act func()) {
		all.Go(func() {
			for {
				select {
				case <-until:
					return
				case <-time.After(time.Duration(50+p.dice.IntN(200)) * time.Millisecond):
				}
				act()
			}
		})
	}
	var people []*soakPerson
	for ; n < patients; n++ {
		people = append(people, s.newPerson(n, fmt.Sprintf("Maya %d", n)).enter())
	}
	for _, p := range people {
		add(p, p.act)
	}
	for ; n < patients+strangers; n++ {
		p := s.newPerson(n, "")
		add(p, p.wander)
	}
	rosa := s.newReceptionist(n)
	add(rosa, rosa.receive)
	return all.Wait
}

func TestASoakWithFaultsLeavesNoDoubleNothingLostAndNoFalsePage(t *testing.T) {
	s := newSoak(t)
	stop := make(chan struct{})
	patients := 12
	if soakLong.Duration == 0 {
		patients = 6
	}
	wait := s.crowd(patients, 3, stop)
	s.harm()
	close(stop)
	wait()
	s.settle()
	f := s.facts()
	for _, wrong := range judge(&s.history, f) {
		t.Error(wrong)
	}
	s.verifyAudit()
	for _, found := range s.found {
		t.Error(found)
	}
	s.report(f)
	if s.done["booked"] == 0 || s.done["canceled"]+s.done["moved"] == 0 {
		t.Errorf("too little was done to say anything: %v", s.done)
	}
	s.controls(t, f)
}

// report writes what was done, and what people and observers saw.
func (s *soak) report(f *facts) {
	s.t.Logf("done: %v; %d sayings of pages, %d lists, %d calendars judged; %d appointments, %d emails", s.done,
		len(s.history.said), len(s.history.lists), len(s.history.looks), len(f.kept), len(f.mails))
	for _, fault := range slices.Sorted(maps.Keys(s.answers)) {
		s.t.Logf("%-28s %v, back after %v", fault, s.answers[fault], s.recovery[fault])
	}
	lies, late, asked := 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(s.probes)) {
		p := s.probes[name]
		ready, notReady := p.wrong()
		lies, late, asked = lies+len(ready), late+len(notReady), asked+len(p.asked)
		for _, l := range ready {
			s.t.Logf("%s said ready while requests failed: %v", name, l)
		}
		for _, l := range notReady {
			s.t.Logf("%s said not ready while requests worked: %v", name, l)
		}
	}
	s.t.Logf("/readyz was asked %d times; ready for more than %v while requests failed: %d; not ready for more than %v "+
		"while they worked: %d", asked, readyWithin, lies, notReadyWithin, late)
	if soakLong.Duration > 0 && lies+late > 0 {
		s.t.Errorf("/readyz was not true %d times", lies+late)
	}
	for fault, kinds := range s.answers {
		refused := kinds["no answer"] + kinds["refused by the balancer"] + kinds["503"] + kinds["500"]
		harmless := fault == "none" || strings.Contains(fault, "rolling")
		if harmless && soakLong.Duration > 0 && refused > 0 {
			s.t.Errorf("during %q %d requests were refused: %v", fault, refused, kinds)
		}
	}
	if dir := os.Getenv("KINDWARD_SOAK_LOGS"); dir != "" {
		for n, p := range s.logs {
			if err := os.WriteFile(fmt.Sprintf("%s/%02d.log", dir, n), []byte(p.text()), 0o600); err != nil {
				s.t.Log(err)
			}
		}
	}
}
