package tenancy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// mutant is one hole in the wall.
type mutant struct {
	kind, on, sql string
	byLaw         bool // nothing an attacker could do today shows it, only the catalog's law does
}

// TestEveryHoleInTheWallIsFound drops or weakens each policy, each FORCE, each check of the ticket and each REVOKE in
// turn, in a transaction that is rolled back, and runs the attacks and the laws against what is left (A37, A38).
func TestEveryHoleInTheWallIsFound(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	admin := db.Connect(t, db.AdminURL())
	w := newWall(t, c, admin)
	if found := append(w.attack(), w.laws(t, admin)...); len(found) > 0 {
		t.Fatalf("the wall has holes before any is made: %v", found)
	}
	w.enough, w.session.start = true, "rollback to savepoint mutant"
	killed, attacked, made := map[string]int{}, 0, mutants(t, w, admin)
	for _, m := range made {
		if _, err := admin.Exec(t.Context(), "rollback to savepoint wall; "+m.sql+"; savepoint mutant",
			pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Errorf("%s: %v", m.sql, err)
			continue
		}
		var found []string
		if !m.byLaw {
			if found = w.behind(m); len(found) > 0 {
				attacked++
			} else {
				t.Errorf("no attack shows: %s", m.sql)
			}
		}
		if len(found) == 0 {
			found = w.laws(t, admin)
		}
		if len(found) == 0 {
			t.Errorf("nobody notices: %s", m.sql)
			continue
		}
		killed[m.kind]++
	}
	n := 0
	for _, k := range killed {
		n += k
	}
	t.Logf("%d of %d holes found, %d by attack, %d by law alone, after %d attempts: %v", n, len(made), attacked,
		n-attacked, w.probes, killed)
	if len(made) < 400 {
		t.Errorf("only %d holes were made", len(made))
	}
}

// behind attacks from behind the hole: first the table that has it, then everything.
func (w *wall) behind(m mutant) []string {
	whole := *w
	near := func(all []table) (hit []table) {
		for _, x := range all {
			if m.on == x.String() {
				hit = append(hit, x)
			}
		}
		return hit
	}
	w.own, w.shared, w.people, w.template = near(w.own), near(w.shared), near(w.people), near(w.template)
	w.apart = near(w.apart)
	if m.on != "" {
		w.attack()
	}
	w.own, w.shared, w.people, w.template = whole.own, whole.shared, whole.people, whole.template
	w.apart = whole.apart
	if len(w.found) > 0 {
		return w.found
	}
	return w.attack()
}

func (w *wall) laws(t testing.TB, admin *pgx.Conn) []string {
	t.Helper()
	w.session.try("select 1") // the administrator again, behind the hole
	return unlawful(t, admin, w.grants, w.enough)
}

// mutants makes the list from the catalog, so that a new table or policy is in it from its first day.
func mutants(t testing.TB, w *wall, admin *pgx.Conn) (all []mutant) {
	t.Helper()
	for _, x := range append(append(append([]table{}, w.own...), w.shared...), w.people...) {
		all = append(all,
			mutant{kind: "row-level security off", on: x.String(),
				sql: fmt.Sprintf("alter table %s disable row level security", x)},
			mutant{kind: "force off", on: x.String(), sql: fmt.Sprintf("alter table %s no force row level security", x)})
	}
	for _, x := range w.own {
		for kind, sql := range map[string]string{
			"gate dropped":            "drop policy gate on %s",
			"gate open to read":       "alter policy gate on %s using (true)",
			"gate open to write":      "alter policy gate on %s with check (true)",
			"gate open to any tenant": "alter policy gate on %s using ((select ctx.tenant()) is not null) with check ((select ctx.tenant()) is not null)",
			"gate of another tenant":  "alter policy gate on %[1]s using ((select ctx.tenant()) = '%[2]s') with check ((select ctx.tenant()) = '%[2]s')",
			"second gate":             "create policy second on %s for select using (ctx.subject() is not null)",
		} {
			if strings.Contains(sql, "[2]") {
				sql = fmt.Sprintf(sql, x, w.b.ID)
			} else {
				sql = fmt.Sprintf(sql, x)
			}
			all = append(all, mutant{kind: kind, on: x.String(), sql: sql})
		}
	}
	for _, x := range w.template {
		for _, m := range []mutant{
			{kind: "template without row-level security", sql: "alter table %s disable row level security"},
			{kind: "template without force", sql: "alter table %s no force row level security"},
			{kind: "template's gate dropped", sql: "drop policy gate on %s", byLaw: true}, // no policy shuts, too
			{kind: "template's gate open", sql: "alter policy gate on %s using (true) with check (true)"},
		} {
			m.on, m.sql = x.String(), fmt.Sprintf(m.sql, x)
			m.byLaw = m.byLaw || x.name == "patient" // whoever adds one writes the words of the name, which stay shut
			all = append(all, m)
		}
	}
	all = append(all, sharedMutants(t, admin)...)
	all = append(all, ticketMutants(t, admin)...)
	all = append(all, enterMutants(t, admin)...)
	all = append(all, grantMutants(t, w, admin)...)
	return append(all, otherMutants(w)...)
}

