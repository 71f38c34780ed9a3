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
	p.note(func(h *history) { h.looks = append(h.looks, look{c.Slug, a.from, a.until, free, ownIn(a.body)}) })
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
