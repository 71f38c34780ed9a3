package tenancy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// names reads a clinic's patients; the one statement of these tests.
const names = "select name from patient where name <> $1 order by name"

func patients(ctx context.Context, tx tenancy.DBTX) ([]string, error) {
	rows, err := tx.Query(ctx, names, "")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// keeping is a database with two clinics and one connection to it that keeps plans.
func keeping(t *testing.T, o tenancy.Options) (fixtures, tenancy.Scope, tenancy.Scope) {
	t.Helper()
	if o.MaxConns == 0 {
		o.MaxConns = 1
	}
	db := pgtest.Fresh(t, o)
	c := newFixtures(t, db)
	return c, db.Gateway.Admit(c.a, tenancy.Caller{Subject: c.alice}),
		db.Gateway.Admit(c.b, tenancy.Caller{Subject: c.bob})
}

// freeName takes away what is derived from patients' names, so that the type of a name may change.
func freeName(t *testing.T, db *pgtest.DB, in tenancy.Tenant) {
	t.Helper()
	db.Admin(t, "alter table "+in.Schema+".patient drop name_word_1, drop name_word_2, drop name_word_3, drop name_word_4, "+
		"drop name_last; drop trigger change_name_words on "+in.Schema+".patient")
}

// warm asks until the plan is kept.
func warm(t *testing.T, g *tenancy.Gateway, scopes ...tenancy.Scope) {
	t.Helper()
	for range 3 {
		for _, s := range scopes {
			if _, err := patients(t.Context(), g.Alone(s)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAPlanIsKeptFromTheSecondUseOn(t *testing.T) {
	c, mine, other := keeping(t, tenancy.Options{})
	g := c.db.Gateway
	if s := g.PlanStats(); !s.Kept || s.Why != "" {
		t.Fatalf("no plans are kept: %+v", s)
	}
	sent := func(s tenancy.Scope) (hits, misses int64) {
		before := g.PlanStats()
		if _, err := patients(t.Context(), g.Alone(s)); err != nil {
			t.Fatal(err)
		}
		after := g.PlanStats()
		return after.Hits - before.Hits, after.Misses - before.Misses
	}
	for n, want := range []int64{0, 0, 2, 2} { // entering and the statement
		if hits, misses := sent(mine); hits != want || hits+misses != 2 {
			t.Errorf("use %d: %d of 2 by name, %d as text", n, hits, misses)
		}
	}
	if hits, _ := sent(other); hits != 1 {
		t.Errorf("the other clinic's first use finds %d kept, entering alone is", hits)
	}
	if s := g.PlanStats(); s.Statements != 2 || s.Bytes < 40<<10 {
		t.Errorf("kept: %+v", s)
	}
	for range 3 {
		if _, err := g.Public().Tenants(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s := g.PlanStats(); s.Statements != 4 {
		t.Errorf("leaving and a public statement are not kept: %+v", s)
	}
	if n := len(listed(t, c.db)); n != 4 {
		t.Errorf("the server keeps %d statements", n)
	}
}

func TestAStatementThatCannotBePlannedSaysSoHoweverOftenItIsSent(t *testing.T) {
	c, mine, _ := keeping(t, tenancy.Options{})
	for range 3 { // as text, and where its plan would be kept
		err := c.db.Gateway.Atomically(t.Context(), mine, func(tx tenancy.DBTX) error {
			if _, err := patients(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
			_, err := tx.Exec(t.Context(), "delete from no_table_of_ours")
			return err
		})
		if code := tenancy.Code(err); code != "42P01" {
			t.Errorf("told %s: %v", code, err)
		}
	}
}

func TestKeptPlansStayWithinTheirBudget(t *testing.T) {
	c, mine, other := keeping(t, tenancy.Options{PlanBytes: 120 << 10}) // two of them
	g := c.db.Gateway
	texts := []string{names, "select count(*)::text from location", "select count(*)::text from service"}
	for range 6 {
		for _, text := range texts {
			for _, s := range []tenancy.Scope{mine, other} {
				args := []any{}
				if text == names {
					args = append(args, "")
				}
				rows, err := g.Alone(s).Query(t.Context(), text, args...)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	s := g.PlanStats()
	if s.Evicted == 0 || s.Bytes > 120<<10+64*60<<10 {
		t.Errorf("%+v", s)
	}
	if n := len(listed(t, c.db)); int64(n) != s.Statements {
		t.Errorf("the server keeps %d statements, the gateway counts %d", n, s.Statements)
	}
	if s.Statements > 2+64 {
		t.Errorf("%d statements are kept", s.Statements)
	}
}

// listed are the names that the server itself lists on the gateway's one connection, once it may.
func listed(t *testing.T, db *pgtest.DB) (all []string) {
	t.Helper()
	db.Admin(t, mayList)
	conn, err := db.Gateway.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	rows, err := conn.Query(t.Context(), "select name from pg_prepared_statements where name <> ''", pgx.QueryExecModeExec)
	if err == nil {
		all, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// mayList takes back what the bootstrap does.
const mayList = "grant select on pg_prepared_statements to public; grant execute on function pg_prepared_statement() to public"

// planAttack is what SQL injected into Bob's requests tries with the plans of the connection that he shares. It tells
// whether he has put a statement of his own under a name.
func planAttack(t *testing.T, g *tenancy.Gateway, bob tenancy.Scope) (replaced bool) {
	t.Helper()
	var known []string
	_ = g.Atomically(t.Context(), bob, func(tx tenancy.DBTX) error {
		rows, err := tx.Query(t.Context(), "select name from pg_prepared_statements where statement like '%from patient%'")
		if err == nil {
			known, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		return err
	})
	list := len(known) > 0
	for n := 2; n < 12 && !list; n++ { // the first is what enters
		known = append(known, fmt.Sprintf("kw_%d", n), fmt.Sprintf("stmt_%d", n))
	}
	for _, name := range known {
		err := g.Atomically(t.Context(), bob, func(tx tenancy.DBTX) error {
			if _, err := tx.Exec(t.Context(), `deallocate "`+name+`"`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `prepare "`+name+`" (text) as select 'stolen'::text as name`)
			return err
		})
		replaced = replaced || err == nil
		if replaced && !list {
			return true // a wrong guess would make the connection forget what is replaced
		}
	}
	return replaced
}

func TestWhoeverInjectsSQLCannotReplaceAKeptPlan(t *testing.T) {
	for name, control := range map[string]struct {
		open func(*testing.T, *pgtest.DB)
		want bool // the attack succeeds
	}{
		"names of random bits, unlisted":     {func(*testing.T, *pgtest.DB) {}, false},
		"control: names that can be guessed": {func(_ *testing.T, db *pgtest.DB) { db.Gateway.GuessablePlans() }, true},
		"control: names that can be listed":  {func(t *testing.T, db *pgtest.DB) { db.Admin(t, mayList) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			c, alice, bob := keeping(t, tenancy.Options{})
			control.open(t, c.db)
			warm(t, c.db.Gateway, alice, bob)
			if replaced := planAttack(t, c.db.Gateway, bob); replaced != control.want {
				t.Errorf("a plan is replaced: %v", replaced)
			}
			stolen := false
			for range 3 {
				got, err := patients(t.Context(), c.db.Gateway.Alone(alice))
				stolen = stolen || strings.Contains(strings.Join(got, " "), "stolen")
				if !control.want && (err != nil || len(got) != 1 || !strings.Contains(got[0], c.a.ID.String())) {
					t.Errorf("Alice reads %v, %v", got, err)
				}
			}
			if stolen && !control.want {
				t.Error("Alice's request ran a statement of Bob's")
			}
			if control.want && !stolen {
				t.Error("the attack leads nowhere even with known names")
			}
		})
	}
}

func TestForgottenPlansCostARepetitionAndNothingElse(t *testing.T) {
	c, alice, bob := keeping(t, tenancy.Options{})
	freeName(t, c.db, c.a)
	g := c.db.Gateway
	right := func(what string) {
		t.Helper()
		for _, s := range []tenancy.Scope{alice, bob} {
			got, err := patients(t.Context(), g.Alone(s))
			if err != nil || len(got) != 1 || !strings.Contains(got[0], s.Tenant().String()) {
				t.Errorf("%s: %v %v", what, got, err)
			}
		}
	}
	warm(t, g, alice, bob)
	if _, err := g.Alone(bob).Exec(t.Context(), "deallocate all"); err != nil {
		t.Fatal(err)
	}
	right("after deallocate all")
	if s := g.PlanStats(); s.Forgotten != 1 {
		t.Errorf("%+v", s)
	}
	warm(t, g, alice, bob)
	c.db.Admin(t, "alter table "+c.a.Schema+".patient alter name type varchar(200)")
	right("after a column's type has changed")
	if s := g.PlanStats(); s.Forgotten != 2 {
		t.Errorf("a changed column: %+v", s)
	}
	c.db.Admin(t, "alter table "+c.a.Schema+".patient alter name type text")
	warm(t, g, alice, bob)
	if _, err := g.Alone(bob).Exec(t.Context(), "deallocate all"); err != nil {
		t.Fatal(err)
	}
	err := g.Atomically(t.Context(), alice, func(tx tenancy.DBTX) error { // its first statement is repeated
		if _, err := patients(t.Context(), tx); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), "update patient set name = name"); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		t.Error("the first statement of a transaction:", err)
	}
	warm(t, g, alice)
	tries := 0
	lost := func(tx tenancy.DBTX) error {
		tries++
		if _, err := tx.Exec(t.Context(), "insert into patient (id, name) values ($1, 'kept')", uuid.New()); err != nil {
			return err
		}
		if tries == 1 {
			if _, err := tx.Exec(t.Context(), "deallocate all"); err != nil {
				return err
			}
		}
		_, err := patients(t.Context(), tx)
		return err
	}
	if err := g.Atomically(t.Context(), alice, lost); tenancy.Code(err) != "40001" {
		t.Errorf("a plan lost in the middle of a transaction is no serialization failure: %v", err)
	}
	if err := g.Atomically(t.Context(), alice, lost); err != nil {
		t.Error("tried again:", err)
	}
	var n int
	if err := g.Alone(alice).QueryRow(t.Context(), "select count(*) from patient where name = 'kept'").Scan(&n); err != nil ||
		n != 1 {
		t.Errorf("%d rows are written, %v", n, err)
	}
	// Control: what the database refuses for another reason is not repeated.
	before := g.PlanStats().Forgotten
	if _, err := g.Alone(alice).Exec(t.Context(), "select ctx.refuse('KW409')"); tenancy.Code(err) != "KW409" ||
		g.PlanStats().Forgotten != before {
		t.Error(err)
	}
}

func TestTheWrongPlanShowsNobodyElsesRows(t *testing.T) {
	c, alice, bob := keeping(t, tenancy.Options{})
	g := c.db.Gateway
	qualified := "select name from " + c.a.Schema + ".patient where name <> $1"
	read := func(s tenancy.Scope, sql string) []string {
		t.Helper()
		rows, err := g.Alone(s).Query(t.Context(), sql, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	warm(t, g, alice)
	for range 3 {
		read(alice, qualified)
	}
	mixUp(t, g, c.a.Schema, c.b.Schema)
	for range 4 { // one text, two schemas, one plan
		for s, whose := range map[tenancy.Scope]tenancy.Tenant{alice: c.a, bob: c.b} {
			if got := read(s, names); len(got) != 1 || !strings.Contains(got[0], whose.ID.String()) {
				t.Errorf("%s reads %v", whose.Slug, got)
			}
		}
		if got := read(bob, qualified); len(got) != 0 {
			t.Errorf("with a plan that names clinic a's table Bob reads %v", got)
		}
	}
	c.db.Admin(t, "alter table "+c.a.Schema+".patient disable row level security")
	if got := read(bob, qualified); len(got) != 1 {
		t.Errorf("control: without row-level security he reads %v", got)
	}
}

func TestPlansAreNotKeptWhereTheyCouldBeReplaced(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	open := func(o tenancy.Options) tenancy.PlanStats {
		t.Helper()
		o.MaxConns = 1
		gateway, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, o)
		if err != nil {
			t.Fatal(err)
		}
		defer gateway.Close()
		for range 3 {
			if _, err := gateway.Public().Tenants(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return gateway.PlanStats()
	}
	if s := open(tenancy.Options{}); !s.Kept || s.Statements == 0 {
		t.Errorf("control: %+v", s)
	}
	if s := open(tenancy.Options{NoPlans: true}); s.Kept || s.Statements > 0 || s.Why == "" {
		t.Errorf("switched off: %+v", s)
	}
	db.Admin(t, mayList)
	if s := open(tenancy.Options{}); s.Kept || s.Statements > 0 || !strings.Contains(s.Why, "list") {
		t.Errorf("where names can be listed: %+v", s)
	}
}
