package identity

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // how the lists are made; nothing is protected by it
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
)

// Breached is a list of passwords that have leaked somewhere, as a file that the operator supplies: one line
// HASH:COUNT for each, in the order of the hashes. HASH is the password's SHA-1 in hexadecimal capitals, or at least
// its first ten digits. The file is searched where it lies, about thirty reads for a billion lines. Nothing of it is
// kept in memory, and no password leaves the process.
type Breached struct {
	file io.ReaderAt
	size int64
}

// breachedLine is more than the longest line has bytes, its end included.
const breachedLine = 128

// samples are the lines that are looked at when a list is opened: enough to tell one that nobody has put in order.
const samples = 64

// OpenBreached opens a list and looks at some of its lines.
func OpenBreached(path string) (*Breached, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := &Breached{f, info.Size()}
	if !info.Mode().IsRegular() || b.size == 0 {
		return nil, fmt.Errorf("%s has no lines HASH:COUNT", path)
	}
	if err := b.look(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

func (b *Breached) look() error {
	var before []byte
	for i := range int64(samples) {
		hash, err := b.from(b.size * i / samples)
		if err != nil {
			return err
		}
		if hash != nil && bytes.Compare(before, hash) > 0 {
			return errors.New("the lines are not in the order of their hashes")
		}
		if hash != nil {
			before = hash
		}
	}
	return nil
}

// Has tells whether a password is in the list.
func (b *Breached) Has(password string) (bool, error) {
	sum := sha1.Sum([]byte(password))
	want := bytes.ToUpper(hex.AppendEncode(nil, sum[:]))
	var broken error
	at := sort.Search(int(b.size), func(offset int) bool {
		hash, err := b.from(int64(offset))
		if err != nil {
			broken = err
		}
		return hash == nil || bytes.Compare(hash, want[:len(hash)]) >= 0
	})
	if broken != nil {
		return false, broken
	}
	hash, err := b.from(int64(at))
	return hash != nil && bytes.HasPrefix(want, hash), err
}

// from is the hash of the first line that begins at an offset or behind it; nil: there is none.
func (b *Breached) from(offset int64) ([]byte, error) {
	start := max(0, offset-1) // the end of the line before tells that one begins at offset
	buf := make([]byte, 2*breachedLine)
	n, err := b.file.ReadAt(buf, start)
	if err != nil && err != io.EOF {
		return nil, err
	}
	buf = buf[:n]
	if offset > 0 {
		_, rest, found := bytes.Cut(buf, []byte("\n"))
		if !found && start+int64(n) < b.size {
			return nil, fmt.Errorf("a line of %d bytes in the list of breached passwords, near byte %d", len(buf), offset)
		}
		buf = rest
	}
	if len(bytes.TrimSpace(buf)) == 0 {
		return nil, nil
	}
	hash, _, found := bytes.Cut(buf, []byte(":"))
	if !found || len(hash) < 10 || len(hash) > 2*sha1.Size || bytes.ContainsFunc(hash, notHex) {
		return nil, fmt.Errorf("no line HASH:COUNT in the list of breached passwords, near byte %d", offset)
	}
	return bytes.ToUpper(hash), nil
}

func notHex(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'F') && (r < 'a' || r > 'f')
}
