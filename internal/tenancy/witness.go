package tenancy

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/queries/shareddb"
)

// Witness is told the events of the audit that a transaction of this process wrote, once it is known to be committed,
// as the database has them. It must return at once. What is rolled back, or may be, it never hears of.
type Witness func(events []shareddb.AuditEventRow)

// writesEvents tells whether a statement adds to the audit.
func writesEvents(sql string) bool { return strings.Contains(sql, "insert into audit.event") }

// returnsEvents tells whether a statement adds to the audit and gives what it added as writtenEvents does: in a
// pipeline that costs less than the question.
func returnsEvents(sql string) bool { return strings.Contains(sql, returning()) }

var returning = sync.OnceValue(func() string {
	_, columns, _ := strings.Cut(writtenEvents(), "select ")
	columns, _, _ = strings.Cut(columns, "from audit.event_row")
	return "returning " + strings.TrimSpace(columns)
})

// writtenEvents is the statement that gives the events of its own transaction. It travels with those that wrote them.
var writtenEvents = sync.OnceValue(func() string {
	var text sqlOnly
	_, _ = shareddb.New(&text).WrittenEvents(context.Background())
	return string(text)
})

// sqlOnly is a DBTX that keeps the text of what it is asked.
type sqlOnly string

func (s *sqlOnly) Query(_ context.Context, sql string, _ ...any) (pgx.Rows, error) {
	*s = sqlOnly(sql)
	return nil, pgx.ErrNoRows
}

func (s *sqlOnly) Exec(context.Context, string, ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, errOver
}

func (s *sqlOnly) QueryRow(context.Context, string, ...any) pgx.Row { return failed{errOver} }

// answered is a DBTX whose answer is there already.
type answered struct {
	sqlOnly
	rows pgx.Rows
}

func (a *answered) Query(context.Context, string, ...any) (pgx.Rows, error) { return a.rows, nil }

// asks gives the question for what was written as it is to be sent on a connection, "" if nobody wants to know.
func (g *Gateway) asks(ctx context.Context, conn *pgxpool.Conn, wrote bool) string {
	if g.told == nil || !wrote {
		return ""
	}
	return g.text(ctx, conn, "", writtenEvents())
}

// send sends a transaction, with the question for what it wrote before its end.
func (g *Gateway) send(ctx context.Context, conn *pgxpool.Conn, b *pgx.Batch, asks string) pgx.BatchResults {
	if asks != "" {
		b.Queue(asks)
	}
	if g.explicit {
		b.Queue("commit")
	}
	results := conn.SendBatch(ctx, b)
	if asks == "" {
		return results
	}
	return &witnessed{BatchResults: results, gateway: g}
}

// commitWitnessed ends a transaction that wrote to the audit, in one round trip like any other.
func (t *transaction) commitWitnessed(ctx context.Context) error {
	asks, err := t.statement(ctx, writtenEvents())
	if err != nil {
		return t.said(err)
	}
	var b pgx.Batch
	b.Queue(asks)
	b.Queue("commit")
	results := &witnessed{BatchResults: t.conn.SendBatch(ctx, &b), gateway: t.gateway}
	return inDoubt(t.conn.Conn(), t.said(results.Close()), true)
}

// witnessed are the answers of a batch that ends with the question for what was written, and with its commit: closing
// it reads the one, waits for the other and then tells.
type witnessed struct {
	pgx.BatchResults
	gateway *Gateway
	closed  bool
}

// Close implements pgx.BatchResults.
func (w *witnessed) Close() error {
	if w.closed {
		return w.BatchResults.Close()
	}
	w.closed = true
	events, err := eventsIn(w.BatchResults)
	if closing := w.BatchResults.Close(); closing != nil {
		return closing
	}
	switch {
	case err != nil: // it is committed all the same
		slog.Error("database: what was written to the audit is not witnessed", "error", err)
	default:
		w.gateway.tell(events)
	}
	return nil
}

// tell tells the witness, if there is one and something was written.
func (g *Gateway) tell(events []shareddb.AuditEventRow) {
	if g.told != nil && len(events) > 0 {
		g.told(events)
	}
}

// eventsIn reads the next answer, which has the columns of writtenEvents.
func eventsIn(results pgx.BatchResults) ([]shareddb.AuditEventRow, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	return shareddb.New(&answered{rows: rows}).WrittenEvents(context.Background())
}
