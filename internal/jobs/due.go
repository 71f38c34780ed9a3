package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// oldestDue is no query of sqlc's: the queue makes its tables itself.
const oldestDue = `select greatest(0, coalesce(extract(epoch from now() - min(scheduled_at)), 0))::float8
	from river.river_job where state in ('available', 'retryable', 'scheduled') and scheduled_at <= now()`

// Due is how long the oldest job has waited that could have been done, 0 if there is none. It reads every job that
// waits.
func Due(ctx context.Context, pool *pgxpool.Pool) (time.Duration, error) {
	var s float64
	err := pool.QueryRow(ctx, oldestDue).Scan(&s)
	return time.Duration(s * float64(time.Second)), err
}
