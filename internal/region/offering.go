package region

import (
	"slices"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/venue"
)

// payerSet is what an organization says about insurers. Who is in neither list is not stated.
type payerSet struct {
	accepted, refused []string
	confirmed         *civil.Date
}

const (
	largestPayer = "PAY01"
	selfPay      = "PAY24"
)

func (g *generator) payerSet(d random, o *organization) payerSet {
	var all []string
	for _, p := range g.payers {
		if p.kind != "dental" && p.kind != "vision" && p.id != selfPay {
			all = append(all, p.id)
		}
	}
	all = shuffled(d, all)
	if d.percent(50) || o.known != nil {
		at := slices.Index(all, largestPayer)
		all[0], all[at] = all[at], all[0]
	}
	n := d.between(3, 12)
	s := payerSet{accepted: slices.Clone(all[:n]), refused: slices.Clone(all[n : n+d.between(2, 6)])}
	if d.percent(70) || o.known != nil {
		s.accepted = append(s.accepted, selfPay)
	}
	if !d.percent(8) {
		s.confirmed = dateOn(g.today.AddDays(-d.between(3, 200)))
	}
	slices.Sort(s.accepted)
	slices.Sort(s.refused)
	return s
}

// in is the set as one practitioner or team has it: own kinds of insurance, and for some one contract less.
func (s payerSet) in(d random, field string) payerSet {
	for _, special := range []struct{ field, id string }{{"dental", "PAY20"}, {"senses", "PAY21"}} {
		if field == special.field && d.percent(80) {
			s.accepted = append(slices.Clone(s.accepted), special.id)
		}
	}
	if len(s.accepted) > 4 && d.percent(10) {
		at := d.below(len(s.accepted))
		if id := s.accepted[at]; id != selfPay && id != largestPayer {
			s.accepted = slices.Delete(slices.Clone(s.accepted), at, at+1)
			s.refused = append(slices.Clone(s.refused), id)
		}
	}
	slices.Sort(s.accepted)
	slices.Sort(s.refused)
	return s
}

// terms are what all offerings of one practitioner or team have in common.
func (g *generator) terms(d random, o *organization) offering {
	t := offering{AcceptsNew: true, Rating: float32(d.from(&ratingHundredths)) / 100, Ratings: d.from(&ratingCount),
		ResponseMinutes: o.response, Live: true}
	if d.percent(3) { // nobody has rated them yet
		t.Rating, t.Ratings = 0, 0
	}
	if o.known != nil {
		t.Rating, t.Ratings = o.known.rating, o.known.ratings
	}
	return t
}

// noTimePermille are the offerings that only keep a waiting list. Those of practitioners who may not be booked come on
// top.
const noTimePermille = 25

// offer puts one service on offer at a location.
func (g *generator) offer(o *organization, template offering, code string, location, schedule uuid.UUID, field string) {
	n := len(o.offerings)
	d := g.random("offering", o.index, n)
	template.ID = g.id("offering", o.index, n)
	template.ServiceID = g.serviceFor(o, code)
	template.LocationID, template.ScheduleID = location, schedule
	s := o.payers.in(g.random("payers", o.index, len(o.resources)), field)
	template.PayersAccepted, template.PayersRefused, template.PayersConfirmed = s.accepted, s.refused, s.confirmed
	share := noTimePermille
	if template.PractitionerID == nil {
		share = 60
	}
	if o.known == nil && d.permille(share) {
		if _, there := o.waiting[location]; !there {
			o.waiting[location] = g.schedule(o, location, nil, "Waiting list", week{}, nil)
		}
		template.ScheduleID = o.waiting[location]
	}
	o.offerings = append(o.offerings, template)
}

// byVideo are the reasons for which a clinician and a camera can be enough.
var byVideo = []string{"C22", "C23", "C24", "C25", "C26", "C29", "C10", "C13", "C02"}

// modeOf is where visits for a reason happen. Who wants to quit smoking is called, where there is no camera.
func modeOf(kind, code string, telehealth bool) venue.Mode {
	switch {
	case kind == search.KindHomeCare:
		return venue.AtHome
	case code == "C43":
		return venue.ByVideo
	case code == "C26" && !telehealth:
		return venue.ByPhone
	}
	return venue.AtClinic
}

// serviceFor is the organization's service for a reason, made when it is first asked for.
func (g *generator) serviceFor(o *organization, code string) uuid.UUID {
	if id, there := o.serviceOf[code]; there {
		return id
	}
	r := g.byCode[code]
	n := len(o.services)
	d := g.random("service", o.index, n)
	s := service{ID: g.id("service", o.index, n), ReasonCode: code, Name: r.name, Minutes: r.minutes, Prep: r.prep}
	const round = 500 // cents
	price := int64((d.between(r.low, r.high) + round/2) / round * round)
	if o.known != nil && o.known.prices[code] > 0 {
		price = o.known.prices[code]
	}
	if !d.permille(5) || o.known != nil {
		s.PriceCents = &price
	}
	s.Telehealth = code == "C43" || slices.Contains(byVideo, code) && d.percent(50)
	switch r.kind {
	case search.KindClinic:
		s.Bring = "Photo ID, your insurance card and a list of your medicines."
	case search.KindLaboratory:
		s.Bring = "The order from your doctor, photo ID and your insurance card."
	default:
		s.Bring = "Have your medicines and your insurance card within reach."
	}
	if code == "C43" {
		s.Bring = "Your insurance card. We send a link an hour before."
	}
	s.VisitMode = string(modeOf(o.tenant.Kind, code, s.Telehealth))
	o.services = append(o.services, s)
	o.serviceOf[code] = s.ID
	g.serviceRule(d, o, s.ID)
	return s.ID
}
