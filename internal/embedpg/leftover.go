package embedpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// socketPort is the number in the socket's name; the folder tells clusters apart.
const socketPort = 5432

// clearLeftovers brings a cluster whose last Kindward was killed back to "not
// running". The caller holds the data folder's lock, so a PostgreSQL that still
// works on the cluster has lost its Kindward and is stopped. Lock files go only
// after no PostgreSQL holds the folder: their pid may belong to anyone by now.
func clearLeftovers(ctx context.Context, cluster, sockets string, say func(string)) error {
	lock := filepath.Join(cluster, "postmaster.pid")
	postmaster := firstNumber(lock)
	held, err := holders(cluster, postmaster)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		say(fmt.Sprintf("Stopping a PostgreSQL (pid %d) that a killed Kindward left running", held[0]))
		if err := endAll(ctx, cluster, postmaster, held); err != nil {
			return err
		}
	}
	stale := []string{lock}
	if sockets != "" {
		name := filepath.Join(sockets, fmt.Sprintf(".s.PGSQL.%d", socketPort))
		stale = append(stale, name, name+".lock")
	}
	for _, path := range stale {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clearing a stale lock: %w", err)
		}
	}
	return nil
}

// endAll stops a postmaster and its backends, or backends whose postmaster is
// gone; 15 s at the most.
func endAll(ctx context.Context, cluster string, postmaster int, held []int) error {
	for step, patience := range []time.Duration{8 * time.Second, 4 * time.Second, 3 * time.Second} {
		targets := held
		if step == fastShutdown {
			if !slices.Contains(held, postmaster) {
				continue // SIGINT only cancels a backend's query
			}
			targets = []int{postmaster}
		}
		for _, pid := range targets {
			_ = tell(pid, step, "")
		}
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return err
			}
			var err error
			if held, err = holders(cluster, postmaster); err != nil || len(held) == 0 {
				return err
			}
		}
	}
	return faultf(ErrInUse, "a PostgreSQL (pid %d) on %s does not stop; end it and start again", held[0], cluster)
}

// firstNumber is the pid in the first line of a lock file, 0 if there is none.
func firstNumber(path string) int {
	text, _ := os.ReadFile(path)
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// doubt: the lock's pid is a PostgreSQL, and whether it is ours cannot be seen.
func doubt(pid int, cluster string) error {
	return faultf(ErrInUse, "a PostgreSQL (pid %d) may still use %s; if it does not belong to another database, end it and start again", pid, cluster)
}
