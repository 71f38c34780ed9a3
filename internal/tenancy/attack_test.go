package tenancy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// reads are ways to read clinic a's patients (TABLE) and their names without asking nicely.
var reads = []string{
	"select * from TABLE", "table TABLE", "select t from only TABLE t", "select count(*) from TABLE having count(*) > 0",
	"select name from TABLE for update", "select name from TABLE for key share",
	"with x as (select * from TABLE) select * from x", "with x as (delete from TABLE returning *) select * from x",
	"select (select string_agg(name, ',') from TABLE) where (select count(*) from TABLE) > 0",
	"update TABLE set name = 'x' returning *", "delete from TABLE returning *",
	"select p.* from patient mine right join TABLE p on true", "select * from TABLE tablesample system (100)",
	"select * from query_to_xml('select name from TABLE', true, false, '') x where x::text like '%canary%'",
	"select table_to_xml('TABLE', true, false, '') x where table_to_xml('TABLE', true, false, '')::text like '%canary%'",
	"select cursor_to_xml('c', 9, true, false, '') from (select 1) x where false",
	"declare c cursor for select * from TABLE; fetch all from c",
	"declare c cursor with hold for select * from TABLE; fetch all from c",
	"prepare p as select * from TABLE; execute p",
	"select set_config('search_path', 'SCHEMA', true); select * from patient",
	"set local search_path = SCHEMA; table patient",
	"set local role none; table TABLE", "reset role; table TABLE", "set local session authorization default; table TABLE",
	"reset session authorization; table TABLE",
	"set local plan_cache_mode = force_generic_plan; prepare p as table TABLE; execute p",
	"select * from TABLE where 1 / (case when name like 'canary%' then 0 else 1 end) = 1",
	"select * from TABLE where name::int = 1", "select * from TABLE order by name::int",
	"select * from TABLE where ctx.refuse(case when name like 'canary%' then 'KW666' end)",
	"insert into patient (id, name) select id, name from TABLE returning *",
	"merge into patient m using TABLE v on false when not matched then insert (id, name) values (v.id, v.name)",
	"merge into TABLE v using (select 1) x on true when matched then delete",
	"insert into resource (id, kind, name) select id, 'room', name from TABLE returning *", "copy TABLE to stdout",
	"copy (select name from TABLE) to stdout",
	"select most_common_vals, histogram_bounds from pg_stats where schemaname = 'SCHEMA'",
	"select * from pg_stats_ext where schemaname = 'SCHEMA'",
	"select * from pg_stats_ext_exprs where schemaname = 'SCHEMA'",
	"select query from pg_stat_activity where query like '%canary-VICTIM%' and pid <> pg_backend_pid()",
	"select * from pg_cursors", "select * from pg_prepared_statements", "select * from pg_seclabels",
	"select * from pg_largeobject_metadata",
	"set local row_security = off; table TABLE",
}

// seen tries every read with every ticket Bob can show, and none, and gives those that led somewhere.
func seen(c fixtures, bob attacker) (found []string) {
	words := strings.NewReplacer("TABLE", c.a.Schema+".patient", "SCHEMA", c.a.Schema, "VICTIM", c.a.ID.String())
	for name, pass := range map[string]string{"no ticket": "", "clinic b": bob.pass(c.db, c.b.ID, c.bob),
		"no clinic": bob.pass(c.db, uuid.Nil, c.bob)} {
		for _, read := range reads {
			sql := words.Replace(read)
			got := bob.try(enter(pass, c.b.Schema) + "; " + sql)
			switch got.code {
			case "42501", "0A000": // refused
			case "":
				if len(got.rows) > 0 || strings.HasPrefix(got.tag, "MERGE") && got.tag != "MERGE 0" {
					found = append(found, name+": "+sql+": "+got.String())
				}
			default: // an error that a row has caused
				found = append(found, name+": "+sql+": "+got.String())
			}
		}
	}
	return found
}

func TestNoReadReachesAnotherClinicsRows(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	db.Admin(t, "analyze "+c.a.Schema+".patient")
	bob := raw(t, db)
	for _, leak := range seen(c, bob) {
		t.Error(leak)
	}
	db.Admin(t, "alter table "+c.a.Schema+".patient disable row level security")
	if n := len(seen(c, bob)); n < 3*20 {
		t.Errorf("control: without row-level security only %d reads lead to a row", n)
	}
}

