package identity

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// EndAll ends every session and spends every link that waits in an email, with an administrator's connection, as after
// a restore: what had ended since the backup was made would be open again.
func EndAll(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(`set local role kindward_owner`)
		tables := []string{"account", "session", "email_change", "password_reset"}
		for _, table := range tables { // the owner's own hands: it has no ticket
			b.Queue(`alter table directory.` + table + ` no force row level security`)
		}
		b.Queue(`select count(directory.end_sessions_and_links(a.id, null, now())) from directory.account a`)
		b.Queue(`delete from directory.session where account_id is null`)
		for _, table := range tables {
			b.Queue(`alter table directory.` + table + ` force row level security`)
		}
		return tx.SendBatch(ctx, &b).Close()
	})
}
