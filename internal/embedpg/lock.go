package embedpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// errHeld: another open file description holds the lock.
var errHeld = errors.New("lock held")

// fileLock is a lock that the system takes back when its process dies,
// however it dies. The file stays; only the lock on it counts.
type fileLock struct{ file *os.File }

// lock takes the lock at once or returns errHeld.
func lock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(file); err != nil {
		file.Close()
		return nil, err
	}
	return &fileLock{file}, nil
}

// waitForLock is lock for several programs that need the same thing done once.
func waitForLock(ctx context.Context, path string) (*fileLock, error) {
	for {
		l, err := lock(path)
		if !errors.Is(err, errHeld) {
			return l, err
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// release says so explicitly: a program being started at this moment may hold a
// copy of the file for a few milliseconds, and closing ours would not count.
func (l *fileLock) release() {
	unlockFile(l.file)
	l.file.Close()
}

// sign leaves our pid for the message of whoever finds the lock taken.
func (l *fileLock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	return err
}

// lockDataDir makes the data folder ours until release.
func lockDataDir(dataDir string) (*fileLock, error) {
	path := inData(dataDir, "kindward.lock")
	l, err := lock(path)
	if errors.Is(err, errHeld) {
		return nil, faultf(ErrInUse, "another Kindward (pid %s) uses %s", signature(path), dataDir)
	}
	if err == nil {
		if err = l.sign(); err != nil {
			l.release()
		}
	}
	if err != nil {
		return nil, folderFault(dataDir, err)
	}
	return l, nil
}

func signature(path string) string {
	text, _ := os.ReadFile(path)
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
		return strconv.Itoa(pid)
	}
	return "unknown"
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