func TestWithoutAContextNoTableOfAnyClinicHasRows(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	admin := db.Connect(t, db.AdminURL())
	all := append(tablesOf(t, admin, tenants), peopleTables(t, admin)...)
	for _, x := range sharedGated(t, admin) {
		if !open[x.String()] {
			all = append(all, x)
		}
	}
	visible := func() (found []string) {
		for role, who := range map[string]attacker{app: raw(t, db), identity: rawIdentity(t, db)} {
			var each []string
			for _, x := range all {
				if may(role, x, "select") {
					each = append(each, fmt.Sprintf("select '%s' from %s having count(*) > 0", x, x))
				}
			}
			got := who.try(strings.Join(each, " union all "))
			if got.code != "" {
				t.Fatal(got)
			}
			found = append(found, got.rows...)
		}
		return found
	}
	if found := visible(); len(found) > 0 {
		t.Errorf("without a context these have rows: %v", found)
	}
	db.Admin(t, "drop policy gate on "+c.a.Schema+".consent")
	db.Admin(t, "create policy gate on "+c.a.Schema+".consent using (true)")
	if found := visible(); len(found) != 1 {
		t.Errorf("control: one gate is open, %d tables show rows: %v", len(found), found)
	}
}

func TestTheAppsOwnLoginHasNoMorePowerThanItsRole(t *testing.T) {
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	bob := raw(t, db)
	for _, sql := range append(refusedHere(t, db.Connect(t, db.AdminURL())), "set session authorization postgres",
		"set session authorization kindward_owner", "set role kindward_owner",
		"set session session_replication_role = replica", "alter role kindward_app bypassrls",
		"grant kindward_ctx to kindward_app with admin option") {
		if got := bob.asBob(c, strings.ReplaceAll(sql, "SCHEMA", c.b.Schema)); got.code != "42501" {
			t.Errorf("%s: %s", sql, got)
		}
	}
	own := rawIdentity(t, db)
	for _, sql := range []string{"select 1 from " + c.a.Schema + ".patient", "select 1 from market.listing",
		"select 1 from market.appointment_index", "select 1 from directory.known_key", "select 1 from outbox.event",
		"select 1 from outbox.email", "select 1 from outbox.cursor", "update audit.event set action = 'x'",
		"update audit.alert set review_note = 'x'", "update directory.tenant set name = 'x'", "select 1 from ctx.key",
		"delete from directory.account", "update directory.membership set role = 'owner'",
		"update directory.staff set role = 'administrator'", "update directory.api_key set scopes = '{}'",
		"create temp table x ()", "set role kindward_app", "set role kindward_relay",
		"set session authorization kindward_app",
		"do 'begin end'", "alter role kindward_identity bypassrls"} {
		if got := own.try(sql); got.code != "42501" {
			t.Errorf("identity: %s: %s", sql, got)
		}
	}
	relay := attacker{conn: db.Connect(t, db.RelayURL()).PgConn(), start: "begin", end: "rollback"}
	for _, sql := range []string{"select 1 from " + c.a.Schema + ".patient", "select 1 from market.listing",
		"select 1 from directory.account", "select 1 from directory.staff", "select 1 from directory.session",
		"insert into audit.event (purpose, resource, action, outcome) values ('x', 'x', 'x', 'success')",
		"delete from audit.event", "update audit.leaf set hash = ''", "delete from audit.node",
		"update audit.checkpoint set root = ''", "select 1 from ctx.key",
		"insert into outbox.email (id, kind, sealed, expires_at) values (gen_random_uuid(), 'x', 'x', now())",
		"update outbox.email set kind = 'x'", "update outbox.email set expires_at = now()",
		"insert into outbox.event (kind, subject_id) values ('x', gen_random_uuid())", "update outbox.event set kind = 'x'",
		"create temp table x ()", "set role kindward_app", "do 'begin end'"} {
		if got := relay.try(sql); got.code != "42501" {
			t.Errorf("relay: %s: %s", sql, got)
		}
	}
}

