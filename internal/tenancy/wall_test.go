package tenancy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
)

// wall is every attack that can be written down without knowing what the tables mean. It runs on any set of tables, so
// a new table is attacked from its first day, and on a wall with a hole in it, to see that the hole is found.
type wall struct {
	fixtures
	session  attacker
	template []table
	own      []table // clinic a's tables
	shared   []table
	people   []table // rows of one person, without an organization
	apart    []table // of the directory, all of them
	grants   []string
	refused  []string
	stopped  bool // after the first breach, when one is enough
	enough   bool
	found    []string
	probes   int
}

// newWall attacks inside one administrator's transaction, acting as the roles in turn. Nothing it does stays.
func newWall(t testing.TB, c fixtures, admin *pgx.Conn) *wall {
	t.Helper()
	w := &wall{fixtures: c, own: tenantTables(t, admin, c.a.Schema), shared: sharedGated(t, admin),
		people: peopleTables(t, admin), apart: tablesOf(t, admin, "n.nspname = 'directory'"),
		template: tenantTables(t, admin, tenancy.TemplateSchema),
		grants:   expectedGrants(t, admin), refused: refusedHere(t, admin)}
	w.session = attacker{conn: admin.PgConn(), start: "rollback to savepoint wall"}
	if _, err := admin.Exec(t.Context(), "begin"); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(t.Context(), "savepoint wall"); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *wall) breach(format string, args ...any) {
	w.found = append(w.found, fmt.Sprintf(format, args...))
	w.stopped = w.enough
}

// as acts as a role with a ticket, or "" for none, in clinic a's schema.
func (w *wall) as(role, pass, sql string) outcome {
	w.probes++
	in := show(pass, w.a.Schema)
	if role == app || role == identity {
		in = enter(pass, w.a.Schema)
	}
	return w.session.try("set local session authorization " + role + "; " + in + "; " + sql)
}

// The roles that show tickets: of pages, and of what lets people in.
const app, identity = "kindward_app", "kindward_identity"

func (w *wall) app(pass, sql string) outcome { return w.as(app, pass, sql) }

func (w *wall) aliceHere() string   { return w.session.pass(w.db, w.a.ID, w.alice) }
func (w *wall) bobHere() string     { return w.session.pass(w.db, w.b.ID, w.bob) }
func (w *wall) aliceAtHome() string { return w.session.pass(w.db, uuid.Nil, w.alice) }
func (w *wall) bobAtHome() string   { return w.session.pass(w.db, uuid.Nil, w.bob) }
func (w *wall) bobAsStaff() string  { return w.session.staffPass(w.db, w.bob, uuid.Nil, true) }
func (w *wall) bobAsAlice() string  { return w.session.staffPass(w.db, w.alice, w.bob, false) }

// attack tries everything and gives what got through.
func (w *wall) attack() []string {
	w.found, w.stopped = nil, false
	for _, part := range []func(){w.entering, w.reading, w.writing, w.persons, w.separating, w.owning, w.templates,
		w.tickets, w.powers} {
		if !w.stopped {
			part()
		}
	}
	return w.found
}

// open tables are for everybody to read; personal ones also open for the person they are about.
var (
	open = map[string]bool{"market.listing": true, "market.busy": true, "market.availability": true,
		"directory.sso_domain": true, "kindward_identity onboarding.applied_number": true}
	personal = map[string]bool{"market.appointment_index": true, "audit.event": true, "directory.membership": true,
		"directory.staff_access": true, "onboarding.participant": true}
	forStaff = map[string]bool{"audit.event": true, "audit.alert": true, "directory.membership": true,
		"directory.staff_access": true, "onboarding.answer": true, "onboarding.application": true,
		"onboarding.check_result": true, "onboarding.log": true, "onboarding.participant": true,
		"onboarding.change": true, "onboarding.document": true, "onboarding.signature": true,
		"onboarding.step": true, "market.appointment_reference": true}
)

