package events

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/pgdial"
	"kindward/queries/relaydb"
)

// Options of an Outbox. Zero values are sensible.
type Options struct {
	Log      *slog.Logger  // default slog.Default()
	Poll     time.Duration // how long the outbox may stay unread when no notification comes; default one second
	MaxConns int32         // default 8
	// Answer is how long the database may take over a statement before its connection counts as lost; default 5 s. The
	// server ends such a statement a little earlier, if it still hears of it.
	Answer time.Duration
	// Heartbeat is how long a connection that listens may hear nothing before it asks whether it is still heard; default
	// 2 s.
	Heartbeat time.Duration
}

// fill sets what was left to us.
func (o *Options) fill() {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 8
	}
	if o.Answer <= 0 {
		o.Answer = 5 * time.Second
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 2 * time.Second
	}
}

// Statements that time alone asks for may take longer, as long as their jobs have.
const (
	longConns  = 2
	longAnswer = 10 * time.Minute
)

// serverPatience is how long the server waits for the rest of a transaction. An open one holds back all readers, and
// one whose client is lost to the network stays open until then.
const serverPatience = 10 * time.Second

// Outbox reads the events as the relay's role. One per process; safe for concurrent use.
type Outbox struct {
	pool    *pgxpool.Pool
	long    *pgxpool.Pool // for statements that take their time
	queries *relaydb.Queries
	log     *slog.Logger
	poll    time.Duration
	beat    time.Duration
	pending chan struct{}   // holds one notification to send
	open    context.Context // ends with Close
	stop    context.CancelFunc
	done    sync.WaitGroup

	broken atomic.Uint64 // how often the connection that listens has broken
	read   instant       // when a subscriber last read what there is
	told   instant       // up to when everything that was committed has been told to a subscriber

	mu       sync.Mutex
	notified chan struct{} // closed and replaced when a notification comes
}

// Open connects as kindward_relay, listens and is ready to notify. ctx bounds only the connecting.
func Open(ctx context.Context, url string, o Options) (*Outbox, error) {
	o.fill()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", err)
	}
	pool, err := openPool(ctx, config, o.MaxConns, o.Answer)
	if err != nil {
		return nil, err
	}
	long, err := openPool(ctx, config, longConns, longAnswer)
	if err != nil {
		pool.Close()
		return nil, err
	}
	box := &Outbox{pool: pool, long: long, queries: relaydb.New(pool), log: o.Log, poll: o.Poll, beat: o.Heartbeat,
		pending: make(chan struct{}, 1), notified: make(chan struct{})}
	if err := check(ctx, box.queries); err != nil {
		box.closePools()
		return nil, err
	}
	box.read.set(time.Now())
	box.told.set(time.Now())
	box.open, box.stop = context.WithCancel(context.Background())
	listening := pool.Config().ConnConfig
	box.done.Go(func() { box.keepListening(box.open, listening) })
	box.done.Go(func() { box.sendNotifications(box.open) })
	return box, nil
}

// openPool connects when it is first asked. The server ends a statement before the connection is given up: what it did
// is then known.
func openPool(ctx context.Context, config *pgxpool.Config, conns int32, answer time.Duration) (*pgxpool.Pool, error) {
	config = config.Copy()
	config.MaxConns, config.PingTimeout = conns, min(answer, pgdial.PingTimeout)
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	bounded(&config.ConnConfig.Config)
	config.ConnConfig.RuntimeParams["statement_timeout"] = pgdial.Milliseconds(answer * 9 / 10)
	pgdial.Bound(&config.ConnConfig.Config, pgdial.Limits{Answer: answer})
	config.BeforeClose = func(conn *pgx.Conn) { pgdial.Abandon(conn.PgConn()) }
	return pgxpool.NewWithConfig(ctx, config)
}

// bounded is for connections that the server ends if the network loses their client.
func bounded(config *pgconn.Config) {
	pgdial.ServerNotices(config.RuntimeParams)
	pgdial.Settle(config)
	config.RuntimeParams["idle_in_transaction_session_timeout"] = pgdial.Milliseconds(serverPatience)
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
	o.closePools()
}

func (o *Outbox) closePools() {
	o.pool.Close()
	o.long.Close()
}

// Pool gives the connections of the relay's role, for the job queue beside it.
func (o *Outbox) Pool() *pgxpool.Pool { return o.pool }

// Queries are those of the relay's role, each a transaction of its own.
func (o *Outbox) Queries() *relaydb.Queries { return o.queries }

// LongQueries are the same for work whose statements may take longer than anybody waits; their contexts bound them.
func (o *Outbox) LongQueries() *relaydb.Queries { return relaydb.New(o.long) }

// Find gives one event by its number.
func (o *Outbox) Find(ctx context.Context, seq int64) (Event, error) {
	row, err := o.queries.Event(ctx, seq)
	return eventOf(row), err
}
