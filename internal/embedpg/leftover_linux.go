package embedpg

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holders lists the PostgreSQL processes that work on the cluster: every one of
// them, postmaster or backend, has the cluster as its working folder.
func holders(cluster string, postmaster int) ([]int, error) {
	folder, err := os.Stat(cluster)
	if err != nil {
		return nil, err
	}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var held []int
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", p.Name(), "comm"))
		if err != nil || !isServer(strings.TrimSpace(string(name))) {
			continue
		}
		cwd, err := os.Stat(filepath.Join("/proc", p.Name(), "cwd"))
		if errors.Is(err, fs.ErrPermission) && pid == postmaster {
			// Root of a container may not look into other users' processes.
			arg := folderArgument(p.Name())
			if arg == "" {
				return nil, doubt(pid, cluster)
			}
			cwd, err = os.Stat(arg)
		}
		if err == nil && os.SameFile(cwd, folder) {
			held = append(held, pid)
		}
	}
	return held, nil
}

// folderArgument is what follows -D in the process's command line.
func folderArgument(pid string) string {
	line, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
	args := strings.Split(string(line), "\x00")
	for i, arg := range args[:len(args)-1] {
		if arg == "-D" {
			return args[i+1]
		}
	}
	return ""
}
