package keys_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"kindward/internal/keys"
)

func open(t *testing.T, path string) *keys.Keyring {
	t.Helper()
	ring, err := keys.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestSecretsAreMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "secrets.json")
	first, second := open(t, path), open(t, path)
	if first.Current().ID != second.Current().ID || first.Password("kindward_app") != second.Password("kindward_app") {
		t.Error("opened again, the secrets are others")
	}
	if len(first.Current().Secret) != 32 || len(first.Password("kindward_app")) < 40 ||
		first.Password("kindward_app") == first.Password("kindward_relay") {
		t.Error("the secrets are too short or alike")
	}
	if other := open(t, filepath.Join(t.TempDir(), "s")); bytes.Equal(other.Current().Secret, first.Current().Secret) {
		t.Error("two deployments have one secret")
	}
	if runtime.GOOS == "windows" {
		return // no modes there
	}
	for file, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s is open to others: %v %v", file, info.Mode(), err)
		}
	}
}

func TestEachPurposeHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	key := open(t, filepath.Join(t.TempDir(), "s")).Current()
	seen := map[string]string{}
	for _, purpose := range []string{"ticket", "scope", "session", "ticket "} {
		got := string(key.Derive(purpose, 32))
		if other, ok := seen[got]; ok || len(got) != 32 || got != string(key.Derive(purpose, 32)) {
			t.Errorf("%q: like %q, or not the same twice", purpose, other)
		}
		seen[got] = purpose
	}
	if bytes.Equal(key.Derive("ticket", 32), key.Secret) {
		t.Error("the derived key is the secret itself")
	}
	if !bytes.Equal(key.Derive("ticket", 64)[:32], key.Derive("ticket", 32)) {
		t.Error("the length changes what is derived")
	}
}

func TestRotationPutsAFreshKeyFirstAndKeepsOneBefore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	ring := open(t, path)
	word := ring.Password("kindward_app")
	var ids []string
	for range 3 {
		ids = append(ids, ring.Current().ID)
		err := ring.Rotate(func(fresh keys.Key) error {
			if ring.Current().ID == fresh.ID {
				t.Error("signed with the new key before it was prepared")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := ring.Find(ids[2]); !ok || len(ring.All()) != 2 {
		t.Error("the key before is gone")
	}
	if _, ok := ring.Find(ids[1]); ok {
		t.Error("an old key still verifies")
	}
	if open(t, path).Current().ID != ring.Current().ID || ring.Password("kindward_app") != word {
		t.Error("the rotation was not kept, or took the passwords with it")
	}
}

func TestARotationThatCannotBePreparedChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	ring := open(t, path)
	before := ring.Current().ID
	refused := errors.New("the database is away")
	if err := ring.Rotate(func(keys.Key) error { return refused }); !errors.Is(err, refused) {
		t.Error(err)
	}
	if ring.Current().ID != before || open(t, path).Current().ID != before {
		t.Error("signs with a key that nobody verifies")
	}
}

func TestARotationReachesOtherProcessesWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	here, there := open(t, path), open(t, path)
	if err := here.Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	if there.Current().ID != here.Current().ID {
		t.Fatal("the other process still signs with the old key")
	}
}

func TestABrokenFileIsRefusedAtStartAndIgnoredLater(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	ring := open(t, path)
	before := ring.Current().ID
	for _, bad := range []string{"", "{}", "not json", `{"keys": []}`, `{"keys": [{"id": "k1", "secret": "c2hvcnQ="}]}`,
		`{"keys": [{"id": "", "secret": "` + strings.Repeat("A", 43) + `="}]}`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(path); err == nil {
			t.Errorf("opened %q", bad)
		} else if strings.Contains(err.Error(), "c2hvcnQ") {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
	time.Sleep(1100 * time.Millisecond)
	if ring.Current().ID != before {
		t.Error("a running process lost its keys to a broken file")
	}
	if err := ring.Rotate(func(keys.Key) error { return nil }); err == nil {
		t.Error("rotated on top of a broken file")
	}
}

func TestARingIsUsedByManyAtOnce(t *testing.T) {
	t.Parallel()
	ring := open(t, filepath.Join(t.TempDir(), "s"))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				if _, ok := ring.Find(ring.Current().ID); !ok {
					t.Error("the signing key does not verify")
				}
			}
		})
	}
	// Only once: a second rotation may retire a key between the two calls above.
	if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Error(err)
	}
	group.Wait()
}

// line gets one log line at a time.
type line struct {
	mu  sync.Mutex
	all []string
}

func (l *line) Write(raw []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, string(raw))
	return len(raw), nil
}

func (l *line) errors() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.all {
		if strings.Contains(one, "level=ERROR") {
			n++
		}
	}
	return n
}

func TestAFileThatCannotBeReadAnyMoreIsSaidOnceAndLeavesTheKeys(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"gone":    os.Remove,
		"damaged": func(path string) error { return os.WriteFile(path, []byte("{"), 0o600) },
		"empty":   func(path string) error { return os.Truncate(path, 0) },
	} {
		path, log := filepath.Join(t.TempDir(), "s"), &line{}
		ring := open(t, path)
		ring.Log = slog.New(slog.NewTextHandler(log, nil))
		before, whole := ring.Current().ID, read(t, path)
		until := func(what string, done func() bool) {
			t.Helper()
			for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal(name, "never:", what)
				}
			}
		}
		if ring.Stale() != nil || log.errors() != 0 {
			t.Error(name, "a whole file is stale")
		}
		if err := spoil(path); err != nil {
			t.Fatal(err)
		}
		until("stale", func() bool { return ring.Stale() != nil })
		looks := time.Now().Add(1200 * time.Millisecond)
		until("another look", func() bool { ring.Current(); return time.Now().After(looks) })
		if ring.Current().ID != before || log.errors() != 1 {
			t.Errorf("%s: %d lines of ERROR", name, log.errors())
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		until("whole again", func() bool { return ring.Stale() == nil })
		if ring.Current().ID != before {
			t.Error(name, "other keys")
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