func (w *wall) reading() {
	for _, role := range []string{app, identity} {
		w.readingAs(role)
	}
	if got := w.as("kindward_relay", "", "select 1 from outbox.event where tenant_id = '"+w.a.ID.String()+
		"'"); len(got.rows) == 0 {
		w.breach("the relay cannot read the outbox: %s", got)
	}
	if got := w.as("kindward_relay", "", "select 1 from outbox.email"); len(got.rows) == 0 {
		w.breach("the worker cannot read the emails that wait: %s", got)
	}
	for _, x := range []string{"audit.event", "audit.alert"} {
		if got := w.as("kindward_relay", "", "select 1 from "+x+" where tenant_id = '"+w.a.ID.String()+
			"'"); len(got.rows) == 0 {
			w.breach("the sealer cannot read %s: %s", x, got)
		}
	}
}

func (w *wall) readingAs(role string) {
	var all []table
	for _, x := range append(append([]table{}, w.own...), w.shared...) {
		if may(role, x, "select") {
			all = append(all, x)
		}
	}
	if len(all) == 0 || w.stopped {
		return
	}
	found := func(x string) bool { return open[x] || open[role+" "+x] }
	for _, who := range []struct {
		name, pass string
		sees       func(string) bool
	}{
		{"nobody", "", func(x string) bool { return open[x] }},
		{"Bob in clinic b", w.bobHere(), func(x string) bool { return found(x) }},
		{"Bob outside of any clinic", w.bobAtHome(), func(x string) bool { return found(x) }},
		{"Alice outside of any clinic", w.aliceAtHome(), func(x string) bool { return found(x) || personal[x] }},
		{"clinic a", w.session.pass(w.db, w.a.ID, uuid.Nil), func(x string) bool { return x != "audit.alert" }},
		{"Bob as staff", w.bobAsStaff(), func(x string) bool { return found(x) || forStaff[x] }},
	} {
		got := w.as(role, who.pass, counts(all, w.a.ID))
		if len(got.rows) != len(all) {
			w.breach("%s cannot count rows as %s: %s", who.name, role, got)
		}
		for _, row := range got.rows {
			name, n, _ := strings.Cut(row, "|")
			if (n != "0") != who.sees(name) {
				w.breach("%s finds %s rows of clinic a in %s as %s", who.name, n, name, role)
			}
		}
		if w.stopped {
			return
		}
	}
}

// tickets that are not good here must be refused aloud.
func (w *wall) tickets() {
	key, pid := w.db.Keys.Current(), w.session.conn.PID()
	mint := func(expires time.Duration, pid uint32) string {
		return tenancy.MintTicket(key, w.a.ID, w.alice, time.Now().Add(expires), pid)
	}
	unknown := key
	unknown.ID = "k00000000"
	forged := key
	forged.Secret = make([]byte, 32)
	good := w.aliceHere()
	for name, pass := range map[string]string{
		"expired":              mint(-2*time.Second, pid),
		"of another backend":   mint(time.Minute, pid+1),
		"of an unknown key":    tenancy.MintTicket(unknown, w.a.ID, w.alice, time.Now().Add(time.Minute), pid),
		"signed by a stranger": tenancy.MintTicket(forged, w.a.ID, w.alice, time.Now().Add(time.Minute), pid),
		"for b, signed for a":  strings.Replace(w.bobHere(), w.b.ID.String(), w.a.ID.String(), 1),
		"with a piece more":    good + ".x",
		"with a piece less":    good[:strings.LastIndex(good, ".")],
		"of other words":       "let me in",
	} {
		for _, x := range []string{"location", "outbox.event", "ctx.tenant()", "ctx.subject()", "ctx.actor()", "ctx.behalf()",
			"ctx.staff()", "ctx.who()"} {
			if got := w.app(pass, "select count(*) from "+x); got.code != "42501" {
				w.breach("a ticket %s opens %s: %s", name, x, got)
			}
		}
		for _, x := range []string{"directory.passkey", "directory.api_key", "directory.staff", "ctx.subject()"} {
			if got := w.as(identity, pass, "select count(*) from "+x); got.code != "42501" {
				w.breach("a ticket %s opens %s: %s", name, x, got)
			}
		}
	}
}

func (w *wall) writing() {
	w.claiming()
	for name, pass := range map[string]string{"nobody yet": "", "Alice": w.aliceHere()} {
		if got := w.as(identity, pass, "insert into outbox.email (id, kind, sealed, expires_at) values (gen_random_uuid(), 'x', 'x', now())"); got.code != "" {
			w.breach("an email for %s cannot be queued: %s", name, got)
		}
	}
	for _, x := range append(append([]table{}, w.own...), w.shared...) {
		for _, role := range writers(x) {
			w.writingAs(role, x)
		}
	}
	for _, x := range w.shared {
		if x.String() == "audit.event" {
			w.signing(app, x)
			w.signing(identity, x)
		}
	}
}

