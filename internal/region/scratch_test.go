package region

import (
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func BenchmarkNoAppts(b *testing.B) {
	for b.Loop() {
		db := pgtest.Fresh(b, tenancy.Options{})
		o := small(1)
		o.Organisations = 0
		o.Appointments = false
		b.Log(seed(b, db, o))
	}
}
func BenchmarkNoPublish(b *testing.B) {
	for b.Loop() {
		db := pgtest.Fresh(b, tenancy.Options{})
		o := small(1)
		o.Organisations = 0
		o.Appointments = false
		o.Publish = nil
		b.Log(seed(b, db, o))
	}
}
func BenchmarkNone(b *testing.B) {
	for b.Loop() {
		pgtest.Fresh(b, tenancy.Options{})
	}
}
