package region

import (
	"slices"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/search"
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

func (w *world) payerSet(d dice, o *organization) payerSet {
	var all []string
	for _, p := range w.payers {
		if p.kind != "dental" && p.kind != "vision" && p.id != selfPay {
			all = append(all, p.id)
		}
	}
	all = shuffled(d, all)
	if d.percent(50) || o.hand != nil {
		at := slices.Index(all, largestPayer)
		all[0], all[at] = all[at], all[0]
	}
	n := d.between(3, 12)
	s := payerSet{accepted: slices.Clone(all[:n]), refused: slices.Clone(all[n : n+d.between(2, 6)])}
	if d.percent(70) || o.hand != nil {
		s.accepted = append(s.accepted, selfPay)
	}
	if !d.percent(8) {
		s.confirmed = dateOn(w.today.AddDays(-d.between(3, 200)))
	}
	slices.Sort(s.accepted)
	slices.Sort(s.refused)
	return s
}

// in is the set as one practitioner or team has it: own kinds of insurance, and for some one contract less.
func (s payerSet) in(d dice, field string) payerSet {
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
func (w *world) terms(d dice, o *organization) offering {
	t := offering{AcceptsNew: true, Rating: float32(d.from(&ratingHundredths)) / 100, Ratings: d.from(&ratingCount), ResponseMinutes: o.response, Live: true}
	if d.percent(3) { // nobody has rated them yet
		t.Rating, t.Ratings = 0, 0
	}
	if o.hand != nil {
		t.Rating, t.Ratings = o.hand.rating, o.hand.ratings
	}
	return t
}

// noTimePermille are the offerings that only keep a waiting list. Those of practitioners who may not be booked come on top.
const noTimePermille = 25

// offer puts one service on offer at a location.
func (w *world) offer(o *organization, template offering, code string, location, schedule uuid.UUID, field string) {
	n := len(o.offerings)
	d := w.dice("offering", o.index, n)
	template.ID = w.id("offering", o.index, n)
	template.ServiceID = w.serviceFor(o, code)
	template.LocationID, template.ScheduleID = location, schedule
	s := o.payers.in(w.dice("payers", o.index, len(o.resources)), field)
	template.PayersAccepted, template.PayersRefused, template.PayersConfirmed = s.accepted, s.refused, s.confirmed
	share := noTimePermille
	if template.PractitionerID == nil {
		share = 60
	}
	if o.hand == nil && d.permille(share) {
		if _, there := o.waiting[location]; !there {
			o.waiting[location] = w.schedule(o, location, nil, "Waiting list", week{}, nil)
		}
		template.ScheduleID = o.waiting[location]
	}
	o.offerings = append(o.offerings, template)
}

// byVideo are the reasons for which a clinician and a camera can be enough.
var byVideo = []string{"C22", "C23", "C24", "C25", "C26", "C29", "C10", "C13", "C02"}

// serviceFor is the organization's service for a reason, made when it is first asked for.
func (w *world) serviceFor(o *organization, code string) uuid.UUID {
	if id, there := o.serviceOf[code]; there {
		return id
	}
	r := w.byCode[code]
	n := len(o.services)
	d := w.dice("service", o.index, n)
	s := service{ID: w.id("service", o.index, n), ReasonCode: code, Name: r.name, Minutes: r.minutes, Prep: r.prep}
	const round = 500 // cents
	price := int64((d.between(r.low, r.high) + round/2) / round * round)
	if o.hand != nil && o.hand.prices[code] > 0 {
		price = o.hand.prices[code]
	}
	if !d.permille(5) || o.hand != nil {
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
	o.services = append(o.services, s)
	o.serviceOf[code] = s.ID
	w.serviceRule(d, o, s.ID)
	return s.ID
}
