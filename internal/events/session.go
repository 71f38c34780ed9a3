package events

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgdial"
	"kindward/queries/relaydb"
)

const (
	// sessionAnswer is the longest that a statement of a session may take.
	sessionAnswer = 10 * time.Second
	// sessionRest is the longest that a session may do nothing: behind a network that has lost it, it would stay for ever.
	sessionRest = 10 * time.Second
)

// connect opens one connection with limits. Those of an answer hold for sessions; a snapshot reads as long as it takes.
func connect(ctx context.Context, url string, answer time.Duration) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", err)
	}
	pgdial.ServerNotices(config.RuntimeParams)
	pgdial.Settle(&config.Config)
	if answer > 0 {
		config.RuntimeParams["idle_session_timeout"] = pgdial.Milliseconds(sessionRest)
		config.RuntimeParams["statement_timeout"] = pgdial.Milliseconds(answer * 9 / 10)
	}
	pgdial.Bound(&config.Config, pgdial.Limits{Answer: answer})
	return pgx.ConnectConfig(ctx, config)
}

// Session runs fn on one connection of its own as the relay's role, which ends with it.
func Session(ctx context.Context, url string, fn func(q *relaydb.Queries) error) error {
	conn, err := connect(ctx, url, sessionAnswer)
	if err != nil {
		return err
	}
	defer closeSoon(ctx, conn)
	return fn(relaydb.New(conn))
}

// Snapshot runs fn in one read-only snapshot as the relay's role. The snapshot is taken by fn's first query.
func Snapshot(ctx context.Context, url string, fn func(q *relaydb.Queries) error) error {
	conn, err := connect(ctx, url, 0)
	if err != nil {
		return err
	}
	defer closeSoon(ctx, conn)
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	return fn(relaydb.New(tx))
}
