package twoprocess_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
)

// harmful is something that happens to a deployment. It returns once nothing keeps the deployment from coming back.
type harmful struct {
	name  string
	quick bool // nobody has to wait long for its end: a part of the short form
	do    func(*soak)
}

const stopped = 10 * time.Second // how long a process stands still, a network swallows or is slow

var faults = []harmful{
	{"kill -9 of a web process", false, func(s *soak) {
		w := s.anyWeb()
		w.over.Store(true)
		w.kill()
		s.pause(2 * time.Second)
		s.addWeb()
		s.leave(w)
	}},
	{"kill -9 of the worker", false, func(s *soak) {
		s.worker.kill()
		s.pause(2 * time.Second)
		s.worker = s.startThrough("work", "working")
	}},
	{"kill -9 of PostgreSQL", false, func(s *soak) { s.signal(s.postmaster(), syscall.SIGKILL) }},
	{"kill -9 of a backend", false, func(s *soak) {
		for _, pid := range s.backends(1) {
			s.signal(pid, syscall.SIGKILL) // the server ends all others and recovers
		}
	}},
	{"backends ended", true, func(s *soak) {
		for range 4 {
			for _, pid := range s.backends(8) {
				s.signal(pid, syscall.SIGTERM)
			}
			s.pause(400 * time.Millisecond)
		}
	}},
	{"a web process stands still", false, func(s *soak) { s.halt(s.anyWeb().process) }},
	{"the worker stands still", false, func(s *soak) { s.halt(s.worker) }},
	{"connections cut", true, func(s *soak) {
		for range 5 {
			s.networks(func(n *pgtest.Network) { n.Cut() })
			s.pause(400 * time.Millisecond)
		}
	}},
	{"answers to commits lost", true, func(s *soak) {
		for n := range 8 {
			s.database.Arm([]pgtest.Cut{pgtest.CutAnswer, pgtest.CutRequest}[n%2], false)
			s.pause(300 * time.Millisecond)
		}
		s.database.Up()
	}},
	{"an answer lost, then no database", false, func(s *soak) {
		for range 2 {
			s.database.Arm(pgtest.CutAnswer, true)
			s.pause(5 * time.Second)
			s.database.Up()
			s.pause(time.Second)
		}
	}},
	{"one web process's network swallows", false, func(s *soak) {
		w := s.anyWeb()
		s.swallow(s.path(w.process))
	}},
	{"all networks swallow", false, func(s *soak) {
		var all []*pgtest.Network
		s.networks(func(n *pgtest.Network) { all = append(all, n) })
		s.swallow(all...)
	}},
	{"300 ms of latency", false, func(s *soak) {
		s.networks(func(n *pgtest.Network) { n.Slow(300 * time.Millisecond) })
		s.pause(stopped)
		s.networks(func(n *pgtest.Network) { n.Slow(0) })
	}},
	{"rolling restart", false, func(s *soak) {
		for range len(s.webs) {
			old := s.webs[0]
			old.over.Store(true)
			if code := old.process.stop(); code != 0 {
				s.find("%s ends with %d", old.name, code)
			}
			fresh := s.addWeb()
			s.leave(old)
			s.await("the new server is given requests", fresh.ready.ok.Load)
		}
		if code := s.worker.stop(); code != 0 {
			s.find("the worker ends with %d", code)
		}
		s.worker = s.startThrough("work", "working")
	}},
}

