package importing

import (
	"context"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
)

// newChecker knows what rows of a kind are compared with.
func newChecker(ctx context.Context, q *tenantdb.Queries, g *tenancy.Gateway, t tenancy.Tenant, kind Kind,
	fields []string) (*checker, error) {
	c := &checker{kind: kind, fields: fields, tenant: t.ID, known: &Known{Zone: t.Zone, ZIPs: map[string]Town{}},
		there: map[string]uuid.UUID{}, lines: map[string]int{}, prices: map[string]int64{}}
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
	}
	return c, nil
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
		if c.there[key] = r.ID; r.PriceCents != nil {
			c.prices[key] = *r.PriceCents
		}
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