// writers are the roles that write a table, each of which a ticket has to let.
func writers(x table) []string {
	switch {
	case x.schema == "directory", x.String() == "onboarding.invitation", x.String() == "onboarding.guest_link",
		x.String() == "onboarding.expiry_notice":
		return []string{identity}
	case x.String() == "audit.event", x.String() == "outbox.event":
		return []string{app, identity}
	}
	return []string{app}
}

func (w *wall) writingAs(role string, x table) {
	if w.stopped {
		return
	}
	if x.String() == "audit.alert" { // the app adds none; it reviews by column
		if got := w.as(role, w.bobAsStaff(), canary(x, w.a.ID, w.bob)); got.code != "42501" {
			w.breach("staff add an alert: %s", got)
		}
		const review = "update audit.alert set reviewed_at = now(), review_note = 'x', reviewed_by = "
		if got := w.as(role, w.bobAsStaff(), review+"'"+w.alice.String()+"'"); got.code != "42501" {
			w.breach("staff close an alert in another's name: %s", got)
		}
		own := w.as(role, w.bobAsStaff(), review+"ctx.actor() where actor is distinct from ctx.actor()")
		if own.code != "" || own.tag == "UPDATE 0" {
			w.breach("an alert cannot be closed by whoever may: %s", own)
		}
		return
	}
	mine := "x::text like '%" + w.a.ID.String() + "%'"
	for name, pass := range map[string]string{"nobody": "", "Bob": w.bobHere()} {
		if got := w.as(role, pass, canary(x, w.a.ID, w.alice)); got.code != "42501" ||
			!strings.Contains(got.message, "row-level security") {
			w.breach("%s writes into %s: %s", name, x, got)
		}
	}
	if x.tenantID {
		if got := w.as(role, w.bobHere(), canary(x, w.a.ID, w.bob)); got.code != "42501" {
			w.breach("Bob writes as himself into clinic a's %s: %s", x, got)
		}
	}
	if x.String() == "directory.staff_access" { // staff begin it, in their own name
		if got := w.as(role, w.aliceHere(), canary(x, w.a.ID, w.alice)); got.code != "42501" {
			w.breach("Alice begins to act: %s", got)
		}
		if got := w.as(role, w.bobAsStaff(), canary(x, w.a.ID, w.alice)); got.code != "42501" {
			w.breach("staff begin to act in another's name: %s", got)
		}
		if got := w.as(role, w.bobAsStaff(), strings.Replace(canary(x, w.a.ID, w.bob), "'"+w.a.ID.String()+"'",
			"gen_random_uuid()", 1)); got.code != "" {
			w.breach("staff cannot begin to act: %s", got)
		}
	} else if x.String() == "onboarding.check_result" { // who acts for the platform says what registers said
		if got := w.as(role, w.aliceHere(), canary(x, w.a.ID, w.alice)); got.code != "42501" {
			w.breach("Alice says what a register said: %s", got)
		}
	} else if x.String() == "onboarding.signature" { // the platform's side is the staff's, each in their own name
		ours := strings.Replace(canary(x, w.a.ID, w.alice), "'organization'", "'platform'", 1)
		if got := w.as(role, w.aliceHere(), ours); got.code != "42501" {
			w.breach("Alice countersigns: %s", got)
		}
		if got := w.as(role, w.aliceHere(), canary(x, w.a.ID, w.bob)); got.code != "42501" {
			w.breach("Alice signs in Bob's name: %s", got)
		}
	} else if got := w.as(role, w.aliceHere(), canary(x, w.a.ID, w.alice)); got.code != "" && got.code[:2] != "23" {
		w.breach("Alice cannot write into %s: %s", x, got)
	}
	still := fmt.Sprintf("update %s x set %s = %s where %s", x, x.still(), x.still(), mine)
	take := still
	if x.tenantID {
		take = fmt.Sprintf("update %s set tenant_id = '%s'", x, w.b.ID)
	}
	w.changes(role, x, "update", still, take, "UPDATE ")
	w.changes(role, x, "delete", fmt.Sprintf("delete from %s x where %s", x, mine), fmt.Sprintf("delete from %s", x),
		"DELETE ")
	if x.tenantID && may(role, x, "update") {
		give := fmt.Sprintf("update %s x set tenant_id = '%s' where %s", x, w.b.ID, mine)
		if got := w.as(role, w.aliceHere(), give); got.code != "42501" {
			w.breach("Alice gives a row of %s away: %s", x, got)
		}
		if got := w.as(role, w.aliceHere(), fmt.Sprintf("update %s set tenant_id = '%s'", x, w.b.ID)); got.code != "42501" &&
			got.tag != "UPDATE 0" {
			w.breach("Alice gives all rows of %s away: %s", x, got)
		}
	}
}

