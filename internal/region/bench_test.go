package region

import (
	"testing"
	"time"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// The default region is to be there within 20 s of a first start, schemas and listings included.
func BenchmarkTheDefaultRegion(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db := pgtest.Fresh(b, tenancy.Options{Wait: time.Minute})
		o := small(1)
		o.Organizations = 0
		b.StartTimer()
		b.Log(seed(b, db, o))
	}
}

func BenchmarkTheLargestRegion(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db := pgtest.Fresh(b, tenancy.Options{Wait: time.Minute})
		o := small(1)
		o.Organizations, o.Listings = 1000, 100_000
		b.StartTimer()
		b.Log(seed(b, db, o))
	}
}
