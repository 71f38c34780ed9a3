package tenancy_test

import (
	"testing"

	"kindward/internal/pgtest"
)

func TestTheRelayDeletesOnlyWhatIsOld(t *testing.T) {
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	db.Admin(t, `insert into outbox.event (tenant_id, kind, subject_id, at) values ($1, 'old', gen_random_uuid(), now() - interval '30 days 1 minute'), ($1, 'young', gen_random_uuid(), now() - interval '29 days')`, c.a.ID)
	db.Admin(t, `insert into outbox.email (id, kind, sealed, expires_at, created_at) values (gen_random_uuid(), 'old', 'x', now(), now() - interval '30 days 1 minute'), (gen_random_uuid(), 'young', 'x', now(), now() - interval '29 days')`)
	relay := attacker{conn: db.Connect(t, db.RelayURL()).PgConn(), start: "begin", end: "rollback"}
	for sql, want := range map[string]bool{"select 1 from outbox.event where kind = 'young'": true,
		"delete from outbox.event where kind = 'old' returning 1":  true,
		"delete from outbox.event where kind <> 'old' returning 1": false,
		"delete from outbox.email where kind = 'old' returning 1":  true,
		"delete from outbox.email where kind <> 'old' returning 1": false} {
		if got := relay.try(sql); got.code != "" || (len(got.rows) > 0) != want {
			t.Errorf("%s: %s", sql, got)
		}
	}
}
