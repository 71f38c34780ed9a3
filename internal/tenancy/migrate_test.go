package tenancy_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// migrateAndDie is how a test tells its own binary to be the program that gets killed.
const migrateAndDie = "KINDWARD_TEST_MIGRATE_AND_DIE"

// withNote is a further step: a table, a column, and a row that would be there twice if the step ran twice.
func withNote() []string {
	all, err := tenancy.Steps()
	if err != nil {
		panic(err)
	}
	return append(all, `create table note (id uuid primary key, location_id uuid references location, at timestamptz not null default now());
		alter table location add column mark text not null default '';
		insert into note (id) values (gen_random_uuid());
		update location set mark = name; -- rows behind a gate that stands already`)
}

func migrateUntilKilled(url string) {
	owner, err := tenancy.OpenOwner(context.Background(), url)
	if err == nil {
		err = owner.MigrateTenantsBy(context.Background(), withNote(), func(line string) {
			if strings.HasPrefix(line, "migrated 100 of") {
				self, _ := os.FindProcess(os.Getpid())
				_ = self.Kill()
				select {}
			}
		})
	}
	fmt.Fprintln(os.Stderr, "was not killed:", err)
	os.Exit(3)
}

// progress tells how many clinics are at which version, and checks that version and tables agree.
func progress(t *testing.T, db *pgtest.DB, version int) (at int) {
	t.Helper()
	for _, line := range column1(t, db.Connect(t, db.AdminURL()),
		fmt.Sprintf(`select schema_version = %d, exists (select from pg_class c where c.relname = 'note' and c.relnamespace = schema_name::regnamespace), schema_name from directory.tenant`, version)) {
		reached, hasTable := strings.HasPrefix(line, "t "), strings.Contains(line, " t ")
		if reached != hasTable {
			t.Errorf("half a step: %s", line)
		}
		if reached {
			at++
		}
	}
	return at
}

func killedAndResumed(t *testing.T, db *pgtest.DB, clinics []tenancy.Tenant) {
	steps := withNote()
	var inserts, states []string
	for _, clinic := range clinics {
		inserts = append(inserts, "insert into "+clinic.Schema+
			".location (id, name, street, city, state, zip, lat, lon, zone) values (gen_random_uuid(), 'here', '', '', '', '', 0, 0, 'UTC')")
		states = append(states, fmt.Sprintf(
			"select '%s', (select count(*) from %[1]s.note), (select mark from %[1]s.location)", clinic.Schema))
	}
	admin := db.Connect(t, db.AdminURL())
	if _, err := admin.Exec(t.Context(), strings.Join(inserts, "; "), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), migrateAndDie+"="+db.AdminURL())
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() == 3 {
		t.Fatalf("the program that should have been killed: %v %s", err, out)
	}
	for busy := true; busy; time.Sleep(5 * time.Millisecond) { // its last transactions end with it
		busy = pgtest.One[bool](t, db, `select exists (select from pg_stat_activity where datname = current_database()
			and backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle')`)
	}
	before := progress(t, db, len(steps))
	if before < 90 || before > 110 {
		t.Errorf("killed at number 100, but %d are done", before)
	}
	began := time.Now()
	if err := db.Owner.MigrateTenantsBy(t.Context(), steps, func(string) {}); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	if after := progress(t, db, len(steps)); after != len(clinics) {
		t.Errorf("resumed, but only %d of %d are done", after, len(clinics))
	}
	t.Logf("%d were done when it was killed; the other %d took %v, %v each", before, len(clinics)-before,
		took.Round(time.Millisecond), (took / time.Duration(len(clinics)-before)).Round(100*time.Microsecond))
	for _, state := range column1(t, admin, strings.Join(states, " union all ")) {
		if !strings.HasSuffix(state, " 1 here") {
			t.Errorf("a step must run once and find the rows behind the gate: %s", state)
		}
	}
	for _, law := range laws[:2] { // row-level security and the gate, for the new table in every schema
		for _, what := range column1(t, admin, law.query) {
			t.Errorf("after a migration: %s: %s", law.sentence, what)
		}
	}
}

