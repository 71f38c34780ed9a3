package events

import (
	"context"
	"errors"
)

// Subscribe calls fn with every event from now on, in order and never twice at a time, until ctx ends. It keeps no
// cursor: it is for what lives in this process, like a search index. The place it starts from is fixed before Subscribe
// returns, so: subscribe, then read the state that the events will change. A panic in fn is logged and the events count
// as told.
func (o *Outbox) Subscribe(ctx context.Context, fn func([]Event)) error {
	if fn == nil {
		return errors.New("events: nobody to tell")
	}
	xid, err := o.queries.Present(ctx)
	if err != nil {
		return err
	}
	at := Position{XID: xid}
	o.done.Go(func() {
		ctx, end := context.WithCancel(ctx)
		defer end()
		defer context.AfterFunc(o.open, end)()
		o.loop(ctx, "subscriber", func() (more, waiting bool, err error) {
			if waiting, err = o.queries.EventsWait(ctx); err != nil {
				return false, false, err
			}
			found, err := read(ctx, o.queries, at)
			if err != nil || len(found) == 0 {
				return false, waiting, err
			}
			at = found[len(found)-1].Position
			err = guarded(func() error { fn(found); return nil })
			return true, waiting, err
		})
	})
	return nil
}