// signing tries to write audit events in another name.
func (w *wall) signing(role string, x table) {
	if got := w.as(role, w.bobHere(), canary(x, w.b.ID, w.alice)); got.code != "42501" {
		w.breach("Bob signs an audit event as Alice: %s", got)
	}
	if got := w.as(role, w.bobHere(),
		`insert into audit.event (purpose, resource, action, outcome, on_behalf_of) values ('x', 'x', 'x', 'success', '`+
			w.alice.String()+`')`); got.code != "42501" {
		w.breach("Bob claims to act for Alice: %s", got)
	}
	if got := w.as(role, w.bobAsAlice(),
		`insert into audit.event (purpose, resource, action, outcome) values ('care', 'x', 'x', 'success')`); got.code != "" {
		w.breach("what is done for Alice cannot be written: %s", got)
	}
	if got := w.as(role, w.bobAtHome(), `insert into audit.event (purpose, resource, action, outcome)
		values ('care', 'x', 'own', 'success'); select action from audit.event where xid = pg_current_xact_id()`); strings.
		Join(got.rows, "") != "own" {
		w.breach("what is written cannot be seen by its own transaction: %s", got)
	}
	if got := w.as(role, w.bobHere(), `select e.id from audit.event_row e except select e.id from audit.event e`); got.
		code != "" || len(got.rows) > 0 {
		w.breach("the view of events shows others than their table: %s", got)
	}
	if got := w.as(role, w.bobAsAlice(), `select ctx.actor(), ctx.behalf(), ctx.staff()`); strings.Join(got.rows,
		"") != w.bob.String()+"|"+w.alice.String()+"|f" {
		w.breach("whoever acts for Alice is not told apart: %s", got)
	}
}

// separating checks that neither role reaches what is the other's, whatever ticket is shown: not even one's own rows.
func (w *wall) separating() {
	for _, x := range w.apart {
		w.shut(app, x)
	}
	for _, x := range append(append([]table{}, w.own...), w.shared...) {
		w.shut(identity, x)
	}
}

// shut expects that each verb on a table which a role does not hold is refused to it before any row is looked at.
func (w *wall) shut(role string, x table) {
	row := strings.Replace(canary(x, w.a.ID, w.alice), fitting["factor_removal.requested_by"], "'"+w.alice.String()+"'", 1)
	for verb, sql := range map[string]string{"select": fmt.Sprintf("select 1 from %s", x), "insert": row,
		"update": fmt.Sprintf("update %s set %s = null", x, x.still()), "delete": fmt.Sprintf("delete from %s", x)} {
		if may(role, x, verb) || verb == "insert" && slices.Contains(writers(x), role) {
			continue
		}
		for name, pass := range map[string]string{"nobody": "", "Alice": w.aliceHere(), "Alice at home": w.aliceAtHome(),
			"Bob as staff": w.bobAsStaff()} {
			if w.stopped {
				return
			}
			if got := w.as(role, pass, sql); got.code != "42501" || strings.Contains(got.message, "row-level security") {
				w.breach("%s reaches %s as %s by %s: %s", name, x, role, verb, got)
			}
		}
	}
}

