package keys_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	ring := open(t, filepath.Join(t.TempDir(), "s"))
	for _, k := range ring.Known() {
		if len(k.Fingerprint) != 16 || bytes.Contains(ring.Current().Secret, k.Fingerprint[:4]) ||
			bytes.Contains(ring.Vault().Secret, k.Fingerprint[:4]) {
			t.Errorf("%s %x", k.ID, k.Fingerprint)
		}
	}
}

func TestSecretsThatAreOnlyPreparedAreWrittenWhenTheyAreKept(t *testing.T) {
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
