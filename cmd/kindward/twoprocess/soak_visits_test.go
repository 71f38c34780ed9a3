package twoprocess_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/pgtest"
)

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
	if strings.Contains(a.location, "/confirmation?") { // they have another visit then, and are asked
		p.count("warned of another visit")
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
