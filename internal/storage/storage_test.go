package storage

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kindward/internal/keys"
)

func ringOf(t *testing.T) *keys.Keyring {
	t.Helper()
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// stores are all that there are, each empty.
func stores(t *testing.T) map[string]Store {
	t.Helper()
	ring := ringOf(t)
	bucket, _ := openBucket(t)
	another, _ := openBucket(t)
	return map[string]Store{"folder": Local{Dir: t.TempDir()}, "bucket": bucket,
		"sealed folder": Sealed{Local{Dir: t.TempDir()}, ring}, "sealed bucket": Sealed{another, ring}}
}

func listed(t *testing.T, s Store, prefix string) (names []string) {
	t.Helper()
	err := s.List(t.Context(), prefix, func(o Object) error {
		if o.Size <= 0 || time.Since(o.At).Abs() > time.Minute {
			t.Errorf("%s has %d bytes and is of %s", o.Key, o.Size, o.At)
		}
		names = append(names, o.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestEveryStoreKeepsWhatItWasGiven(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 3*chunk/16)
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if all := listed(t, s, ""); len(all) != 0 {
				t.Errorf("empty it has %v", all)
			}
			for key, content := range map[string][]byte{"documents/1/a": []byte("first"), "documents/1/b": long,
				"documents/2/c": long[:chunk], "others/d": append(bytes.Clone(long), 'x')} {
				for range 2 { // again, in its own place
					if err := s.Put(t.Context(), key, content); err != nil {
						t.Fatal(err)
					}
				}
				if got, err := s.Get(t.Context(), key); err != nil || !bytes.Equal(got, content) {
					t.Errorf("%s: %d bytes, %v", key, len(got), err)
				}
			}
			if all := listed(t, s, "documents/1/"); !slices.Equal(all, []string{"documents/1/a", "documents/1/b"}) {
				t.Errorf("of one folder: %v", all)
			}
			for range 2 { // none is no error
				if err := s.Delete(t.Context(), "documents/1/a"); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Get(t.Context(), "documents/1/a"); !errors.Is(err, ErrNotFound) {
				t.Errorf("deleted: %v", err)
			}
			if all := listed(t, s, ""); len(all) != 3 {
				t.Errorf("left are %v", all)
			}
			enough := errors.New("enough")
			if err := s.List(t.Context(), "", func(Object) error { return enough }); !errors.Is(err, enough) {
				t.Errorf("told that it is enough: %v", err)
			}
		})
	}
}

func TestAKeyLeadsNowhereElse(t *testing.T) {
	for _, key := range []string{"../x", "/etc/passwd", "a/../../x", "", `a\..\x`} {
		if err := (Local{Dir: t.TempDir()}).Put(t.Context(), key, []byte("x")); err == nil {
			t.Errorf("%q is taken", key)
		}
	}
}

// A70: whoever has the folder or the bucket reads nothing, and changes nothing unseen.
func TestA70WhatLiesInAStoreIsSealedAndStandsForItsOwnKeyAlone(t *testing.T) {
	dir, ring := t.TempDir(), ringOf(t)
	s := Sealed{Local{Dir: dir}, ring}
	content := bytes.Repeat([]byte("canary "), 3*chunk/7)
	path := filepath.Join(dir, "a")
	var sealed []byte
	restore := func() {
		if err := os.WriteFile(path, sealed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put(t.Context(), "a", content); err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(path)
	if err != nil || bytes.Contains(sealed, []byte("canary")) {
		t.Fatalf("it can be read: %v", err)
	}
	const one = chunk + 16 // a part as it lies there: three of them, of which the last is cut off, or two change places
	front := len(sealed) - 2*one - len(content)%chunk - 16
	swapped := slices.Concat(sealed[:front], sealed[front+one:front+2*one], sealed[front:front+one], sealed[front+2*one:])
	for what, changed := range map[string][]byte{"a byte of its key": flipped(sealed, 40),
		"a byte of its content": flipped(sealed, len(sealed)-1000), "without its end": sealed[:len(sealed)-1],
		"without its last part": sealed[:front+2*one], "two parts swapped": swapped, "without its parts": sealed[:front],
		"empty": nil, "something else": []byte("KWO1\xff\xffx")} {
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), "a"); !errors.Is(err, keys.ErrSealed) || got != nil {
			t.Errorf("%s: %d bytes, %v", what, len(got), err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "b"), sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "b"); !errors.Is(err, keys.ErrSealed) {
		t.Errorf("under another key: %v", err)
	}
	restore()
	if got, err := s.Get(t.Context(), "a"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("control: put back: %d bytes, %v", len(got), err)
	}
	if _, err := (Sealed{s.Store, ringOf(t)}).Get(t.Context(), "a"); !errors.Is(err, keys.ErrKeyGone) {
		t.Errorf("with another file of secrets: %v", err)
	}
	// control: a store that seals nothing is found out by the first of these
	if err := s.Store.Put(t.Context(), "plain", content); err != nil {
		t.Fatal(err)
	}
	if raw, _ := os.ReadFile(filepath.Join(dir, "plain")); !bytes.Contains(raw, []byte("canary")) {
		t.Error("control: it cannot be read")
	}
}

func flipped(content []byte, at int) []byte {
	out := bytes.Clone(content)
	out[at] ^= 1
	return out
}

func TestF10AFullFolderTakesNothingHalf(t *testing.T) {
	dir := t.TempDir()
	s := Local{Dir: dir, Limit: 1000}
	if err := s.Put(t.Context(), "a", make([]byte, 900)); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "b", make([]byte, 200)); !errors.Is(err, ErrFull) {
		t.Errorf("more than there is room for: %v", err)
	}
	if all := listed(t, s, ""); len(all) != 1 {
		t.Errorf("left are %v", all)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.List(ended, "", func(Object) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits for it any more: %v", err)
	}
}
