package twoprocess_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/booking"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

const (
	hang    = 15 * time.Second  // an answer that takes longer is a finding
	waits   = 30 * time.Second  // how long a person's browser waits
	longest = 100 * time.Second // how long a page may go on finding out: a ticket's life, and more
)

// answer is what a person got for one request.
type soakAnswer struct {
	status      int
	location    string
	body        string
	from, until time.Time
}

func (a soakAnswer) says(words string) bool { return strings.Contains(a.body, words) }

// soakPerson is somebody with a browser who comes through the balancer.
type soakPerson struct {
	*soak
	*visitor
	account uuid.UUID // nobody's: a stranger
	dice    *rand.Rand
	held    map[string]*soakVisit // by clinic: another hold there replaces it
	booked  []*soakVisit
}

// soakVisit is an appointment as its person knows it.
type soakVisit struct {
	clinic   *pgtest.Clinic
	id       uuid.UUID
	start    time.Time
	sequence int
	doubt    bool // something was asked of it, and nobody has heard what became of it
	unheard  bool // that was to book it
}

func (v *soakVisit) hold() string    { return "/places/" + v.clinic.Slug + "/holds/" + v.id.String() }
func (v *soakVisit) booking() string { return "/bookings/" + v.id.String() }

// ask sends a request and notes how it was answered.
func (p *soakPerson) ask(method, path string, fields ...string) (a soakAnswer) {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(p.soak.ctx, method, p.balancer.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.find("%s %s: %v", method, path, err)
		return a
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("X-Forwarded-For", p.from())
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	fault := p.fault()
	a.from = time.Now()
	res, err := p.visitor.http.Do(r)
	if err == nil {
		var raw []byte
		raw, err = io.ReadAll(res.Body)
		res.Body.Close()
		a.status, a.location, a.body = res.StatusCode, res.Header.Get("Location"), string(raw)
	}
	a.until = time.Now()
	if err != nil {
		a.status = 0
	}
	p.tally(fault, method, path, a, res)
	return a
}

func (p *soakPerson) say(a soakAnswer, what string, v *soakVisit, start time.Time) {
	p.note(func(h *history) {
		h.said = append(h.said, said{what, v.id, v.clinic.Slug, start, a.from, a.until, v.doubt})
	})
}

// lookAt looks at a clinic's week.
func (p *soakPerson) lookAt(c *pgtest.Clinic) (free []string) {
	a := p.ask(http.MethodGet, p.load.times(c))
	if a.status != http.StatusOK {
		return nil
	}
	free = freeIn(a.body)
	p.note(func(h *history) { h.looks = append(h.looks, look{c.Slug, a.from, a.until, free}) })
	return free
}

// follow goes to where an answer leads, and goes on while the page there is finding out. to is where that ended.
func (p *soakPerson) follow(path string) (a soakAnswer, to string) {
	for end := time.Now().Add(longest); ; {
		a = p.ask(http.MethodGet, path)
		switch {
		case a.status == http.StatusSeeOther:
			path = a.location
			continue
		case a.status == http.StatusOK || time.Now().After(end):
			if a.status == http.StatusAccepted {
				p.find("%s still finds out after %v", path, longest)
			}
			return a, path
		case a.status == http.StatusAccepted && !a.says(wordsChecking):
			p.find("%s is accepted and does not say that it is being found out", path)
			return a, path
		case a.status == http.StatusNotFound || p.soak.ctx.Err() != nil:
			return a, path
		}
		time.Sleep(time.Second)
	}
}

// take asks for a free time.
func (p *soakPerson) take() {
	c := p.load.clinics[p.dice.IntN(len(p.load.clinics))]
	free := p.lookAt(c)
	if len(free) == 0 {
		return
	}
	value := free[p.dice.IntN(len(free))]
	start, err := time.Parse(time.RFC3339, value)
	if err != nil {
		p.find("a time reads %q", value)
		return
	}
	v := &soakVisit{clinic: c, start: start}
	before := p.held[c.Slug]
	a := p.ask(http.MethodPost, "/places/"+c.Slug+"/holds", "listing", c.OfferingID.String(), "start", value)
	if before != nil && a.status != http.StatusSeeOther { // perhaps it went for this one
		delete(p.held, c.Slug)
	}
	to := a.location
	if a.status == http.StatusSeeOther && !strings.Contains(to, "/holds/") {
		a, to = p.follow(to)
	}
	switch {
	case strings.Contains(to, "/holds/"):
		if before != nil && a.status == http.StatusSeeOther {
			p.say(a, saysNotHeld, before, before.start)
		}
		v.id = appointmentIn(to)
		p.held[c.Slug] = v
		p.say(a, saysHeld, v, start)
		p.count("held")
	case a.status == http.StatusConflict && a.says(wordsTaken):
		p.say(a, saysTaken, v, start)
		p.count("taken by another")
	case a.status == http.StatusTooManyRequests:
		p.count("too many")
	}
}

// readHold notes what the page of a hold says.
func (p *soakPerson) readHold(a soakAnswer, v *soakVisit) (living bool) {
	if a.says(wordsDenied) {
		p.say(a, saysNone, v, v.start)
	}
	switch {
	case a.says(wordsHeld):
		p.say(a, saysHeld, v, v.start)
		return true
	case a.says(wordsNotHeld):
		p.say(a, saysNotHeld, v, v.start)
	}
	return false
}

// finish does something with a time that is held.
func (p *soakPerson) finish() {
	for slug, v := range p.held {
		switch p.dice.IntN(6) {
		case 0:
			if a := p.ask(http.MethodPost, v.hold()+"/extension"); a.status == http.StatusSeeOther {
				a, _ = p.follow(a.location)
				p.readHold(a, v)
				p.count("extended")
			}
		case 1:
			delete(p.held, slug)
			a := p.ask(http.MethodPost, v.hold()+"/release")
			switch {
			case a.status != http.StatusSeeOther: // nobody knows, and it ends by itself
			case strings.Contains(a.location, "/holds/"):
				a, _ = p.follow(a.location)
				v.doubt = true
				p.readHold(a, v)
			default:
				p.say(a, saysNotHeld, v, v.start)
				p.count("let go")
			}
		default:
			p.confirm(slug, v)
		}
		return
	}
}

// confirm reads the page of a hold and books it.
func (p *soakPerson) confirm(slug string, v *soakVisit) {
	a := p.ask(http.MethodGet, v.hold())
	if a.status != http.StatusOK {
		return
	}
	delete(p.held, slug)
	if !p.readHold(a, v) {
		return
	}
	key := first(keyField, a.body)
	a = p.ask(http.MethodPost, v.hold()+"/confirmation", "key", key, "name", "Maya Okafor", "dob-month", "3", "dob-day",
		"27", "dob-year", "1988", "phone", "401 555 0134", "payer", "self", "share", "on")
	to, asked := a.location, a.status == http.StatusSeeOther
	if asked && !strings.HasPrefix(to, "/bookings/") {
		p.count("found out later")
		a, to = p.follow(to)
	}
	switch {
	case asked && strings.HasPrefix(to, "/bookings/"):
		p.say(a, saysBooked, v, v.start)
		p.booked = append(p.booked, v)
		p.count("booked")
	case asked || a.status == http.StatusConflict:
		p.readHold(a, v)
	case a.status == http.StatusUnprocessableEntity && strings.Contains(a.body, "as many as one account can book"):
		p.held[slug] = v
		if other := p.visit(true); other != nil {
			p.cancel(other)
		}
		p.count("as many visits as one may")
	case a.status == http.StatusUnprocessableEntity:
		p.find("what was typed is refused: %s", headed(a.body))
	default: // nobody said anything: it may be booked
		v.doubt, v.unheard = true, true
		p.booked = append(p.booked, v)
		p.count("not known whether booked")
	}
}

// visit is one of those booked, whose last change is known if sure.
func (p *soakPerson) visit(sure bool) *soakVisit {
	for _, n := range p.dice.Perm(len(p.booked)) {
		if v := p.booked[n]; !sure || !v.doubt {
			return v
		}
	}
	return nil
}

func (p *soakPerson) forget(v *soakVisit) {
	for n, other := range p.booked {
		if other == v {
			p.booked = append(p.booked[:n], p.booked[n+1:]...)
			return
		}
	}
}

// readVisit notes what the page of an appointment says.
func (p *soakPerson) readVisit(a soakAnswer, v *soakVisit) (what string) {
	switch a.status {
	case http.StatusNotFound:
		p.say(a, saysNone, v, time.Time{})
	case http.StatusOK:
		var start time.Time
		if what, start = saysOf(a.body, p.zone(v.clinic), p.load.all[v.clinic.Slug]); what == "" {
			p.find("%s says nothing that is understood: %q", v.booking(), headed(a.body))
			return ""
		}
		p.say(a, what, v, start)
	}
	return what
}

func (p *soakPerson) open(v *soakVisit) {
	if p.readVisit(p.ask(http.MethodGet, v.booking()), v) == saysBooked && v.unheard {
		v.doubt, v.unheard = false, false
		p.count("found booked")
	}
}

// change sends a change of an appointment and reads what its page says then. done tells whether the page said that it
// is so.
func (p *soakPerson) change(v *soakVisit, path, words string, fields ...string) (a soakAnswer, done bool) {
	a = p.ask(http.MethodPost, v.booking()+path, append(fields, "sequence", fmt.Sprint(v.sequence))...)
	switch a.status {
	case http.StatusSeeOther:
	case http.StatusConflict:
		return a, false
	case http.StatusUnprocessableEntity, http.StatusNotFound:
		p.find("%s of %s is answered by %d %s", path, v.id, a.status, headed(a.body))
		fallthrough
	default:
		v.doubt = true
		p.count("not known whether changed")
		return a, false
	}
	found := strings.Contains(a.location, "/change?")
	if found {
		p.count("found out later")
	}
	a, _ = p.follow(a.location)
	if a.status != http.StatusOK {
		v.doubt = true
		return a, false
	}
	p.readVisit(a, v)
	switch {
	case a.says(words), found && !a.says(wordsDenied):
		return a, true
	case !found: // the notice went with another answer: as the page says
		v.doubt = true
	}
	return a, false
}

func (p *soakPerson) cancel(v *soakVisit) {
	if a, done := p.change(v, "/cancellation", wordsCanceled, "why", booking.CancelReasons[0].Code); done {
		p.say(a, saysCanceled, v, time.Time{})
		p.forget(v)
		p.count("canceled")
	}
}

func (p *soakPerson) move(v *soakVisit) {
	free := p.lookAt(v.clinic)
	if len(free) == 0 {
		return
	}
	value := free[p.dice.IntN(len(free))]
	start, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return
	}
	a, done := p.change(v, "/reschedule", wordsMoved, "start", value)
	switch {
	case done:
		v.start, v.sequence = start, v.sequence+1
		p.say(a, saysBooked, v, start)
		p.count("moved")
	case a.status == http.StatusConflict && a.says(wordsTaken):
		p.say(a, saysTaken, v, start)
		if a.says(wordsStill) {
			p.say(a, saysBooked, v, v.start)
		}
	}
}

