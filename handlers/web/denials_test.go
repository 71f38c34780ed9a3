package web

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindward/internal/tenancy"
)

// A timer ends a minute while a process waits for the counts that are being written; with -race the order of the two is
// looked at as well.
func TestEveryRepetitionIsWrittenOnceThoughCountsEndWhileTheyAreFlushed(t *testing.T) {
	var repeated, written atomic.Int64
	d := &denials{limits: DenialLimits{Window: time.Millisecond, Most: 20}}
	d.written = sync.NewCond(&d.mu)
	d.write = func(_ context.Context, _ denial, times int) {
		time.Sleep(100 * time.Microsecond)
		written.Add(int64(times))
	}
	var askers, flushes sync.WaitGroup
	over := make(chan struct{})
	for range 2 {
		flushes.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					d.flush()
				}
			}
		})
	}
	for asker := range 8 {
		askers.Go(func() {
			for n := range 2_000 {
				key := denied{asker: strconv.Itoa(asker), resource: strconv.Itoa(n / 100)}
				if !d.first(key, denial{scope: tenancy.Scope{}}) {
					repeated.Add(1)
				}
			}
		})
	}
	askers.Wait()
	close(over)
	flushes.Wait()
	d.flush()
	if written.Load() != repeated.Load() || repeated.Load() == 0 {
		t.Errorf("%d repetitions are written of %d", written.Load(), repeated.Load())
	}
}
