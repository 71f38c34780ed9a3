package sitetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kindward/internal/pgtest"
)

// Main is the TestMain of packages that start the program: a PostgreSQL for their databases, and everything put away at
// the end.
func Main(m *testing.M) { pgtest.Main(m, putAway) }

// putAway runs after the tests of a package.
func putAway() {
	if shared != nil {
		shared.stop()
	}
	if built != "" {
		os.RemoveAll(filepath.Dir(built))
	}
}

// built is the program's path once there is one.
var built string

var program = sync.OnceValues(func() (string, error) {
	file, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	if err := noteSources(filepath.Dir(strings.TrimSpace(string(file)))); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "kindward-program-")
	if err != nil {
		return "", err
	}
	built = filepath.Join(dir, "kindward")
	if out, err := exec.Command("go", "build", "-o", built, "kindward/cmd/kindward").CombinedOutput(); err != nil {
		return "", fmt.Errorf("the program cannot be built: %w: %s", err, out)
	}
	return built, nil
})

// noteSources looks into every folder of the program's sources. The go command takes note of that: a result in its test
// cache belongs to these sources, though the tests do not import them.
func noteSources(top string) error {
	var all []error
	for _, dir := range []string{"cmd", "handlers", "internal", "migrations", "queries", "static", "views"} {
		all = append(all, filepath.WalkDir(filepath.Join(top, dir), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		}))
	}
	return errors.Join(all...)
}

// Program is the path of the program, built from this tree once for all tests of a package.
func Program(t testing.TB) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Command is the program with nothing of this test's environment but what is given.
func Command(t testing.TB, settings []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(Program(t), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "KINDWARD_LOG_LEVEL=warn",
		"KINDWARD_POSTGRES_BIN=" + os.Getenv("KINDWARD_POSTGRES_BIN")}, settings...)
	return cmd
}
