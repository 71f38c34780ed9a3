package jobs

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// oldestDue is no query of sqlc's: the queue makes its tables itself. The oldest of each state, queue and priority is
// the first of a stretch of the index that the queue fetches by.
//
// A job that is due further away than any may be is as overdue as it is far away: nobody does it.
const oldestDue = `select greatest(0, coalesce(max(extract(epoch from greatest(now() - first.scheduled_at,
		first.scheduled_at - now()))), 0))::float8
	from unnest('{available,retryable,scheduled}'::river.river_job_state[]) of_state
	cross join unnest($1::text[]) of_queue cross join generate_series(1, 4) of_priority
	cross join lateral ((select j.scheduled_at from river.river_job j where j.state = of_state and j.queue = of_queue
		and j.priority = of_priority and j.scheduled_at <= now() order by j.scheduled_at limit 1)
		union all (select j.scheduled_at from river.river_job j where j.state = of_state and j.queue = of_queue
		and j.priority = of_priority and j.scheduled_at > now() + $2::interval order by j.scheduled_at desc
		limit 1)) first`

// Due is how long the oldest job has waited that could have been done, 0 if there is none; or how far away one is that
// a wrong clock put off.
func Due(ctx context.Context, pool *pgxpool.Pool) (time.Duration, error) {
	var s float64
	err := pool.QueryRow(ctx, oldestDue, slices.Collect(maps.Keys(queues)), furthest).Scan(&s)
	return time.Duration(s * float64(time.Second)), err
}
