package tenancy_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/migrations"
)

// wishes are settings that a role may write for itself and that would do harm: a commit that is lost in a crash,
// a database that takes no bookings, transactions that refuse each other.
var wishes = map[string]struct{ harm, sound string }{
	"synchronous_commit":            {"off", "on"},
	"default_transaction_read_only": {"on", "off"},
	"default_transaction_isolation": {"serializable", "read committed"},
	"lock_timeout":                  {"1ms", "0"},
}

func TestA51WhatARoleWritesForItselfHoldsForNoConnectionOfOurs(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	for _, url := range []string{db.AppURL(), db.IdentityURL(), db.RelayURL()} {
		conn := db.Connect(t, url)
		for name, w := range wishes {
			if _, err := conn.Exec(t.Context(), `alter role current_user in database `+db.Name+` set `+name+` = '`+w.harm+
				`'`); err != nil {
				t.Fatal(err)
			}
		}
	}
	gateway, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, tenancy.Options{MaxConns: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer gateway.Close()
	for name, w := range wishes {
		for role, q := range map[string]rows{"app": gateway.Pool(), "identity": gateway.IdentityPool()} {
			if got := setting(t, q, name); got != w.sound {
				t.Errorf("%s: %s is %s", role, name, got)
			}
		}
		if got := setting(t, db.Connect(t, db.AppURL()), name); got != w.harm {
			t.Errorf("control: a plain connection has %s at %s", name, got)
		}
	}
	admin := db.Connect(t, db.AdminURL())
	if _, err := admin.Exec(t.Context(), migrations.Bootstrap, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{db.AppURL(), db.IdentityURL(), db.RelayURL()} {
		for name := range wishes {
			if got, servers := setting(t, db.Connect(t, url), name), setting(t, admin, name); got != servers {
				t.Errorf("after kindward migrate %s is %s, the server's is %s", name, got, servers)
			}
		}
	}
}

type rows interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func setting(t *testing.T, q rows, name string) (value string) {
	t.Helper()
	if err := q.QueryRow(t.Context(), "show "+name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
