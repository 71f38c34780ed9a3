package booking

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/queries/shareddb"
)

// Calendar is what is taken, for some resources and a span of time, as read in one query.
type Calendar map[uuid.UUID][]Range

// ReadCalendar reads the living claims that touch any of the offers' days. One query, however many offers.
func ReadCalendar(ctx context.Context, q *shareddb.Queries, offers []Offering, from, to civil.Date) (Calendar, error) {
	var resources []uuid.UUID
	owner := map[uuid.UUID]uuid.UUID{}
	var span Range
	for i, o := range offers {
		s := o.Schedule.Span(from, to)
		if i == 0 {
			span = s
		}
		span.Start, span.End = min(span.Start, s.Start), max(span.End, s.End)
		resources = append(resources, o.Resources...)
		for _, r := range o.Resources {
			owner[r] = o.Tenant
		}
	}
	if len(resources) == 0 {
		return nil, nil
	}
	slices.SortFunc(resources, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	rows, err := q.BusyRanges(ctx, slices.Compact(resources), time.Unix(span.End, 0), time.Unix(span.Start, 0))
	if err != nil {
		return nil, err
	}
	c := make(Calendar, len(resources))
	for _, r := range rows {
		if r.TenantID != owner[r.ResourceID] {
			continue // only the organization itself can say that its people are taken
		}
		ranges := make([]Range, len(r.Starts))
		for i := range ranges {
			ranges[i] = Range{r.Starts[i], r.Ends[i]}
		}
		c[r.ResourceID] = ranges
	}
	return c, nil
}

// Pool is the calendar of one offer's resources.
func (c Calendar) Pool(o Offering) Pool {
	pool := make(Pool, len(o.Resources))
	for i, id := range o.Resources {
		pool[i] = c[id]
	}
	return pool
}

// FreeDays reads the calendar of one offer and says what each date has.
func FreeDays(ctx context.Context, q *shareddb.Queries, o Offering, from, to civil.Date, now time.Time) ([]Day, error) {
	c, err := ReadCalendar(ctx, q, []Offering{o}, from, to)
	if err != nil {
		return nil, err
	}
	return o.Schedule.DaysBetween(from, to, c.Pool(o), now.Unix()), nil
}

// nearby is how far around a lost time alternatives are looked for, in days.
const nearby = 7

// Nearest finds up to n free starts closest to a start that was lost, earlier or later, in order of time.
func Nearest(ctx context.Context, q *shareddb.Queries, o Offering, lost time.Time, n int, now time.Time) ([]time.Time,
	error) {
	day := civil.DateOf(lost.In(o.Schedule.Location()))
	from, to := day.AddDays(-nearby), day.AddDays(nearby)
	c, err := ReadCalendar(ctx, q, []Offering{o}, from, to)
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
