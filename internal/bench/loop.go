package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// act is one thing that client i does once.
type act func(ctx context.Context, i int) error

// tolerated is the share of errors above which a loop's figure is none.
const tolerated = 0.01

// run is what a loop has seen.
type run struct {
	done, failed uint64
	took         time.Duration
	latency      Histogram
	first        error // of the failed
}

func (r *run) rate() float64 { return float64(r.done) / r.took.Seconds() }

// err is non-nil if too much failed, or nothing was done.
func (r *run) err(what string) error {
	if r.done+r.failed == 0 {
		return fmt.Errorf("%s: nothing was asked", what)
	}
	if r.done == 0 || float64(r.failed) > tolerated*float64(r.done+r.failed) {
		return fmt.Errorf("%s: %d of %d failed: %w", what, r.failed, r.done+r.failed, r.first)
	}
	return nil
}

// closedLoop lets n clients act one after the other as fast as they are answered: what the system can do at most.
func closedLoop(ctx context.Context, n int, d time.Duration, do act) *run {
	all := make([]run, n)
	begin := time.Now()
	stop := begin.Add(d)
	var clients sync.WaitGroup
	for i := range n {
		clients.Go(func() {
			r := &all[i]
			for t := time.Now(); t.Before(stop) && ctx.Err() == nil; {
				err := do(ctx, i)
				now := time.Now()
				r.count(now.Sub(t), err)
				t = now
			}
		})
	}
	clients.Wait()
	return total(all, time.Since(begin))
}

// openLoop begins acts at times that do not depend on the answers (Poisson, rate a second), as visitors do. Latency
// counts from the intended beginning, so that a stall counts for everybody who would have come during it. n bounds what
// is under way; who finds nobody free waits, and the wait counts.
func openLoop(ctx context.Context, n int, rate float64, d time.Duration, dice *rand.Rand, do act) *run {
	var schedule []time.Duration
	for at := 0.0; ; {
		at += dice.ExpFloat64() / rate
		if at > d.Seconds() && len(schedule) > 0 {
			break // one comes at least
		}
		schedule = append(schedule, time.Duration(at*float64(time.Second)))
	}
	all := make([]run, n)
	var next atomic.Int64
	begin := time.Now().Add(20 * time.Millisecond)
	var clients sync.WaitGroup
	for i := range n {
		clients.Go(func() {
			for ctx.Err() == nil {
				k := int(next.Add(1)) - 1
				if k >= len(schedule) {
					return
				}
				intended := begin.Add(schedule[k])
				time.Sleep(time.Until(intended))
				err := do(ctx, i)
				all[i].count(time.Since(intended), err)
			}
		})
	}
	clients.Wait()
	return total(all, time.Since(begin))
}

func (r *run) count(d time.Duration, err error) {
	if err != nil {
		r.failed++
		if r.first == nil {
			r.first = err
		}
		return
	}
	r.done++
	r.latency.Add(d)
}

func total(all []run, took time.Duration) *run {
	sum := &run{took: took}
	for i := range all {
		sum.done += all[i].done
		sum.failed += all[i].failed
		sum.latency.Merge(&all[i].latency)
		if sum.first == nil {
			sum.first = all[i].first
		}
	}
	return sum
}
