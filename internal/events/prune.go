package events

import (
	"context"
	"time"
)

// Kept is how long an event stays after all consumers have had it: longer than any job is tried again.
const Kept = 30 * 24 * time.Hour

const (
	// pruneBatch keeps each deletion short; its transaction holds back the readers.
	pruneBatch = 5_000
	// The oldest cursor bounds it; without any cursor nobody is known to have had anything, and nothing goes.
	prune = `delete from outbox.event e where e.seq in (
		select o.seq from outbox.event o
		where o.at < $1 and (o.xid, o.seq) <= (select c.xid, c.seq from outbox.cursor c order by c.xid, c.seq limit 1)
		limit $2)`
)

// Prune deletes events that every cursor has passed and that are older than Kept. It may be cut off at any time: the next call goes on.
func (o *Outbox) Prune(ctx context.Context, now time.Time) (gone int64, err error) {
	for {
		tag, err := o.pool.Exec(ctx, prune, now.Add(-Kept), pruneBatch)
		gone += tag.RowsAffected()
		if err != nil || tag.RowsAffected() < pruneBatch {
			return gone, err
		}
	}
}
