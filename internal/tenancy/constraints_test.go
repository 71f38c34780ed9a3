package tenancy_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/npi"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/migrations"
)

// tried gives the SQLSTATE of a statement in a clinic's schema, sent by the administrator and taken back; "" = it was
// accepted.
func tried(t *testing.T, conn *pgx.Conn, schema, sql string, args ...any) string {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), "set local search_path = "+schema); err != nil {
		t.Fatal(err)
	}
	_, err = tx.Exec(t.Context(), sql, args...)
	if err != nil && tenancy.Code(err) == "" {
		t.Fatal(err)
	}
	return tenancy.Code(err)
}

var zones = map[string]bool{
	"UTC": true, "America/New_York": true, "America/Port-au-Prince": true, "America/Argentina/Buenos_Aires": true,
	"Asia/Kolkata": true,
	"":             false, "EST": false, "Nowhere/Land": false, "America/New York": false, "Foo3": false, "Foo+3": false,
	"Foo/Bar3": false, "EST5EDT": false,
	"+02:00": false, "America": false, "America/": false, "america/new_york": false, "UTC ": false, "'": false,
}

func TestAZoneIsAPlaceThatPostgresKnows(t *testing.T) {
	db := pgtest.Open(t)
	clinic, admin := db.Clinic(t), db.Connect(t, db.AdminURL())
	for zone, good := range zones {
		for _, sql := range []string{"update location set zone = $1", "update directory.tenant set zone = $1"} {
			code := tried(t, admin, clinic.Schema, sql, zone)
			if good && code != "" || !good && code != "23514" && code != "22023" {
				t.Errorf("%s with %q: %q", sql, zone, code)
			}
		}
	}
}