// claiming checks that an event says by default what the ticket says, and that it may say so.
func (w *wall) claiming() {
	nobody, alice := uuid.Nil.String(), w.alice.String()
	for _, who := range []struct{ name, pass, says string }{{"nobody", "", nobody + " " + nobody + " " + nobody},
		{"Alice", w.aliceHere(), w.a.ID.String() + " " + alice + " " + nobody},
		{"Alice at home", w.aliceAtHome(), nobody + " " + alice + " " + nobody},
		{"Bob for Alice", w.bobAsAlice(), nobody + " " + w.bob.String() + " " + alice}} {
		for insert, read := range map[string]string{
			"insert into outbox.event (kind, subject_id) values ('claim', gen_random_uuid())": "select coalesce(tenant_id, '" +
				nobody + "') from outbox.event where kind = 'claim'",
			"insert into audit.event (purpose, resource, action, outcome) values ('care', 'x', 'claim', 'success')": "select concat_ws(' ', coalesce(tenant_id, '" +
				nobody + "'), coalesce(actor, '" + nobody + "'), coalesce(on_behalf_of, '" + nobody +
				"')) from audit.event where action = 'claim'",
		} {
			for _, role := range []string{app, identity} {
				got := w.as(role, who.pass, insert+"; set local session authorization kindward_relay; "+read)
				if len(got.rows) != 1 || !strings.HasPrefix(who.says, got.rows[0]) {
					w.breach("an event of %s says: %s", who.name, got)
				}
			}
		}
	}
}

// changes expects that Bob changes nothing of clinic a, and that Alice may if her role may at all. The blind form has
// no condition: PostgreSQL then does not ask the policies for reading, and those for writing stand alone.
func (w *wall) changes(role string, x table, verb, sql, blind, tag string) {
	if !may(role, x, verb) {
		if got := w.as(role, w.aliceHere(), sql); got.code != "42501" {
			w.breach("%s of %s is not refused: %s", verb, x, got)
		}
		return
	}
	own := tag + "0"
	if x.tenantID {
		own = tag + "1" // Bob's own canary
	}
	for _, try := range [][2]string{{sql, tag + "0"}, {blind, own}} {
		if got := w.as(role, w.bobHere(), try[0]); got.tag != try[1] {
			w.breach("Bob gets at rows of %s by %s: %s", x, verb, got)
		}
		if got := w.as(role, "", try[0]); got.tag != tag+"0" && got.code != "42501" {
			w.breach("nobody gets at rows of %s by %s: %s", x, verb, got)
		}
	}
	if verb == "delete" && !x.tenantID {
		return // one gate holds all verbs of a tenant's own table, and its rows hold each other by foreign keys
	}
	if got := w.as(role, w.aliceHere(), sql); got.code != "" || got.tag == tag+"0" {
		w.breach("Alice cannot %s her rows of %s: %s", verb, x, got)
	}
}

// owning checks that even the tables' owners are bound.
func (w *wall) owning() {
	for _, x := range append(append(append([]table{}, w.own...), w.shared...), w.people...) {
		if w.stopped {
			return
		}
		role := "kindward_owner"
		if x.schema == "audit" {
			role = "kindward_audit"
		}
		if got := w.as(role, "", fmt.Sprintf("update %s x set %s = %s", x, x.still(), x.still())); got.tag != "UPDATE 0" {
			w.breach("the owner of %s is not bound: %s", x, got)
		}
	}
}

// templates stay empty whoever asks.
func (w *wall) templates() {
	for _, x := range w.template {
		for name, pass := range map[string]string{"nobody": "", "Alice": w.aliceHere()} {
			if got := w.app(pass, canary(x, w.a.ID, w.alice)); got.code != "42501" {
				w.breach("%s fills the template %s: %s", name, x, got)
			}
		}
		if got := w.as("kindward_owner", "", canary(x, w.a.ID, w.alice)); got.code != "42501" {
			w.breach("the owner fills the template %s: %s", x, got)
		}
	}
}

// powers are what the app's role must not be able to do with a valid ticket in hand.
func (w *wall) powers() {
	pass := w.bobHere()
	for _, sql := range w.refused {
		if w.stopped {
			return
		}
		if got := w.app(pass, strings.ReplaceAll(sql, "SCHEMA", w.b.Schema)); got.code != "42501" {
			w.breach("%s: %s", sql, got)
		}
		if strings.Contains(sql, "location") || strings.Contains(sql, "SCHEMA") || w.stopped {
			continue // of tables whose names say nothing to it
		}
		if got := w.as(identity, pass, sql); got.code != "42501" {
			w.breach("as %s: %s: %s", identity, sql, got)
		}
	}
}

