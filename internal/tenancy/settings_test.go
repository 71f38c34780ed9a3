package tenancy_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgdial"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/migrations"
)

// wishes are another value for each setting that a role may write for itself: text kept wrong, commits that are lost,
// sessions that end at once or cannot begin. {name, value}.
const wishes = `select name, case
	when name = 'client_encoding' then 'LATIN1' when name = 'TimeZone' then 'Asia/Tokyo'
	when name = 'DateStyle' then 'SQL, DMY' when name = 'local_preload_libraries' then 'nothing'
	when name = 'default_text_search_config' then 'pg_catalog.german' when name = 'timezone_abbreviations' then 'India'
	when name = 'search_path' then 'pg_temp' when name ~ '^lc_' then 'POSIX' when name ~ 'tablespace' then 'pg_default'
	when name = 'application_name' then 'nobody' when name = 'createrole_self_grant' then 'set'
	when name = 'vacuum_buffer_usage_limit' then '256' when name = 'debug_logical_replication_streaming' then 'immediate'
	when name = 'restrict_nonsystem_relation_kind' then 'view'
	when vartype = 'bool' or name = 'synchronous_commit' then case boot_val when 'on' then 'off' else 'on' end
	when vartype = 'enum' then (select v from unnest(enumvals) v where v <> boot_val limit 1)
	when vartype = 'integer' then (select v::text from generate_series(1, 3) i,
		lateral (select greatest(min_val::int, 0) + i) x(v) where v::text <> boot_val limit 1)
	when vartype = 'real' then (select v::text from (values (0.4), (0.6), (1.7), (2)) as x(v)
		where v between min_val::float8 and max_val::float8 and v::text <> boot_val limit 1) end
	from pg_settings where context = 'user' and name !~ '^transaction_'`

// deadly are those of them with which no session begins that does not say otherwise.
var deadly = []string{"local_preload_libraries", "idle_session_timeout", "statement_timeout", "exit_on_error"}