func TestTheSchemaKnowsAnNPIAsTheProgramDoes(t *testing.T) {
	db := pgtest.Open(t)
	clinic, admin := db.Clinic(t), db.Connect(t, db.AdminURL())
	file, err := os.Open("../npi/testdata/npi_vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	good := 0
	try := func(value string, valid bool) {
		code := tried(t, admin, clinic.Schema, "update practitioner set npi = $1", value)
		if valid != (code == "") || !valid && code != "23514" {
			t.Errorf("%q: %q", value, code)
		}
		if valid {
			good++
		}
	}
	for _, line := range lines[1:] {
		try(line[0], line[1] == "t")
	}
	right := []byte(npi.Synthetic(4711))
	for i := range right {
		for c := byte('0'); c <= '9'; c++ {
			changed := append([]byte(nil), right...)
			changed[i] = c
			try(string(changed), npi.Valid(string(changed)))
		}
	}
	try("", true) // not known
	if good < 12 {
		t.Errorf("control: only %d were accepted", good)
	}
}

func TestRowsThatNothingCouldMeanAreRefused(t *testing.T) {
	db := pgtest.Open(t)
	c, admin := db.Clinic(t), db.Connect(t, db.AdminURL())
	stranger := uuid.New()
	for _, x := range []struct {
		sql  string
		args []any
		code string
	}{
		{"update practitioner set gender = 'other'", nil, "23514"},
		{"update practitioner set gender = 'Female'", nil, "23514"},
		{"update practitioner set gender = 'nonbinary'", nil, ""},
		{"update practitioner set age_from = 18", nil, ""},
		{"update practitioner set age_to = 17", nil, ""},
		{"update practitioner set age_from = 13, age_to = 13", nil, ""},
		{"update practitioner set age_from = 18, age_to = 17", nil, "23514"},
		{"update practitioner set age_from = 0", nil, "23514"},
		{"update practitioner set age_to = 0", nil, "23514"},
		{"update practitioner set age_to = 121", nil, "23514"},
		{"update market.listing set age_from = 18, age_to = 17", nil, "23514"},
		{"update market.listing set age_from = 18, age_to = 64", nil, ""},
		{"insert into location_access values ($1, 'step_free', 'Seen')", []any{c.Location}, ""},
		{"insert into location_access values ($1, 'step_free=Seen', '')", []any{c.Location}, "23514"},
		{"insert into location_access values ($1, '', '')", []any{c.Location}, "23514"},
		{"insert into location_access values ($1, 'asl', ''), ($1, 'asl', 'twice')", []any{c.Location}, "23505"},
		{"insert into location_access values ($1, 'asl', '')", []any{stranger}, "23503"},
		{"insert into offering_resource values ($1, $2, 9)", []any{c.OfferingID, stranger}, "23503"},
		{"insert into offering_resource values ($1, $2, 9)", []any{stranger, c.Resources[0]}, "23503"},
		{"insert into offering_resource values ($1, $2, 9)", []any{c.OfferingID, c.Resources[0]}, "23505"},
		{"delete from resource", nil, "23503"},
	} {
		if got := tried(t, admin, c.Schema, x.sql, x.args...); got != x.code {
			t.Errorf("%s: %q, want %q", x.sql, got, x.code)
		}
	}
}

// What clinics had before: facts as texts, resources as an array, some of them twice.
const rowsOfBefore = `set search_path = %s;
	insert into location (id, name, street, city, state, zip, lat, lon, zone, access) values
		('00000000-0000-0000-0000-000000000001', 'A', '', '', '', '', 0, 0, 'America/New_York', '{"step_free=Checked by a=b","parking","step_free=Again"}'),
		('00000000-0000-0000-0000-000000000002', 'B', '', '', '', '', 0, 0, 'UTC', '{}');
	insert into practitioner (id, name, specialty, gender, npi) values ('00000000-0000-0000-0000-000000000003', 'P', '', 'female', '1234567893');
	insert into resource (id, kind, name) select ('00000000-0000-0000-0000-00000000001' || n)::uuid, 'team', n::text from generate_series(1, 3) n;
	insert into service (id, reason_code, name, minutes) values ('00000000-0000-0000-0000-000000000004', 'C01', 'S', 30);
	insert into schedule (id, location_id) values ('00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000001');
	insert into offering (id, service_id, location_id, schedule_id, resources) values ('00000000-0000-0000-0000-000000000006', '00000000-0000-0000-0000-000000000004',
		'00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000005',
		'{00000000-0000-0000-0000-000000000013,00000000-0000-0000-0000-000000000011,00000000-0000-0000-0000-000000000013}')`

func TestTheRowsOfAClinicFromBeforeComeOver(t *testing.T) {
	db := pgtest.Open(t)
	steps, err := tenancy.Steps()
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7())
	clinic, err := db.Owner.ProvisionBy(t.Context(), tenancy.Tenant{ID: id, Slug: "before-" + id.String()[24:],
		Kind: "clinic", Name: "Before", Zone: "UTC"}, steps[:2])
	if err != nil {
		t.Fatal(err)
	}
	admin := db.Connect(t, db.AdminURL())
	if _, err := admin.Exec(t.Context(), fmt.Sprintf(rowsOfBefore, clinic.Schema)); err != nil {
		t.Fatal(err)
	}
	if err := db.Owner.MigrateTenantsBy(t.Context(), steps[:3], func(string) {}); err != nil {
		t.Fatal(err)
	}
	if got, want := column1(t, admin, "select code || ': ' || evidence from location_access order by code"),
		[]string{"parking: ", "step_free: Checked by a=b"}; !slices.Equal(got, want) {
		t.Errorf("facts: %q", got)
	}
	if got := column1(t, admin,
		"select right(resource_id::text, 2) from offering_resource order by position"); !slices.Equal(got,
		[]string{"13", "11"}) {
		t.Errorf("resources: %v", got)
	}
	for _, table := range []string{"location_access", "offering_resource"} { // the wall stands around the new tables too
		if got := column1(t, admin, "select relrowsecurity and relforcerowsecurity from pg_class where oid = '"+table+
			"'::regclass"); got[0] != "t" {
			t.Errorf("%s is open: %s", table, got[0])
		}
	}
}

