//go:build unix && !linux

package embedpg

import (
	"os/exec"
	"strconv"
	"strings"
)

// holders asks ps about the lock's pid. Start passes the cluster with -D, so
// the command line of our postmaster names it. Backends without a postmaster
// end by themselves; PostgreSQL refuses to start before that, and Start waits.
func holders(cluster string, postmaster int) ([]int, error) {
	if postmaster == 0 {
		return nil, nil
	}
	output, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(postmaster)).Output()
	line := strings.TrimSpace(string(output))
	if err != nil || line == "" {
		return nil, nil
	}
	program, rest, _ := strings.Cut(line, " -D ")
	switch {
	case rest != "" && isServer(program):
		if rest == cluster || strings.HasPrefix(rest, cluster+" ") {
			return []int{postmaster}, nil
		}
		return nil, nil // the postmaster of another database
	case strings.HasPrefix(line, "postgres:"), isServer(program):
		return nil, doubt(postmaster, cluster)
	}
	return nil, nil
}
