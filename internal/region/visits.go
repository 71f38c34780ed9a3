package region

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

// calendar is one organization's visits while they are being placed.
type calendar struct {
	*organization
	plans  []*booking.Schedule // by offering
	busy   [][]booking.Range
	does   [][]int // by resource: its offerings
	visits []visit
}

// plan is what the slot function needs to know about an offering, from the same rows that are written.
func (o *organization) plan(f *offering) (*booking.Schedule, error) {
	s := o.services[slices.IndexFunc(o.services, func(s service) bool { return s.ID == f.ServiceID })]
	h := o.hours[f.ScheduleID]
	p := &booking.Schedule{Zone: zone, Week: h.week, Special: h.special, VisitMinutes: int32(s.Minutes)}
	var sets [3]booking.RuleSet
	for _, r := range o.rules {
		switch {
		case r.ScopeID == o.tenant.ID:
			sets[0] = r.set()
		case r.ScopeID == f.ServiceID:
			sets[1] = r.set()
		case f.PractitionerID != nil && r.ScopeID == *f.PractitionerID:
			sets[2] = r.set()
		}
	}
	p.Rules, _ = booking.Resolve(sets[0], sets[1], sets[2])
	if f.PractitionerID != nil {
		who := o.practitioners[slices.IndexFunc(o.practitioners,
			func(p practitioner) bool { return p.ID == *f.PractitionerID })]
		p.ValidFrom, p.ValidUntil = *who.ValidFrom, *who.ValidUntil
	}
	return p, p.Compile()
}

func newCalendar(o *organization) (*calendar, error) {
	c := &calendar{organization: o, busy: make([][]booking.Range, len(o.resources)), does: make([][]int, len(o.resources))}
	index := map[uuid.UUID]int{}
	for i, r := range o.resources {
		index[r.ID] = i
	}
	for i := range o.offerings {
		p, err := o.plan(&o.offerings[i])
		if err != nil {
			raw, _ := json.Marshal(p)
			return nil, fmt.Errorf("offering %s: %w: %s", o.offerings[i].ID, err, raw)
		}
		c.plans = append(c.plans, p)
		for _, r := range o.offerings[i].Resources {
			c.does[index[r]] = append(c.does[index[r]], i)
		}
	}
	return c, nil
}

// hourWeights is how much people want a time, by the hour: most before noon and in the middle of the afternoon.
var hourWeights = [24]int{4, 1, 1, 1, 1, 2, 4, 7, 11, 14, 14, 9, 6, 8, 12, 12, 9, 6, 5, 4, 3, 2, 1, 1}

// load is the percentage of a day's hours that is taken: near days are fuller. The mean over the coming four weeks is
// 65.
func load(ahead int) int {
	if ahead < 0 {
		return 65
	}
	return 90 - 50*ahead/daysAhead
}

// place books all resources on all days. The starts come from the slot function, so everything stands on its grid,
// inside the hours and the rules, and nothing overlaps.
func (g *generator) placeVisits(c *calendar) {
	first, last, cut := -daysBack, daysAhead, 0
	if g.thin() {
		first, last, cut = 0, 7, 50
	}
	for r := range c.resources {
		lean := g.random("lean", c.index, r).between(-12, 12)
		if c.known != nil {
			lean = -15
		}
		for ahead := first; ahead <= last; ahead++ {
			d := g.random("day", c.index, r, int(g.today.AddDays(ahead).Sub(civil.Date{Year: 2000, Month: 1, Day: 1})))
			c.fillDay(d, r, g.today.AddDays(ahead), load(ahead)+lean-cut)
		}
	}
}

// fillDay books a resource until percent of its open minutes are taken or nothing fits any more.
func (c *calendar) fillDay(d random, r int, day civil.Date, percent int) {
	open, seen := 0, map[uuid.UUID]bool{}
	for _, i := range c.does[r] {
		if s := c.offerings[i].ScheduleID; !seen[s] {
			seen[s] = true
			for _, x := range c.hours[s].on(day) {
				open += int(x.To - x.From)
			}
		}
	}
	left := open * min(percent, 100) / 100
	choice := slices.Clone(c.does[r])
	var room [128]int64
	for left > 0 && len(choice) > 0 {
		at := d.popular(len(choice))
		p := c.plans[choice[at]]
		times := p.Times(room[:0], day, day, booking.Pool{c.busy[r]}, eve(p, day))
		takes := max(int(p.StepMinutes), int(p.BeforeMinutes+p.VisitMinutes+p.AfterMinutes))
		if len(times) == 0 || takes > 2*left && left < open/2 {
			choice = slices.Delete(choice, at, at+1)
			continue
		}
		start := times[weighted(d, times, func(t int64) int { return hourWeights[p.Local(t).Hour()] })]
		c.book(choice[at], r, start, uuid.Nil)
		left -= takes
	}
}

// eve is the last moment at which all times of the day can still be booked.
func eve(p *booking.Schedule, day civil.Date) int64 {
	return day.Start(p.Location()).Unix() - int64(p.LeadMinutes)*60 - 1
}

// popular is an index below n that is more often a small one: the first of a list of services is what most people come
// for.
func (d random) popular(n int) int { return min(d.below(n), d.below(n+1)) }

func (c *calendar) book(offering, resource int, start int64, account uuid.UUID) {
	p := c.plans[offering]
	claim := p.Claim(start)
	at, _ := slices.BinarySearchFunc(c.busy[resource], claim,
		func(a, b booking.Range) int { return int(a.Start - b.Start) })
	c.busy[resource] = slices.Insert(c.busy[resource], at, claim)
	c.visits = append(c.visits, visit{offering, resource, start, claim, p.VisitMinutes, account})
}