func TestATicketOpensItsClinicOnItsConnectionForAMinute(t *testing.T) {
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	alice, other := raw(t, db), raw(t, db)
	read := func(who attacker, pass string) outcome {
		return who.try(enter(pass, c.a.Schema) + "; select id from patient")
	}
	good := alice.pass(db, c.a.ID, c.alice)
	if got := read(alice, good); len(got.rows) != 1 {
		t.Fatalf("a good ticket opens nothing: %s", got)
	}
	if got := read(alice, alice.pass(db, uuid.Nil, c.alice)); got.code != "" || len(got.rows) != 0 {
		t.Errorf("a ticket without a clinic: %s", got)
	}
	if got := read(other, good); got.code != "42501" || !strings.Contains(got.message, "other connection") {
		t.Errorf("replayed on another connection: %s", got)
	}
	if got := read(alice, tenancy.MintTicket(db.Keys.Current(), c.a.ID, c.alice, time.Now().Add(-time.Second),
		alice.conn.PID())); !strings.Contains(got.message, "expired") {
		t.Errorf("a second too old: %s", got)
	}
	for i := range len(good) {
		for _, flip := range []byte{0x01, 0x20, 0x08} { // another letter, the other case, another sign
			bad := []byte(good)
			if bad[i] ^= flip; bad[i] < ' ' || bad[i] == '\'' || bad[i] >= 0x7f {
				continue
			}
			if got := read(alice, string(bad)); got.code != "42501" {
				t.Fatalf("byte %d flipped to %q: %s", i, bad[i], got)
			}
		}
	}
	for _, cut := range []string{good[:len(good)-1], good[1:], good + "0", " " + good, strings.ToUpper(good), "......",
		".", "-.-.-.-.-.-", strings.Repeat("a.", 5000)} {
		if got := read(alice, cut); got.code != "42501" {
			t.Errorf("%.40q: %s", cut, got)
		}
	}
}

func TestTheDatabasesClockEndsATicketWhateverTheProgramsClockSays(t *testing.T) { // F05
	shift := time.Duration(0)
	db := pgtest.Fresh(t, tenancy.Options{Now: func() time.Time { return time.Now().Add(shift) }})
	c := newFixtures(t, db)
	count := func() (n int, err error) {
		err = db.Gateway.Alone(db.Gateway.Admit(c.a, tenancy.Caller{Subject: c.alice})).QueryRow(t.Context(),
			"select count(*) from patient").Scan(&n)
		return n, err
	}
	if n, err := count(); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	shift = -tenancy.TicketLife - 2*time.Second
	if _, err := count(); tenancy.Code(err) != "42501" {
		t.Errorf("a ticket that ran out opens: %v", err)
	}
	if n, err := db.Gateway.Public().Tenants(t.Context()); err != nil || len(n) != 2 {
		t.Errorf("public rows need no clock: %v", err)
	}
	shift = 0
	if n, err := count(); n != 1 || err != nil {
		t.Error("does not recover:", n, err)
	}
}

func TestAnotherClinicsPathShowsNothing(t *testing.T) { // A02
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	admin := db.Connect(t, db.AdminURL())
	bob := raw(t, db)
	for _, x := range tenantTables(t, admin, c.a.Schema) {
		pass := bob.pass(db, c.b.ID, c.bob)
		if got := bob.try(enter(pass, c.a.Schema) + "; select count(*) from " + x.name); len(got.rows) != 1 ||
			got.rows[0] != "0" {
			t.Errorf("b's ticket on a's path reads %s: %s", x.name, got)
		}
		x.schema = "pg_temp" // unqualified would be ambiguous to read here; the path decides
		if got := bob.try(enter(pass, c.a.Schema) + "; " +
			strings.Replace(canary(x, c.b.ID, c.bob), "pg_temp.", "", 1)); got.code != "42501" {
			t.Errorf("b's ticket on a's path writes %s: %s", x.name, got)
		}
	}
	// The gateway itself never mixes them up: a scope's path and ticket are signed together.
	mixed := c.b
	mixed.Schema = c.a.Schema
	var n int
	if err := db.Gateway.Alone(db.Gateway.Admit(mixed, tenancy.Caller{})).QueryRow(t.Context(),
		"select count(*) from patient").Scan(&n); err != nil || n != 0 {
		t.Errorf("a registry row with the wrong schema shows %d rows, %v", n, err)
	}
}

