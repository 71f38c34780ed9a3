package events

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ringEvery is the shortest time between two notifications of one process. NOTIFY takes a lock that all notifying commits share, so it
// has no place in a booking's transaction; rung afterwards and bundled it costs the bookings nothing.
const ringEvery = 50 * time.Millisecond

// Options of an Outbox. Zero values are sensible.
type Options struct {
	Log      *slog.Logger  // default slog.Default()
	Poll     time.Duration // how long the outbox may stay unread when nobody rings; default one second
	MaxConns int32         // default 8
}

// Outbox reads the events as the relay's role. One per process; safe for concurrent use.
type Outbox struct {
	pool *pgxpool.Pool
	log  *slog.Logger
	poll time.Duration
	rung chan struct{}   // holds one wish to ring
	open context.Context // ends with Close
	stop context.CancelFunc
	done sync.WaitGroup

	mu   sync.Mutex
	wake chan struct{} // closed and replaced when the bell is heard
}

// Open connects as kindward_relay, listens for the bell and is ready to ring it. ctx bounds only the connecting.
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
	if err := check(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	box := &Outbox{pool: pool, log: o.Log, poll: o.Poll, rung: make(chan struct{}, 1), wake: make(chan struct{})}
	box.open, box.stop = context.WithCancel(context.Background())
	box.done.Go(func() { box.listen(box.open, config.ConnConfig) })
	box.done.Go(func() { box.toll(box.open) })
	return box, nil
}

func check(ctx context.Context, pool *pgxpool.Pool) error {
	var restored bool
	if err := pool.QueryRow(ctx, anyRestored).Scan(&restored); err != nil {
		return fmt.Errorf("cannot read the outbox: %w", err)
	}
	if restored {
		return ErrRestored
	}
	return nil
}

// Close ends the subscribers, stops listening and ringing and closes the connections. A relay must have ended before: its context ends it.
func (o *Outbox) Close() {
	o.stop()
	o.done.Wait()
	o.pool.Close()
}

// Pool gives the connections of the relay's role, for the job queue beside it.
func (o *Outbox) Pool() *pgxpool.Pool { return o.pool }

// Find gives one event by its number.
func (o *Outbox) Find(ctx context.Context, seq int64) (Event, error) {
	rows, err := o.pool.Query(ctx, findEvent, seq)
	if err != nil {
		return Event{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scan)
}

// Notify says that something was committed. It returns at once; many become one notification per 50 ms.
func (o *Outbox) Notify() {
	select {
	case o.rung <- struct{}{}:
	default: // one is waiting, and it will be heard after this commit too
	}
}

func (o *Outbox) toll(ctx context.Context) {
	quiet := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.rung:
		}
		_, err := o.pool.Exec(ctx, ringBell)
		if err != nil && ctx.Err() == nil && !quiet { // the poll covers for it; one line per outage is enough
			o.log.Warn("events: cannot ring", "error", err)
		}
		quiet = err != nil
		pause(ctx, ringEvery, nil)
	}
}

// listen hears the bell on a connection of its own and opens another one when it breaks.
func (o *Outbox) listen(ctx context.Context, config *pgx.ConnConfig) {
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		heard, err := o.hear(ctx, config)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait = 100 * time.Millisecond
		}
		o.log.Warn("events: cannot listen, polling until it works again", "error", err)
		pause(ctx, wait, nil)
		wait = min(2*wait, 5*time.Second)
	}
}

func (o *Outbox) hear(ctx context.Context, config *pgx.ConnConfig) (heard bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, listenToBell); err != nil {
		return false, err
	}
	for {
		o.broadcast() // also after connecting: rings may have been missed
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return true, err
		}
	}
}

func (o *Outbox) broadcast() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.wake)
	o.wake = make(chan struct{})
}

// woken closes when the bell is heard next. Take it before reading, so that no ring between reading and waiting is lost.
func (o *Outbox) woken() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.wake
}

// pause waits for a while, for the bell or for the end, and tells whether it was the bell.
func pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
		return true
	}
	return false
}