// list opens the person's own appointments.
func (p *soakPerson) list() {
	if a := p.ask(http.MethodGet, "/bookings"); a.status == http.StatusOK {
		p.note(func(h *history) {
			h.lists = append(h.lists, list{whose: p.account, state: statesIn(listedVisit, a.body), from: a.from, until: a.until})
		})
	}
}

// act is what somebody with an account does next.
func (p *soakPerson) act() {
	switch n := p.dice.IntN(12); {
	case len(p.held) > 1 || len(p.held) > 0 && n < 5:
		p.finish()
	case n < 4:
		p.take()
	case n == 4:
		p.list()
	case n == 5:
		p.ask(http.MethodGet, "/search?reason=skin+check&near=Providence")
	case n == 6:
		if v := p.visit(false); v != nil {
			p.open(v)
		}
	default:
		v := p.visit(true)
		switch {
		case v == nil || len(p.booked) < 3:
			p.take()
		case n < 10 && len(p.booked) < 9:
			p.move(v)
		default:
			p.cancel(v)
		}
	}
}

// wander is what somebody without an account does next.
func (p *soakPerson) wander() {
	switch p.dice.IntN(5) {
	case 0:
		p.ask(http.MethodGet, "/")
	case 1:
		p.ask(http.MethodGet, "/search?reason=skin+check&near=Providence")
	case 2:
		p.take()
	case 3:
		for slug, v := range p.held {
			delete(p.held, slug)
			if a := p.ask(http.MethodPost, v.hold()+"/release"); a.status == http.StatusSeeOther &&
				!strings.Contains(a.location, "/holds/") {
				p.say(a, saysNotHeld, v, v.start)
			}
			return
		}
	default:
		p.lookAt(p.load.clinics[p.dice.IntN(len(p.load.clinics))])
	}
}

