package keys_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"kindward/internal/keys"
)

func TestAMACVouchesForItsFactsAndPurposeAlone(t *testing.T) {
	t.Parallel()
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := ring.MAC("session", "ab", "c")
	if !ring.Vouched(sum, "session", "ab", "c") || !bytes.Equal(sum, ring.MAC("session", "ab", "c")) {
		t.Fatal("control: a MAC does not vouch for its own facts")
	}
	for name, vouched := range map[string]bool{
		"facts cut otherwise":   ring.Vouched(sum, "session", "a", "bc"),
		"one fact of the two":   ring.Vouched(sum, "session", "abc"),
		"a fact more":           ring.Vouched(sum, "session", "ab", "c", ""),
		"another purpose":       ring.Vouched(sum, "api key", "ab", "c"),
		"another secrets file":  other.Vouched(sum, "session", "ab", "c"),
		"no MAC":                ring.Vouched(nil, "session", "ab", "c"),
		"the first half of one": ring.Vouched(sum[:16], "session", "ab", "c"),
	} {
		if vouched {
			t.Errorf("%s: it vouches", name)
		}
	}
	if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if !ring.Vouched(sum, "session", "ab", "c") {
		t.Error("a rotation ends what was vouched for before")
	}
}
