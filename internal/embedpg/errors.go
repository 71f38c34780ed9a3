package embedpg

import (
	"errors"
	"fmt"
	"strings"
)

// What can be asked of an error of this package with errors.Is. The error
// itself prints as one line for a person.
var (
	// ErrInUse: another Kindward, or a PostgreSQL we may not touch, works on the data folder.
	ErrInUse = errors.New("data folder in use")
	// ErrVersion: the cluster was made by a PostgreSQL that this machine does not have.
	ErrVersion = errors.New("wrong PostgreSQL version")
	// ErrDiskFull: the disk of the data folder has no space left.
	ErrDiskFull = errors.New("disk full")
	// ErrNoPostgres: no usable PostgreSQL was found and none could be obtained.
	ErrNoPostgres = errors.New("no PostgreSQL")
	// ErrIntegrity: a download is not the file this program was built to trust.
	ErrIntegrity = errors.New("download refused")
)

// fault is a line for a person with the kind of trouble behind it.
type fault struct {
	kind error
	line string
}

func (f *fault) Error() string { return f.line }
func (f *fault) Unwrap() error { return f.kind }

func faultf(kind error, format string, args ...any) error {
	return &fault{kind: kind, line: oneLine(fmt.Sprintf(format, args...))}
}

// oneLine folds the text of a program into one line of at most 400 characters.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 400 {
		s = string(r[:399]) + "…"
	}
	return s
}

// outOfSpace tells a full disk from a kernel that is out of shared memory or
// semaphores: both say "No space left on device".
func outOfSpace(output string) bool {
	for line := range strings.Lines(output) {
		line = strings.ToLower(line)
		full := strings.Contains(line, "no space left on device") || strings.Contains(line, "disk quota exceeded") ||
			strings.Contains(line, "there is not enough space on the disk")
		kernel := strings.Contains(line, "shared memory segment") || strings.Contains(line, "semaphore")
		if full && !kernel {
			return true
		}
	}
	return false
}

// gist picks the sentence that names the cause out of what PostgreSQL's
// programs (and apt-get) printed: the last of FATAL, PANIC, error; else the
// last line; else the fallback.
func gist(output, fallback string) string {
	cause, last := "", fallback
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		last = line
		for _, mark := range []string{"FATAL:", "PANIC:", "error:", "E:"} {
			if _, after, found := strings.Cut(line, mark); found {
				cause = strings.TrimSpace(after)
			}
		}
	}
	if cause != "" {
		return cause
	}
	return last
}
