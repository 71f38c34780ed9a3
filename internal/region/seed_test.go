package region_test

import (
	"context"
	"testing"
	"time"

	"kindward/internal/pgtest"
	"kindward/internal/region"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// now is the Sunday before Thanksgiving 2026, noon in Providence.
var now = time.Date(2026, time.November, 22, 17, 0, 0, 0, time.UTC)

func options() region.Options {
	return region.Options{Seed: 1, Now: now, Appointments: true,
		Publish: func(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant) error {
			return search.Publish(ctx, q, t, now)
		},
		HashPassword:   func(s string) (string, error) { return "hash of " + s, nil },
		ConsentVersion: "2026-11", ConsentText: "share",
	}
}

func TestScratch(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	o := options()
	o.Say = func(s string) { t.Log(s) }
	start := time.Now()
	sum, err := region.Seed(t.Context(), db.Owner, db.Door, o)
	t.Log(sum, err, time.Since(start))
	start = time.Now()
	sum, err = region.Seed(t.Context(), db.Owner, db.Door, o)
	t.Log(sum, err, time.Since(start))
}
