package events

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kindward/queries/relaydb"
)

// Session runs fn on one connection of its own as the relay's role, which ends with it: what the connection holds, such
// as an advisory lock, is held for exactly as long.
func Session(ctx context.Context, url string, fn func(q *relaydb.Queries) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return fn(relaydb.New(conn))
}

// Snapshot runs fn in one read-only snapshot as the relay's role. The snapshot is taken by fn's first query.
func Snapshot(ctx context.Context, url string, fn func(q *relaydb.Queries) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	return fn(relaydb.New(tx))
}
