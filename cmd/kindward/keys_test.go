package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindward/internal/audit"
	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/sitetest"
	"kindward/internal/tenancy"
)

// secretsOver are the settings of a process over a database with another secrets file.
func secretsOver(t *testing.T, db *pgtest.DB, file string) []string {
	return []string{"DATABASE_URL=" + db.AdminURL(), "KINDWARD_SECRETS=" + file, "KINDWARD_DATA_DIR=" + t.TempDir(),
		"KINDWARD_BASE_URL=https://care.example.org"}
}

// copied is a copy of the secrets that the test may change.
func copied(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "secrets.json")
	if err := os.WriteFile(to, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// does runs a verb that has to succeed.
func does(t *testing.T, settings []string, args ...string) string {
	t.Helper()
	out, err := sitetest.Command(t, settings, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	return string(out)
}

// opens tells whether a process that serves starts with these secrets.
func opens(t *testing.T, db *pgtest.DB, file string) error {
	t.Helper()
	ring, err := keys.Read(file)
	if err != nil {
		return err
	}
	b := &base{config: config{MaxConns: 2, Secrets: file}, log: slog.New(slog.DiscardHandler), ring: ring,
		admin: db.AdminURL()}
	gateway, err := b.openGateway(t.Context())
	if err == nil {
		gateway.Close()
	}
	return err
}

func TestF29SecretsThatAreNotTheDatabasesAreRefusedWithWhatToDo(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	own, gone := copied(t, db.SecretsFile()), filepath.Join(t.TempDir(), "gone.json")
	empty, other := filepath.Join(t.TempDir(), "empty.json"), filepath.Join(t.TempDir(), "other.json")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(other); err != nil {
		t.Fatal(err)
	}
	if err := opens(t, db, own); err != nil {
		t.Fatal("control:", err)
	}
	for name, c := range map[string]struct{ file, served, migrated string }{
		"lost":                  {gone, "there is no secrets file", "is missing"},
		"empty":                 {empty, "is not a file of Kindward's secrets", "is not a file of Kindward's secrets"},
		"of another deployment": {other, "another deployment's", "kindward keys abandon"},
	} {
		for verb, says := range map[string]string{"serve": c.served, "work": c.served, "migrate": c.migrated} {
			if line := refusal(t, secretsOver(t, db, c.file), verb); !strings.Contains(line, says) {
				t.Errorf("%s, %s says %q", name, verb, line)
			}
		}
	}
	if _, err := os.Stat(gone); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the lost file was replaced in silence")
	}
	if err := opens(t, db, own); err != nil {
		t.Error("the refused ones changed the database:", err)
	}
}

func TestF29AFileThatIsOlderThanTheDatabaseIsRefusedAndANewerOneIsTakenByMigrating(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	before, rotated := copied(t, db.SecretsFile()), copied(t, db.SecretsFile())
	const retire = `update directory.known_key set retired_at = now() where purpose = 'sign' and id not in
		(select id from directory.known_key where purpose = 'sign' order by made_at desc limit 2)`
	does(t, secretsOver(t, db, rotated), "rotate")
	if err := opens(t, db, rotated); err != nil {
		t.Error("after a rotation:", err)
	}
	for _, verb := range []string{"serve", "migrate", "rotate"} {
		if line := refusal(t, secretsOver(t, db, before), verb); !strings.Contains(line, "older than the database") {
			t.Errorf("older, %s says %q", verb, line)
		}
	}
	db.Admin(t, `delete from directory.known_key where purpose = 'sign' and made_at =
		(select max(made_at) from directory.known_key where purpose = 'sign')`) // as a backup from before had it
	db.Admin(t, retire)
	if err := opens(t, db, rotated); !errors.Is(err, keys.ErrNewer) {
		t.Error("newer:", err)
	}
	does(t, secretsOver(t, db, rotated), "migrate")
	if err := opens(t, db, rotated); err != nil {
		t.Error("newer, migrated:", err)
	}
}

func TestF29WhoHasLostTheSecretsForGoodBeginsAnewKnowingly(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	own := db.Keys
	defer func() { // roles belong to all databases of the tests
		for _, role := range []string{"kindward_app", "kindward_identity", "kindward_relay"} {
			db.Admin(t, "alter role "+role+" password '"+own.Password(role)+"'")
		}
	}()
	db.Admin(t, `insert into audit.event (purpose, resource, action, outcome) values ('care', 'Patient', 'read', 'success')`)
	sealWith(t, db, db.Keys, 1)
	lost, settings := db.Keys.Vault().ID, secretsOver(t, db, filepath.Join(t.TempDir(), "new.json"))
	if line := refusal(t, settings, "keys", "abandon", lost); !strings.Contains(line, "nothing was changed") {
		t.Error(line)
	}
	if line := refusal(t, secretsOver(t, db, db.SecretsFile()), "keys", "abandon", "--lose", lost); !strings.Contains(line,
		"is not lost") {
		t.Error(line)
	}
	if line := refusal(t, settings, "keys", "abandon", "--lose", "k0"); !strings.Contains(line, "not sealed with a key") {
		t.Error(line)
	}
	db.Admin(t, `alter table audit.checkpoint rename to away`) // it is cut off
	if line := refusal(t, settings, "keys", "abandon", "--lose", lost); !strings.Contains(line, "run it again") {
		t.Error(line)
	}
	db.Admin(t, `alter table audit.away rename to checkpoint`)
	if out := does(t, settings, "keys", "abandon", "--lose", lost); !strings.Contains(out, "kindward migrate") {
		t.Error(out)
	}
	line := refusal(t, settings, "keys", "abandon", "--lose", lost)
	if !strings.Contains(line, "goes without it already") {
		t.Error("once more:", line)
	}
	does(t, settings, "migrate")
	file := strings.TrimPrefix(settings[1], "KINDWARD_SECRETS=")
	if err := opens(t, db, file); err != nil {
		t.Error(err)
	}
	ring, err := keys.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	db.Keys, ring = ring, db.Keys
	defer func() { db.Keys = ring }()
	db.Admin(t, `insert into audit.event (purpose, resource, action, outcome) values ('care', 'Patient', 'read', 'success')`)
	sealWith(t, db, db.Keys, 1)
}

// sealWith seals so many events that wait.
func sealWith(t *testing.T, db *pgtest.DB, ring *keys.Keyring, events int) {
	t.Helper()
	key, err := audit.KeyOf(ring.Vault())
	if err != nil {
		t.Fatal(err)
	}
	a := auditor{base: &base{log: slog.New(slog.DiscardHandler)}, relay: db.RelayURL()}
	sealer := &audit.Sealer{Session: a.session, Key: key, Log: a.log,
		Checkpoints: audit.CheckpointLog{Path: filepath.Join(t.TempDir(), "checkpoints.jsonl")}}
	// it seals nothing while an older transaction of the server is under way
	for sealed, end := 0, time.Now().Add(time.Minute); sealed < events; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d events are sealed", sealed, events)
		}
		n, err := sealer.Once(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sealed += n
	}
}
