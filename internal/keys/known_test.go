package keys_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"kindward/internal/keys"
)

// older are keys as a database lists them: the newest first, and of a rotation what it dropped retired.
func older(known []keys.Known, dropped ...string) (out []keys.Known) {
	for _, k := range known {
		for _, id := range dropped {
			k.Retired = k.Retired || k.Purpose == keys.Sign && k.ID == id
		}
		out = append(out, k)
	}
	return out
}

func TestF29OnlyTheSecretsOfADatabaseFitIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	before := open(t, path)
	atFirst := before.Known()
	ring := open(t, path)
	if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	rotated := ring.Known()
	lost, err := keys.Prepare(filepath.Join(t.TempDir(), "gone"))
	if err != nil {
		t.Fatal(err)
	}
	stale, err := keys.Prepare(filepath.Join(t.TempDir(), "stale"))
	if err != nil {
		t.Fatal(err)
	}
	retired := append(older(rotated), keys.Known{ID: "k0", Purpose: keys.Sign, Retired: true})
	after := append([]keys.Known{{ID: "k9", Purpose: keys.Sign}}, older(rotated, atFirst[0].ID)...)
	forged := older(rotated)
	forged[0].Fingerprint = bytes.Repeat([]byte{1}, 16)
	abandoned := append(older(stale.Known()), keys.Known{ID: "gone", Purpose: keys.Seal, Retired: true})
	for name, c := range map[string]struct {
		ring  *keys.Keyring
		known []keys.Known
		says  string
	}{
		"a new database":                   {ring, nil, ""},
		"the same":                         {ring, rotated, ""},
		"with one that was retired":        {ring, retired, ""},
		"with one that was abandoned":      {stale, abandoned, ""},
		"lost":                             {lost, rotated, "is missing"},
		"of another deployment":            {open(t, filepath.Join(t.TempDir(), "other")), rotated, "another deployment's"},
		"another secret under the same id": {ring, forged, "has another secret for key"},
		"older than the database":          {ring, after, "older than the database"},
		"newer than the database":          {ring, atFirst, "run kindward migrate"},
	} {
		err := c.ring.Check(c.known)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) ||
			errors.Is(err, keys.ErrNewer) != (name == "newer than the database") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 350) {
			t.Errorf("%s: not one line: %v", name, err)
		}
	}
}

func TestAFingerprintTellsNothingOfItsKey(t *testing.T) {
	t.Parallel()
	ring := open(t, filepath.Join(t.TempDir(), "s"))
	for _, k := range ring.Known() {
		if len(k.Fingerprint) != 16 || bytes.Contains(ring.Current().Secret, k.Fingerprint[:4]) ||
			bytes.Contains(ring.Vault().Secret, k.Fingerprint[:4]) {
			t.Errorf("%s %x", k.ID, k.Fingerprint)
		}
	}
}

func TestSecretsThatAreOnlyPreparedAreWrittenWhenTheyAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	if _, err := keys.Read(path); !errors.Is(err, keys.ErrMissing) {
		t.Error(err)
	}
	ring, err := keys.Prepare(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) || ring.Stale() != nil {
		t.Errorf("written, or missed: %v %v", err, ring.Stale())
	}
	if err := ring.Keep(); err != nil {
		t.Fatal(err)
	}
	again, err := keys.Read(path)
	if err != nil || again.Current().ID != ring.Current().ID || again.Vault().ID != ring.Vault().ID {
		t.Errorf("kept others: %v", err)
	}
}

func TestF29AnotherDeploymentsFileIsNotTakenUpWhileRunning(t *testing.T) {
	t.Parallel()
	dir, log := t.TempDir(), &line{}
	path, otherPath := filepath.Join(dir, "own"), filepath.Join(dir, "other")
	ring, other := open(t, path), open(t, otherPath)
	ring.Log = slog.New(slog.NewTextHandler(log, nil))
	before, vault := ring.Current().ID, ring.Vault().ID
	until := func(what string, done func() bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("never: ", what)
			}
		}
	}
	put := func(raw []byte) {
		t.Helper()
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	own := read(t, path)
	another := bytes.Replace(own, []byte(base64.StdEncoding.EncodeToString(ring.Current().Secret)),
		[]byte(base64.StdEncoding.EncodeToString(other.Current().Secret)), 1)
	for n, wrong := range [][]byte{read(t, otherPath), another} {
		put(wrong)
		until("stale", func() bool { return ring.Stale() != nil })
		if ring.Current().ID != before || ring.Vault().ID != vault || log.errors() != n+1 {
			t.Errorf("file %d: %s signs, %d lines of ERROR", n, ring.Current().ID, log.errors())
		}
		put(own)
		until("taken up again", func() bool { return ring.Stale() == nil })
	}
	if _, err := keys.Read(otherPath); err != nil {
		t.Error("control: the other file is not good by itself:", err)
	}
	if err := open(t, path).Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	until("control: a rotated file is taken up", func() bool { return ring.Current().ID != before })
	if ring.Stale() != nil {
		t.Error(ring.Stale())
	}
}

func TestASecretsFileThatOthersMayReadIsWarnedAboutOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps elsewhere who may read a file")
	}
	for mode, want := range map[fs.FileMode]int{0o600: 0, 0o400: 0, 0o640: 1, 0o604: 1, 0o666: 1} {
		path, log := filepath.Join(t.TempDir(), "s"), &line{}
		open(t, path)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		ring := open(t, path)
		ring.Log = slog.New(slog.NewTextHandler(log, nil))
		for looks := time.Now().Add(1200 * time.Millisecond); time.Now().Before(looks); time.Sleep(50 * time.Millisecond) {
			ring.Current()
		}
		if len(log.all) != want || ring.Stale() != nil {
			t.Errorf("%v: %q", mode, log.all)
		}
	}
}
