package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kindward/internal/sitetest"
)

// hostile are surroundings that mean another database, or none.
var hostile = []string{"PGHOST=nowhere", "PGPORT=1", "PGUSER=nobody", "PGPASSWORD=x", "PGDATABASE=none",
	"PGSERVICE=none", "PGSERVICEFILE=/nowhere", "PGPASSFILE=/nowhere", "PGSSLMODE=verify-full", "PGSSLROOTCERT=/nowhere",
	"PGOPTIONS=-c default_transaction_read_only=on", "PGTARGETSESSIONATTRS=standby", "PGTZ=Asia/Tokyo",
	"PGAPPNAME=else", "PGCONNECT_TIMEOUT=none", "LC_ALL=xx_XX.none", "LANG=xx_XX", "TZ=Mars/Olympus", "TMPDIR=/nowhere"}

// TestF28ThePrivateDatabaseIsFoundWhateverTheFolderIsCalledAndTheSurroundingsSay makes a database in a folder and comes
// back to it by other ways.
func TestF28ThePrivateDatabaseIsFoundWhateverTheFolderIsCalledAndTheSurroundingsSay(t *testing.T) {
	top := dataDir(t)
	migrate := func(folder string, settings ...string) string {
		t.Helper()
		run := sitetest.Command(t, append(settings, "KINDWARD_DATA_DIR="+folder), "migrate")
		shell := exec.Command("/bin/sh", "-c", `umask 0; exec "$0" migrate`, run.Path)
		shell.Env, shell.Dir = run.Env, top
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", folder, err, out)
		}
		return string(out)
	}
	name := `it's, "odd" 100% ` + strings.Repeat("long", 40)
	if out := migrate(name, hostile...); !strings.Contains(out, "Creating the database") {
		t.Errorf("made: %s", out)
	}
	for _, file := range []string{"secrets.json", "postgres.password", "postgres.log"} {
		if info, err := os.Stat(filepath.Join(top, name, file)); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v %v", file, info, err)
		}
	}
	if err := os.Rename(filepath.Join(top, name), filepath.Join(top, "moved")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("moved", filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	for way, folder := range map[string]string{"moved": filepath.Join(top, "moved"), "relative": "./moved/../moved",
		"a symlink": "link"} {
		if out := migrate(folder); strings.Contains(out, "Creating the database") {
			t.Errorf("%s: the database was not found again: %s", way, out)
		}
	}
}
