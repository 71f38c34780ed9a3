package twoprocess_test

import (
	"net/http"
	"strings"
	"time"
)

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
