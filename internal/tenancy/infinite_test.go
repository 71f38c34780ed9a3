package tenancy_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// unreadable are, per table and column, values that fit the column's type and that no program can read.
var unreadable = map[string]map[string][]string{
	"market.busy": {"starts_at": {"'-infinity'"}, "ends_at": {"'infinity'"},
		"expires_at": {"'infinity'", "'-infinity'"}},
	"market.availability": {"next_at": {"'infinity'", "'-infinity'"}, "base_day": {"'infinity'"},
		"checked_at": {"'infinity'"}},
	"market.appointment_index": {"starts_at": {"'infinity'", "'-infinity'"}},
	"market.listing": {"updated_at": {"'infinity'"}, "payers_confirmed": {"'infinity'"}, "access": {"'{asl,null}'"},
		"access_evidence": {"'{null}'"}, "languages": {"'{null,en}'"}, "interpreted": {"'{null}'"},
		"telehealth_states": {"'{null}'"},
		"payers_accepted":   {"'{null}'"}, "payers_refused": {"'{a,null,b}'"}, "resources": {"'{null}'"}},
	"outbox.email": {"expires_at": {"'infinity'", "'-infinity'"}},
	"appointment": {"starts_at": {"'-infinity'"}, "ends_at": {"'infinity'"},
		"held_until": {"'infinity'", "'-infinity'"}},
	"claim": {"starts_at": {"'-infinity'"}, "ends_at": {"'infinity'"},
		"expires_at": {"'infinity'", "'-infinity'"}},
}

// readable are their neighbors, which stay allowed.
var readable = []string{
	"update market.busy set expires_at = null, ends_at = '9999-12-31'",
	"update market.availability set next_at = null, base_day = '1970-01-01'",
	`update market.listing set payers_confirmed = null, access = '{}', access_evidence = '{""}'`,
	`update market.listing set languages = '{en,"null"}'`,
	"update market.appointment_index set starts_at = '9999-12-31'",
	"update outbox.email set leased_until = '-infinity', expires_at = '1970-01-01'",
	"update appointment set starts_at = '1970-01-01', ends_at = '9999-12-31'",
	"update claim set expires_at = '9999-12-31'",
}

func TestTimesAndListsThatNoProgramCanReadAreRefused(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c, admin := db.Clinic(t), db.Connect(t, db.AdminURL())
	offering, now := c.Offering(t), time.Now()
	day := civil.Today(offering.Schedule.Location(), now).AddDays(2)
	days, err := booking.FreeDays(t.Context(), booking.NewBusyCache(db.Gateway.Public(), 0, nil), offering, day, day, now)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Unix(days[0].Times[0], 0)
	held, err := booking.Hold(t.Context(), c.In(uuid.Nil), offering, start, booking.Holder{ID: uuid.New()}, now)
	if err != nil {
		t.Fatal(err)
	}
	db.Admin(t, `insert into market.appointment_index select $1, $2, $3, now()`, held.ID, c.ID,
		db.Account(t, "Maya Okafor"))
	db.Admin(t, `insert into market.availability (listing_id, tenant_id, base_day, parts, checked_at)
		select id, tenant_id, current_date, '', now() from market.listing on conflict do nothing`)
	db.Admin(t, `insert into outbox.email (id, kind, sealed, expires_at) values (gen_random_uuid(), 'test', '', now())`)
	for table, columns := range unreadable {
		for column, values := range columns {
			for _, value := range values {
				sql := "update " + table + " set " + column + " = " + value
				if code := tried(t, admin, c.Schema, sql); code != "23514" {
					t.Errorf("%s: %q", sql, code)
				}
			}
		}
	}
	for _, sql := range readable {
		if code := tried(t, admin, c.Schema, sql); code != "" {
			t.Errorf("control: %s: %q", sql, code)
		}
	}
}

// Shared rows from before that nobody can read: of each kind that the migration mends.
const unreadableOfBefore = `insert into directory.tenant (id, slug, kind, name, zone, schema_name)
		values ('00000000-0000-0000-0000-000000000001', 'before', 'clinic', 'B', 'UTC', 't_0000000000000001');
	insert into market.reason (code, kind, name, minutes, price_low_cents, price_high_cents)
		values ('C01', 'clinic', 'R', 30, 1, 2);
	insert into market.listing (id, tenant_id, location_id, location_name, street, city, state, zip, lat, lon,
			service_id, reason_code, resources, schedule, schedule_version, access, access_evidence, languages,
			payers_confirmed, updated_at)
		select gen_random_uuid(), id, id, '', '', '', '', '', 0, 0, id, 'C01', array[id, null], '{}', 1, '{asl,null}',
			'{a,b}', '{null,en}', 'infinity', 'infinity' from directory.tenant;
	insert into market.availability select id, tenant_id, 'infinity', current_date, '', now() from market.listing;
	insert into market.busy select gen_random_uuid(), id, id, now(), e.at, e.at from directory.tenant,
		(values ('infinity'::timestamptz), (now() + interval '1 hour')) e (at);
	insert into outbox.email (id, kind, sealed, expires_at) values (gen_random_uuid(), 'test', '', 'infinity')`

func TestSharedRowsFromBeforeThatNoProgramCouldReadAreMended(t *testing.T) {
	owner, admin, drop := sharedAt(t, 12)
	defer drop()
	if _, err := admin.Exec(t.Context(), unreadableOfBefore); err != nil {
		t.Fatal(err)
	}
	gated := []string{"market.listing", "market.busy", "market.availability", "outbox.email"}
	for _, table := range gated {
		if _, err := admin.Exec(t.Context(), "alter table "+table+" enable row level security; alter table "+table+
			" force row level security"); err != nil {
			t.Fatal(err)
		}
	}
	if err := owner.MigrateSharedTo(t.Context(), 13); err != nil {
		t.Fatal(err)
	}
	if got := column1(t, admin, `select access::text, access_evidence::text, languages::text, cardinality(resources),
		payers_confirmed is null, updated_at <= now() from market.listing`)[0]; got != "{asl} {} {en} 1 t t" {
		t.Errorf("the listing came over as %s", got)
	}
	if got := column1(t, admin, `select (select count(*) from market.busy), (select count(*) from market.availability),
		(select count(*) from outbox.email where expires_at = created_at)`)[0]; got != "1 0 1" {
		t.Errorf("busy times, availabilities, emails that are over: %s", got)
	}
	for _, table := range gated {
		if got := column1(t, admin, "select relforcerowsecurity from pg_class where oid = '"+table+
			"'::regclass"); got[0] != "t" {
			t.Errorf("the gate of %s was left open", table)
		}
	}
}
