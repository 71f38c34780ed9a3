package events

import (
	"context"
	"time"
)

// Kept is how long an event stays after all consumers have had it: longer than any job is tried again.
const Kept = 30 * 24 * time.Hour

// pruneBatch keeps each deletion short; its transaction holds back the readers.
const pruneBatch = 5_000

// Prune deletes events that every cursor has passed and that are older than Kept. It may be cut off at any time: the
// next call goes on.
func (o *Outbox) Prune(ctx context.Context, now time.Time) (gone int64, err error) {
	for {
		n, err := o.LongQueries().PruneEvents(ctx, now.Add(-Kept), pruneBatch)
		gone += n
		if err != nil || n < pruneBatch {
			return gone, err
		}
	}
}
