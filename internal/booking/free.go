package booking

import (
	"context"
	"slices"
	"time"

	"kindward/internal/civil"
)

// Calendar is what is taken, for some resources and a span of time, as of one moment. Its ranges are shared: they are
// not to be changed.
type Calendar map[resourceOf][]Range

// Pool is the calendar of one offer's resources.
func (c Calendar) Pool(o Offering) Pool {
	pool := make(Pool, len(o.Resources))
	for i, id := range o.Resources {
		pool[i] = c[resourceOf{o.Tenant, id}]
	}
	return pool
}

// FreeDays asks for the calendar of one offer and says what each date has.
func FreeDays(ctx context.Context, b *BusyCache, o Offering, from, to civil.Date, now time.Time) ([]Day, error) {
	c, err := b.Calendar(ctx, []Offering{o}, from, to, now)
	if err != nil {
		return nil, err
	}
	return o.Schedule.DaysBetween(from, to, c.Pool(o), now.Unix()), nil
}

// nearby is how far around a lost time alternatives are looked for, in days.
const nearby = 7

// Nearest finds up to n free starts closest to a start that was lost, earlier or later, in order of time.
func Nearest(ctx context.Context, b *BusyCache, o Offering, lost time.Time, n int, now time.Time) ([]time.Time, error) {
	day := civil.DateOf(lost.In(o.Schedule.Location()))
	from, to := day.AddDays(-nearby), day.AddDays(nearby)
	c, err := b.Calendar(ctx, []Offering{o}, from, to, now)
	if err != nil {
		return nil, err
	}
	free := o.Schedule.Times(nil, from, to, c.Pool(o), now.Unix())
	at := lost.Unix()
	slices.SortStableFunc(free, func(a, b int64) int { return int(abs(a-at) - abs(b-at)) })
	free = free[:min(n, len(free))]
	slices.Sort(free)
	out := make([]time.Time, len(free))
	for i, s := range free {
		out[i] = o.Schedule.Local(s)
	}
	return out, nil
}

func abs(n int64) int64 { return max(n, -n) }
