package events

import (
	"context"
	"errors"
	"time"

	"kindward/queries/relaydb"
)

// Subscriber lives in this process, like a search index, and keeps no cursor. Its functions are never called two at a
// time.
type Subscriber struct {
	// Handle gets every event from now on, in order. A panic in it is logged and the events count as told.
	Handle func([]Event)
	// UpToDate says that everything that was committed before asOf has been told. While nothing happens it is called at
	// every poll; while an old transaction holds events back it is not. May be nil.
	UpToDate func(asOf time.Time)
	// Lost says that a connection broke. No event is lost by that, but a server that took over from another may know less
	// than was told before. May be nil.
	Lost func()
}

// Subscribe tells s until ctx ends. The place it starts from is fixed before Subscribe returns, so: subscribe, then
// read the state that the events will change.
func (o *Outbox) Subscribe(ctx context.Context, s Subscriber) error {
	if s.Handle == nil {
		return errors.New("events: nobody to tell")
	}
	xid, err := o.queries.Present(ctx)
	if err != nil {
		return err
	}
	t := &tail{outbox: o, Subscriber: s, at: Position{XID: xid}, broken: o.broken.Load()}
	o.done.Go(func() {
		ctx, end := context.WithCancel(ctx)
		defer end()
		defer context.AfterFunc(o.open, end)()
		o.loop(ctx, "subscriber", func() (more, waiting bool, err error) {
			more, waiting, err = t.step(ctx)
			if t.lost(err) && s.Lost != nil {
				s.Lost()
			}
			return more, waiting, err
		})
	})
	return nil
}

// tail is one subscriber's place.
type tail struct {
	Subscriber
	outbox *Outbox
	at     Position
	broken uint64 // connections that had broken when it last looked
	mark   mark
}

// mark is an instant and the first transaction that had not begun then: once all before it are told, everything
// committed before the instant is.
type mark struct {
	asOf time.Time
	next uint64
}

// step tells the next events.
func (t *tail) step(ctx context.Context) (more, waiting bool, err error) {
	asOf := time.Now()
	p, err := t.outbox.queries.Progress(ctx)
	if err != nil {
		return false, false, err
	}
	found, err := read(ctx, t.outbox.queries, t.at)
	if err != nil {
		return false, p.Waiting, err
	}
	if len(found) > 0 {
		t.at = found[len(found)-1].Position
		if err = guarded(func() error { t.Handle(found); return nil }); err != nil {
			return true, p.Waiting, err
		}
	}
	if t.outbox.read.set(asOf); len(found) < batch {
		t.told(asOf, p)
	}
	return len(found) > 0, p.Waiting, nil
}

// told notes that all transactions before p.Oldest have been told, as seen at asOf.
func (t *tail) told(asOf time.Time, p relaydb.ProgressRow) {
	switch {
	case p.Oldest >= p.Next:
		t.mark = mark{asOf, p.Next}
	case t.mark.next == 0:
		t.mark = mark{asOf, p.Next}
		return
	case p.Oldest < t.mark.next:
		return
	}
	t.outbox.told.set(t.mark.asOf)
	if t.UpToDate != nil {
		t.UpToDate(t.mark.asOf)
	}
	t.mark = mark{asOf, p.Next}
}

// lost tells whether a connection has broken since it was last asked.
func (t *tail) lost(err error) bool {
	broken := t.outbox.broken.Load()
	defer func() { t.broken = broken }()
	return err != nil || broken != t.broken
}
