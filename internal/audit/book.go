package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Book is the file outside of the database to which every checkpoint goes: one line each, only ever longer. Copied elsewhere it
// proves what the database once held, whatever happens to the database.
type Book struct{ Path string }

// Entry is one line of the book.
type Entry struct {
	At   time.Time `json:"at"`
	Size int64     `json:"size"`
	Note string    `json:"note"`
}

// Append writes a checkpoint and returns when it is on the disk.
func (b Book) Append(e Entry) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(b.Path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(b.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(raw, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// Last is the newest whole entry; the zero Entry: there is none. What a crash left of a half written line is taken off: its
// checkpoint stands in the database and is written again.
func (b Book) Last() (last Entry, err error) {
	f, err := os.OpenFile(b.Path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return Entry{}, nil
	}
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Entry{}, err
	}
	const most = 64 << 10 // an entry is about 300 bytes
	from := max(0, info.Size()-most)
	tail := make([]byte, info.Size()-from)
	if _, err := f.ReadAt(tail, from); err != nil && err != io.EOF {
		return Entry{}, err
	}
	whole := bytes.LastIndexByte(tail, '\n') + 1
	if whole < len(tail) {
		if err := f.Truncate(from + int64(whole)); err != nil {
			return Entry{}, err
		}
	}
	if whole == 0 {
		return Entry{}, nil
	}
	line := tail[:whole-1]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	if err := json.Unmarshal(line, &last); err != nil {
		return Entry{}, fmt.Errorf("%s: the last line cannot be read: %w", b.Path, err)
	}
	return last, nil
}

// entries reads a book from its beginning. It keeps one line in memory.
type entries struct {
	lines *bufio.Scanner
	line  int
	bad   error
	next  *Entry
}

func newEntries(r io.Reader) *entries {
	e := &entries{lines: bufio.NewScanner(r)}
	e.lines.Buffer(nil, 1<<20)
	return e
}

// peek is the next entry, or nil at the end. A line that cannot be read is given with bad set, once.
func (e *entries) peek() *Entry {
	if e.next == nil && e.lines.Scan() {
		e.line++
		e.next, e.bad = new(Entry), nil
		if err := json.Unmarshal(e.lines.Bytes(), e.next); err != nil {
			e.bad = err
		}
	}
	return e.next
}

func (e *entries) drop() { e.next = nil }
