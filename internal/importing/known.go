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
		there: map[string]uuid.UUID{}, lines: map[string]int{}}
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
	}
	return c, nil
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
