//go:build unix

package embedpg

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestAReleasedLockIsFreeEvenWhileAProgramBeingStartedHasACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := lock(path)
	ok(t, err)
	copied, err := syscall.Dup(int(l.file.Fd())) // what fork does before exec
	ok(t, err)
	defer syscall.Close(copied)

	if _, err := lock(path); !errors.Is(err, errHeld) {
		t.Errorf("a held lock answered %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	if _, err := waitForLock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a held lock ended with %v", err)
	}

	l.release()
	again, err := lock(path)
	ok(t, err)
	again.release()
}
