package embedpg

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestASecondStartIsQuickAndFindsTheData(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	begin := time.Now()
	s := brought(t, dir)
	first := time.Since(begin)
	t.Logf("first start: %s, PostgreSQL %d", first, s.Version())
	remember(t, s)
	url := s.URL("postgres", "kindward")
	begin = time.Now()
	ok(t, s.Stop())
	t.Logf("stop: %s", time.Since(begin))
	select {
	case <-s.Done():
		t.Error("Stop looks like a death")
	default:
	}
	ok(t, s.Stop()) // again: no harm

	// The promise is 1 s on an idle machine, where the first start takes several. Something else may need the machine at
	// one start, not at each.
	for tries := 1; ; tries++ {
		begin = time.Now()
		s = brought(t, dir)
		took := time.Since(begin)
		t.Logf("start %d: %s", tries+1, took)
		if took < first/2 {
			break
		}
		if tries == 5 {
			t.Fatalf("the first start took %s, and each later one more than half of that", first)
		}
		ok(t, s.Stop())
	}
	if s.URL("postgres", "kindward") != url {
		t.Error("the address changed")
	}
	remembers(t, s)
}

func TestTheServerIsPrivateAndSetUpForCare(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s, err := Start(t.Context(), Options{DataDir: dir, Fast: true, Settings: map[string]string{
		"max_connections": "37", "listen_addresses": "*", "application_name": `it's "odd"`,
	}})
	ok(t, err)
	t.Cleanup(func() { s.Stop() })
	for setting, want := range map[string]string{
		"listen_addresses": "", "unix_socket_permissions": "0700", "max_connections": "37", "TimeZone": "UTC", "jit": "off",
		"server_encoding": "UTF8", "data_checksums": "on", "password_encryption": "scram-sha-256",
		"log_error_verbosity":      "terse",
		"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_min_error_statement": "panic",
		"deadlock_timeout": "200ms", "application_name": `it's "odd"`,
	} {
		if got := ask(t, s, `select current_setting('`+setting+`')`); got != want {
			t.Errorf("%s is %q, not %q", setting, got, want)
		}
	}
	if got := ask(t, s, `select lower('ÉLODIE')`); got != "élodie" {
		t.Errorf("letters beyond ASCII are not letters: %q", got)
	}
	for _, extension := range []string{"btree_gist", "pg_trgm", "unaccent"} {
		_, err := connect(t, s).Exec(t.Context(), "create extension "+extension)
		ok(t, err)
	}

	if _, err := connect(t, s).Exec(t.Context(), `select 'canary'::integer`); err == nil {
		t.Error("the canary is a number")
	}
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	ok(t, err)
	if strings.Contains(string(log), "STATEMENT") {
		t.Error("a refused statement stands in the log")
	}

	wrong := strings.Replace(s.URL("postgres", "kindward"), s.password, "guess", 1)
	_, err = pgx.Connect(t.Context(), wrong)
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) || refusal.Code != "28P01" {
		t.Errorf("a wrong password got %v", err)
	}
	if url := s.URL("web", "kindward"); strings.Contains(url, s.password) {
		t.Error("another role's address carries the superuser's password")
	}
	for path, others := range map[string]fs.FileMode{
		dir: 0o067, filepath.Join(dir, "postgres"): 0o077, filepath.Join(dir, "postgres.password"): 0o077,
		filepath.Join(dir, "postgres.log"): 0o077, s.sockets: 0o077,
	} {
		info, err := os.Stat(path)
		ok(t, err)
		if info.Mode().Perm()&others != 0 {
			t.Errorf("%s is open to others: %s", path, info.Mode())
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres.pw")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the password handed to initdb lies about")
	}
}

func TestA51NoRoleButTheAdministratorConnectsToTheServersOwnDatabases(t *testing.T) {
	t.Parallel()
	s := brought(t, dataDir(t))
	conn := connect(t, s)
	for _, sql := range []string{`create role app login password 'app'`, `create database other`} {
		_, err := conn.Exec(t.Context(), sql)
		ok(t, err)
	}
	for database, shut := range map[string]bool{"postgres": true, "template1": true, "other": false} { // the last: control
		u, err := url.Parse(s.URL("app", database))
		ok(t, err)
		u.User = url.UserPassword("app", "app")
		there, err := pgx.Connect(t.Context(), u.String())
		if err == nil {
			there.Close(t.Context())
		}
		var refusal *pgconn.PgError
		if (errors.As(err, &refusal) && refusal.Code == "42501") != shut || !shut && err != nil {
			t.Errorf("%s: %v", database, err)
		}
	}
}

func TestTheEnvironmentDoesNotLeadAstray(t *testing.T) {
	for name, value := range map[string]string{"PGHOST": "nowhere", "PGPORT": "1", "PGUSER": "nobody", "PGPASSWORD": "x",
		"PGDATABASE": "none", "PGDATA": "/nowhere", "PGSSLMODE": "verify-full", "PGTZ": "Asia/Tokyo", "LC_ALL": "xx_XX"} {
		t.Setenv(name, value)
	}
	s := brought(t, madeDir(t))
	if got := ask(t, s, `select current_database()`); got != "kindward" {
		t.Errorf("reached %q", got)
	}
}

func TestADeadServerIsNoticedAndComesBackAtTheSameAddress(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := durable(t, dir)
	remember(t, s)
	ok(t, s.process.cmd.Process.Kill())
	select {
	case <-s.Done():
	case <-time.After(patience):
		t.Fatal("nobody noticed")
	}
	ok(t, s.Stop())
	begin := time.Now()
	again := durable(t, dir)
	t.Logf("recovered in %s", time.Since(begin))
	if s.URL("postgres", "kindward") != again.URL("postgres", "kindward") {
		t.Error("the address changed")
	}
	remembers(t, again)
}

func TestACancelledStartLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for _, patience := range []time.Duration{0, 50 * time.Millisecond, 300 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		s, err := Start(ctx, Options{DataDir: dir, Fast: true})
		cancel()
		if err == nil {
			t.Logf("up within %s", patience)
			ok(t, s.Stop())
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", patience, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "postgres")); err == nil && info.IsDir() {
		held, err := holders(filepath.Join(dir, "postgres"), 0)
		if err != nil || len(held) > 0 {
			t.Errorf("still running: %v, %v", held, err)
		}
	}
	brought(t, dir)
}

func TestASecondKindwardIsTurnedAway(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := brought(t, dir)
	_, err := Start(t.Context(), Options{DataDir: dir, Fast: true})
	plain(t, err, "another Kindward (pid ", dir)
	if !errors.Is(err, ErrInUse) {
		t.Errorf("not ErrInUse: %v", err)
	}
	if got := ask(t, s, `select 'alive'`); got != "alive" {
		t.Error("the first one suffered")
	}
	ok(t, s.Stop())
	brought(t, dir)
}