func TestNothingLeftOnAConnectionIsAContext(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 1})
	c := newFixtures(t, db)
	ctx := t.Context()
	mallory := db.Gateway.Admit(c.a, tenancy.Caller{Subject: c.alice})
	leave := func() {
		t.Helper()
		err := db.Gateway.Atomically(ctx, mallory, func(tx tenancy.DBTX) error {
			for _, sql := range []string{"select set_config('app.ctx', current_setting('app.ctx'), false)",
				"select set_config('search_path', current_setting('search_path'), false)",
				"prepare left_behind as select name from patient", "declare c cursor with hold for select 1"} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	leave()
	indexed := "select count(*) from market.appointment_index"
	var left, n int
	if err := db.Gateway.Pool().QueryRow(ctx, indexed).Scan(&left); err != nil || left == 0 {
		t.Fatalf("control: nothing was left on the connection: %d %v", left, err)
	}
	if err := db.Gateway.Alone(tenancy.Scope{}).QueryRow(ctx, indexed).Scan(&n); err != nil || n != 0 {
		t.Errorf("a public query sees %d rows of who was here before, %v", n, err)
	}
	if err := db.Gateway.Alone(tenancy.Scope{}).QueryRow(ctx, "select count(*) from patient").Scan(&n); err != nil ||
		n != 0 {
		t.Errorf("a public query on the path of who was here before: %d rows, %v", n, err)
	}
	bob := db.Gateway.Admit(c.b, tenancy.Caller{Subject: c.bob})
	rows, err := db.Gateway.Alone(bob).Query(ctx, "execute left_behind")
	if err == nil {
		var names []string
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		if strings.Contains(strings.Join(names, ","), c.a.ID.String()) {
			t.Errorf("a prepared statement left behind reads clinic a's rows: %v", names)
		}
	}
	if err != nil {
		t.Log("left behind:", err)
	}
	if err := db.Gateway.Alone(bob).QueryRow(ctx, "select count(*) from patient where name like '%"+c.a.ID.String()+
		"%'").Scan(&n); err != nil || n != 0 {
		t.Errorf("Bob sees %d rows of clinic a, %v", n, err)
	}
}

func TestOtherSessionsSeeNoValuesOfOurs(t *testing.T) {
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	bob := raw(t, db)
	spied := func() outcome {
		return bob.asBob(c, "select query from pg_stat_activity where pid <> pg_backend_pid() and (query like '%canary-secret%' or query like '%"+c.a.ID.String()+"%')")
	}
	err := db.Gateway.Atomically(t.Context(), db.Gateway.Admit(c.a, tenancy.Caller{Subject: c.alice}),
		func(tx tenancy.DBTX) error {
			if _, err := tx.Exec(t.Context(), "select $1::text", "canary-secret"); err != nil {
				return err
			}
			if got := spied(); len(got.rows) > 0 || got.code != "" {
				t.Errorf("another session reads %s", got)
			}
			if _, err := tx.Exec(t.Context(), "select 'canary-secret'"); err != nil {
				return err
			}
			if got := spied(); len(got.rows) == 0 {
				t.Error("control: a literal is not seen either, the test looks at the wrong place")
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEstimatesTellNothingAboutAnotherClinicsPatients(t *testing.T) {
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	patient := c.a.Schema + ".patient"
	bob := raw(t, db)
	differ := func() bool {
		db.Admin(t, "analyze "+patient)
		shown := func(name string) string {
			got := bob.asBob(c, "explain select from "+patient+" where name = '"+name+"'")
			if len(got.rows) == 0 {
				t.Fatal(got)
			}
			return got.rows[0]
		}
		return shown("Jane Doe") != shown("Nobody Here")
	}
	db.Admin(t, "insert into "+patient+
		" (id, name) select gen_random_uuid(), case when n % 2 = 0 then 'Jane Doe' else n::text end from generate_series(1, 10000) n")
	if differ() {
		t.Error("the planner's estimate tells whether a name is common in another clinic")
	}
	db.Admin(t, "alter table "+patient+" alter name set statistics 100")
	if !differ() {
		t.Error("control: with statistics the estimates do not differ either")
	}
}