// sharedMutants weaken the policies of shared tables as the catalog has them.
func sharedMutants(t testing.TB, admin *pgx.Conn) (all []mutant) {
	for _, line := range column1(t, admin, `select policyname || ';' || schemaname || '.' || tablename || ';' || cmd || ';' || coalesce(qual, '') || ';' || coalesce(with_check, '')
		from pg_policies where schemaname in ('market', 'outbox', 'audit', 'directory')`) {
		part := strings.SplitN(line, ";", 5)
		name, on, cmd, qual, check := part[0]+" on "+part[1], part[1], part[2], part[3], part[4]
		// Where the role holds no such verb, or only on the columns that end a row, the grants refuse before the policies are
		// asked.
		held := sharedGrants[app+" "+on]
		if strings.HasPrefix(on, "directory.") {
			held = sharedGrants[identity+" "+on]
		}
		law := cmd == "UPDATE" && !strings.Contains(held, "update") && on != "directory.staff" ||
			cmd == "DELETE" && !strings.Contains(held, "delete")
		add := func(kind, sql string) { all = append(all, mutant{kind: kind, on: on, sql: sql, byLaw: law}) }
		add("shared policy dropped", "drop policy "+name)
		if cmd != "INSERT" {
			add("shared policy shut", "alter policy "+name+" using (false)")
			if qual != "true" {
				add("shared policy open", "alter policy "+name+" using (true)")
				if cmd != "ALL" {
					add("shared policy open to any tenant", "alter policy "+name+" using ((select ctx.tenant()) is not null)")
				}
			}
		}
		if check != "" && check != "true" {
			// whoever passes it for reading passes the check, and no column moves a row
			law = law || name == "change on directory.staff"
			add("shared check dropped", "alter policy "+name+" with check (true)")
		}
	}
	for _, half := range [][2]string{
		{"audit.event", "alter policy add on audit.event with check (tenant_id is not distinct from (select ctx.tenant()))"},
		{"audit.event", "alter policy add on audit.event with check (actor is not distinct from (select ctx.subject()))"},
		{"audit.event", "alter policy add on audit.event with check (tenant_id is not distinct from (select ctx.tenant()) and actor is not distinct from (select ctx.actor()))"},
		{"audit.event", "alter policy read on audit.event using (tenant_id = (select ctx.tenant()) or (select ctx.staff()))"},
		{"audit.event", "alter policy read on audit.event using (patient = (select ctx.subject()) or (select ctx.staff()))"},
		{"audit.event", "alter policy read on audit.event using (patient = (select ctx.subject()) or tenant_id = (select ctx.tenant()))"},
		{"directory.membership", "alter policy read on directory.membership using (account_id = (select ctx.subject()) or (select ctx.staff()))"},
		{"directory.membership", "alter policy read on directory.membership using (tenant_id = (select ctx.tenant()) or (select ctx.staff()))"},
		{"directory.membership", "alter policy read on directory.membership using (tenant_id = (select ctx.tenant()) or account_id = (select ctx.subject()))"},
		{"directory.staff_access", "alter policy add on directory.staff_access with check ((select ctx.staff()))"},
		{"directory.staff_access", "alter policy add on directory.staff_access with check (actor = (select ctx.actor()))"},
		{"directory.factor_removal", "alter policy add on directory.factor_removal with check ((select ctx.staff()))"},
		{"directory.factor_removal",
			"alter policy add on directory.factor_removal with check (requested_by = (select ctx.actor()))"},
		{"audit.alert", "alter policy change on audit.alert with check ((select ctx.staff()))"},
		{"directory.staff", "alter policy read on directory.staff using ((select ctx.staff()))"},
		{"directory.staff", "alter policy read on directory.staff using (account_id = (select ctx.subject()))"},
		{"market.appointment_index",
			"alter policy read on market.appointment_index using (account_id = (select ctx.subject()))"},
		{"market.appointment_index",
			"alter policy read on market.appointment_index using (tenant_id = (select ctx.tenant()))"},
		{"market.appointment_reference",
			"alter policy read on market.appointment_reference using ((select ctx.staff()))"},
		{"market.appointment_reference",
			"alter policy read on market.appointment_reference using (tenant_id = (select ctx.tenant()))"},
	} {
		all = append(all, mutant{kind: "half a shared policy", on: half[0], sql: half[1]})
	}
	for _, sql := range []string{"drop trigger keep_application on onboarding.application",
		"alter table onboarding.document disable trigger keep_document"} {
		all = append(all, mutant{kind: "no trigger", sql: sql, byLaw: true})
	}
	return all
}

