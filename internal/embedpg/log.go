package embedpg

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// errStillHeld: backends of a killed postmaster have not ended yet.
var errStillHeld = errors.New("the previous PostgreSQL still holds its shared memory")

// The log in the data folder is rotated when it has grown to 10 MB: postgres.log.1 is the part before it, up to .3.
const (
	logSize  = 10 << 20
	logsKept = 3
)

func logPath(dataDir string) string { return inData(dataDir, "postgres.log") }

// rotateLog puts a log that has grown to a size away and empties it. The server goes on writing to the same file,
// always to its end: what it writes between copy and cut is lost. Where there is no room for the copy, the oldest give
// way.
func rotateLog(path string, size int64) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() < size {
		return err
	}
	for n := logsKept - 1; n >= 1; n-- {
		err := os.Rename(fmt.Sprintf("%s.%d", path, n), fmt.Sprintf("%s.%d", path, n+1))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := copyFile(path, path+".1"); err != nil {
		for n := 1; n <= logsKept; n++ {
			_ = os.Remove(fmt.Sprintf("%s.%d", path, n))
		}
	}
	return os.Truncate(path, 0)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// serverLog is PostgreSQL's log in the data folder.
type serverLog struct {
	file *os.File
	from int64 // where this start's part begins
}

func openLog(dataDir string) (*serverLog, error) {
	path := logPath(dataDir)
	if err := rotateLog(path, logSize); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, folderFault(dataDir, err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, folderFault(dataDir, err)
	}
	from, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		file.Close()
		return nil, folderFault(dataDir, err)
	}
	return &serverLog{file, from}, nil
}

// cause turns what the server wrote before it exited into one line.
func (l *serverLog) cause(p location) error {
	const enough = 64 << 10
	text, _ := io.ReadAll(io.NewSectionReader(l.file, l.from, enough))
	output, path := string(text), l.file.Name()
	named := strings.Contains(output, "FATAL:") || strings.Contains(output, "PANIC:")
	switch {
	case outOfSpace(output), !named && (noRoom(p.dataDir) || noRoom(p.cluster)):
		return faultf(ErrDiskFull, "PostgreSQL could not start: the disk of %s is full", p.cluster)
	case strings.Contains(output, "pre-existing shared memory block"):
		return errStillHeld
	case strings.Contains(output, "is not compatible with this version"):
		return faultf(ErrVersion, "PostgreSQL could not start: %s (see %s)", gist(output, "no reason given"), path)
	case !named:
		return fmt.Errorf("PostgreSQL ended while starting and left no reason (see %s)", path)
	}
	return fmt.Errorf("PostgreSQL could not start: %s (see %s)", oneLine(gist(output, "no reason given")), path)
}

// noRoom is for a disk so full that not even the complaint about it fits into
// the log. What the system keeps for root does not count.
func noRoom(dir string) bool {
	free, err := freeSpace(dir)
	return err == nil && free < 1<<20
}
