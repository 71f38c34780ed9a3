package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"kindward/internal/health"
	"kindward/internal/tenancy"
)

// counting gives what counts over one connection.
func (h *harness) counting(t testing.TB) func(sql string) (n int) {
	t.Helper()
	conn := h.Connect(t, h.AdminURL())
	return func(sql string) (n int) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

// ahead has the worker's clock ahead of the one that it takes for the database's.
func (h *harness) ahead(t testing.TB) (set func(time.Duration)) {
	t.Helper()
	var by atomic.Int64
	h.deps.Clock = health.NewClock(func(ctx context.Context) (time.Time, error) {
		at, err := h.deps.Outbox.Clock(ctx)
		return at.Add(-time.Duration(by.Load())), err
	}, time.Now, 20*time.Second)
	return func(d time.Duration) {
		by.Store(int64(d))
		h.deps.Clock.Look(t.Context())
	}
}

func TestAWorkerWhoseClockIsAheadPutsNoJobOffAndDoesNothingThatTimeAsksFor(t *testing.T) { // F05
	h := newHarness(t, tenancy.Options{})
	count := h.counting(t)
	work := &periodic{run: func(context.Context, int32) error { return nil }}
	h.deps.Periodic = []Periodic{work.every(time.Hour)}
	set := h.ahead(t)
	set(20 * 24 * time.Hour)
	stop := h.work(t)
	h.book(t, 0)
	until(t, "the email is sent at once", func() bool { return len(h.sender.files(t)) == 1 })
	until(t, "the work of time waits for a right clock", func() bool {
		return count(`select count(*) from river.river_job where kind = 'housekeeping' and state = 'available'
			and attempt = 0`) == 1
	})
	if n := count(`select count(*) from river.river_job where scheduled_at > now() - interval '19 days'`); n != 0 ||
		work.runs.Load() != 0 {
		t.Errorf("%d jobs are due by the worker's clock, %d runs by it", n, work.runs.Load())
	}
	set(0)
	until(t, "with a right clock it is done", func() bool { return work.runs.Load() == 1 })
	set(time.Hour)
	if err := (&housekeeper{Deps: h.deps}).Work(t.Context(),
		&river.Job[housekeeping]{Args: housekeeping{"test.work"}}); err == nil {
		t.Error("a run that has begun does its work by a wrong clock")
	}
	stop()
}

func TestJobsThatAWrongClockPutOffAreDoneAtOnceAndSaid(t *testing.T) { // F05
	h := newHarness(t, tenancy.Options{})
	count := h.counting(t)
	work := &periodic{run: func(context.Context, int32) error { return nil }}
	h.deps.Periodic = []Periodic{work.every(time.Hour)}
	stop := h.work(t)
	until(t, "it runs", func() bool { return work.runs.Load() == 1 })
	h.book(t, 0)
	h.settled(t)
	stop()
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0,
		scheduled_at = now() + interval '20 days' where kind = 'housekeeping'`)
	h.Admin(t, `update river.river_job set state = 'retryable', finalized_at = null, max_attempts = 40,
		scheduled_at = now() + interval '4 minutes' where kind <> 'housekeeping'`)
	if age, err := Due(t.Context(), h.deps.Outbox.Pool()); err != nil || age < 19*24*time.Hour {
		t.Errorf("a job that is 20 days away waits for %v, %v", age, err)
	}
	var said bytes.Buffer
	var mu sync.Mutex
	h.deps.Log = slog.New(slog.NewTextHandler(locked{&mu, &said}, nil))
	text := func() string { mu.Lock(); defer mu.Unlock(); return said.String() }
	h.work(t)
	until(t, "what was put off is done", func() bool { return work.runs.Load() == 2 })
	if !strings.Contains(text(), "level=ERROR") || !strings.Contains(text(), "kind=housekeeping jobs=1 by=480h0m0s") {
		t.Error("nobody says so: ", text())
	}
	if n := count(`select count(*) from river.river_job where state = 'retryable' and scheduled_at > now()`); n != 1 {
		t.Errorf("control: %d jobs, not 1, still wait for what they may wait for", n)
	}
	if age, err := Due(t.Context(), h.deps.Outbox.Pool()); err != nil || age > time.Hour {
		t.Errorf("nothing is put off any more, and a job waits for %v, %v", age, err)
	}
}

// locked writes for several.
type locked struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (l locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}
