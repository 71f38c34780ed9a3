package region

import (
	"github.com/google/uuid"

	"kindward/internal/search"
)

func minutes(list ...int32) []*int32 {
	out := make([]*int32, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// organizationRule is what holds where a service or a practitioner says nothing else.
func (g *generator) organizationRule(d random, o *organization) {
	r := bookingRule{Scope: "organization", ScopeID: o.tenant.ID}
	switch o.tenant.Kind {
	case search.KindClinic: // a step of null follows the length of the visit
		r.StepMinutes = pick(d, append(minutes(15, 20, 20, 30), nil))
		r.LeadMinutes = pick(d, minutes(30, 60, 60, 120))
		r.HorizonDays = pick(d, minutes(60, 90, 90, 120))
		r.CancelCutoffMinutes = pick(d, minutes(720, 1440, 1440))
	case search.KindLaboratory:
		r.StepMinutes = pick(d, minutes(20, 20, 30))
		r.LeadMinutes = pick(d, minutes(20, 30, 60))
		r.HorizonDays = pick(d, minutes(45, 60))
		r.CancelCutoffMinutes = pick(d, minutes(60, 120))
	default:
		r.AfterMinutes = pick(d, minutes(10, 15, 15)) // the way to the next door
		r.StepMinutes = pick(d, minutes(30, 60, 60))
		r.LeadMinutes = pick(d, minutes(240, 720, 1080))
		r.HorizonDays = pick(d, minutes(45, 60))
		r.CancelCutoffMinutes = pick(d, minutes(720, 1440))
	}
	if o.known != nil {
		r.StepMinutes = map[string]*int32{search.KindClinic: minutes(15)[0], search.KindLaboratory: minutes(20)[0],
			search.KindHomeCare: minutes(60)[0]}[o.tenant.Kind]
	}
	r.MoveCutoffMinutes = r.CancelCutoffMinutes
	o.rules = append(o.rules, r)
}

// serviceRule gives some services a buffer of five minutes.
func (g *generator) serviceRule(d random, o *organization, id uuid.UUID) {
	r := bookingRule{Scope: "service", ScopeID: id}
	if d.percent(20) && o.tenant.Kind != search.KindHomeCare {
		r.AfterMinutes = minutes(5)[0]
	}
	if d.percent(8) {
		r.BeforeMinutes = minutes(5)[0]
	}
	if r.BeforeMinutes != nil || r.AfterMinutes != nil {
		o.rules = append(o.rules, r)
	}
}

// practitionerRule lets some practitioners differ.
func (g *generator) practitionerRule(d random, o *organization, id uuid.UUID) {
	r := bookingRule{Scope: "practitioner", ScopeID: id}
	if !d.percent(15) {
		return
	}
	switch d.below(3) {
	case 0:
		r.LeadMinutes = minutes(1440)[0]
	case 1:
		r.AfterMinutes = minutes(10)[0]
	default:
		r.StepMinutes, r.HorizonDays = minutes(30)[0], minutes(45)[0]
	}
	o.rules = append(o.rules, r)
}
