package tenancy

import (
	"context"
	"errors"
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
}

func (g *Gateway) transact(ctx context.Context, s Scope, schema string, fn func(*transaction) error) (err error) {
	if err := g.check(s); err != nil {
		return err
	}
	conn, err := g.acquire(ctx)
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
	tag, err := t.conn.Exec(ctx, word)
	if err == nil && word == "commit" && tag.String() == "ROLLBACK" {
		return errors.New("the transaction had failed and was rolled back")
	}
	return err
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
	if t.begun {
		if err := t.alive(); err != nil {
			return pgconn.CommandTag{}, err
		}
		return t.conn.Exec(ctx, t.statement(ctx, sql), args...)
	}
	return exec(t.first(ctx, sql, args), 2)
}

func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if t.begun {
		if err := t.alive(); err != nil {
			return nil, err
		}
		return t.conn.Query(ctx, t.statement(ctx, sql), args...)
	}
	return query(t.first(ctx, sql, args), 2, nil)
}

func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if t.begun {
		if err := t.alive(); err != nil {
			return failed{err}
		}
		return t.conn.QueryRow(ctx, t.statement(ctx, sql), args...)
	}
	return queryRow(t.first(ctx, sql, args), 2, nil)
}

func (t *transaction) first(ctx context.Context, sql string, args []any) pgx.BatchResults {
	t.begun = true
	var b pgx.Batch
	b.Queue("begin")
	t.gateway.enter(ctx, &b, t.conn, t.scope, t.path())
	b.Queue(t.statement(ctx, sql), args...)
	return t.conn.SendBatch(ctx, &b)
}

func (t *transaction) statement(ctx context.Context, sql string) string {
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
	scope   Scope
	schema  string // whose tables the statements mean; "" if they name their schemas
	public  bool   // no scope: the rows that are open to everybody, and nothing else
	behind  bool   // the tenant's tables are older than the statements
}

// send gives the answers and how many of them stand before the statement's own.
func (o *once) send(ctx context.Context, sql string, args []any) (results pgx.BatchResults, before int,
	conn *pgxpool.Conn, err error) {
	if o.behind {
		return nil, 0, nil, ErrTenantBehind
	}
	if !o.public {
		if err := o.gateway.check(o.scope); err != nil {
			return nil, 0, nil, err
		}
	}
	if conn, err = o.gateway.acquire(ctx); err != nil {
		return nil, 0, nil, err
	}
	defer func() {
		if results == nil { // an argument panicked while it was written; the pool throws the connection away
			o.gateway.release(conn)
		}
	}()
	var b pgx.Batch
	if o.gateway.explicit {
		b.Queue("begin")
	}
	o.enter(ctx, &b, conn)
	before = b.Len()
	b.Queue(o.gateway.statement(ctx, conn, o.schema, sql), args...)
	if o.gateway.explicit {
		b.Queue("commit")
	}
	return conn.SendBatch(ctx, &b), before, conn, nil
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
	results, before, conn, err := o.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer o.gateway.release(conn)
	return exec(results, before)
}

func (o *once) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	results, before, conn, err := o.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return query(results, before, func() { o.gateway.release(conn) })
}

func (o *once) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	results, before, conn, err := o.send(ctx, sql, args)
	if err != nil {
		return failed{err}
	}
	return queryRow(results, before, func() { o.gateway.release(conn) })
}