var guard = regexp.MustCompile(`(?s)\n    if [^\n]* then\n        raise exception.*?end if;`)

// ticketMutants take one check after the other out of each function that verifies tickets, and mix up what they answer.
func ticketMutants(t testing.TB, admin *pgx.Conn) (all []mutant) {
	t.Helper()
	add := func(kind, sql string) { all = append(all, mutant{kind: kind, sql: sql}) }
	for _, f := range []string{"tenant", "subject", "actor", "behalf", "staff", "who"} {
		source := strings.Join(column1(t, admin, "select pg_get_functiondef('ctx."+f+"()'::regprocedure)"), "")
		checks := guard.FindAllString(source, -1)
		if len(checks) != 4 {
			t.Fatalf("expected four checks of a ticket in ctx.%s, found %d", f, len(checks))
		}
		for _, check := range checks {
			add("check of the ticket", strings.Replace(source, check, "", 1))
		}
		add("check of the ticket", strings.Replace(source, "bound and ", "false and ", 1))
		add("check of the ticket", strings.Replace(source, "right(raw, 65)", "right(raw, 64)", 1))
		add("check of the ticket", strings.Replace(source, "'.' || encode", "substr(right(raw, 65), 1, 1) || encode", 1))
		add("no ticket ever", strings.Replace(source, "coalesce(raw, '') = ''", "true", 1))
		add("function without its owner's rights", "alter function ctx."+f+"() security invoker")
		add("function taken away", "revoke execute on function ctx."+f+"() from kindward_app")
		add("function taken away", "revoke execute on function ctx."+f+"() from kindward_identity")
		for _, swap := range [][2]string{{"raw, '.', 2)", "raw, '.', 3)"}, {"raw, '.', 3)", "raw, '.', 2)"},
			{"raw, '.', 4)", "raw, '.', 3)"}, {"raw, '.', 5) = 'staff'", "raw, '.', 5) <> 'staff'"},
			{"raw, '.', 5) = 'staff'", "raw, '.', 5) <> ''"}} {
			if strings.Contains(source, swap[0]) {
				add("parts mixed up", strings.ReplaceAll(source, swap[0], swap[1]))
			}
		}
	}
	all = append(all,
		mutant{kind: "connection not bound", sql: "update ctx.key set bind_connection = false"},
		mutant{kind: "key forgotten", sql: "delete from ctx.key"},
		mutant{kind: "path left open", sql: "alter function ctx.who() reset search_path", byLaw: true},
		mutant{kind: "path left open", sql: "alter function ctx.tenant() set search_path = pg_catalog", byLaw: true},
		mutant{kind: "evaluated per row", sql: "alter function ctx.tenant() volatile", byLaw: true},
	)
	return append(all, claimMutants()...)
}

// claimMutants let an event claim what its policy does not compare, and give it defaults that claim something else.
func claimMutants() (all []mutant) {
	const claimed = "split_part(current_setting('app.ctx', true), '.', %d)"
	for on, columns := range map[string][]string{"audit.event": {"tenant_id", "actor", "on_behalf_of"},
		"outbox.event": {"tenant_id"}} {
		for _, column := range columns {
			all = append(all,
				mutant{kind: "default gone", on: on, sql: fmt.Sprintf("alter table %s alter %s drop default", on, column)},
				mutant{kind: "default of another part", on: on, sql: fmt.Sprintf(
					"alter table %s alter %s set default nullif(nullif("+claimed+", '-'), '')::uuid", on, column,
					map[string]int{"tenant_id": 3, "actor": 2, "on_behalf_of": 2}[column])})
		}
	}
	for _, half := range []string{"array[tenant_id, actor, (ctx.who())[3]]", "array[tenant_id, (ctx.who())[2], on_behalf_of]",
		"array[(ctx.who())[1], actor, on_behalf_of]"} {
		all = append(all, mutant{kind: "half a shared policy", on: "audit.event",
			sql: "alter policy add on audit.event with check (" + half + " = (select ctx.who()))"})
	}
	return all
}

