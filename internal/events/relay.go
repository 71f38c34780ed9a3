package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"kindward/internal/pgdial"
	"kindward/queries/relaydb"
)

// soon is how quickly the outbox is read again while events wait for an older transaction to end; it doubles up to the
// poll.
const soon = 10 * time.Millisecond

// slowest is the longest wait after a consumer's repeated failure.
const slowest = 30 * time.Second

// slowestReconnect is the longest wait after a connection was lost: whoever waits for the database to come back wants
// to know soon.
const slowestReconnect = 2 * time.Second

// Consumer is one reader of all events with a cursor of its own.
type Consumer struct {
	Name      string // the cursor's key; stable for ever
	FromStart bool   // a consumer that is new begins with the first event that is kept, not with the present
	// Handle gets the next events in order, in the transaction that moves the cursor: what it writes there (jobs, as a
	// rule) happens once. An error takes both back and the same events come again. No outside call belongs here: an open
	// transaction holds back every other reader.
	Handle func(ctx context.Context, tx pgx.Tx, events []Event) error
}

// Relay feeds the consumers until ctx ends. It may run in several processes at a time: each batch is handled by one of
// them.
func (o *Outbox) Relay(ctx context.Context, consumers ...Consumer) error {
	for _, c := range consumers {
		if err := Register(ctx, o.pool, c.Name, c.FromStart); err != nil {
			return fmt.Errorf("cursor of %s: %w", c.Name, err)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range consumers {
		group.Go(func() error { o.feed(ctx, c); return nil })
	}
	return group.Wait()
}

// feed reads and hands on, and sleeps when there is nothing: until a notification, or soon when events wait for an open
// transaction.
func (o *Outbox) feed(ctx context.Context, c Consumer) {
	o.loop(ctx, c.Name, func() (more, waiting bool, err error) { return o.advance(ctx, c) })
}

// loop calls step again and again: at once while there is more, soon while something waits, else at the next
// notification.
func (o *Outbox) loop(ctx context.Context, name string, step func() (more, waiting bool, err error)) {
	again, failures := soon, 0
	for ctx.Err() == nil {
		notified := o.notification()
		more, waiting, err := step()
		if err != nil && ctx.Err() == nil {
			failures++
			wait := min(100*time.Millisecond<<min(failures, 10), slowest)
			if pgdial.Lost(err) {
				wait = min(wait, slowestReconnect)
			}
			o.log.Error("events: a batch failed", "consumer", name, "failures", failures, "again_in", wait, "error", err)
			pause(ctx, wait, nil)
			continue
		}
		failures = 0
		switch {
		case more:
			again = soon
		case waiting:
			if pause(ctx, again, notified) {
				again = soon
			} else {
				again = min(2*again, o.poll)
			}
		default:
			again = soon
			pause(ctx, o.poll, notified)
		}
	}
}

// errMoved is no failure: another process has handed the batch on.
var errMoved = errors.New("another relay was first")

// advance hands the next batch to one consumer. The read stands outside the transaction, which opens with the
// conditional move of the cursor: whoever else moved it first wins, and the transaction is short because its id holds
// back all readers.
func (o *Outbox) advance(ctx context.Context, c Consumer) (more, waiting bool, err error) {
	at, err := o.queries.Cursor(ctx, c.Name)
	if err != nil {
		return false, false, err
	}
	found, err := read(ctx, o.queries, Position{at.Xid, at.Seq})
	if err != nil || len(found) == 0 {
		return false, at.Waiting, err
	}
	err = pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		to := found[len(found)-1].Position
		moved, err := o.queries.WithTx(tx).MoveCursor(ctx,
			relaydb.MoveCursorParams{Consumer: c.Name, FromXid: at.Xid, FromSeq: at.Seq, ToXid: to.XID, ToSeq: to.Seq})
		if err != nil {
			return err
		}
		if moved == 0 {
			return errMoved
		}
		return guarded(func() error { return c.Handle(ctx, tx, found) })
	})
	if errors.Is(err, errMoved) {
		err = nil
	}
	return true, at.Waiting, err
}

// guarded turns a panic into an error, so that one consumer's mistake stops neither the others nor the process.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return fn()
}
