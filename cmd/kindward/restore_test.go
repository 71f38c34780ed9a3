package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/embedpg"
	"kindward/internal/pgtest"
	"kindward/internal/sitetest"
	"kindward/internal/tenancy"
)

// tool is one of PostgreSQL's programs that is as new as the server, or the test is skipped.
func tool(t *testing.T, db *pgtest.DB, name string) string {
	t.Helper()
	major := pgtest.One[int](t, db, `select current_setting('server_version_num')::int / 10000`)
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if path, err := exec.LookPath(name); err == nil {
		found = append(found, path)
	}
	for _, path := range slices.Backward(found) {
		out, err := exec.Command(path, "--version").Output()
		if err == nil && strings.Contains(string(out), fmt.Sprintf(") %d.", major)) {
			return path
		}
	}
	t.Skipf("no %s of PostgreSQL %d on this machine", name, major)
	return ""
}

// runs a program that has to succeed.
func runs(t *testing.T, input []byte, name string, args ...string) []byte {
	t.Helper()
	var problems bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", filepath.Base(name), err, problems.String())
	}
	return out
}

// reachable is a folder that a server which drops root can reach, and that goes with the test.
func reachable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kindward-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The steps of docs/operations.md, "A dump into another server".
func TestADumpInAnotherServerGoesOnInANewEpochOfTheAudit(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	dump, roles, restore, psql := tool(t, db, "pg_dump"), tool(t, db, "pg_dumpall"), tool(t, db, "pg_restore"),
		tool(t, db, "psql")
	const some = `insert into audit.event (purpose, resource, action, outcome) select 'care', 'Patient', 'read', 'success' from generate_series(1, 20)`
	secrets := copied(t, db.SecretsFile())
	old := restored(t, db.AdminURL(), secrets, t.TempDir())
	// more transactions than the other server will have had
	db.Admin(t, `do $$ begin for i in 1 .. 20000 loop perform 1; begin insert into outbox.cursor values (i::text, '0', 0); exception when others then null; end; end loop; end $$`)
	db.Admin(t, `delete from outbox.cursor where consumer ~ '^\d+$'`)
	db.Admin(t, some)
	old.seals(t)
	db.Admin(t, some) // not sealed when the dump is made
	file := filepath.Join(t.TempDir(), "kindward.dump")
	runs(t, nil, dump, "-Fc", "-f", file, db.AdminURL())
	accounts := runs(t, nil, roles, "--roles-only", "-d", db.AdminURL())
	does(t, old.settings, "rotate") // so that the secrets are newer than the dump (F29)
	db.Admin(t, some)
	old.seals(t) // what the dump does not have

	server, err := embedpg.Start(t.Context(), embedpg.Options{DataDir: reachable(t), Fast: true, Say: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	runs(t, nil, psql, "-q", "-d", server.URL("postgres", "postgres"), "-c", "create database put_back")
	var own []string // the other server has an administrator of its own
	for line := range strings.Lines(string(accounts)) {
		if strings.Contains(line, "kindward_") {
			own = append(own, line)
		}
	}
	runs(t, []byte(strings.Join(own, "")), psql, "-q", "-v", "ON_ERROR_STOP=1", "-d", server.URL("postgres", "postgres"))
	to := server.URL("postgres", "put_back")
	runs(t, nil, restore, "-d", to, file)
	now := restored(t, to, secrets, old.data)

	if out, err := now.tries(t, "audit", "seal"); err == nil || !strings.Contains(out, "--restored") {
		t.Fatalf("the control: without an epoch it is sealed: %s", out)
	}
	does(t, now.settings, "migrate", "--restored")
	out := does(t, now.settings, "migrate", "--restored")
	if !strings.Contains(out, "The audit has all that") {
		t.Errorf("a second time: %s", out)
	}
	now.admin(t, some)
	now.seals(t)
	out = does(t, now.settings, "audit", "verify")
	for _, want := range []string{"Epoch 1 is proved up to event 20 of the tree.", "Epoch 2 began at", "Lost are 40 sealed"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said: %s", want, out)
		}
	}
	for _, seq := range []string{"5", "(select max(seq) from audit.event)"} {
		now.admin(t, "update audit.event set resource = resource || 'x' where seq = "+seq)
		if out, err := now.tries(t, "audit", "verify"); err == nil || !strings.Contains(out, "changed: event ") {
			t.Errorf("a change of event %s is not found: %s", seq, out)
		}
		now.admin(t, "update audit.event set resource = left(resource, -1) where seq = "+seq)
	}
}

// deployment is a database with its settings.
type deployment struct {
	url, data string
	settings  []string
}

func restored(t *testing.T, address, secrets, data string) deployment {
	t.Helper()
	return deployment{address, data, []string{"DATABASE_URL=" + address, "KINDWARD_SECRETS=" + secrets,
		"KINDWARD_DATA_DIR=" + data}}
}

func (d deployment) tries(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := sitetest.Command(t, d.settings, args...).CombinedOutput()
	return string(out), err
}

func (d deployment) admin(t *testing.T, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// seals until nothing waits: an older transaction of the server may be under way.
func (d deployment) seals(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		does(t, d.settings, "audit", "seal")
		if strings.Contains(does(t, d.settings, "audit", "verify"), "Waiting to be sealed: 0.") {
			return
		}
	}
	t.Fatal("events wait for ever")
}
