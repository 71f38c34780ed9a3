package events

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// instant is a time that several may set and read.
type instant struct{ nanoseconds atomic.Int64 }

func (i *instant) set(t time.Time) { i.nanoseconds.Store(t.UnixNano()) }
func (i *instant) get() time.Time  { return time.Unix(0, i.nanoseconds.Load()) }

// LastRead is when a subscriber of this process last read what there is. It is seconds old when the database cannot be
// reached, and only then.
func (o *Outbox) LastRead() time.Time { return o.read.get() }

// ToldUpTo is up to when everything that was committed has been told to this process's subscriber. It stands still
// while some transaction, of whomever, stays open.
func (o *Outbox) ToldUpTo() time.Time { return o.told.get() }

// Waiting is how long the oldest event has waited that a consumer has not had, 0 if it has had all.
func (o *Outbox) Waiting(ctx context.Context, consumer string) (time.Duration, error) {
	s, err := o.queries.EventsWaiting(ctx, consumer)
	return time.Duration(s * float64(time.Second)), err
}

// Unsealed is how long the oldest event of the audit has waited to be sealed, 0 if all are.
func (o *Outbox) Unsealed(ctx context.Context) (time.Duration, error) {
	s, err := o.queries.EventsUnsealed(ctx)
	return time.Duration(s * float64(time.Second)), err
}

// What sqlc does not know: a time without a table, a setting of one transaction, and a sort that is larger than the
// memory it is given. The server writes it to its disk: about two megabytes, which go with the transaction.
const (
	askClock     = `select clock_timestamp()`
	littleMemory = `set local work_mem = '64kB'`
	largeSort    = `select count(*) from (select g from generate_series(1, 40000) g order by md5(g::text) offset 1) s`
)

// Clock is what the database's clock says.
func (o *Outbox) Clock(ctx context.Context) (at time.Time, err error) {
	err = o.pool.QueryRow(ctx, askClock).Scan(&at)
	return at, err
}

// ProbeDisk tells whether the server has room to write: it fails with 53100 where the disk is full.
func (o *Outbox) ProbeDisk(ctx context.Context) error {
	return pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, littleMemory); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, largeSort)
		return err
	})
}
