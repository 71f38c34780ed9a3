package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/audit"
	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

// said runs a verb and gives its exit code and what it printed.
func said(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	was := os.Stdout
	os.Stdout = w
	code = run(t.Context(), args)
	os.Stdout = was
	w.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return code, string(raw)
}

func TestA37TheVerbVerifiesAnExportWithTheKeyAloneAndNamesEachDifference(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	db.Admin(t, `insert into audit.event (purpose, resource, action, outcome) select 'care', 'Patient', 'read', 'success' from generate_series(1, 20)`)
	key, err := audit.KeyOf(db.Keys.Vault())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	checkpoints := audit.CheckpointLog{Path: filepath.Join(dir, "checkpoints.jsonl")}
	a := auditor{base: &base{log: slog.New(slog.DiscardHandler)}, relay: db.RelayURL()}
	sealer := &audit.Sealer{Session: a.session, Holder: uuid.New(), Key: key, Checkpoints: checkpoints, Log: a.log}
	for n := 0; n == 0; { // it seals nothing while an older transaction of the server is under way
		var err error
		if n, err = sealer.Once(t.Context()); err != nil || n != 0 && n != 20 {
			t.Fatal(n, err)
		}
	}
	file := filepath.Join(dir, "log.jsonl")
	var log bytes.Buffer
	err = events.Snapshot(t.Context(), db.RelayURL(), func(q *relaydb.Queries) error {
		_, err := audit.Export(t.Context(), q, key.Origin, &log)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	verify := func(text string) (int, string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return said(t, "audit", "verify", "--file", file, "--key", key.Public, "--checkpoints", checkpoints.Path)
	}
	if code, out := verify(log.String()); code != 0 || !strings.Contains(out, "20 events are as they were sealed") {
		t.Errorf("the control: %d %s", code, out)
	}
	lines := strings.SplitAfter(log.String(), "\n")
	for name, c := range map[string]struct{ text, want string }{
		"flipped": {strings.Replace(log.String(), `"action":"read"`, `"action":"reaf"`, 1), "changed: event "},
		"deleted": {strings.Join(append(append([]string{}, lines[:6]...), lines[7:]...), ""), "deleted: leaf 5 "},
		"cut":     {strings.Join(lines[:12], ""), "cut: "},
	} {
		if code, out := verify(c.text); code != 1 || !strings.HasPrefix(out, c.want) {
			t.Errorf("%s: %d %s", name, code, out)
		}
	}
	if code, _ := said(t, "audit", "verify", "--file", file, "--key", "nonsense"); code != 1 {
		t.Error("a key that is none:", code)
	}
}

func TestVerifyingSaysWhichWitnessesWereCompared(t *testing.T) {
	const none = "No witness was compared"
	db := pgtest.Fresh(t, tenancy.Options{})
	d := restored(t, db.AdminURL(), copied(t, db.SecretsFile()), t.TempDir())
	if out := does(t, d.settings, "audit", "verify"); !strings.Contains(out, none) {
		t.Errorf("without a folder: %s", out)
	}
	if out, err := d.tries(t, "audit", "verify", "--witness", filepath.Join(d.data, "nowhere")); err == nil ||
		!strings.Contains(out, "there is no witness at ") {
		t.Errorf("one that is named and is not there: %s", out)
	}
	folder := filepath.Join(d.data, "audit", "witness")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if out := does(t, d.settings, "audit", "verify"); !strings.Contains(out, none) {
		t.Errorf("with an empty folder: %s", out)
	}
	if err := os.WriteFile(filepath.Join(folder, "2026-11-28.jsonl"), []byte(`{"seq":9,"xi`), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := does(t, d.settings, "audit", "verify"); !strings.Contains(out, "Events that witnesses have: 0, in files: 1.") ||
		!strings.Contains(out, "Lines of witnesses that cannot be read: 1.") {
		t.Errorf("with a line that is broken off: %s", out)
	}
	if out := does(t, append(d.settings, "KINDWARD_WITNESS=none"), "audit", "verify"); !strings.Contains(out, none) {
		t.Errorf("where processes write nothing down: %s", out)
	}
}
