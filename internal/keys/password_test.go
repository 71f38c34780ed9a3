package keys_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"kindward/internal/keys"
)

// A role that is newer than the secrets file has a password that every copy of the file leads to, and that is written
// when migrating keeps the file, not when a process reads it.
func TestThePasswordOfARoleThatIsNewerThanTheFileFollowsFromIt(t *testing.T) {
	t.Parallel()
	const role = "kindward_identity"
	first := filepath.Join(t.TempDir(), "secrets.json")
	open(t, first)
	file := func(path string) (all map[string]json.RawMessage, passwords map[string]string) {
		raw, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(raw, &all)
		}
		if err == nil {
			err = json.Unmarshal(all["passwords"], &passwords)
		}
		if err != nil {
			t.Fatal(err)
		}
		return all, passwords
	}
	all, passwords := file(first)
	delete(passwords, role)
	var copies [2]string
	for i := range copies {
		var err error
		if all["passwords"], err = json.Marshal(passwords); err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		copies[i] = filepath.Join(t.TempDir(), "older.json")
		if err := os.WriteFile(copies[i], raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reading := open(t, copies[0])
	word := reading.Password(role)
	if len(word) < 40 || word == reading.Password("kindward_app") {
		t.Errorf("the password is %q", word)
	}
	if _, written := file(copies[0]); written[role] != "" {
		t.Error("reading the file has written it")
	}
	migrating, err := keys.Prepare(copies[1])
	if err == nil {
		err = migrating.Keep()
	}
	if _, written := file(copies[1]); err != nil || written[role] != word || migrating.Password(role) != word {
		t.Errorf("kept: %q, %v", written[role], err)
	}
}
