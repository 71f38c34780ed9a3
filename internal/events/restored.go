package events

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kindward/queries/relaydb"
)

// What sqlc cannot express: to become the owner of the tables, and to let that owner past their row-level security for
// a moment. Nobody else gets in before the end: each alter holds the table's lock until then.
const (
	becomeOwner = `set local role kindward_owner`
	openTable   = `alter table outbox.event no force row level security`
	shutTable   = `alter table outbox.event force row level security`
)

// The same for the audit.
const (
	becomeAudit = `set local role kindward_audit`
	openAudit   = `alter table audit.event no force row level security`
	shutAudit   = `alter table audit.event force row level security`
)

// WithinAudit runs fn in one transaction as the owner of the audit, past its row-level security; conn is the
// administrator's. Nobody else reads or writes events until it ends.
func WithinAudit(ctx context.Context, conn *pgx.Conn, fn func(q *relaydb.Queries) error) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, sql := range []string{becomeAudit, openAudit} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		if err := fn(relaydb.New(tx)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, shutAudit)
		return err
	})
}

// Reset makes an outbox that was loaded from another server's dump fit for this one: no consumer is told again what it
// was told there, and the rest comes in the order of its numbers. To be run before anything new is written, as an
// administrator. Where nothing lies in this server's future it changes nothing and says so.
func Reset(ctx context.Context, conn *pgx.Conn) (restored bool, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		q := relaydb.New(tx)
		for _, sql := range []string{becomeOwner, openTable} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		var err error
		if restored, err = q.Restored(ctx); err != nil {
			return err
		}
		if restored {
			if err := q.RenumberRestored(ctx); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, shutTable)
		return err
	})
	return restored, err
}
