package webtest

import (
	"sync/atomic"
	"time"
)

// Clock is the site's: the machine's, put forward as a test wants it. The database keeps its own, by which holds live;
// the two agree until a test puts this one forward.
type Clock struct{ ahead atomic.Int64 }

// Now is the time on it.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Forward puts it forward.
func (c *Clock) Forward(by time.Duration) { c.ahead.Add(int64(by)) }

// Set makes it this instant; it goes on from there.
func (c *Clock) Set(to time.Time) { c.ahead.Store(int64(time.Until(to))) }

// Day is a day on the site's calendar, so many days from today, as addresses name it.
func (s *Site) Day(days int) string {
	return s.Clock.Now().In(s.Zone).AddDate(0, 0, days).Format(time.DateOnly)
}