// enterMutants weaken the function that enters a tenant.
func enterMutants(t testing.TB, admin *pgx.Conn) (all []mutant) {
	t.Helper()
	const kind = "entering"
	source := strings.Join(column1(t, admin, "select pg_get_functiondef('ctx.enter'::regproc)"), "")
	change := func(from, to string) string {
		if !strings.Contains(source, from) {
			t.Fatalf("ctx.enter has no %s", from)
		}
		return strings.Replace(source, from, to, 1)
	}
	path := regexp.MustCompile(`(?m)^.*'search_path'.*$`).FindString(source)
	return append(all,
		mutant{kind: kind, sql: change("'app.ctx', ticket", "'app.ctx', ''")},
		mutant{kind: kind, sql: change("'app.ctx', ticket, true", "'app.ctx', ticket, false")},
		mutant{kind: kind, sql: change("'app.ctx', ticket", "'app.ctx', coalesce(nullif(ticket, ''), pg_catalog.current_setting('app.ctx', true), '')")},
		mutant{kind: kind, sql: change(path, "")},
		mutant{kind: kind, sql: change("'app.request', request", "'app.request', ''")},
		mutant{kind: kind, sql: "alter function ctx.enter security definer", byLaw: true},
		mutant{kind: kind, sql: "alter function ctx.enter set search_path = pg_catalog, pg_temp"},
		mutant{kind: kind, sql: "alter function ctx.enter owner to kindward_owner", byLaw: true},
		mutant{kind: kind, sql: change("pg_catalog.set_config", "set_config"), byLaw: true},
		mutant{kind: kind, sql: "grant execute on function ctx.enter to kindward_relay", byLaw: true},
	)
}

// grantMutants hand out privileges that are not held: to clinic a's tables, the template's and the shared ones. What
// lets people in is attacked with them, and so is what the other role gets of an organization's.
func grantMutants(t testing.TB, w *wall, admin *pgx.Conn) (all []mutant) {
	t.Helper()
	add := func(kind, sql string) { all = append(all, mutant{kind: kind, sql: sql, byLaw: true}) }
	for _, x := range tablesOf(t, admin, product+" and n.nspname not in ('public', '"+w.b.Schema+"')") {
		for _, verb := range []string{"select", "insert", "update", "delete", "truncate", "references", "trigger"} {
			usual := strings.Contains("select insert update delete", verb)
			if !usual || !may(app, x, verb) {
				all = append(all, mutant{kind: "table granted", on: x.String(),
					sql:   fmt.Sprintf("grant %s on %s to kindward_app", verb, x),
					byLaw: !usual || x.schema != "directory" || x.name == "account" && verb == "insert"}) // as of patients
			}
			if verb == "select" && !may(identity, x, verb) {
				all = append(all, mutant{kind: "table granted", on: x.String(), byLaw: x.schema != w.a.Schema,
					sql: fmt.Sprintf("grant usage on schema %s to kindward_identity; grant %s on %s to kindward_identity",
						x.schema, verb, x)})
			}
		}
	}
	for _, schema := range column1(t, admin, "select n.nspname from pg_namespace n where "+product) {
		add("schema granted", "grant create on schema "+schema+" to kindward_app")
	}
	for _, f := range column1(t, admin,
		`select oid::regprocedure from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^(lo_|loread|lowrite|pg_terminate_backend|pg_cancel_backend|pg_(try_)?advisory_)'`) {
		add("function granted", "grant execute on function "+f+" to public")
	}
	return all
}

