package importing

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
)

// newChecker knows what rows of a kind are compared with.
func newChecker(ctx context.Context, q *tenantdb.Queries, g *tenancy.Gateway, t tenancy.Tenant, kind Kind,
	fields []string) (*checker, error) {
	c := &checker{kind: kind, fields: fields, tenant: t.ID, known: &Known{Zone: t.Zone, ZIPs: map[string]Town{}},
		there: map[string]uuid.UUID{}, lines: map[string]int{}, prices: map[string]*int64{},
		read: map[string]reading{}}
	if digits := textutil.Digits(t.Phone); len(digits) == 10 {
		c.known.AreaCode = digits[:3]
	}
	switch kind.Name {
	case "practitioners":
		rows, err := q.KnownPractitioners(ctx)
		for _, r := range rows {
			c.there[kind.key(map[string]any{"name": r.Name, "specialty": r.Specialty, "npi": r.NPI})] = r.ID
		}
		return c, err
	case "locations":
		return c, c.places(ctx, q, g)
	case "services":
		return c, c.services(ctx, q, g, t)
	case "hours":
		c.known.Someone = t.Kind == "clinic"
		return c, c.weeks(ctx, q)
	}
	return c, nil
}

// weeks knows what the organization has and when it is open.
func (c *checker) weeks(ctx context.Context, q *tenantdb.Queries) error {
	people, err := q.KnownPractitioners(ctx)
	if err != nil {
		return err
	}
	locations, err := q.Locations(ctx)
	if err != nil {
		return err
	}
	services, err := q.Services(ctx)
	if err != nil {
		return err
	}
	who, where, what := owned{}, owned{}, owned{}
	for _, p := range people {
		name, _, _ := strings.Cut(p.Name, ",")
		who.add(p.ID, p.Name, name, p.NPI)
	}
	for _, l := range locations {
		where.add(l.ID, l.Name, l.Name+" "+l.Street)
	}
	for _, s := range services {
		what.add(s.ID, s.Name)
	}
	c.known.Own = map[string]owned{"practitioner": who, "location": where, "services": what}
	c.hours = weeks{}
	known, err := q.KnownHours(ctx)
	for _, r := range known {
		one := stretch{where: r.LocationID, day: time.Weekday(r.Weekday),
			Window: booking.Window{From: r.FromMinute, To: r.ToMinute}}
		if r.PractitionerID != nil {
			one.who = *r.PractitionerID
		}
		c.hours.add(one, []uuid.UUID{r.ServiceID})
	}
	return err
}

func (c *checker) services(ctx context.Context, q *tenantdb.Queries, g *tenancy.Gateway, t tenancy.Tenant) error {
	reasons, err := g.Public().Reasons(ctx)
	if err != nil {
		return err
	}
	for _, r := range reasons {
		if r.Kind == t.Kind {
			c.known.Reasons = append(c.known.Reasons, Reason{r.Code, r.Name, r.Prep, int(r.Minutes), r.Synonyms})
		}
	}
	c.known.AtHome = t.Kind == "home_care"
	rows, err := q.Services(ctx)
	for _, r := range rows {
		key := serviceKey(map[string]any{"reason_code": r.ReasonCode, "visit_mode": r.VisitMode, "minutes": r.Minutes})
		c.there[key], c.prices[key] = r.ID, r.PriceCents
	}
	return err
}

func (c *checker) places(ctx context.Context, q *tenantdb.Queries, g *tenancy.Gateway) error {
	zips, err := g.Public().ZIPCodes(ctx)
	if err != nil {
		return err
	}
	for _, z := range zips {
		c.known.ZIPs[z.ZIP] = Town{z.Town, z.State, z.Lat, z.Lon}
	}
	rows, err := q.Locations(ctx)
	for _, r := range rows {
		c.there[c.kind.key(map[string]any{"name": r.Name, "street": r.Street, "zip": r.ZIP})] = r.ID
	}
	return err
}
