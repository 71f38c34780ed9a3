package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A server that stalls for a second in every two answers the rest at once. Whoever counts only how long each answer
// took sees one slow answer; visitors who come regardless see half of their visits delayed.
func TestAStallCountsForAllWhoWouldHaveCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		stalling := func(context.Context, int) error {
			if at := time.Since(begin) % (2 * time.Second); at < time.Second {
				time.Sleep(time.Second - at)
			}
			return nil
		}
		dice := rand.New(rand.NewPCG(1, 1))
		open := openLoop(t.Context(), 4, 100, 20*time.Second, dice, stalling)
		if open.err("stall") != nil || open.latency.Quantile(0.9) < 500*time.Millisecond {
			t.Errorf("of %d visits, nine of ten were answered within %v", open.done, open.latency.Quantile(0.9))
		}
		closed := closedLoop(t.Context(), 1, 20*time.Second, func(ctx context.Context, i int) error {
			time.Sleep(time.Millisecond)
			return stalling(ctx, i)
		})
		if closed.latency.Quantile(0.9) > 10*time.Millisecond {
			t.Errorf("the negative control sees the stalls too: %v", closed.latency.Quantile(0.9))
		}
	})
}

func TestAnOpenLoopComesAtItsRateWhateverTheAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		r := openLoop(t.Context(), 50, 200, 10*time.Second, rand.New(rand.NewPCG(2, 2)), func(context.Context, int) error {
			n.Add(1)
			time.Sleep(20 * time.Millisecond)
			return nil
		})
		if got := n.Load(); got < 1850 || got > 2150 {
			t.Errorf("%d came in ten seconds at 200 a second", got)
		}
		if p50 := r.latency.Quantile(0.5); p50 < 20*time.Millisecond || p50 > 21*time.Millisecond {
			t.Errorf("the median is %v", p50)
		}
	})
}

func TestALoopThatFailsHasNoFigure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		some := errors.New("refused")
		act := func(share int64) act {
			return func(context.Context, int) error {
				time.Sleep(time.Millisecond)
				if n.Add(1)%share == 0 {
					return some
				}
				return nil
			}
		}
		if err := closedLoop(t.Context(), 2, time.Second, act(50)).err("booking"); !errors.Is(err, some) {
			t.Errorf("two in a hundred failed: %v", err)
		}
		if err := closedLoop(t.Context(), 2, time.Second, act(500)).err("booking"); err != nil {
			t.Errorf("two in a thousand failed: %v", err)
		}
	})
}
