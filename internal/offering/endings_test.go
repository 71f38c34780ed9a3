package offering_test

import (
	"testing"
	"time"

	"kindward/internal/civil"
	"kindward/internal/offering"
	"kindward/internal/pgtest"
)

func Test33AnOrganizationIsToldOfTheEndOfALicenseOnceSixtyThirtyAndSevenDaysBefore(t *testing.T) {
	db := pgtest.Open(t)
	c := db.Clinic(t)
	db.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values (gen_random_uuid(), $1, $2,
		'owner'), (gen_random_uuid(), $1, $3, 'front_desk')`, c.ID, db.Account(t, "Alice"), db.Account(t, "Bob"))
	last := civil.Today(civil.ZoneOrUTC(c.Zone), time.Now()).AddDays(100)
	c.SQL(t, "update practitioner set valid_until = $1", last.Start(time.UTC))
	now := time.Now()
	w := &offering.Warner{Gateway: db.Gateway, Keys: db.Keys, Now: func() time.Time { return now }}
	told := func() int {
		return pgtest.One[int](t, db, "select count(*) from outbox.email where kind = 'licenses-end'")
	}
	for _, at := range []struct{ left, emails int }{{61, 0}, {60, 1}, {45, 1}, {30, 2}, {7, 3}, {0, 3}, {-1, 3}} {
		now = last.AddDays(-at.left).Start(civil.ZoneOrUTC(c.Zone)).Add(12 * time.Hour)
		for range 2 {
			if err := w.Warn(t.Context(), c.ID); err != nil {
				t.Fatal(err)
			}
		}
		if n := told(); n != at.emails {
			t.Errorf("%d days before: %d emails, not %d", at.left, n, at.emails)
		}
	}
	c.SQL(t, "update practitioner set valid_until = $1", last.AddDays(365).Start(time.UTC))
	now = last.AddDays(365 - 30).Start(civil.ZoneOrUTC(c.Zone)).Add(12 * time.Hour)
	if err := w.Warn(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if n := told(); n != 4 {
		t.Errorf("of a renewed license that ends again: %d emails, not 4", n)
	}
}
