package jobs

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindward/internal/tenancy"
)

// periodic counts the runs of a piece of work, and how many were under way at once.
type periodic struct {
	runs, now, most atomic.Int32
	run             func(ctx context.Context, n int32) error
}

func (p *periodic) Run(ctx context.Context) error {
	now := p.now.Add(1)
	defer p.now.Add(-1)
	if now > p.most.Load() {
		p.most.Store(now)
	}
	return p.run(ctx, p.runs.Add(1))
}

func (p *periodic) every(d time.Duration) Periodic {
	return Periodic{Name: "test.work", Every: d, Timeout: longestWait, Run: p.Run}
}

func until(t testing.TB, sentence string, what func() bool) {
	t.Helper()
	for end := time.Now().Add(longestWait); !what(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", longestWait, sentence)
		}
	}
}

func TestPeriodicWorkRunsOnceAtATimeOverAllWorkersAndWhatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	work := &periodic{run: func(ctx context.Context, n int32) error {
		time.Sleep(60 * time.Millisecond) // longer than it is due
		if n == 2 {
			return errors.New("not today")
		}
		return nil
	}}
	h.deps.Periodic = []Periodic{work.every(20 * time.Millisecond)}
	h.work(t)
	h.work(t)
	until(t, "it runs again after a failure", func() bool { return work.runs.Load() >= 5 })
	if work.most.Load() != 1 {
		t.Errorf("%d runs at once", work.most.Load())
	}
	var kind, queue, errs int
	row := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select count(*) filter (where kind = 'housekeeping' and args = '{"work": "test.work"}'),
		count(*) filter (where queue = 'housekeeping'), count(*) filter (where errors::text like '%not today%') from river.river_job`)
	if err := row.Scan(&kind, &queue, &errs); err != nil || kind < 3 || queue != kind || errs != 1 {
		t.Errorf("in the queue's table: %d of the kind, %d in the queue, %d failed: %v", kind, queue, errs, err)
	}
}

func TestAWorkerThatStartsMakesUpForWhatWasMissed(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	work := &periodic{run: func(context.Context, int32) error { return nil }}
	h.deps.Periodic = []Periodic{work.every(time.Hour)}
	for n := range int32(2) {
		stop := h.work(t)
		until(t, "it runs though it is not due for an hour", func() bool { return work.runs.Load() == n+1 })
		stop()
	}
}

func TestStoppingWaitsForPeriodicWorkAndItsTimeEndsIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	var once sync.Once
	began, finished := make(chan struct{}), atomic.Bool{}
	work := &periodic{run: func(ctx context.Context, n int32) error {
		once.Do(func() { close(began) })
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
			finished.Store(true)
			return nil
		}
	}}
	h.deps.Periodic = []Periodic{work.every(time.Hour)}
	stop := h.work(t)
	<-began
	stop()
	if !finished.Load() {
		t.Error("it was left under way")
	}
	endless := &periodic{run: func(ctx context.Context, n int32) error {
		if n > 1 {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}}
	h.deps.Periodic = []Periodic{endless.every(time.Hour)}
	h.deps.Periodic[0].Timeout = 500 * time.Millisecond
	h.work(t)
	until(t, "what never ends is ended by its timeout and tried again", func() bool { return endless.runs.Load() >= 2 })
}
