//go:build unix

package embedpg

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func rootOnly(t *testing.T, may string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root " + may)
	}
}

func TestAsRootTheServerRunsAsAnotherUserWhoOnlyPassesThroughTheDataFolder(t *testing.T) {
	rootOnly(t, "drops to another user")
	t.Parallel()
	dir := madeDir(t)
	s := brought(t, dir)
	info, err := os.Stat(s.location.cluster)
	ok(t, err)
	if uid, _, _ := owner(info); uid == 0 || uid != s.location.account.uid {
		t.Errorf("the cluster belongs to %d", uid)
	}
	list := exec.Command("ls", dir)
	list.Dir = "/"
	list.SysProcAttr = s.location.account.attributes()
	if output, err := list.CombinedOutput(); err == nil {
		t.Errorf("the server's user can list the data folder: %s", output)
	}
}

func TestADataFolderThatTheServersUserCannotReachKeepsItsClusterElsewhere(t *testing.T) {
	t.Parallel()
	rootOnly(t, "drops to another user")
	closed := dataDir(t)
	dir := filepath.Join(closed, "kindward")
	s := brought(t, dir)
	away := filepath.Dir(s.location.cluster)
	t.Cleanup(func() {
		old, _ := filepath.Glob(away + ".old*")
		for _, path := range append(old, away) {
			os.RemoveAll(path)
		}
		os.Remove(filepath.Dir(away)) // if it is empty
	})
	if strings.HasPrefix(away, closed) {
		t.Fatalf("the cluster is in %s", away)
	}
	remember(t, s)
	cluster := s.location.cluster
	ok(t, s.Stop())

	s = brought(t, dir)
	remembers(t, s)
	ok(t, s.Stop())

	t.Run("gone: says so", func(t *testing.T) {
		ok(t, os.Rename(cluster, cluster+".hidden"))
		defer os.Rename(cluster+".hidden", cluster)
		_, err := Start(t.Context(), Options{DataDir: dir, Fast: true})
		plain(t, err, cluster, "is gone", "postgres.place")
	})
	t.Run("after deletion of the data folder: a new one, the old one kept", func(t *testing.T) {
		ok(t, os.RemoveAll(dir))
		s := brought(t, dir)
		remember(t, s) // its table is not there yet
		if _, err := os.Stat(filepath.Join(away+".old1", "postgres", "PG_VERSION")); err != nil {
			t.Error(err)
		}
	})
}

func TestAVeryLongPathStillGetsASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(open(t), strings.Repeat("a-long-name/", 12))
	ok(t, os.MkdirAll(dir, 0o755))
	output, err := exec.Command("cp", "-a", madeDir(t)+"/.", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	ok(t, os.Chmod(dir, 0o755))
	s := brought(t, dir)
	if len(s.sockets) > 80 || strings.HasPrefix(s.sockets, dir) {
		t.Errorf("the socket is in %s", s.sockets)
	}
	t.Cleanup(func() { os.RemoveAll(s.sockets) })
	if got := ask(t, s, "select 'reached'"); got != "reached" {
		t.Error(got)
	}
}

func TestAWrongVersionIsOneLineAndLosesNothing(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := durable(t, dir)
	remember(t, s)
	ok(t, s.Stop())
	file := filepath.Join(dir, "postgres", "PG_VERSION")
	right, err := os.ReadFile(file)
	ok(t, err)
	for _, wrong := range []string{"14\n", "21\n", "garbage\n"} {
		ok(t, os.WriteFile(file, []byte(wrong), 0o600))
		_, err := Start(t.Context(), Options{DataDir: dir, Fast: true})
		plain(t, err)
		if !errors.Is(err, ErrVersion) {
			t.Errorf("not ErrVersion: %v", err)
		}
	}
	ok(t, os.WriteFile(file, right, 0o600))
	remembers(t, durable(t, dir))
}

func TestFilesThatAreNoClusterAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	ok(t, os.Mkdir(filepath.Join(dir, "postgres"), 0o755))
	letter := filepath.Join(dir, "postgres", "letter.txt")
	ok(t, os.WriteFile(letter, []byte("dear"), 0o600))
	_, err := Start(t.Context(), Options{DataDir: dir, Fast: true})
	plain(t, err, "holds files but no database")
	if text, _ := os.ReadFile(letter); string(text) != "dear" {
		t.Error("the letter is gone")
	}
}

func TestAForeignPasswordFileIsNamed(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	ok(t, os.WriteFile(filepath.Join(dir, "postgres.password"), []byte("another\n"), 0o600))
	_, err := Start(t.Context(), Options{DataDir: dir, Fast: true})
	plain(t, err, "postgres.password")
	held, err := holders(filepath.Join(dir, "postgres"), 0)
	if err != nil || len(held) > 0 {
		t.Errorf("still running: %v %v", held, err)
	}
}

func TestABadSettingIsOneLine(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{DataDir: madeDir(t), Settings: map[string]string{"shared_buffers": "lots"}})
	plain(t, err, "shared_buffers", "postgres.log")
}

func TestAFullDiskIsOneLine(t *testing.T) {
	t.Parallel()
	root := open(t)
	bin := pretend(t, root, "15.1", contrib...)
	program(t, filepath.Join(bin, "initdb"),
		`echo "running bootstrap script ... 2026-11-22 UTC [9] FATAL:  could not write to file \"x\": No space left on device"; exit 1`)
	dir := dataDir(t)
	_, err := start(t.Context(), Options{DataDir: dir}, search{override: bin})
	plain(t, err, "disk of "+dir+" is full")
	if !errors.Is(err, ErrDiskFull) {
		t.Errorf("not ErrDiskFull: %v", err)
	}
	brought(t, dir) // with space: as if nothing had been
}

func TestARealFullDiskIsOneLineAndLosesNothing(t *testing.T) {
	t.Parallel()
	rootOnly(t, "may mount a small disk")
	disk := dataDir(t)
	if output, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=12m,mode=0755", "tmpfs",
		disk).CombinedOutput(); err != nil {
		t.Skipf("cannot mount a small disk: %s", output)
	}
	t.Cleanup(func() { syscall.Unmount(disk, 0) })
	dir := filepath.Join(disk, "data")
	_, err := Start(t.Context(), Options{DataDir: dir, Fast: true})
	plain(t, err, "full")
	if !errors.Is(err, ErrDiskFull) {
		t.Errorf("creating: not ErrDiskFull: %v", err)
	}
	resize(t, disk, "200m")
	s := durable(t, dir)
	remember(t, s)
	ok(t, s.Stop())
	filler := filepath.Join(disk, "filler")
	_ = exec.CommandContext(context.Background(), "dd", "if=/dev/zero", "of="+filler, "bs=4k").Run() // until it is full
	_, err = Start(t.Context(), Options{DataDir: dir})
	plain(t, err, "full")
	if !errors.Is(err, ErrDiskFull) {
		t.Errorf("starting: not ErrDiskFull: %v", err)
	}
	ok(t, os.Remove(filler))
	s = durable(t, dir)
	remembers(t, s)
	ok(t, s.Stop())
}

func resize(t *testing.T, disk, size string) {
	t.Helper()
	if output, err := exec.Command("mount", "-o", "remount,size="+size, disk).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}

func TestADataFolderMayHaveAnyName(t *testing.T) {
	for _, name := range []string{`Application Support, it's "odd"`, `a#b?c&host=x=100%41\`, "Über\nb"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(open(t), name)
			s := brought(t, dir)
			t.Cleanup(func() { os.RemoveAll(s.sockets) })
			remember(t, s)
			ok(t, s.Stop())
			remembers(t, brought(t, dir))
		})
	}
}
