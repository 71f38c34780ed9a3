package identity

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// leaked writes a list of 100,000 passwords, "leak 0" to "leak 99999", and gives their hashes.
func leaked(t *testing.T, end string, digits int) (path string, hashes []string) {
	t.Helper()
	for n := range 100_000 {
		hashes = append(hashes, fmt.Sprintf("%X", sha1.Sum(fmt.Appendf(nil, "leak %d", n)))[:digits])
	}
	slices.Sort(hashes)
	var b bytes.Buffer
	for n, hash := range hashes {
		fmt.Fprintf(&b, "%s:%d%s", hash, n*n, end)
	}
	path = filepath.Join(t.TempDir(), "leaked.txt")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, hashes
}

// counted counts the reads of a list.
type counted struct {
	*os.File
	n int
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) { c.n++; return c.File.ReadAt(p, at) }

func TestEachLeakedPasswordIsFoundAndNoOther(t *testing.T) {
	for name, form := range map[string]struct {
		end    string
		digits int
	}{"as it is given away": {"\r\n", 40}, "with bare line ends": {"\n", 40}, "of prefixes": {"\n", 16}} {
		t.Run(name, func(t *testing.T) {
			path, _ := leaked(t, form.end, form.digits)
			list, err := OpenBreached(path)
			if err != nil {
				t.Fatal(err)
			}
			for n := 0; n < 100_000; n += 7 {
				if has, err := list.Has(fmt.Sprintf("leak %d", n)); err != nil || !has {
					t.Fatalf("leak %d is not found: %v", n, err)
				}
			}
			for n := range 5_000 {
				if has, err := list.Has(fmt.Sprintf("kept %d", n)); err != nil || has {
					t.Fatalf("kept %d is found: %v", n, err)
				}
			}
		})
	}
}

func TestTheListOfLeakedPasswordsIsSearchedWhereItLies(t *testing.T) {
	path, _ := leaked(t, "\n", 40)
	list, err := OpenBreached(path)
	if err != nil {
		t.Fatal(err)
	}
	reads := &counted{File: list.file.(*os.File)}
	list.file = reads
	if has, err := list.Has("leak 77"); err != nil || !has || reads.n > 26 {
		t.Errorf("found: %v, after %d reads, %v", has, reads.n, err)
	}
}

func TestALastLineWithoutAnEndCounts(t *testing.T) {
	path, hashes := leaked(t, "\n", 40)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.TrimSpace(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := OpenBreached(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 100_000 {
		word := fmt.Sprintf("leak %d", n)
		if fmt.Sprintf("%X", sha1.Sum([]byte(word))) != hashes[len(hashes)-1] {
			continue
		}
		if has, err := list.Has(word); err != nil || !has {
			t.Error("the last of the list is not found:", err)
		}
	}
}

func TestWhatIsNoListIsRefusedAtOnce(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"empty": "", "words": "password\nletmein\n", "short": "ABC:1\n",
		"endless": strings.Repeat("A", 4000)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenBreached(path); err == nil {
			t.Error(name, "is taken for a list")
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "none")} {
		if _, err := OpenBreached(path); err == nil {
			t.Error(path, "is taken for a list")
		}
	}
}

func TestALeakedPasswordIsNoNewPassword(t *testing.T) {
	h := open(t)
	if said := h.passwords.Problem(t.Context(), "leak 4711", "maya@example.test", "Maya"); !strings.Contains(said,
		"10 characters") && said != "" {
		t.Error(said)
	}
	const long = "leak 12345"
	if said := h.passwords.Problem(t.Context(), long, "maya@example.test", "Maya"); said != "" {
		t.Error("negative control, without a list:", said)
	}
	path, _ := leaked(t, "\n", 40)
	var err error
	if h.passwords.breached, err = OpenBreached(path); err != nil {
		t.Fatal(err)
	}
	if said := h.passwords.Problem(t.Context(), long, "maya@example.test", "Maya"); !strings.Contains(said,
		"leak of another site") {
		t.Error("it is let through:", said)
	}
	if said := h.passwords.Problem(t.Context(), password, "maya@example.test", "Maya"); said != "" {
		t.Error("another is refused:", said)
	}
	if err := h.passwords.breached.file.(*os.File).Close(); err != nil {
		t.Fatal(err)
	}
	if said := h.passwords.Problem(t.Context(), long, "maya@example.test", "Maya"); said != "" {
		t.Error("a list that cannot be read refuses people:", said)
	}
}