// refusedToAll are statements that fail with 42501 whatever ticket is shown. SCHEMA is the speaker's own.
var refusedToAll = []string{
	"set local role kindward_owner", "set local role kindward_ctx", "set local role kindward_audit",
	"set local role kindward_relay", "set local role postgres",
	"set local role pg_read_all_data", "set local role pg_write_all_data", "set local role pg_read_server_files",
	"set local role pg_execute_server_program", "set local role pg_monitor",
	"alter table location disable row level security", "alter table location no force row level security",
	"drop policy gate on location", "alter policy gate on location using (true)",
	"create policy mine on location using (true)",
	"alter table location owner to kindward_app", "alter role kindward_app bypassrls", "alter role kindward_app superuser",
	"create role friend superuser",
	"grant kindward_owner to kindward_app", "alter database postgres owner to kindward_app",
	"create table x ()", "create table public.x ()", "create table market.x ()", "create table tenant_template.x ()",
	"create table ctx.x ()",
	"create temp table x ()", "create temp view x as select 1", "create schema mine",
	"create view SCHEMA.mine as select 1", "select 1 as x into public.mine",
	"create function public.tenant() returns uuid language sql as 'select null::uuid'",
	"create function pg_temp.tenant() returns uuid language sql as 'select null::uuid'",
	"create function SCHEMA.f() returns void language plpgsql as 'begin end'",
	"create or replace function ctx.tenant() returns uuid language sql as 'select null::uuid'",
	"alter function ctx.tenant() security invoker", "alter function ctx.tenant() owner to kindward_app",
	"drop function ctx.tenant() cascade",
	"alter function ctx.enter(text, text, text, text, text, text) security definer",
	"create or replace function ctx.enter(text, text, text, text, text, text) returns void language sql as 'select'",
	"create operator public.=== (leftarg = uuid, rightarg = uuid, function = uuid_eq)",
	"create aggregate public.a (uuid) (sfunc = uuid_larger, stype = uuid)",
	"create cast (uuid as bigint) without function", "create domain public.d as uuid",
	"create type public.e as enum ('x')",
	"create extension dblink", "create extension pgcrypto",
	"create event trigger x on ddl_command_end execute function ctx.refuse()",
	"create trigger x before insert on location execute function ctx.refuse()",
	"create rule x as on insert to location do also notify y",
	"do 'begin end'", "do language plpgsql 'begin perform 1; end'",
	"select * from ctx.key", "table ctx.key", "update ctx.key set bind_connection = false",
	"insert into ctx.key values ('k1', '', '')",
	"select * from pg_prepared_statements", "select * from pg_prepared_statement()", "select * from pg_cursors",
	"select * from pg_cursor()", "select name from pg_prepared_statements", "select count(*) from pg_prepared_statement()",
	"select * from pg_authid", "select * from pg_statistic", "select * from pg_statistic_ext_data",
	"select * from pg_largeobject",
	"select lo_create(0)", "select lo_creat(-1)", "select lo_from_bytea(0, '')", "select lo_import('/etc/passwd')",
	"select lo_open(1, 1)", "select lo_get(1)",
	"select lo_put(1, 0, '')", "select lo_unlink(1)", "select loread(1, 1)",
	"select pg_terminate_backend(1)", "select pg_cancel_backend(1)", "select pg_reload_conf()",
	"select pg_advisory_lock(1)", "select pg_try_advisory_lock(1)", "select pg_advisory_lock_shared(1)",
	"select pg_advisory_xact_lock(1, 2)", "select pg_try_advisory_xact_lock(1)", "select pg_advisory_unlock_all()",
	"select * from audit.sealing", "select 1 from audit.sealing for update", "lock table audit.sealing",
	"update audit.sealing set until = now()", "select ctx.end_overdue(0)",
	"select pg_rotate_logfile()",
	"select pg_read_file('/etc/passwd')", "select pg_read_binary_file('/etc/passwd')", "select pg_ls_dir('.')",
	"select pg_stat_file('.')", "select pg_read_file('PG_VERSION', 0, 9)",
	"copy location to program 'cat'", "copy (select 1) to '/tmp/x'", "copy location from program 'cat'",
	"copy location from '/etc/passwd'",
	"set local session_replication_role = replica", "set local log_statement = 'all'",
	"set local log_parameter_max_length = -1", "set local lc_messages = 'C'",
	"truncate location", "truncate audit.event", "truncate outbox.event", "delete from audit.event",
	"update audit.event set outcome = 'success'",
	"delete from audit.event_row", "update audit.event_row set outcome = 'success'",
	"insert into audit.event_row (purpose, resource, action, outcome, at) values ('x', 'x', 'x', 'success', '1999-01-01')",
	"insert into audit.event_row (purpose, resource, action, outcome, actor) values ('x', 'x', 'x', 'success', null)",
	"insert into audit.event (purpose, resource, action, outcome, at) values ('x', 'x', 'x', 'success', '1999-01-01')",
	"insert into audit.event (purpose, resource, action, outcome, id) values ('x', 'x', 'x', 'success', gen_random_uuid())",
	"insert into outbox.event (kind, subject_id, xid) values ('x', gen_random_uuid(), '1')",
	"insert into outbox.event (kind, subject_id, seq) overriding system value values ('x', gen_random_uuid(), 1)",
	"delete from outbox.event", "update outbox.event set kind = 'x'", "update directory.tenant set name = 'x'",
	"insert into directory.template values (true, 9)",
	"insert into directory.demonstration default values",
	"select id from outbox.email", "select sealed from outbox.email", "update outbox.email set sealed = null",
	"delete from outbox.email",
	"insert into outbox.email (id, kind, sealed, expires_at) values (gen_random_uuid(), 'x', 'x', now()) returning sealed",
	"insert into outbox.email (id, kind, sealed, expires_at, created_at) values (gen_random_uuid(), 'x', 'x', now(), now())",
	"update market.reason set name = 'x'", "select * from outbox.cursor", "comment on table location is 'x'",
	"create publication p for all tables", "create subscription s connection '' publication p with (connect = false)",
	"create foreign data wrapper x",
	"create statistics s on id, name from location", "create index on location (name)",
	"alter table location add column mine text", "reindex table location", "cluster location",
	"select pg_create_physical_replication_slot('x')", "select pg_switch_wal()", "select pg_stat_reset()",
	"select pg_backend_memory_contexts from pg_backend_memory_contexts",
	"select * from pg_shmem_allocations", "select * from pg_hba_file_rules", "select * from pg_file_settings",
	"select pg_current_logfile()", "load '/tmp/x.so'",
}

