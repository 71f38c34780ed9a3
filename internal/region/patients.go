package region

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/queries/tenantdb"
)

// ref follows from the seed, where booking.NewRef draws.
func (k key) ref() string {
	var numbers [7]int
	for i := range numbers {
		numbers[i] = int(k[2*i])<<8 | int(k[2*i+1])
	}
	return booking.RefFrom(numbers)
}

// crowds are the people who come, by percent of the names they have.
var crowds = []crowd{{"newengland", 58}, {"hispanic", 18}, {"portuguese", 10}, {"african", 5}, {"southasian", 3},
	{"chinese", 2}, {"haitian", 2}, {"vietnamese", 2}}

// chart is everything about an organization's visits that is written.
type chart struct {
	patients     []patient
	appointments tenantdb.AddAppointmentsParams
	claims       tenantdb.AddClaimsParams
}

// attend gives each visit its patient, its state at now and, if it is still to come, its claim.
func (g *generator) attend(c *calendar) chart {
	slices.SortFunc(c.visits, func(a, b visit) int {
		if a.start != b.start {
			return int(a.start - b.start)
		}
		return a.resource - b.resource
	})
	now := g.options.Now.Unix()
	var out chart
	refs := map[string]bool{}
	accounts := map[uuid.UUID]int{}
	for n, v := range c.visits {
		d := g.random("visit", c.index, n)
		f := &c.offerings[v.offering]
		who, fresh := g.patientFor(d, &out, c, v, accounts)
		p := &out.patients[who]
		end := v.start + int64(v.minutes)*60
		p.busyUntil = max(p.busyUntil, end)

		notice := int64(c.plans[v.offering].LeadMinutes)*60 + int64(d.between(600, 14*86400))
		booked := min(v.start-notice, now-int64(d.between(600, 10*86400)))
		if made := time.Unix(booked-60, 0); p.since.IsZero() || made.Before(p.since) {
			p.since = made
		}
		status, by, why := d.fate(v, end, now)
		if v.account != uuid.Nil && end <= now {
			status, by, why = booking.StatusFulfilled, "", ""
		}
		k := g.key("appointment", c.index, n)
		ref := k.ref()
		for again := 1; refs[ref]; again++ {
			ref = g.key("appointment", c.index, n, again).ref()
		}
		refs[ref] = true

		a := &out.appointments
		a.Ids, a.Refs, a.Offerings, a.Statuses = append(a.Ids, k.id()), append(a.Refs, ref), append(a.Offerings, f.ID),
			append(a.Statuses, status)
		a.Accounts, a.Patients, a.Resources = append(a.Accounts, v.account), append(a.Patients, p.id),
			append(a.Resources, c.resources[v.resource].ID)
		a.Starts, a.Ends = append(a.Starts, time.Unix(v.start, 0)), append(a.Ends, time.Unix(end, 0))
		a.New, a.Payers, a.Prices = append(a.New, fresh), append(a.Payers, d.insurance(f)), append(a.Prices, c.price(f))
		rules := c.plans[v.offering].Rules
		a.CancelCutoffs, a.MoveCutoffs = append(a.CancelCutoffs, rules.CancelCutoffMinutes),
			append(a.MoveCutoffs, rules.MoveCutoffMinutes)
		a.BookedAt, a.CancelledBy, a.CancelledWhy = append(a.BookedAt, time.Unix(booked, 0)), append(a.CancelledBy, by),
			append(a.CancelledWhy, why)

		if (status == booking.StatusBooked || status == booking.StatusArrived) && v.claim.End > now {
			t := &out.claims
			t.Ids, t.Appointments, t.Resources = append(t.Ids, g.id("claim", c.index, n)), append(t.Appointments, k.id()),
				append(t.Resources, c.resources[v.resource].ID)
			t.Starts, t.Ends = append(t.Starts, time.Unix(v.claim.Start, 0)), append(t.Ends, time.Unix(v.claim.End, 0))
		}
	}
	return out
}

// fate is what became of a visit. Of those that are over, 82 percent took place, 7 percent did not come, 11 percent
// were canceled.
func (d random) fate(v visit, end, now int64) (status, by, why string) {
	switch n := d.below(100); {
	case v.start > now:
		return booking.StatusBooked, "", ""
	case end > now:
		return booking.StatusArrived, "", ""
	case n < 82:
		return booking.StatusFulfilled, "", ""
	case n < 89:
		return booking.StatusNoShow, "", ""
	case n < 97:
		return booking.StatusCancelled, booking.CancelledByPatient,
			booking.CancelReasons[d.below(len(booking.CancelReasons))].Code
	}
	return booking.StatusCancelled, booking.CancelledByProvider, "ill"
}

// insurance is who pays: for seven in ten an insurer that the offering accepts, else the patient.
func (d random) insurance(f *offering) string {
	if d.percent(70) && len(f.PayersAccepted) > 0 {
		return pick(d, f.PayersAccepted)
	}
	return selfPay
}

func (c *calendar) price(f *offering) int64 {
	for _, s := range c.services {
		if s.ID == f.ServiceID && s.PriceCents != nil {
			return *s.PriceCents
		}
	}
	return -1
}

// patientFor is who comes: the owner of the account if it is a demo login's visit, else often somebody who was here
// before and is free then. fresh tells whether it is the first visit ever.
func (g *generator) patientFor(d random, out *chart, c *calendar, v visit, accounts map[uuid.UUID]int) (index int,
	fresh bool) {
	if v.account != uuid.Nil {
		if i, there := accounts[v.account]; there {
			return i, false
		}
		accounts[v.account] = len(out.patients)
		person := g.login(v.account)
		out.patients = append(out.patients, patient{id: g.id("patient", c.index, len(out.patients)), account: v.account,
			name: person.Name, phone: person.phone, email: person.Email, born: person.born})
		return len(out.patients) - 1, true
	}
	if n := len(out.patients); n > 0 && d.percent(60) {
		for range 3 {
			if i := d.below(n); out.patients[i].busyUntil <= v.start && out.patients[i].account == uuid.Nil {
				return i, false
			}
		}
	}
	out.patients = append(out.patients, g.stranger(d, c.index, len(out.patients)))
	return len(out.patients) - 1, c.offerings[v.offering].AcceptsNew && d.percent(40)
}

func (g *generator) stranger(d random, organization, n int) patient {
	f := g.families[crowds[weighted(d, crowds, func(c crowd) int { return c.percent })].group]
	p := patient{id: g.id("patient", organization, n), name: name(d, f, gender(d)), phone: phone(d)}
	age := d.below(92 * 365)
	p.born = g.today.AddDays(-30 - age)
	if d.percent(60) {
		p.email = fmt.Sprintf("%s.%d@mail.example.test", strings.ReplaceAll(slug(p.name), "-", "."), n)
	}
	return p
}

func patientRows(list []patient) tenantdb.AddPatientsParams {
	var p tenantdb.AddPatientsParams
	for _, x := range list {
		p.Ids, p.Accounts, p.Names = append(p.Ids, x.id), append(p.Accounts, x.account), append(p.Names, x.name)
		p.Born, p.Phones, p.Emails = append(p.Born, x.born.Start(time.UTC)), append(p.Phones, x.phone),
			append(p.Emails, x.email)
		p.CreatedAt = append(p.CreatedAt, x.since)
	}
	return p
}
