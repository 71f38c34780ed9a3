package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// CheckpointLog is the file outside of the database to which every checkpoint goes: one line each, only ever longer.
// Copied elsewhere it proves what the database once held, whatever happens to the database.
type CheckpointLog struct{ Path string }

// LoggedCheckpoint is one line of the log.
type LoggedCheckpoint struct {
	At   time.Time `json:"at"`
	Size int64     `json:"size"`
	Note string    `json:"note"`
}

// Append writes a checkpoint and returns when it is on the disk. One that comes too late is left out: a process that
// rested before this has written it to the database, and whoever had the turn next has put it here.
func (l CheckpointLog) Append(c LoggedCheckpoint) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(l.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if line, _, err := lastLine(f); err != nil || c.late(line) {
		return errors.Join(err, f.Close())
	}
	_, err = f.Write(append(raw, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// late tells whether a line is of the same epoch and as large already, or of a later one.
func (c LoggedCheckpoint) late(line []byte) bool {
	var last LoggedCheckpoint
	if json.Unmarshal(line, &last) != nil {
		return false
	}
	was, is := epochIn(last.Note), epochIn(c.Note)
	return is < was || is == was && c.Size <= last.Size && !beginsEpoch(c.Note)
}

// Last is the newest whole line; the zero value: there is none. What a crash left of a half written line is taken off:
// its checkpoint stands in the database and is written again.
func (l CheckpointLog) Last() (last LoggedCheckpoint, err error) {
	f, err := os.OpenFile(l.Path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return LoggedCheckpoint{}, nil
	}
	if err != nil {
		return LoggedCheckpoint{}, err
	}
	defer f.Close()
	line, end, err := lastLine(f)
	if err == nil {
		err = f.Truncate(end)
	}
	if err != nil || line == nil {
		return LoggedCheckpoint{}, err
	}
	if err := json.Unmarshal(line, &last); err != nil {
		return LoggedCheckpoint{}, fmt.Errorf("%s: the last line cannot be read: %w", l.Path, err)
	}
	return last, nil
}

// lastLine is the newest whole line of a log, without its end, and where it ends. Nil: there is none.
func lastLine(f *os.File) (line []byte, end int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	const most = 64 << 10 // a line is about 300 bytes
	from := max(0, info.Size()-most)
	tail := make([]byte, info.Size()-from)
	if _, err := f.ReadAt(tail, from); err != nil && err != io.EOF {
		return nil, 0, err
	}
	whole := bytes.LastIndexByte(tail, '\n') + 1
	if whole == 0 {
		return nil, from, nil
	}
	line = tail[:whole-1]
	return line[bytes.LastIndexByte(line, '\n')+1:], from + int64(whole), nil
}

// checkpoints reads a log from its beginning. It keeps one line in memory.
type checkpoints struct {
	lines *bufio.Scanner
	line  int
	bad   error
	next  *LoggedCheckpoint
}

func newCheckpoints(r io.Reader) *checkpoints {
	c := &checkpoints{lines: bufio.NewScanner(r)}
	c.lines.Buffer(nil, 1<<20)
	return c
}

// peek is the next checkpoint, or nil at the end. A line that cannot be read is given with bad set, once.
func (c *checkpoints) peek() *LoggedCheckpoint {
	if c.next == nil && c.lines.Scan() {
		c.line++
		c.next, c.bad = new(LoggedCheckpoint), nil
		if err := json.Unmarshal(c.lines.Bytes(), c.next); err != nil {
			c.bad = err
		}
	}
	return c.next
}

func (c *checkpoints) drop() { c.next = nil }

// recentLines is how many lines a verification remembers at least, to know one that stands in the log once more.
const recentLines = 50_000

// recent are the notes of the last lines of a log.
type recent struct{ now, before map[string]bool }

func (r *recent) add(note string) {
	if r.now == nil || len(r.now) >= recentLines {
		r.now, r.before = map[string]bool{}, r.now
	}
	r.now[sumOf(note)] = true
}

func (r *recent) has(note string) bool { return r.now[sumOf(note)] || r.before[sumOf(note)] }

func sumOf(note string) string {
	sum := sha256.Sum256([]byte(note))
	return string(sum[:])
}
