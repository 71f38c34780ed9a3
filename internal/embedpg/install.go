package embedpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// packageManagers in the order they are tried: the first that is on the machine
// is the system's own. Each line is one command.
var packageManagers = []struct {
	name     string
	commands [][]string
}{
	{"apt-get", [][]string{{"update"}, {"install", "-y", "--no-install-recommends", "postgresql"}}},
	{"dnf", [][]string{{"install", "-y", "postgresql-server", "postgresql-contrib"}}},
	{"apk", [][]string{{"add", "--no-cache", "postgresql", "postgresql-contrib"}}},
}

// installPackage asks the system's package manager: as root anywhere, without
// root only Homebrew, which refuses root.
func installPackage(ctx context.Context, say func(string)) error {
	if os.Geteuid() != 0 {
		if _, err := exec.LookPath("brew"); err == nil && runtime.GOOS == "darwin" {
			say("Installing PostgreSQL 17 with brew")
			return manage(ctx, "brew", "install", "postgresql@17")
		}
		return errors.New("only root may install system packages")
	}
	for _, m := range packageManagers {
		if _, err := exec.LookPath(m.name); err != nil {
			continue
		}
		say("Installing PostgreSQL with " + m.name)
		if m.name == "apt-get" {
			restore, err := withoutMainCluster("/etc/postgresql-common/createcluster.d")
			if err != nil {
				return err
			}
			defer restore()
		}
		for _, args := range m.commands {
			if err := manage(ctx, m.name, args...); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("no known package manager")
}

func manage(ctx context.Context, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	output, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return nil
	case outOfSpace(string(output)):
		return faultf(ErrDiskFull, "%s %s: the disk is full", program, args[0])
	}
	return fmt.Errorf("%s %s failed: %s", program, args[0], oneLine(gist(string(output), err.Error())))
}

// withoutMainCluster keeps Debian's package from creating and starting a cluster
// of its own, for this installation only.
func withoutMainCluster(dir string) (restore func(), err error) {
	path := filepath.Join(dir, "kindward.conf")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte("create_main_cluster = false\n"), 0o644); err != nil {
		return nil, err
	}
	return func() { os.Remove(path) }, nil
}
