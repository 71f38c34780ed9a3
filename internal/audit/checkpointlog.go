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

// CheckpointLog is the file outside of the database to which every checkpoint goes: one line each, only ever longer.
// Copied elsewhere it proves what the database once held, whatever happens to the database.
type CheckpointLog struct{ Path string }

// LoggedCheckpoint is one line of the log.
type LoggedCheckpoint struct {
	At   time.Time `json:"at"`
	Size int64     `json:"size"`
	Note string    `json:"note"`
}

// Append writes a checkpoint and returns when it is on the disk.
func (l CheckpointLog) Append(c LoggedCheckpoint) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(l.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(raw, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
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
	info, err := f.Stat()
	if err != nil {
		return LoggedCheckpoint{}, err
	}
	const most = 64 << 10 // a line is about 300 bytes
	from := max(0, info.Size()-most)
	tail := make([]byte, info.Size()-from)
	if _, err := f.ReadAt(tail, from); err != nil && err != io.EOF {
		return LoggedCheckpoint{}, err
	}
	whole := bytes.LastIndexByte(tail, '\n') + 1
	if whole < len(tail) {
		if err := f.Truncate(from + int64(whole)); err != nil {
			return LoggedCheckpoint{}, err
		}
	}
	if whole == 0 {
		return LoggedCheckpoint{}, nil
	}
	line := tail[:whole-1]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	if err := json.Unmarshal(line, &last); err != nil {
		return LoggedCheckpoint{}, fmt.Errorf("%s: the last line cannot be read: %w", l.Path, err)
	}
	return last, nil
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