// otherMutants give powers that an attack shows, and break laws that none can show yet.
func otherMutants(w *wall) (all []mutant) {
	patient := w.a.Schema + ".patient"
	for _, sql := range []string{
		"grant select on ctx.key to kindward_app",
		"grant create on schema public to public",
		"grant create on schema " + w.b.Schema + " to kindward_app",
		"grant update on audit.event to kindward_app", "grant insert on audit.event to kindward_app",
		"grant insert (xid) on outbox.event to kindward_app", "grant delete on outbox.event to kindward_app",
		"grant truncate on audit.event to kindward_app",
		"alter view audit.event_row set (security_invoker = false)",
		"grant insert on audit.event_row, audit.event to kindward_app",
		"grant update on audit.event_row, audit.event to kindward_app",
		"grant update on directory.tenant to kindward_app", "grant select on outbox.cursor to kindward_app",
		"grant temporary on database " + w.db.Name + " to public",
		"grant create on database " + w.db.Name + " to kindward_app", "grant usage on language plpgsql to public",
		"grant execute on function lo_create(oid) to public",
		"grant execute on function pg_terminate_backend(integer, bigint) to public",
		"grant execute on function pg_prepared_statement() to public", "grant execute on function pg_cursor() to public",
		"grant execute on function pg_read_file(text) to public",
		"grant execute on function pg_read_file(text, bigint, bigint) to public",
		"grant kindward_owner to kindward_app", "grant kindward_audit to kindward_app",
		"revoke kindward_app from kindward_ctx; grant kindward_ctx to kindward_app",
		"grant update on audit.sealing to kindward_app", "grant select on audit.sealing to kindward_app",
		"grant execute on function pg_advisory_lock(bigint) to kindward_app",
		"grant execute on function ctx.end_overdue(float8) to kindward_app",
		"grant kindward_relay to kindward_app",
		"grant kindward_identity to kindward_app", "revoke kindward_app from kindward_ctx; grant kindward_app to kindward_identity",
		"alter role kindward_identity bypassrls",
		"alter role kindward_app superuser", "alter role kindward_app bypassrls", "alter role kindward_app createrole",
		"alter role kindward_owner bypassrls",
		"grant pg_read_server_files to kindward_app", "grant pg_execute_server_program to kindward_app",
		"grant pg_read_all_data to kindward_app",
		"alter table " + w.b.Schema + ".location owner to kindward_app",
	} {
		all = append(all, mutant{kind: "power given", sql: sql})
	}
	for _, sql := range []string{
		"grant select on pg_prepared_statements to kindward_app", "grant select on pg_cursors to kindward_app",
		"grant usage on language sql to public", "alter role kindward_app inherit", "alter role kindward_app createdb",
		"alter role kindward_app replication", "alter role kindward_owner login",
		"grant references (id) on " + patient + " to kindward_app", "grant select on " + patient + " to kindward_relay",
		"grant truncate on " + patient + " to public",
		"alter table " + patient + " owner to postgres", "alter schema " + w.a.Schema + " owner to kindward_app",
		"create view market.everything as select * from " + patient,
		"create materialized view market.everything as select * from " + patient,
		"create function market.peep() returns uuid security definer language sql as 'select null::uuid'",
		"create function market.peep() returns text immutable language sql as 'select null::text'",
		"alter function directory.may_grant(text, text) stable",
		"alter function directory.may_grant(text, text) owner to postgres",
		"alter function directory.remove_factors(uuid, timestamptz) security definer",
		"grant execute on function directory.end_sessions_and_links to kindward_app",
		"create trigger x before update on " + patient +
			" for each row execute function suppress_redundant_updates_trigger()",
		"create rule x as on delete to " + patient + " do also notify y",
		"alter table " + w.a.Schema + ".claim add foreign key (resource_id) references " + w.b.Schema +
			".resource (id) not valid", "create type " + w.a.Schema + ".e as enum ('x')",
		"create domain " + w.a.Schema + ".d as text",
		"alter table market.availability add foreign key (listing_id) references market.listing (id)",
		"create table " + w.a.Schema + ".loose (id uuid)", "create table market.loose (id uuid primary key, tenant_id uuid)",
		"create sequence " + w.a.Schema + ".s",
		"alter table " + patient + " add n bigint generated always as identity",
		"alter table " + patient + " alter id set default gen_random_uuid()",
		"alter table " + patient + " drop constraint patient_pkey cascade",
		"create schema t_0000000000000000",
		"alter default privileges in schema market grant select on tables to kindward_app",
		"alter table market.busy drop constraint busy_pkey, add primary key (id)",
		"alter table " + patient + " alter email set statistics 100",
	} {
		all = append(all, mutant{kind: "law broken", sql: sql, byLaw: true})
	}
	return all
}
