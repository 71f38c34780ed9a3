package region

import (
	"slices"

	"kindward/internal/npi"

	"github.com/google/uuid"
)

// fields are what the people of a clinic do, in turn, by the part of its name that says so.
var fields = map[string][]string{
	"Family Health":     {"primary", "primary", "children", "women", "primary", "mind"},
	"Medical Group":     {"primary", "specialist", "specialist", "primary", "women", "specialist", "children"},
	"Clinic":            {"primary", "dental", "senses", "primary", "specialist", "dental"},
	"Primary Care":      {"primary", "primary", "primary", "mind", "primary", "wellness"},
	"Health Partners":   {"primary", "specialist", "rehab", "mind", "specialist", "senses"},
	"Wellness Center":   {"wellness", "mind", "rehab", "primary", "wellness"},
	"Specialists":       {"specialist", "specialist", "specialist", "specialist", "women", "senses"},
	"Physical Therapy":  {"rehab", "rehab", "rehab", "wellness"},
	"Behavioral Health": {"mind"},
	"Children's Care":   {"children", "children", "children", "rehab", "mind"},
}

// mostOfferings is how many one practitioner has at most.
const mostOfferings = 12

// staffClinic gives a clinic its people until it has its size, and some a place to draw blood.
func (g *generator) staffClinic(o *organization) {
	d := g.random("staff", o.index)
	people := 4 + d.below(13)
	if o.known != nil {
		people = o.known.people
	}
	inHouse := o.known != nil || d.percent(40)
	if inHouse && (o.target == 0 || o.target > 40) && slices.Contains(fields[o.suffix], "primary") {
		g.drawInHouse(o)
	}
	for n := 0; o.target == 0 && n < people || len(o.offerings) < o.target; n++ {
		most := mostOfferings
		if o.target > 0 {
			most = min(most, o.target-len(o.offerings))
		}
		g.hire(o, n, most)
	}
}

// nextOf is the next specialty of a field. Clinics take them in turn, so that each is found somewhere.
func (g *generator) nextOf(field string) specialty {
	var list []specialty
	for _, s := range g.specialties {
		if s.field == field {
			list = append(list, s)
		}
	}
	g.turn[field]++
	return list[(g.turn[field]-1)%len(list)]
}

// hire adds one practitioner with a week, a schedule at one or two locations and at most so many offerings.
func (g *generator) hire(o *organization, n, most int) {
	d := g.random("practitioner", o.index, n)
	field := fields[o.suffix]
	s := g.nextOf(field[n%len(field)])
	p := g.person(d, o, s)
	res := resource{g.id("resource", o.index, len(o.resources)), "practitioner", p.Name, &p.ID}
	o.resources = append(o.resources, res)
	g.practitionerRule(d, o, p.ID)

	at := []location{o.locations[d.below(len(o.locations))]}
	weeks := []week{clinicianWeek(d)}
	if other := d.below(len(o.locations)); d.percent(70) && o.locations[other].ID != at[0].ID {
		a, b := weeks[0].halves()
		at, weeks = append(at, o.locations[other]), []week{a, b}
	}
	template := g.terms(d, o)
	template.PractitionerID, template.Resources = &p.ID, []uuid.UUID{res.ID}
	template.AcceptsNew = o.known != nil || d.percent(85)
	codes := g.chosen(d, s, mostOfferings/len(at))
	away := g.vacation(d)
	for i, l := range at {
		id := g.schedule(o, l.ID, &p.ID, p.Name, weeks[i], away)
		for _, code := range codes {
			if most--; most < 0 {
				return
			}
			g.offer(o, template, code, l.ID, id, s.field)
		}
	}
}

// chosen is what this practitioner does of the specialty: its core always, of the rest some; for nearly half a visit by
// video.
func (g *generator) chosen(d random, s specialty, most int) []string {
	codes := slices.Clone(s.reasons)
	if len(codes) > 7 {
		rest := shuffled(d, codes[3:])
		codes = append(codes[:3:3], rest[:min(len(rest), d.between(4, 7))]...)
	}
	if d.percent(45) && s.field != "dental" && s.field != "senses" {
		codes = append(codes, "C43")
	}
	return codes[:min(len(codes), most)]
}

// person makes a practitioner with credentials that hold, except for the few whose do not yet or no more.
func (g *generator) person(d random, o *organization, s specialty) practitioner {
	p := practitioner{ID: g.id("practitioner", o.index, len(o.practitioners)), Specialty: s.label, Gender: gender(d),
		Languages: languages(d), NPI: npi.Synthetic(g.people)}
	g.people++
	whom := g.agesOf(o, s)
	p.AgeFrom, p.AgeTo = whom.from, whom.to
	p.Name = g.freshName(d, o.used, p.Languages, p.Gender)
	if s.title != "" {
		p.Name = s.title + " " + p.Name
	}
	if s.credentials != "" {
		p.Name += ", " + s.credentials
	}
	p.About = pick(d, []string{
		s.label + " at " + o.tenant.Name + ".",
		s.label + ". Takes time to explain.",
		s.label + ". Has worked in " + o.home.name + " for many years.",
		s.label + ". Teaches students one day a month.",
	})
	from, until := g.today.AddDays(-d.between(200, 2000)), g.today.AddDays(d.between(200, 900))
	switch n := d.below(1000); {
	case o.known != nil:
	case n < 20:
		until = g.today.AddDays(-d.between(1, 30))
	case n < 35:
		from = g.today.AddDays(d.between(125, 150)) // joins later than anybody may book
	case n < 50:
		until = g.today.AddDays(d.between(6, 20)) // visits at risk
	}
	p.ValidFrom, p.ValidUntil = dateOn(from), dateOn(until)
	o.practitioners = append(o.practitioners, p)
	return p
}

// agesOf are whom a new practitioner sees: at a place for children, children.
func (g *generator) agesOf(o *organization, s specialty) ages {
	d := g.random("ages", o.index, len(o.practitioners))
	switch {
	case o.suffix == "Children's Care":
		return ages{to: new(pick(d, []int16{17, 17, 21}))}
	case len(s.ages) == 0:
		return ages{}
	}
	return pick(d, s.ages)
}
