package events

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/queries/relaydb"
)

// Options of an Outbox. Zero values are sensible.
type Options struct {
	Log      *slog.Logger  // default slog.Default()
	Poll     time.Duration // how long the outbox may stay unread when no notification comes; default one second
	MaxConns int32         // default 8
}

// Outbox reads the events as the relay's role. One per process; safe for concurrent use.
type Outbox struct {
	pool    *pgxpool.Pool
	queries *relaydb.Queries
	log     *slog.Logger
	poll    time.Duration
	pending chan struct{}   // holds one notification to send
	open    context.Context // ends with Close
	stop    context.CancelFunc
	done    sync.WaitGroup

	broken atomic.Uint64 // how often the connection that listens has broken

	mu       sync.Mutex
	notified chan struct{} // closed and replaced when a notification comes
}

// Open connects as kindward_relay, listens and is ready to notify. ctx bounds only the connecting.
func Open(ctx context.Context, url string, o Options) (*Outbox, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", err)
	}
	config.MaxConns = max(o.MaxConns, 0)
	if o.MaxConns <= 0 {
		config.MaxConns = 8
	}
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	queries := relaydb.New(pool)
	if err := check(ctx, queries); err != nil {
		pool.Close()
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	box := &Outbox{pool: pool, queries: queries, log: o.Log, poll: o.Poll, pending: make(chan struct{}, 1),
		notified: make(chan struct{})}
	box.open, box.stop = context.WithCancel(context.Background())
	box.done.Go(func() { box.keepListening(box.open, config.ConnConfig) })
	box.done.Go(func() { box.sendNotifications(box.open) })
	return box, nil
}

func check(ctx context.Context, q *relaydb.Queries) error {
	restored, err := q.Restored(ctx)
	if err != nil {
		return fmt.Errorf("cannot read the outbox: %w", err)
	}
	if restored {
		return ErrRestored
	}
	return nil
}

// Close ends the subscribers, stops listening and notifying and closes the connections. A relay must have ended before:
// its context ends it.
func (o *Outbox) Close() {
	o.stop()
	o.done.Wait()
	o.pool.Close()
}

// Pool gives the connections of the relay's role, for the job queue beside it.
func (o *Outbox) Pool() *pgxpool.Pool { return o.pool }

// Queries are those of the relay's role, each a transaction of its own.
func (o *Outbox) Queries() *relaydb.Queries { return o.queries }

// Find gives one event by its number.
func (o *Outbox) Find(ctx context.Context, seq int64) (Event, error) {
	row, err := o.queries.Event(ctx, seq)
	return eventOf(row), err
}
