package embedpg

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// The three ways to end PostgreSQL, from polite to final.
const (
	fastShutdown = iota // roll back, write everything, exit
	immediate           // exit now, recover at the next start
	forced              // the system ends it
)

// process is a running PostgreSQL.
type process struct {
	cmd    *exec.Cmd
	bin    string
	exited chan struct{}
}

// launch starts cmd from a thread of its own that lives as long as the
// process: Linux sends the "parent died" signal when the starting *thread* ends.
func launch(cmd *exec.Cmd, bin string) (*process, error) {
	p := &process{cmd: cmd, bin: bin, exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		defer close(p.exited)
		err := startTied(cmd)
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	return p, <-started
}

// stop ends the process, each step given its time: 20 s, 5 s, 5 s.
// It reports whether the first, clean step was enough.
func (p *process) stop() (clean bool) {
	for step, patience := range []time.Duration{20 * time.Second, 5 * time.Second, 5 * time.Second} {
		select {
		case <-p.exited:
			return true
		default:
		}
		_ = tell(p.cmd.Process.Pid, step, p.bin)
		select {
		case <-p.exited:
			return step == fastShutdown
		case <-time.After(patience):
		}
	}
	return false
}

func (p *process) dead() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// command prepares a server program to run as the account. The environment is
// ours to choose: no PG* variable, no secret of Kindward's, messages in English.
func (a account) command(ctx context.Context, bin, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(bin, program+exe()), args...)
	cmd.Dir = bin
	cmd.SysProcAttr = a.attributes()
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT", "SystemDrive", "TEMP", "TMP",
		"COMSPEC", "APPDATA"} {
		if value, set := os.LookupEnv(name); set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

// isServer says whether a program's path or name is PostgreSQL's server.
func isServer(program string) bool {
	name := strings.TrimSuffix(filepath.Base(program), ".exe")
	return name == "postgres" || name == "postmaster"
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
