package tenancy_test

import (
	"strings"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestTheGatewayOpensOnlyAsABoundRoleOnAPreparedDatabase(t *testing.T) { // A38
	db := pgtest.Fresh(t, tenancy.Options{})
	refused := func(url string) string {
		t.Helper()
		gateway, err := tenancy.Open(t.Context(), url, db.Keys, tenancy.Options{MaxConns: 1})
		if err == nil {
			gateway.Close()
			return ""
		}
		if strings.Contains(err.Error(), db.Keys.Password("kindward_app")) || strings.Contains(err.Error(), "\n") {
			t.Errorf("not one line without secrets: %v", err)
		}
		return err.Error()
	}
	if why := refused(db.AppURL()); why != "" {
		t.Fatal("control:", why)
	}
	if why := refused(db.AdminURL()); !strings.Contains(why, "role postgres is not bound by row-level security") {
		t.Error("as the administrator:", why)
	}
	db.Admin(t, "create table market.mine (id uuid primary key); alter table market.mine owner to kindward_app")
	if why := refused(db.AppURL()); !strings.Contains(why, "kindward_app is not bound") {
		t.Error("as the owner of a table:", why)
	}
	db.Admin(t, "drop table market.mine")

	db.Admin(t, "update directory.template set version = 0")
	if why := refused(db.AppURL()); !strings.Contains(why, "the database is behind this version") ||
		!strings.Contains(why, "kindward migrate") {
		t.Error("on an older database:", why)
	}
	db.Admin(t, "update directory.template set version = 1000")
	if why := refused(db.AppURL()); why != "" {
		t.Error("on a newer database:", why)
	}
	db.Admin(t, "create database bare_"+db.Name)
	if why := refused(strings.Replace(db.AppURL(), db.Name, "bare_"+db.Name, 1)); !strings.Contains(why,
		"never prepared") {
		t.Error("on an empty database:", why)
	}
	if why := refused(strings.Replace(db.AppURL(), db.Name, "no_such_database", 1)); !strings.Contains(why,
		"cannot connect to the database") {
		t.Error("on no database:", why)
	}
	if why := refused("postgres://kindward_app:secret@host:not-a-port/x"); !strings.Contains(why,
		"address cannot be read") || strings.Contains(why, "secret") {
		t.Error("with a bad address:", why)
	}
}

func TestMigrationTwiceChangesNothing(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	db.Tenant(t, "clinic")
	admin := db.Connect(t, db.AdminURL())
	state := func() string {
		return strings.Join(column1(t, admin, `select c.oid::regclass || ' ' || coalesce(c.relacl::text, '') || coalesce(p.policyname || p.qual, '') from pg_class c join pg_namespace n on n.oid = c.relnamespace
			left join pg_policies p on p.schemaname = n.nspname and p.tablename = c.relname where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') order by 1`), "\n")
	}
	before := state()
	if err := db.Owner.Migrate(t.Context(), db.Keys, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if state() != before {
		t.Error("the second migration changed tables, privileges or policies")
	}
}
