package tenancy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// errOver is a mistake of the program: it went on after its transaction was over.
var errOver = errors.New("the transaction is over")

// transaction is a DBTX that begins with its first query, in the same round trip.
type transaction struct {
	gateway *Gateway
	scope   Scope
	schema  string // whose tables the statements mean; "" if they name their schemas
	conn    *pgxpool.Conn
	begun   bool
	wrote   bool // to the audit
}

func (g *Gateway) transact(ctx context.Context, on *lanes, s Scope, schema string,
	fn func(*transaction) error) (err error) {
	if err := g.check(s); err != nil {
		return err
	}
	conn, err := g.acquire(ctx, on, s.claims.Tenant, schema)
	if err != nil {
		return err
	}
	defer g.release(conn)
	tx := &transaction{gateway: g, scope: s, schema: schema, conn: conn}
	done := false
	defer func() {
		if !done { // an error or a panic
			tx.end(context.WithoutCancel(ctx), "rollback")
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	done = true
	return tx.end(ctx, "commit")
}

func (t *transaction) end(ctx context.Context, word string) error {
	if !t.begun {
		return nil
	}
	if err := t.alive(); err != nil {
		if word == "rollback" {
			return nil // it never began
		}
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if word == "commit" && t.wrote && t.gateway.told != nil {
		return t.commitWitnessed(ctx)
	}
	tag, err := t.conn.Exec(ctx, word)
	if err == nil && word == "commit" && tag.String() == "ROLLBACK" {
		return errors.New("the transaction had failed and was rolled back")
	}
	return inDoubt(t.conn.Conn(), err, true)
}

// alive fails if the transaction did not begin (its first query could not be sent) or was ended by a statement: what is
// asked next would run alone, outside the tenant.
func (t *transaction) alive() error {
	if pg := t.conn.Conn().PgConn(); !pg.IsBusy() && pg.TxStatus() == 'I' {
		return errOver
	}
	return nil
}

func (t *transaction) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	t.wrote = t.wrote || writesEvents(sql)
	if t.begun {
		if err := t.alive(); err != nil {
			return pgconn.CommandTag{}, err
		}
		text, err := t.statement(ctx, sql)
		if err != nil {
			return pgconn.CommandTag{}, t.said(err)
		}
		tag, err := t.conn.Exec(ctx, text, args...)
		return tag, t.said(err)
	}
	tag, err := exec(t.first(ctx, sql, args), 2)
	if t.gateway.mend(ctx, t.conn, err) {
		return exec(t.first(ctx, sql, args), 2)
	}
	return tag, err
}

func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	t.wrote = t.wrote || writesEvents(sql)
	if t.begun {
		if err := t.alive(); err != nil {
			return nil, err
		}
		text, err := t.statement(ctx, sql)
		if err != nil {
			return nil, t.said(err)
		}
		rows, err := t.conn.Query(ctx, text, args...)
		return laterRows{rows, t}, t.said(err)
	}
	rows, err := query(t.first(ctx, sql, args), 2, nil)
	if t.gateway.mend(ctx, t.conn, err) {
		return query(t.first(ctx, sql, args), 2, nil)
	}
	return rows, err
}

func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := t.Query(ctx, sql, args...)
	return row{rows, err}
}

// laterRows are rows of a statement that is not the first of its transaction.
type laterRows struct {
	pgx.Rows
	t *transaction
}

func (r laterRows) Err() error { return r.t.said(r.Rows.Err()) }

// said turns the loss of a kept plan in a running transaction, which cannot be repeated from here, into ErrBusy and a
// serialization_failure: whoever asks again is answered.
func (t *transaction) said(err error) error {
	if !t.gateway.stale(t.conn, err) {
		return err
	}
	lost := &pgconn.PgError{Severity: "ERROR", Code: "40001", Message: "a kept plan was lost"}
	return fmt.Errorf("%w: %w: %w", ErrBusy, lost, err)
}

func (t *transaction) first(ctx context.Context, sql string, args []any) pgx.BatchResults {
	t.begun = true
	var b pgx.Batch
	b.Queue("begin")
	t.gateway.enter(ctx, &b, t.conn, t.scope, t.path())
	b.Queue(t.gateway.text(ctx, t.conn, t.schema, sql), args...)
	return t.conn.SendBatch(ctx, &b)
}

func (t *transaction) statement(ctx context.Context, sql string) (string, error) {
	return t.gateway.statement(ctx, t.conn, t.schema, sql)
}

func (t *transaction) path() string {
	if t.schema == "" {
		return TemplateSchema
	}
	return t.schema
}

// once is a DBTX whose every call is context and statement in one implicit transaction and one round trip.
type once struct {
	gateway *Gateway
	on      *lanes
	scope   Scope
	schema  string // whose tables the statements mean; "" if they name their schemas
	public  bool   // no scope: the rows that are open to everybody, and nothing else
	behind  bool   // the tenant's tables are older than the statements
}

// connect gives a connection, if there is anything that may be asked.
func (o *once) connect(ctx context.Context) (*pgxpool.Conn, error) {
	if o.behind {
		return nil, ErrTenantBehind
	}
	if !o.public {
		if err := o.gateway.check(o.scope); err != nil {
			return nil, err
		}
	}
	return o.gateway.acquire(ctx, o.on, o.scope.claims.Tenant, o.schema)
}

// send gives the answers and how many of them stand before the statement's own.
func (o *once) send(ctx context.Context, conn *pgxpool.Conn, sql string, args []any) (_ pgx.BatchResults, before int) {
	var b pgx.Batch
	if o.gateway.explicit {
		b.Queue("begin")
	}
	asks := o.gateway.asks(ctx, conn, writesEvents(sql))
	o.enter(ctx, &b, conn)
	before = b.Len()
	b.Queue(o.gateway.text(ctx, conn, o.schema, sql), args...)
	return o.gateway.send(ctx, conn, &b, asks), before
}

func (o *once) enter(ctx context.Context, b *pgx.Batch, conn *pgxpool.Conn) {
	switch {
	case o.public:
		o.gateway.leave(ctx, b, conn)
	case o.schema == "":
		o.gateway.enter(ctx, b, conn, o.scope, TemplateSchema)
	default:
		o.gateway.enter(ctx, b, conn, o.scope, o.schema)
	}
}

func (o *once) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	conn, err := o.connect(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer o.gateway.release(conn)
	results, before := o.send(ctx, conn, sql, args)
	tag, err := exec(results, before)
	if o.gateway.mend(ctx, conn, err) {
		results, before = o.send(ctx, conn, sql, args)
		return exec(results, before)
	}
	return tag, err
}

func (o *once) Query(ctx context.Context, sql string, args ...any) (rows pgx.Rows, err error) {
	conn, err := o.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if rows == nil { // an error, or an argument panicked while it was written
			o.gateway.release(conn)
		}
	}()
	release := func() { o.gateway.release(conn) }
	results, before := o.send(ctx, conn, sql, args)
	rows, err = query(results, before, release)
	if o.gateway.mend(ctx, conn, err) {
		results, before = o.send(ctx, conn, sql, args)
		return query(results, before, release)
	}
	return rows, err
}

func (o *once) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := o.Query(ctx, sql, args...)
	return row{rows, err}
}