// full is a fault that needs a database with a file system of its own: nothing else may be on it.
var full = harmful{"the disk is full", false, func(s *soak) {
	ballast, err := os.Create(filepath.Join(s.dataDirectory(), "..", "ballast"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer os.Remove(ballast.Name())
	defer ballast.Close()
	for block := make([]byte, 64<<10); len(block) > 0; { // to its last byte
		if _, err := ballast.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	s.pause(stopped)
}}

// harm has faults happen in turns, each again in another order, until the time is over.
func (s *soak) harm() {
	all, during := faults, soakLong.Duration
	if *soakFill {
		all = append(slices.Clone(all), full)
	}
	if during == 0 {
		all, during = nil, shortSoak
		for _, f := range faults {
			if f.quick {
				all = append(all, f)
			}
		}
	}
	s.pause(2 * time.Second) // calm
	for end := time.Now().Add(during); time.Now().Before(end); {
		for _, n := range s.dice.Perm(len(all)) {
			if f := all[n]; time.Now().Before(end) && strings.Contains(f.name, *soakOnly) {
				s.suffer(f)
			}
		}
	}
}

// suffer has one fault happen and waits until everything works again.
func (s *soak) suffer(f harmful) {
	s.begin(f.name)
	s.t.Logf("%s %s", time.Now().Format(time.StampMilli), f.name)
	f.do(s)
	over := time.Now()
	s.await("all works again after "+f.name, func() bool {
		for _, w := range s.webs {
			if !w.ready.after(over) || !w.works.after(over) {
				return false
			}
		}
		return true
	})
	s.mu.Lock()
	s.recovery[f.name] = append(s.recovery[f.name], time.Since(over).Round(10*time.Millisecond))
	s.mu.Unlock()
	s.pause(500 * time.Millisecond) // requests under way
	s.begin("")
	if soakLong.Duration > 0 {
		s.pause(3 * time.Second)
	}
}

func (s *soak) begin(fault string) { s.mu.Lock(); defer s.mu.Unlock(); s.now = fault }

func (s *soak) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// await waits for what must come back; that it does not is a finding.
func (s *soak) await(what string, is func() bool) {
	if !holds(time.Now().Add(patience), is) {
		s.find("not within %v: %s", patience, what)
	}
}

func (s *soak) anyWeb() *web { return s.webs[s.dice.IntN(len(s.webs))] }

func (s *soak) path(p *process) *pgtest.Network { s.mu.Lock(); defer s.mu.Unlock(); return s.paths[p] }

// networks are those of the processes that run.
func (s *soak) networks(f func(*pgtest.Network)) {
	for _, w := range s.webs {
		f(s.path(w.process))
	}
	f(s.path(s.worker))
}

// swallow loses what networks carry. The server notices later than its clients, by its keep-alive.
func (s *soak) swallow(all ...*pgtest.Network) {
	for _, n := range all {
		n.Swallow()
	}
	s.pause(stopped)
	for _, n := range all {
		n.Restore()
	}
	s.pause(time.Second)
	for _, n := range all {
		n.Forget()
	}
}

func (s *soak) halt(p *process) {
	s.signal(p.Process.Pid, syscall.SIGSTOP)
	s.pause(stopped)
	s.signal(p.Process.Pid, syscall.SIGCONT)
}

func (s *soak) signal(pid int, what syscall.Signal) {
	if pid <= 1 {
		s.find("no process to send %v", what)
		return
	}
	_ = syscall.Kill(pid, what) // a backend may have ended
}

// asAdmin runs something as administrator, on a connection of its own, once there is one.
func (s *soak) asAdmin(do func(context.Context, *pgx.Conn) error) {
	var err error
	if !holds(time.Now().Add(patience), func() bool {
		ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
		defer cancel()
		var conn *pgx.Conn
		if conn, err = pgx.Connect(ctx, s.AdminURL()); err == nil {
			err = do(ctx, conn)
			_ = conn.Close(ctx)
		}
		return err == nil
	}) {
		s.t.Fatalf("the administrator: %v", err)
	}
}

// backends are the server's processes for some connections of the product's roles.
func (s *soak) backends(most int) (pids []int) {
	s.asAdmin(func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `select pid from pg_stat_activity where usename like 'kindward%'
				and datname = current_database()
			order by state <> 'active', random() limit $1`, most)
		if err == nil {
			pids, err = pgx.CollectRows(rows, pgx.RowTo[int])
		}
		return err
	})
	return pids
}

func (s *soak) dataDirectory() (path string) {
	s.asAdmin(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `show data_directory`).Scan(&path)
	})
	return path
}

func (s *soak) postmaster() (pid int) {
	raw, err := os.ReadFile(filepath.Join(s.dataDirectory(), "postmaster.pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	pid, err = strconv.Atoi(line)
	if err != nil {
		s.t.Fatal(fmt.Errorf("postmaster.pid: %w", err))
	}
	return pid
}
