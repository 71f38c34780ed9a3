package events

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// renumber gives every event as its transaction the number of cursors that had not passed it, and every cursor the number of cursors
// that stood before it: so each has passed exactly what it had passed, and all numbers are smaller than any transaction's.
const renumber = `with cursors as (
		update outbox.cursor c set seq = 9223372036854775807,
			xid = (select count(*) from outbox.cursor o where (o.xid, o.seq) < (c.xid, c.seq))::text::xid8
	)
	update outbox.event e set xid = (select count(*) from outbox.cursor o where (o.xid, o.seq) < (e.xid, e.seq))::text::xid8`

// Reset makes an outbox that was loaded from another server's dump fit for this one: no consumer is told again what it was told there,
// and the rest comes in the order of its numbers. To be run before anything new is written, as an administrator. Where nothing
// lies in this server's future it changes nothing and says so.
func Reset(ctx context.Context, conn *pgx.Conn) (restored bool, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `set local role kindward_owner`)
		if err == nil {
			_, err = tx.Exec(ctx, `alter table outbox.event no force row level security`) // or its owner sees nothing; nobody else gets in before the end
		}
		if err == nil {
			err = tx.QueryRow(ctx, anyRestored).Scan(&restored)
		}
		if err == nil && restored {
			_, err = tx.Exec(ctx, renumber)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `alter table outbox.event force row level security`)
		}
		return err
	})
	return restored, err
}