// receive is what a receptionist does next: she looks at a day of her clinic.
func (p *soakPerson) receive() {
	c := p.load.clinics[0]
	at, err := time.Parse(time.RFC3339, p.load.all[c.Slug][p.dice.IntN(len(p.load.all[c.Slug]))])
	if err != nil {
		return
	}
	day := at.In(p.zone(c)).Format(time.DateOnly)
	a := p.ask(http.MethodGet, webtest.Workplace(c)+"/appointments?day="+day)
	if a.status == http.StatusOK {
		p.note(func(h *history) {
			h.lists = append(h.lists, list{clinic: c.Slug, day: day, state: statesIn(dayRow, a.body), from: a.from,
				until: a.until})
		})
		p.count("day looked at")
	}
}

// newPerson is somebody with an account, or a stranger if name is empty.
func (s *soak) newPerson(n int, name string) *soakPerson {
	p := &soakPerson{soak: s, visitor: browser(s.t), held: map[string]*soakVisit{},
		dice: rand.New(rand.NewPCG(uint64(*soakSeed), uint64(n)))}
	if name != "" {
		p.visitor = s.person(name)
		p.account = uuid.MustParse(strings.TrimSuffix(p.email, "@example.test"))
	}
	p.visitor.http.Timeout = waits
	addresses := rand.New(rand.NewPCG(uint64(*soakSeed), uint64(1000+n)))
	p.visitor.from = func() string {
		return fmt.Sprintf("10.%d.%d.%d", n, addresses.IntN(256), addresses.IntN(256))
	}
	return p
}

// enter signs somebody in.
func (p *soakPerson) enter() *soakPerson {
	if a := p.ask(http.MethodPost, "/sign-in", "email", p.email, "password", password); a.status != http.StatusSeeOther {
		p.soak.t.Fatalf("sign-in: %d %s", a.status, headed(a.body))
	}
	return p
}

// newReceptionist works at the first clinic and is signed in with two factors.
func (s *soak) newReceptionist(n int) *soakPerson {
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	p := s.newPerson(n, "Rosa Reception")
	s.Admin(s.t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, 'front_desk')`,
		uuid.Must(uuid.NewV7()), s.load.clinics[0].ID, p.account)
	err := identity.SeedSecondFactor(s.t.Context(), s.Gateway, s.Keys, p.account, secret, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	code, err := identity.CodeAt(secret, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	p.enter()
	if a := p.ask(http.MethodPost, "/sign-in/second-step", "code", code); a.status != http.StatusSeeOther {
		s.t.Fatalf("second step: %d %s", a.status, headed(a.body))
	}
	return p
}
