package keys_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"kindward/internal/keys"
)

func TestWhatIsSealedOpensInItsPlaceOnlyAndAfterARotation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	ring, err := keys.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := ring.Seal("totp", []byte("secret"), []byte("totp|secret|maya"))
	if bytes.Contains(sealed, []byte("secret")) || bytes.Equal(sealed,
		ring.Seal("totp", []byte("secret"), []byte("totp|secret|maya"))) {
		t.Error("the plain text shows, or two seals are equal")
	}
	if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	again, err := keys.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open("totp", sealed, []byte("totp|secret|maya")); err != nil || string(plain) != "secret" {
		t.Error(string(plain), err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"other row":     func() ([]byte, error) { return again.Open("totp", sealed, []byte("totp|secret|leo")) },
		"other purpose": func() ([]byte, error) { return again.Open("sso", sealed, []byte("totp|secret|maya")) },
		"changed":       func() ([]byte, error) { return again.Open("totp", flipped, []byte("totp|secret|maya")) },
		"cut":           func() ([]byte, error) { return again.Open("totp", sealed[:12], []byte("totp|secret|maya")) },
		"nothing":       func() ([]byte, error) { return again.Open("totp", nil, nil) },
	} {
		if plain, err := open(); !errors.Is(err, keys.ErrSealed) || errors.Is(err, keys.ErrKeyGone) {
			t.Errorf("%s: %q %v", name, plain, err)
		}
	}
	other, err := keys.Open(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := other.Open("totp", sealed, []byte("totp|secret|maya")); !errors.Is(err, keys.ErrKeyGone) ||
		!errors.Is(err, keys.ErrSealed) {
		t.Errorf("without its key: %q %v", plain, err)
	}
}
