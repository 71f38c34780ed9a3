//go:build unix

package embedpg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stranger starts a process that has nothing to do with us, as the server's user.
func stranger(t *testing.T, s *Server) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	cmd.Dir = "/"
	cmd.SysProcAttr = s.location.account.attributes()
	ok(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

func TestAStaleLockWhosePidIsSomebodyElsesNowIsCleared(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := durable(t, dir)
	remember(t, s)
	ok(t, s.process.cmd.Process.Kill())
	<-s.Done()
	other := stranger(t, s)
	for _, lock := range []string{filepath.Join(dir, "postgres", "postmaster.pid"),
		filepath.Join(s.sockets, ".s.PGSQL.5432.lock")} {
		text, err := os.ReadFile(lock)
		ok(t, err)
		_, rest, _ := strings.Cut(string(text), "\n")
		ok(t, os.WriteFile(lock, fmt.Appendf(nil, "%d\n%s", other.Process.Pid, rest), 0o600))
	}

	// Negative control: PostgreSQL itself cannot tell, and refuses.
	refused := s.location.account.command(t.Context(), s.kit.dir, "postgres", s.arguments(Options{})...)
	output, err := refused.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "postmaster.pid\" already exists") {
		t.Fatalf("the lock was no obstacle: %v %s", err, output)
	}

	ok(t, s.Stop())
	begin := time.Now()
	again, err := Start(t.Context(), Options{DataDir: dir, Say: func(line string) {
		if strings.Contains(line, fmt.Sprintf("(pid %d)", other.Process.Pid)) { // a backend may still be about to end
			t.Errorf("the stranger is taken for one: %s", line)
		}
	}})
	ok(t, err)
	t.Cleanup(func() { again.Stop() })
	remembers(t, again)
	t.Logf("back after %s", time.Since(begin))
	if other.Process.Signal(syscall.Signal(0)) != nil {
		t.Error("the stranger was ended")
	}
}

func TestALockIsNotClearedWhileAPostgresHoldsTheFolder(t *testing.T) {
	t.Parallel()
	s := durable(t, madeDir(t))
	remember(t, s)
	begin := time.Now()
	// What the next Start does when Kindward is gone and its PostgreSQL is not:
	ok(t, clearLeftovers(t.Context(), s.location.cluster, s.sockets, func(line string) { t.Log(line) }))
	t.Logf("orphan stopped in %s", time.Since(begin))
	if !s.process.dead() {
		eventually(t, "the orphan is dead before its lock is cleared", s.process.dead)
	}
	ok(t, s.Stop())
	remembers(t, durable(t, s.location.dataDir))
}

func TestBackendsWithoutAPostmasterAreEnded(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := durable(t, dir)
	remember(t, s)
	conn := connect(t, s)
	busy := make(chan error, 1)
	go func() { // does not look up from its work when its postmaster dies
		_, err := conn.Exec(context.Background(), `select count(*) from generate_series(1, 2e9::bigint) a where a % 7 = 0`)
		busy <- err
	}()
	eventually(t, "the query runs", func() bool {
		return ask(t, s, `select count(*)::text from pg_stat_activity where query like '%generate_series(1%' and state = 'active' and pid <> pg_backend_pid()`) == "1"
	})
	ok(t, s.process.cmd.Process.Kill())
	<-s.Done()
	ok(t, s.Stop())
	select {
	case err := <-busy:
		t.Fatalf("the backend went by itself, nothing is tested: %v", err)
	default:
	}
	begin := time.Now()
	remembers(t, durable(t, dir))
	t.Logf("back after %s", time.Since(begin))
	<-busy
}

func TestKillingKindwardEndsItsPostgresAndLosesNothing(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := durable(t, dir)
	remember(t, s)
	cluster := s.location.cluster
	ok(t, s.Stop())

	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "EMBEDPG_TEST_KINDWARD="+dir)
	keep, err := child.StdinPipe()
	ok(t, err)
	defer keep.Close()
	says, err := child.StdoutPipe()
	ok(t, err)
	ok(t, child.Start())
	line, err := bufio.NewReader(says).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	_, err = Start(t.Context(), Options{DataDir: dir})
	plain(t, err, fmt.Sprintf("pid %d", child.Process.Pid))
	if !errors.Is(err, ErrInUse) {
		t.Errorf("not ErrInUse: %v", err)
	}
	if held, err := holders(cluster, firstNumber(filepath.Join(cluster, "postmaster.pid"))); err != nil || len(held) == 0 {
		t.Fatalf("the child's PostgreSQL is not seen: %v, %v", held, err)
	}

	ok(t, child.Process.Kill())
	_ = child.Wait()
	begin := time.Now()
	if dies := (&syscall.SysProcAttr{}); tied(dies) {
		eventually(t, "PostgreSQL follows Kindward", func() bool {
			held, err := holders(cluster, 0)
			return err == nil && len(held) == 0
		})
		t.Logf("no orphan after %s", time.Since(begin))
	}
	remembers(t, durable(t, dir))
}

// tied says whether this system ends PostgreSQL with us.
func tied(attr *syscall.SysProcAttr) bool {
	before := *attr
	dieWithParent(attr)
	return fmt.Sprint(before) != fmt.Sprint(*attr)
}

func TestCtrlCOfTheTerminalDoesNotReachPostgres(t *testing.T) {
	t.Parallel()
	s := brought(t, madeDir(t))
	group, err := syscall.Getpgid(s.process.cmd.Process.Pid)
	ok(t, err)
	if group == syscall.Getpgrp() {
		t.Error("PostgreSQL is in our process group")
	}
}