// canaryFirst takes a step that fails on the oldest clinic, and not for its rows: something is in the step's way.
func canaryFirst(t *testing.T, db *pgtest.DB, clinics []tenancy.Tenant) {
	oldest := column1(t, db.Connect(t, db.AdminURL()),
		"select schema_name from directory.tenant order by created_at, id limit 1")[0]
	db.Admin(t, "alter table "+oldest+".note add constraint recent check (true)")
	steps := append(withNote(), "alter table note add constraint recent check (at > '2000-01-01')")
	err := db.Owner.MigrateTenantsBy(t.Context(), steps, func(string) {})
	if tenancy.Code(err) != "42710" || !strings.Contains(err.Error(), oldest) {
		t.Fatalf("the canary should have failed and be named: %v", err)
	}
	behind := func() string {
		return column1(t, db.Connect(t, db.AdminURL()),
			fmt.Sprintf("select count(*) filter (where schema_version = %d), (select count(*) from pg_constraint where conname = 'recent' and conrelid::regclass::text like 't\\_%%' and conrelid::regclass::text not like 'tenant_template%%') from directory.tenant", len(steps)-1))[0]
	}
	if got := behind(); got != fmt.Sprintf("%d 1", len(clinics)) {
		t.Errorf("the canary failed, but others were touched: %s", got)
	}
	db.Admin(t, "alter table "+oldest+".note drop constraint recent")
	if err := db.Owner.MigrateTenantsBy(t.Context(), steps, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if got := behind(); got != fmt.Sprintf("0 %d", len(clinics)) {
		t.Errorf("mended and resumed: %s", got)
	}
}

func twoAtOnce(t *testing.T, db *pgtest.DB, clinics []tenancy.Tenant) {
	steps := append(withNote(), "alter table note add constraint recent check (at > '2000-01-01')",
		"insert into note (id) select gen_random_uuid() where (select ctx.tenant()) is not null")
	db.Admin(t, "delete from "+clinics[0].Schema+".note")
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			owner, err := tenancy.OpenOwner(t.Context(), db.AdminURL())
			if err != nil {
				t.Error(err)
				return
			}
			defer owner.Close()
			if err := owner.MigrateTenantsBy(t.Context(), steps, func(string) {}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := column1(t, db.Connect(t, db.AdminURL()), "select count(*) from "+clinics[0].Schema+".note"); n[0] != "1" {
		t.Errorf("the step ran %s times", n[0])
	}
}

func TestProgramsThatStartAtOnceMigrateOnce(t *testing.T) {
	db := pgtest.Open(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			owner, err := tenancy.OpenOwner(t.Context(), db.AdminURL())
			if err != nil {
				t.Error(err)
				return
			}
			defer owner.Close()
			if err := owner.Migrate(t.Context(), db.Keys, func(string) {}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// hostileStep holds every place in which a semicolon at the end of a line does not end a statement.
const hostileStep = `-- a comment;
create table odd (line text);
/* nested /* comments; */
with another; */
insert into odd values ('a string;
goes on'), (E'it\'s;
escaped'), ($$dollars;
$$), ($tag$of $$ two;
kinds$tag$);
create function odd_lines() returns bigint language sql stable as $body$
	select count(*) from odd; -- not here;
	select count(*) + 0 from odd;
$body$;
create table "a;
name" (n bigint);
insert into "a;
name" select odd_lines();
-- the last line ends without a semicolon
insert into odd values ('last')`

func TestAStepRunsAsItIsWrittenWhereverASemicolonStands(t *testing.T) {
	db := pgtest.Open(t)
	clinic := db.Tenant(t, "clinic", "America/New_York")
	steps, err := tenancy.Steps()
	if err != nil {
		t.Fatal(err)
	}
	next := "insert into odd values ('next')" // a step of its own, and not the end of the one before
	if err := db.Owner.MigrateTenantsBy(t.Context(), append(steps, hostileStep, next), func(string) {}); err != nil {
		t.Fatal(err)
	}
	admin := db.Connect(t, db.AdminURL())
	got := column1(t, admin, `select count(*), (select n from `+clinic.Schema+`."a;
name") from `+clinic.Schema+`.odd`)
	if got[0] != "6 4" {
		t.Errorf("six lines, four of them counted by the function: %s", got[0])
	}
	broken := append(steps, hostileStep, next, "create table half (n integer); select 1 / 0")
	if err := db.Owner.MigrateTenantsBy(t.Context(), broken, func(string) {}); tenancy.Code(err) != "22012" {
		t.Errorf("control: a step that fails half way: %v", err)
	}
	if left := column1(t, admin, "select count(*) from pg_class where relname = 'half'"); left[0] != "0" {
		t.Errorf("half a step was kept")
	}
}
