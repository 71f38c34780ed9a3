// Package events carries what happened from the outbox to whoever needs to know: consumers with a cursor of their own, each event at
// least once and in one order, and light subscribers inside a process. The statements that change something append the events.
package events

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrRestored means that the outbox was loaded from a dump into another server: its transaction ids lie in this server's future,
// so that "behind the oldest open transaction" has no meaning until Reset.
var ErrRestored = errors.New("the database was restored from another server's dump: run kindward migrate --restored once, before anything else")

// batch is how many events are read and handed on at a time.
const batch = 200

// Event is one thing that happened: a kind and ids, no health data.
type Event struct {
	Position
	Tenant  uuid.UUID // uuid.Nil: of no organization
	Kind    string    // like appointment.booked
	Subject uuid.UUID
	Data    json.RawMessage
	At      time.Time
}

// Position orders events: by transaction, then by number. Numbers alone are given before the commit and would lose events.
type Position struct {
	XID uint64
	Seq int64
}

// The relay role may run these statements and no others: it reads events, moves cursors, rings, and deletes what is old.
const (
	readAfter = `select xid, seq, tenant_id, kind, subject_id, data, at from outbox.event
		where (xid, seq) > ($1::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
		order by xid, seq limit $3`
	anyBehind    = `select exists (select from outbox.event where xid >= pg_snapshot_xmin(pg_current_snapshot()))`
	anyRestored  = `select exists (select from outbox.event where xid >= pg_snapshot_xmax(pg_current_snapshot())) or exists (select from outbox.cursor where xid > pg_snapshot_xmax(pg_current_snapshot()))`
	findEvent    = `select xid, seq, tenant_id, kind, subject_id, data, at from outbox.event where seq = $1`
	present      = `select pg_snapshot_xmin(pg_current_snapshot())`
	addCursor    = `insert into outbox.cursor (consumer, xid, seq) values ($1, case when $2 then '0' else pg_snapshot_xmin(pg_current_snapshot()) end, 0) on conflict do nothing`
	readCursor   = `select xid, seq from outbox.cursor where consumer = $1`
	moveCursor   = `update outbox.cursor set xid = $4, seq = $5, moved_at = now() where consumer = $1 and xid = $2 and seq = $3`
	ringBell     = `select pg_notify('kindward_outbox', '')`
	listenToBell = `listen kindward_outbox`
)

// Register makes a consumer's cursor where there is none: at the present, or at the first event that is kept. Migrations do it as well, so that
// nothing that happens before the first worker starts is missed.
func Register(ctx context.Context, db interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}, consumer string, fromStart bool) error {
	_, err := db.Exec(ctx, addCursor, consumer, fromStart)
	return err
}

// read gives the next events after a position, and whether there are more that still wait for an older transaction to end.
func read(ctx context.Context, pool *pgxpool.Pool, after Position) (events []Event, behind bool, err error) {
	var b pgx.Batch
	b.Queue(readAfter, after.XID, after.Seq, batch).Query(func(rows pgx.Rows) error {
		events, err = pgx.CollectRows(rows, scan)
		return err
	})
	b.Queue(anyBehind).QueryRow(func(row pgx.Row) error { return row.Scan(&behind) })
	err = pool.SendBatch(ctx, &b).Close()
	return events, behind, err
}

func scan(row pgx.CollectableRow) (Event, error) {
	var e Event
	var tenant *uuid.UUID
	err := row.Scan(&e.XID, &e.Seq, &tenant, &e.Kind, &e.Subject, &e.Data, &e.At)
	if tenant != nil {
		e.Tenant = *tenant
	}
	return e, err
}
