package identity

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// endAll is what the owner does with its own hands: without a ticket it would find nobody to sign out.
const endAll = `set local role kindward_owner;
alter table directory.account no force row level security;
alter table directory.session no force row level security;
alter table directory.email_change no force row level security;
alter table directory.password_reset no force row level security;
select count(directory.end_sessions_and_links(a.id, null, now())) from directory.account a;
delete from directory.session where account_id is null;
alter table directory.account force row level security;
alter table directory.session force row level security;
alter table directory.email_change force row level security;
alter table directory.password_reset force row level security`

// EndAll ends every session and spends every link that waits in an email, with an administrator's connection, as after
// a restore: what had ended since the backup was made would be open again.
func EndAll(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, endAll, pgx.QueryExecModeSimpleProtocol)
		return err
	})
}
