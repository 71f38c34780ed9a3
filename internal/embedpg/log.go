package embedpg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// errStillHeld: backends of a killed postmaster have not ended yet.
var errStillHeld = errors.New("the previous PostgreSQL still holds its shared memory")

// serverLog is PostgreSQL's log in the data folder, kept to two files of 10 MB.
type serverLog struct {
	file *os.File
	from int64 // where this start's part begins
}

func openLog(dataDir string) (*serverLog, error) {
	path := inData(dataDir, "postgres.log")
	if info, err := os.Stat(path); err == nil && info.Size() > 10<<20 {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, folderFault(dataDir, err)
		}
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