// refusedWhereKnown are more of them, on functions and roles that not every PostgreSQL from 15 to 18 has. What a
// version does not have is no hole in it; a statement of refusedToAll that a version does not know is one until
// somebody says why it is not.
var refusedWhereKnown = []struct{ known, sql string }{
	{"to_regprocedure('pg_read_file_old(text,bigint,bigint)')", "select pg_read_file_old('PG_VERSION', 0, 9)"},
	{"to_regprocedure('pg_read_file(text,boolean)')", "select pg_read_file('PG_VERSION', true)"},
	{"to_regprocedure('pg_read_binary_file(text,boolean)')", "select pg_read_binary_file('PG_VERSION', true)"},
	{"to_regprocedure('pg_ls_summariesdir()')", "select pg_ls_summariesdir()"},
	{"to_regprocedure('pg_get_aios()')", "select pg_get_aios()"},
	{"to_regprocedure('pg_get_shmem_allocations_numa()')", "select pg_get_shmem_allocations_numa()"},
	{"to_regprocedure('pg_log_standby_snapshot()')", "select pg_log_standby_snapshot()"},
	{"to_regprocedure('pg_stat_reset_backend_stats(integer)')", "select pg_stat_reset_backend_stats(1)"},
	{"to_regprocedure('pg_clear_relation_stats(text,text)')", "select pg_clear_relation_stats('SCHEMA', 'location')"},
	{"to_regrole('pg_create_subscription')", "set local role pg_create_subscription"},
	{"to_regrole('pg_maintain')", "set local role pg_maintain"},
	{"to_regrole('pg_signal_autovacuum_worker')", "set local role pg_signal_autovacuum_worker"},
	{"to_regrole('pg_use_reserved_connections')", "set local role pg_use_reserved_connections"},
}

// refusedHere are all statements that this version must refuse.
func refusedHere(t testing.TB, admin *pgx.Conn) []string {
	t.Helper()
	all := slices.Clone(refusedToAll)
	for _, x := range refusedWhereKnown {
		var known bool
		if err := admin.QueryRow(t.Context(), "select "+x.known+" is not null").Scan(&known); err != nil {
			t.Fatal(err)
		}
		if known {
			all = append(all, x.sql)
		}
	}
	return all
}