func TestBookingsFromBeforeAreFoundByTheirReferences(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	steps, err := tenancy.Steps()
	if err != nil {
		t.Fatal(err)
	}
	const since = 16 // find_by_reference
	id := uuid.Must(uuid.NewV7())
	before, err := db.Owner.ProvisionBy(t.Context(), tenancy.Tenant{ID: id, Slug: "before-" + id.String()[24:],
		Kind: "clinic", Name: "Before", Zone: "UTC"}, steps[:since-1])
	if err != nil {
		t.Fatal(err)
	}
	admin := db.Connect(t, db.AdminURL())
	if _, err := admin.Exec(t.Context(), "set session_replication_role = replica; set search_path = "+before.Schema+`;
		insert into appointment (id, ref, offering_id, status, holder, held_until, patient_id, resource_id, starts_at, ends_at)
		select gen_random_uuid(), 'KW-2222-22' || n, gen_random_uuid(), status, gen_random_uuid(),
			case when status = 'held' then now() end, gen_random_uuid(), gen_random_uuid(), now(), now() + interval '1 hour'
		from unnest('{held,booked,fulfilled}'::text[]) with ordinality s (status, n)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Owner.MigrateTenantsBy(t.Context(), steps[:since], func(string) {}); err != nil {
		t.Fatal(err)
	}
	if got := column1(t, admin, "select ref from market.appointment_reference r join appointment a using (ref)"+
		" where r.appointment_id = a.id and r.tenant_id = '"+id.String()+"' order by 1"); !slices.Equal(got,
		[]string{"KW-2222-222", "KW-2222-223"}) {
		t.Errorf("found are %v", got)
	}
}

func TestListingsFromBeforeTellFactsAndEvidenceApart(t *testing.T) {
	owner, admin, drop := sharedAt(t, 9)
	defer drop()
	if _, err := admin.Exec(t.Context(), `insert into directory.tenant (id, slug, kind, name, zone, schema_name) values ('00000000-0000-0000-0000-000000000001', 'before', 'clinic', 'B', 'America/New_York', 't_0000000000000001');
		insert into market.reason (code, kind, name, minutes, price_low_cents, price_high_cents) values ('C01', 'clinic', 'R', 30, 1, 2);
		insert into market.listing (id, tenant_id, location_id, location_name, street, city, state, zip, lat, lon, service_id, reason_code, resources, schedule, schedule_version, access)
			select gen_random_uuid(), id, id, '', '', '', '', '', 0, 0, id, 'C01', '{}', '{}', 1, '{"step_free=Checked by a=b","asl"}' from directory.tenant;
		alter table market.listing enable row level security; alter table market.listing force row level security`); err != nil {
		t.Fatal(err)
	}
	if err := owner.MigrateSharedTo(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if got := column1(t, admin,
		`select access::text || ' ' || access_evidence::text from market.listing`); got[0] != `{step_free,asl} {"Checked by a=b",""}` {
		t.Errorf("came over as %s", got)
	}
	if got := column1(t, admin,
		`select relforcerowsecurity from pg_class where oid = 'market.listing'::regclass`); got[0] != "t" {
		t.Error("the gate was left open")
	}
}

// sharedAt is a database of the test's own whose shared schemas are at an earlier version, until drop.
func sharedAt(t *testing.T, version int64) (owner *tenancy.Owner, admin *pgx.Conn, drop func()) {
	t.Helper()
	db, name := pgtest.Open(t), "before_"+strings.ReplaceAll(uuid.NewString(), "-", "")
	db.Admin(t, "create database "+name)
	url := strings.Replace(db.AdminURL(), db.Name, name, 1)
	owner, err := tenancy.OpenOwner(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	admin = db.Connect(t, url)
	if _, err := admin.Exec(t.Context(), migrations.Bootstrap, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	if err := owner.MigrateSharedTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	return owner, admin, func() {
		owner.Close()
		db.Admin(t, "drop database "+name+" with (force)")
	}
}