// wish writes settings for the role of an address, some here and some everywhere, and gives what it wrote.
func wish(t *testing.T, db *pgtest.DB, url string, but ...string) map[string]string {
	t.Helper()
	conn := db.Connect(t, url)
	rows, err := conn.Query(t.Context(), wishes)
	if err != nil {
		t.Fatal(err)
	}
	all, written := table2(t, rows), map[string]string{}
	for _, sql := range []string{"set client_min_messages = error", "set default_transaction_read_only = off"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range all {
		if value == nil || slices.Contains(but, name) {
			continue
		}
		place := " in database " + db.Name
		if strings.HasPrefix(name, "enable_") {
			place = ""
		}
		if _, err := conn.Exec(t.Context(), `alter role current_user`+place+` set "`+name+`" = '`+*value+`'`); err != nil {
			t.Fatalf("%s = %s: %v", name, *value, err)
		}
		written[name] = *value
	}
	if len(written) < 100 || slices.Contains(but, "client_encoding") == (written["client_encoding"] != "") {
		t.Fatalf("%d settings are tried: %v", len(written), written)
	}
	return written
}

func table2(t *testing.T, rows pgx.Rows) map[string]*string {
	t.Helper()
	all := map[string]*string{}
	for rows.Next() {
		var name string
		var value *string
		if err := rows.Scan(&name, &value); err != nil {
			t.Fatal(err)
		}
		all[name] = value
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// sessionSettings are all that a role may set, as they stand in a session.
func sessionSettings(t *testing.T, q querier) map[string]string {
	t.Helper()
	rows, err := q.Query(t.Context(), `select name, setting from pg_settings where context = 'user'`)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name, value := range table2(t, rows) {
		all[name] = *value
	}
	return all
}

// opened is a gateway that closes with the test.
func opened(t *testing.T, db *pgtest.DB, url string) *tenancy.Gateway {
	t.Helper()
	gateway, err := tenancy.Open(t.Context(), url, db.Keys, tenancy.Options{MaxConns: 3})
	for n := 0; err != nil && pgdial.Lost(err) && n < 20; n++ { // with such settings a first statement is slow
		gateway, err = tenancy.Open(t.Context(), url, db.Keys, tenancy.Options{MaxConns: 3})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	return gateway
}

// heard is what is logged until the test ends.
func heard(t *testing.T) *bytes.Buffer {
	log, before := &bytes.Buffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}

func TestA51WhatARoleWritesForItselfHoldsForNoConnectionOfOurs(t *testing.T) {
	db, log := pgtest.Fresh(t, tenancy.Options{}), heard(t)
	sound := opened(t, db, db.AppURL())
	if log.Len() > 0 {
		t.Errorf("what kindward migrate has written is taken for the role's own: %s", log)
	}
	for role, at := range map[string]struct {
		url string
		of  func(*tenancy.Gateway) querier
	}{
		app:                 {db.AppURL(), func(g *tenancy.Gateway) querier { return g.Pool() }},
		"kindward_identity": {db.IdentityURL(), func(g *tenancy.Gateway) querier { return g.IdentityPool() }},
	} {
		expected := sessionSettings(t, at.of(sound))
		harmful := wish(t, db, at.url, deadly...)
		plain := sessionSettings(t, db.Connect(t, at.url))
		for name, value := range harmful {
			if plain[name] != value && !strings.HasPrefix(name, "tcp_") { // which a socket has not
				t.Errorf("control: a plain connection of %s has %s at %s", role, name, plain[name])
			}
		}
		harmful = wish(t, db, at.url)
		if conn, err := pgx.Connect(t.Context(), at.url); err == nil {
			conn.Close(t.Context())
			t.Errorf("control: a plain connection of %s begins", role)
		}
		first := sessionSettings(t, at.of(opened(t, db, db.AppURL())))
		for name, value := range harmful {
			if first[name] == value && expected[name] != value || isSaid(name) && first[name] != expected[name] {
				t.Errorf("%s: %s is %s, not %s", role, name, first[name], expected[name])
			}
		}
		if second := sessionSettings(t, at.of(opened(t, db, db.AppURL()))); !maps.Equal(second, expected) {
			t.Errorf("%s: the second connection has\n%v, not\n%v", role, second, expected)
		}
		if line := log.String(); !strings.Contains(line, "role="+role) || !strings.Contains(line, "client_encoding") {
			t.Errorf("nothing is said of it: %s", line)
		}
		log.Reset()
	}
}

// isSaid tells of what people's words and bookings hang by.
func isSaid(name string) bool {
	return slices.Contains([]string{"client_encoding", "TimeZone", "DateStyle", "standard_conforming_strings",
		"synchronous_commit", "statement_timeout", "idle_in_transaction_session_timeout", "row_security",
		"default_transaction_read_only", "default_transaction_isolation", "bytea_output", "IntervalStyle"}, name)
}

func TestMigratingTakesBackWhatARoleWroteForItself(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	for _, url := range []string{db.AppURL(), db.IdentityURL(), db.RelayURL()} {
		before := sessionSettings(t, db.Connect(t, url))
		wish(t, db, url)
		if _, err := db.Connect(t, db.AdminURL()).Exec(t.Context(), migrations.Bootstrap,
			pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
		if after := sessionSettings(t, db.Connect(t, url)); !maps.Equal(before, after) {
			t.Errorf("%v, not %v", after, before)
		}
	}
}

func TestA51BehindAPoolerWhatARoleWritesForItselfHoldsForNoneOfItsConnections(t *testing.T) {
	db, log := pgtest.Fresh(t, tenancy.Options{}), heard(t)
	slow := append(slices.Clone(deadly), "client_min_messages", "debug_print_parse", "debug_print_plan",
		"debug_print_rewritten")
	pooled := db.PooledURL(t)
	// a connection of the pooler's that begins while they stand, and one whose settings nobody takes back
	harmful := wish(t, db, db.IdentityURL(), slow...)
	gateway := opened(t, db, pooled)
	got := sessionSettings(t, gateway.IdentityPool())
	for name, value := range harmful {
		if got[name] == value && name != "search_path" { // which each statement says
			t.Errorf("%s is %s", name, value)
		}
	}
	if !strings.Contains(log.String(), "role=kindward_identity") || !strings.Contains(log.String(), "client_encoding") {
		t.Errorf("nothing is said of it: %s", log)
	}
	onlyOwn(t, db, "kindward_identity")
}

// onlyOwn holds a role to the settings that kindward migrate writes.
func onlyOwn(t *testing.T, db *pgtest.DB, role string) {
	t.Helper()
	if n := pgtest.One[int](t, db, `select sum(cardinality(setconfig)) from pg_db_role_setting where setrole = $1::regrole
		and setdatabase in (0, (select oid from pg_database where datname = current_database()))`, role); n != 3 {
		t.Errorf("%s keeps %d settings", role, n)
	}
}
