package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// soon is how quickly the outbox is read again while events wait for an older transaction to end; it doubles up to the poll.
const soon = 10 * time.Millisecond

// slowest is the longest wait after a consumer's repeated failure.
const slowest = 30 * time.Second

// Consumer is one reader of all events with a cursor of its own.
type Consumer struct {
	Name      string // the cursor's key; stable for ever
	FromStart bool   // a consumer that is new begins with the first event that is kept, not with the present
	// Handle gets the next events in order, in the transaction that moves the cursor: what it writes there (jobs, as a rule) happens
	// once. An error takes both back and the same events come again. No outside call belongs here: an open transaction holds back
	// every other reader.
	Handle func(ctx context.Context, tx pgx.Tx, events []Event) error
}

// Relay feeds the consumers until ctx ends. It may run in several processes at a time: each batch is handled by one of them.
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

// feed reads and hands on, and sleeps when there is nothing: until the bell, or soon when events wait behind an open transaction.
func (o *Outbox) feed(ctx context.Context, c Consumer) {
	o.loop(ctx, c.Name, func() (more, behind bool, err error) { return o.advance(ctx, c) })
}

// loop calls step again and again: at once while there is more, soon while something is behind, else when the bell rings.
func (o *Outbox) loop(ctx context.Context, name string, step func() (more, behind bool, err error)) {
	again, failures := soon, 0
	for ctx.Err() == nil {
		wake := o.woken()
		more, behind, err := step()
		if err != nil && ctx.Err() == nil {
			failures++
			wait := min(100*time.Millisecond<<min(failures, 10), slowest)
			o.log.Error("events: a batch failed", "consumer", name, "failures", failures, "again_in", wait, "error", err)
			pause(ctx, wait, nil)
			continue
		}
		failures = 0
		switch {
		case more:
			again = soon
		case behind:
			if pause(ctx, again, wake) {
				again = soon
			} else {
				again = min(2*again, o.poll)
			}
		default:
			again = soon
			pause(ctx, o.poll, wake)
		}
	}
}

// advance hands the next batch to one consumer. The read stands outside the transaction, which opens with the conditional move of
// the cursor: whoever else moved it first wins, and the transaction is short because its id holds back all readers.
func (o *Outbox) advance(ctx context.Context, c Consumer) (more, behind bool, err error) {
	var at Position
	if err := o.pool.QueryRow(ctx, readCursor, c.Name).Scan(&at.XID, &at.Seq); err != nil {
		return false, false, err
	}
	found, behind, err := read(ctx, o.pool, at)
	if err != nil || len(found) == 0 {
		return false, behind, err
	}
	errMoved := errors.New("another relay was first")
	err = pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		to := found[len(found)-1].Position
		tag, err := tx.Exec(ctx, moveCursor, c.Name, at.XID, at.Seq, to.XID, to.Seq)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errMoved
		}
		return guarded(func() error { return c.Handle(ctx, tx, found) })
	})
	if errors.Is(err, errMoved) {
		return true, behind, nil
	}
	return true, behind, err
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
