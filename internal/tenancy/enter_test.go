package tenancy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// settings are what entering sets, as one line.
const settings = `select concat_ws(' ', current_setting('search_path'), nullif(current_setting('app.ctx', true), ''),
	nullif(current_setting('app.ip', true), ''), nullif(current_setting('app.request', true), ''),
	nullif(current_setting('app.staff_access', true), ''), nullif(current_setting('app.policy', true), ''))`

// entering checks that ctx.enter sets all it is given, that leaving leaves nothing, and that neither outlives its
// transaction.
func (w *wall) entering() {
	in := fmt.Sprintf("select ctx.enter('%s', '%s', '10.1.2.3', 'r''\\', 's', 'p@1')", w.aliceHere(), w.a.Schema)
	out := "select ctx.enter('', 'tenant_template', '', '', '', '')"
	if got := w.app("", in+"; "+settings); len(got.rows) != 1 ||
		got.rows[0] != w.a.Schema+", pg_temp "+w.aliceHere()+" 10.1.2.3 r'\\ s p@1" {
		w.breach("entering sets: %s", got)
	}
	if got := w.app("", in+"; "+out+"; "+settings); len(got.rows) != 1 || got.rows[0] != "tenant_template, pg_temp" {
		w.breach("leaving leaves: %s", got)
	}
	if got := w.app("", `select ctx.enter('', 'x, `+w.a.Schema+`', '', '', '', ''); `+settings); len(got.rows) != 1 ||
		got.rows[0] != `"x, `+w.a.Schema+`", pg_temp` {
		w.breach("a schema's name is read as a path: %s", got)
	}
	after := w.session
	after.start = strings.Replace(after.start, "rollback to ", "savepoint once; "+in+"; rollback to once; rollback to ", 1)
	if got := after.try(settings); len(got.rows) != 1 || strings.Contains(got.rows[0], w.a.Schema) ||
		strings.Contains(got.rows[0], "p@1") {
		w.breach("what was entered outlives its transaction: %s", got)
	}
}

// TestBothFormsOfEnteringDoTheSame holds the form for a distributed engine to that of the migration.
func TestBothFormsOfEnteringDoTheSame(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	admin := db.Connect(t, db.AdminURL())
	db.Admin(t, tenancy.Entering)
	w := newWall(t, c, admin)
	w.entering()
	w.reading()
	for _, breach := range w.found {
		t.Error(breach)
	}
	broken := strings.Replace(tenancy.Entering, "set local search_path", "set local app.other", 1)
	if _, err := admin.Exec(t.Context(), "rollback to savepoint wall; "+broken+"; savepoint wall",
		pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	w.found = nil
	if w.entering(); len(w.found) == 0 {
		t.Error("control: a form that does not step into the schema is not noticed")
	}
}

// TestSingleStatementsInTransactionsThatAreSpelledOut runs what an engine needs that takes no batch for a transaction.
func TestSingleStatementsInTransactionsThatAreSpelledOut(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 1, Explicit: true})
	c := newFixtures(t, db)
	mine := db.Gateway.Alone(db.Gateway.Admit(c.a, tenancy.Caller{Subject: c.alice}))
	insert := "insert into patient (id, name) values ($1, 'explicit')"
	if _, err := mine.Exec(t.Context(), insert, uuid.New()); err != nil {
		t.Fatal(err)
	}
	var n int
	count := func() int {
		t.Helper()
		if err := mine.QueryRow(t.Context(), "select count(*) from patient where name = 'explicit'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if count() != 1 {
		t.Errorf("%d rows are kept", n)
	}
	for name, fail := range map[string]func() error{
		"Exec": func() error { _, err := mine.Exec(t.Context(), "select ctx.refuse('KW409')"); return err },
		"QueryRow": func() error {
			return mine.QueryRow(t.Context(), "with x as ("+insert+" returning id) select ctx.refuse('KW409') from x",
				uuid.New()).Scan(new(bool))
		},
		"Query": func() error {
			rows, err := mine.Query(t.Context(), "select 1 / (3 - n) from generate_series(1, 5) n")
			if err == nil {
				_, err = pgx.CollectRows(rows, pgx.RowTo[int])
			}
			return err
		},
	} {
		if err := fail(); tenancy.Code(err) == "" {
			t.Errorf("%s does not fail: %v", name, err)
		}
		if stat := db.Gateway.Pool().Stat(); stat.NewConnsCount() != 1 || stat.AcquiredConns() != 0 {
			t.Errorf("after a failed %s the connection is not given back but replaced", name)
		}
		if count() != 1 {
			t.Errorf("a failed %s leaves %d rows", name, n)
		}
	}
	if _, err := db.Gateway.Public().Tenants(t.Context()); err != nil {
		t.Error(err)
	}
	unmarked(t, db)
}
