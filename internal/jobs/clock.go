package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kindward/internal/health"
)

// The queue writes when a job is due by its own clock and fetches by the database's. Here is what keeps a clock that is
// wrong, or was for a moment, from putting work off.

// errClock ends a periodic run that began by a wrong clock, before it does anything.
var errClock = errors.New("jobs: this process's clock is not the database's")

// furthest is how far away a job may be due: no kind waits for longer than its lease or the longest pause between two
// attempts, minutes both. One that is due later was put there by a clock that was ahead.
const furthest = time.Hour

const (
	clockEvery     = time.Second
	bringBackEvery = time.Minute
)

// dueByDatabase has new jobs due now by the database's clock, whatever this process's says.
func dueByDatabase(clock *health.Clock) rivertype.Hook {
	return river.HookInsertBeginFunc(func(_ context.Context, job *rivertype.JobInsertParams) error {
		if job.State == rivertype.JobStateAvailable {
			now := clock.Now()
			job.ScheduledAt = &now
		}
		return nil
	})
}

// keepTime does periodic work only while the clock is right, and looks for jobs that a wrong one put off, until ctx
// ends.
func keepTime(ctx context.Context, d Deps, client *river.Client[pgx.Tx]) {
	bringBack(ctx, d)
	look, search := time.NewTicker(clockEvery), time.NewTicker(bringBackEvery)
	defer look.Stop()
	defer search.Stop()
	for working := false; ; {
		if right := d.Clock.Right(); right != working {
			if err := doHousekeeping(ctx, client, right); err == nil {
				working = right
			} else if ctx.Err() == nil {
				d.Log.Error("jobs: periodic work is neither begun nor left", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-search.C:
			bringBack(ctx, d)
		case <-look.C:
		}
	}
}

// doHousekeeping begins with periodic work, or leaves it to other workers when what is under way is done.
func doHousekeeping(ctx context.Context, client *river.Client[pgx.Tx], begin bool) error {
	if !begin {
		return client.Queues().Remove(ctx, housekeepingQueue)
	}
	return client.Queues().Add(housekeepingQueue, queues[housekeepingQueue])
}

// The table is the queue's, as in due.go. Of each state the index that the queue fetches by has the jobs in order.
const farAway = `with far as (select j.id, j.kind, j.scheduled_at - now() as away from river.river_job j
		where j.state in ('available', 'retryable', 'scheduled') and j.scheduled_at > now() + $1::interval for update),
	back as (update river.river_job j set state = 'available', scheduled_at = now() from far where j.id = far.id)
	select kind, count(*), extract(epoch from max(away))::float8 from far group by kind order by kind`

// bringBack has jobs that are due too far away done now.
func bringBack(ctx context.Context, d Deps) {
	found, err := broughtBack(ctx, d.Outbox.Pool())
	if err != nil && ctx.Err() == nil {
		d.Log.Error("jobs: nobody could look for jobs that a wrong clock put off", "error", err)
	}
	for _, f := range found {
		d.Log.Error("jobs: a wrong clock had put jobs off, they are done now", "kind", f.Kind, "jobs", f.Jobs,
			"by", time.Duration(f.Seconds*float64(time.Second)).Round(time.Second).String())
	}
}

// putOff are jobs of a kind that a wrong clock put off, the most by so many seconds.
type putOff struct {
	Kind    string
	Jobs    int
	Seconds float64
}

func broughtBack(ctx context.Context, pool *pgxpool.Pool) ([]putOff, error) {
	rows, err := pool.Query(ctx, farAway, furthest)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[putOff])
}
