package health

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Clock compares this process's clock with the database's, by which tickets end and jobs are due. Between two looks it
// counts by time that passes: a clock that is set, back or ahead, shows at once.
type Clock struct {
	ask   func(context.Context) (time.Time, error)
	now   func() time.Time
	limit time.Duration
	last  atomic.Pointer[comparison]
}

// comparison is one look: the database's clock said theirs when ours said ours, give or take a tolerance.
type comparison struct {
	ours, theirs time.Time
	tolerance    time.Duration // half of what asking took
}

// NewClock compares by asking; clocks that are further apart than a limit are not Right. Until it has looked they are.
func NewClock(ask func(context.Context) (time.Time, error), now func() time.Time, limit time.Duration) *Clock {
	return &Clock{ask: ask, now: now, limit: limit}
}

// Look asks, and says how far the clocks are apart. While nobody answers what was seen last counts: that the database
// is away is no fault of the clock's, and others say it.
func (c *Clock) Look(ctx context.Context) time.Duration {
	asked := c.now()
	if theirs, err := c.ask(ctx); err == nil {
		half := c.now().Sub(asked) / 2
		c.last.Store(&comparison{asked.Add(half), theirs, half})
	}
	return c.Ahead().Abs()
}

// Ahead is by how much this process's clock is ahead of the database's; less than nothing where it is behind.
func (c *Clock) Ahead() time.Duration {
	l := c.last.Load()
	if l == nil {
		return 0
	}
	now := c.now()
	ahead := now.Round(0).Sub(l.theirs.Add(now.Sub(l.ours))) // what the clock says, and what has passed
	if ahead < 0 {
		return min(0, ahead+l.tolerance)
	}
	return max(0, ahead-l.tolerance)
}

// Right tells whether the clocks are as near to each other as they must be.
func (c *Clock) Right() bool { return c.Ahead().Abs() <= c.limit }

// Now is the time by the database's clock.
func (c *Clock) Now() time.Time {
	now := c.now()
	if l := c.last.Load(); l != nil {
		return l.theirs.Add(now.Sub(l.ours))
	}
	return now
}

// Why says by how much the clocks are apart, and which one is behind.
func (c *Clock) Why() string {
	ahead, side := c.Ahead(), "ahead of"
	if ahead < 0 {
		side = "behind"
	}
	return fmt.Sprintf("this process's clock is %s %s the database's", ahead.Abs().Round(time.Millisecond), side)
}
