// Package jobs does what follows from events, outside the requests that caused them. A job is an envelope of a few
// lines: ids and a signed scope. It may run twice, and its effect happens once.
package jobs

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"kindward/internal/events"
)

// schema is where the queue's tables are.
const schema = "river"

// migrationLock is the advisory lock of this migration: two programs that start at once take turns. Its two keys lie in
// a space that the app's role cannot lock in.
const (
	migrationLock       = `select pg_advisory_lock(1802071652, 1785684595)` // "kind", "jobs"
	migrationLockIsFree = `select pg_advisory_unlock(1802071652, 1785684595)`
)

// Migrate brings the queue's tables to this program's version and registers the consumers of events. It connects as the
// server's administrator, acts as kindward_owner, and comes after tenancy.Owner.Migrate. What happens from then on is
// not missed, even if the first worker starts later.
func Migrate(ctx context.Context, url string) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("the database address cannot be read: %w", err)
	}
	config.MaxConns = 2
	config.ConnConfig.RuntimeParams["role"] = "kindward_owner"
	config.ConnConfig.RuntimeParams["search_path"] = "pg_catalog"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, migrationLock); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), migrationLockIsFree)

	migrator, err := rivermigrate.New(riverpgxv5.New(pool),
		&rivermigrate.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("tables of the queue: %w", err)
	}
	for _, sql := range []string{
		`grant select, insert, update, delete on all tables in schema river to kindward_relay`,
		`grant usage on all sequences in schema river to kindward_relay`,
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("rights on the queue: %w", err)
		}
	}
	return events.Register(ctx, pool, events.Messages, false)
}
