package tenancy_test

import (
	"strings"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// enters tells whether everybody may connect to a database.
func enters(t *testing.T, db *pgtest.DB, database string) bool {
	t.Helper()
	return pgtest.One[bool](t, db, `select has_database_privilege('kindward_app', $1, 'connect')`, database)
}

func TestA51MigratingShutsTheServersOwnDatabasesWhereNobodyElseIsOrSaysWhatToDo(t *testing.T) {
	db := pgtest.Alone(t, tenancy.Options{})
	migrate := func() string {
		t.Helper()
		var said []string
		if err := db.Owner.Migrate(t.Context(), db.Keys, func(line string) { said = append(said, line) }); err != nil {
			t.Fatal(err)
		}
		return strings.Join(said, "\n")
	}
	db.Admin(t, `revoke connect on database kindward from public`) // the server's first, beside the test's
	db.Admin(t, `grant connect on database postgres, template1 to public`)
	if !enters(t, db, "postgres") {
		t.Error("control: a role of pages may not connect to postgres")
	}
	if said := migrate(); said != "" || enters(t, db, "postgres") || enters(t, db, "template1") {
		t.Errorf("open still: %q", said)
	}
	db.Admin(t, `create role neighbor login`)
	db.Admin(t, `create database neighbors owner neighbor`)
	db.Admin(t, `grant connect on database postgres to public`)
	said := migrate()
	if !strings.Contains(said, `revoke connect on database "neighbors", "postgres" from public`) ||
		strings.Contains(said, "\n") || !enters(t, db, "postgres") {
		t.Errorf("somebody else's way in: %q", said)
	}
}
