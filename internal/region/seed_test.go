package region

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

func publish(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant) error {
	return search.Publish(ctx, q, t, noon)
}

const password = "fox-point-at-nine"

func totpSecret(email string) string {
	return base32.StdEncoding.EncodeToString([]byte((email + "twenty letters more")[:20]))
}

func small(seed uint64) Options {
	return Options{Password: password, TOTPSecret: totpSecret,
		Organizations: 4, Seed: seed, Now: noon, Appointments: true, Publish: publish,
		HashPassword: func(s string) (string, error) { return "hash of " + s, nil }, ConsentVersion: "2026-11",
		ConsentText: "We share what you typed."}
}

func seed(t testing.TB, db *pgtest.DB, o Options) Summary {
	t.Helper()
	sum, err := Seed(t.Context(), db.Owner, db.Gateway, o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// value reads one value as the administrator.
func value[T any](t testing.TB, db *pgtest.DB, sql string, args ...any) (out T) {
	t.Helper()
	if err := db.Connect(t, db.AdminURL()).QueryRow(t.Context(), sql, args...).Scan(&out); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// digests are one per table of everything that a region writes, but for the moments of writing and salted secrets.
func digests(t testing.TB, db *pgtest.DB) map[string]string {
	t.Helper()
	conn := db.Connect(t, db.AdminURL())
	rows, err := conn.Query(t.Context(), `select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and (n.nspname ~ '^t_' or n.nspname = 'market' or n.nspname = 'directory' and c.relname in ('tenant', 'account')) order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range tables {
		var digest string
		err := conn.QueryRow(t.Context(), `select count(*) || ' ' || md5(coalesce(string_agg(r, '|' order by r collate "C"), ''))
			from (select (to_jsonb(x) - 'created_at' - 'updated_at' - 'checked_at')::text as r from `+table+` x) y`).Scan(&digest)
		if err != nil {
			t.Fatal(err)
		}
		out[table] = digest
	}
	return out
}

func same(t testing.TB, a, b map[string]string) {
	t.Helper()
	if len(a) != len(b) || len(a) < 60 {
		t.Errorf("%d and %d tables", len(a), len(b))
	}
	for table := range a {
		if a[table] != b[table] {
			t.Errorf("%s: %s and %s", table, a[table], b[table])
		}
	}
}

func TestTheSameOptionsMakeTheSameRowsAndASecondRunChangesNothing(t *testing.T) {
	one, two := pgtest.Fresh(t, tenancy.Options{Wait: time.Minute}), pgtest.Fresh(t, tenancy.Options{Wait: time.Minute})
	first := seed(t, one, small(1))
	seed(t, two, small(1))
	before := digests(t, one)
	same(t, before, digests(t, two))

	events := value[int](t, one, `select count(*) from outbox.event`)
	again := seed(t, one, small(1))
	if again.Made != 0 || again.Found != 4 || first.Made != 4 || first.Found != 0 ||
		!slices.Equal(again.Logins, first.Logins) || len(first.Logins) != 2+len(employees) {
		t.Errorf("first %+v, again %+v", first, again)
	}
	if again.String() != "The region stands: 4 organizations. Nothing was changed." {
		t.Error(again)
	}
	same(t, before, digests(t, one))
	if n := value[int](t, one, `select count(*) from outbox.event`); n != events {
		t.Errorf("the second run appended %d events", n-events)
	}

	// Logins whose people gave themselves another address are the same people.
	moved := []uuid.UUID{first.Logins[0].ID, first.Logins[len(first.Logins)-1].ID}
	one.Admin(t, `update directory.account set email = 'moved-' || email where id = any ($1)`, moved)
	if again := seed(t, one, small(1)); !slices.Equal(again.Logins, first.Logins) {
		t.Errorf("after two have another address: %+v", again)
	}
	one.Admin(t, `update directory.account set email = substr(email, 7) where id = any ($1)`, moved)
	same(t, before, digests(t, one))

	var said []string
	o := small(2)
	o.Say = func(s string) { said = append(said, s) }
	if other := seed(t, one, o); other.Made != 0 || len(said) != 1 {
		t.Errorf("another seed: %+v, said %q", other, said)
	}
	same(t, before, digests(t, one))
}

func TestARunThatIsKilledHalfWayIsGoneOnWith(t *testing.T) {
	whole, halved := pgtest.Fresh(t, tenancy.Options{Wait: time.Minute}),
		pgtest.Fresh(t, tenancy.Options{Wait: time.Minute})
	seed(t, whole, small(1))

	ctx, kill := context.WithCancel(t.Context())
	var published atomic.Int32
	o := small(1)
	o.Publish = func(ctx context.Context, q *tenantdb.Queries, x tenancy.Tenant) error {
		if published.Add(1) == 3 {
			kill()
		}
		return publish(ctx, q, x)
	}
	if _, err := Seed(ctx, halved.Owner, halved.Gateway, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	listings := value[int](t, halved, `select count(distinct tenant_id) from market.listing`)
	if tenants := value[int](t, halved, `select count(*) from directory.tenant`); tenants >= 4 && listings >= 4 ||
		tenants == listings {
		t.Fatalf("%d tenants, %d of them with listings: nothing was left half done", tenants, listings)
	}
	rest := seed(t, halved, small(1))
	if rest.Found != listings || rest.Found+rest.Made != 4 {
		t.Errorf("%d were whole, then %+v", listings, rest)
	}
	same(t, digests(t, whole), digests(t, halved))
}

func TestWhatIsPublishedAgreesWithTheCalendar(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{Wait: time.Minute})
	o := small(1)
	sum := seed(t, db, o)
	g, all := calendars(t, Options{Seed: 1, Organizations: 4})
	visits, offerings := 0, 0
	for _, c := range all {
		visits, offerings = visits+len(c.visits), offerings+len(c.offerings)
	}
	if n := value[int](t, db, `select count(*) from market.listing`); n != sum.Offerings || n != offerings {
		t.Errorf("%d listings, %d offerings", n, sum.Offerings)
	}
	if sum.Appointments < visits || sum.Appointments > visits+3 { // Maya's three displace what would have been there
		t.Logf("%d appointments, %d without logins", sum.Appointments, visits)
	}
	conn := db.Connect(t, db.AdminURL())
	rows, err := conn.Query(t.Context(),
		`select l.id, l.schedule, l.resources from market.listing l where l.practitioner_id is not null or cardinality(l.resources) > 0`)
	if err != nil {
		t.Fatal(err)
	}
	type published struct {
		plan      *booking.Schedule
		resources []uuid.UUID
	}
	plans := map[uuid.UUID]published{}
	for rows.Next() {
		var id uuid.UUID
		var raw []byte
		var p published
		if err := rows.Scan(&id, &raw, &p.resources); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &p.plan); err != nil {
			t.Fatal(err)
		}
		plans[id] = p
	}
	checked, claims := 0, 0
	for _, c := range all {
		rows, err := conn.Query(t.Context(), fmt.Sprintf(`select a.offering_id, a.resource_id, extract(epoch from a.starts_at)::bigint, extract(epoch from c.starts_at)::bigint,
			extract(epoch from c.ends_at)::bigint, b.resource_id is not null and b.starts_at = c.starts_at and b.ends_at = c.ends_at and b.expires_at is null
			from %[1]s.claim c join %[1]s.appointment a on a.id = c.appointment_id left join market.busy b on b.id = c.id and b.resource_id = c.resource_id`,
			value[string](t, db, `select schema_name from directory.tenant where slug = $1`, c.tenant.Slug)))
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var offering, resource uuid.UUID
			var start, from, to int64
			var shadow bool
			if err := rows.Scan(&offering, &resource, &start, &from, &to, &shadow); err != nil {
				t.Fatal(err)
			}
			claims++
			p := plans[offering]
			day := civil.DateOf(p.plan.Local(start))
			if !shadow || !slices.Contains(p.resources, resource) ||
				p.plan.Claim(start) != (booking.Range{Start: from, End: to}) {
				t.Fatalf("claim of offering %s at %d", offering, start)
			}
			if !slices.Contains(p.plan.Times(nil, day, day, booking.Pool{nil}, eve(p.plan, day)), start) {
				t.Fatalf("the published plan of %s does not know %s", offering, p.plan.Local(start))
			}
			checked++
		}
	}
	if n := value[int](t, db, `select count(*) from market.busy`); n != claims || claims == 0 {
		t.Errorf("%d busy ranges for %d claims", n, claims)
	}
	t.Logf("%d claims agree with their published plans, today is %s", checked, g.today)
}

func TestMayaHasAppointmentsAndLeoIsNewEverywhere(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{Wait: time.Minute})
	db.Admin(t, `insert into directory.account (id, email, name) values (gen_random_uuid(), 'leo@example.test', 'Leo himself')`)
	o := small(1)
	o.Organizations = 3
	sum := seed(t, db, o)
	maya, leo := sum.Logins[0], sum.Logins[1]
	if maya.Email != "maya@example.test" || maya.Name != "Maya Okafor" ||
		value[string](t, db, `select hash from directory.password where account_id = $1`, maya.ID) != "hash of "+password {
		t.Errorf("%+v", maya)
	}
	if name := value[string](t, db, `select name from directory.account where id = $1`, leo.ID); name != "Leo himself" {
		t.Errorf("an account that was there is now of %s", name)
	}
	tenants, err := db.Gateway.Shared(db.Gateway.Admit(
		tenancy.Tenant{}, tenancy.Caller{Subject: maya.ID})).AppointmentTenants(t.Context(), maya.ID)
	if err != nil || len(tenants) != 2 {
		t.Fatalf("appointments at %d organizations: %v", len(tenants), err)
	}
	var states []string
	for _, id := range tenants {
		tenant, err := db.Gateway.TenantByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		own := db.Gateway.Once(db.Gateway.Admit(tenant, tenancy.Caller{Subject: maya.ID}))
		visits, err := own.AccountAppointments(t.Context(), maya.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range visits {
			page, err := own.AppointmentPage(t.Context(), v.ID, &maya.ID)
			if err != nil || page.Patient != "Maya Okafor" {
				t.Errorf("booked for %q: %v", page.Patient, err)
			}
			states = append(states, tenant.Slug+" "+page.Status)
		}
		if n := value[int](t, db, fmt.Sprintf(`select count(*) from %s.consent where version = '2026-11'`,
			tenant.Schema)); n != 1 {
			t.Errorf("%d consents at %s", n, tenant.Name)
		}
	}
	slices.Sort(states)
	if want := []string{"fox-point-family-clinic booked", "fox-point-family-clinic fulfilled",
		"wickenden-diagnostics booked"}; !slices.Equal(states, want) {
		t.Error(states)
	}
	if n := value[int](t, db, `select count(*) from market.appointment_index where account_id = $1`, leo.ID); n != 0 {
		t.Errorf("Leo has %d", n)
	}
	if n, all := value[int](t, db, `select count(*) from market.appointment_reference`), sum.Appointments; n != all || n == 0 {
		t.Errorf("%d of %d appointments are found by their reference", n, all)
	}
}

func TestARegionWithoutLoginsAppointmentsOrMarketIsPossible(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{Wait: time.Minute})
	sum := seed(t, db, Options{Organizations: 3, Now: noon})
	if len(sum.Logins) != 0 || sum.Appointments != 0 || sum.Made != 3 ||
		value[int](t, db, `select count(*) from directory.account`) != 0 ||
		value[int](t, db, `select count(*) from market.listing`) != 0 {
		t.Errorf("%+v", sum)
	}
	if n := value[int](t, db, `select count(*) from market.reason`); n != 101 {
		t.Errorf("%d reasons", n)
	}
	if n := value[int](t, db, `select count(*) from market.zip_code`); n < 40 {
		t.Errorf("%d places", n)
	}
	if n := value[int](t, db, `select count(*) from market.payer`); n != 24 {
		t.Errorf("%d payers", n)
	}
}

func TestAForeignOrganizationAtOneOfOurAddressesIsNotTouched(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{Wait: time.Minute})
	_, all := built(t, Options{Seed: 1, Organizations: 4})
	taken := all[3].tenant
	taken.ID = uuid.New()
	if _, err := db.Owner.Provision(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	_, err := Seed(t.Context(), db.Owner, db.Gateway, small(1))
	if err == nil || err.Error() != taken.Slug+" is the address of another organization" {
		t.Error(err)
	}
	if n := value[int](t, db, `select count(*) from directory.tenant`); n != 1 {
		t.Errorf("%d tenants", n)
	}
}
