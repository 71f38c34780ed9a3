package events

import (
	"context"
	"errors"
)

// Subscribe calls fn with every event from now on, in order and never twice at a time, until ctx ends. It keeps no cursor: it is for
// what lives in this process, like a search index. The place it starts from is fixed before Subscribe returns, so: subscribe, then
// read the state that the events will change. A panic in fn is logged and the events count as told.
func (o *Outbox) Subscribe(ctx context.Context, fn func([]Event)) error {
	if fn == nil {
		return errors.New("events: nobody to tell")
	}
	var at Position
	if err := o.pool.QueryRow(ctx, present).Scan(&at.XID); err != nil {
		return err
	}
	o.done.Go(func() {
		ctx, end := context.WithCancel(ctx)
		defer end()
		defer context.AfterFunc(o.open, end)()
		o.loop(ctx, "subscriber", func() (more, behind bool, err error) {
			found, behind, err := read(ctx, o.pool, at)
			if err != nil || len(found) == 0 {
				return false, behind, err
			}
			at = found[len(found)-1].Position
			err = guarded(func() error { fn(found); return nil })
			return true, behind, err
		})
	})
	return nil
}
