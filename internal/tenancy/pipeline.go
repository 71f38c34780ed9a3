package tenancy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// Scoped is the gateway for one scope: what a rule needs to read and to write, and nothing of who asks for it.
type Scoped struct {
	gateway *Gateway
	scope   Scope
}

// In gives the gateway for a scope.
func (g *Gateway) In(s Scope) Scoped { return Scoped{g, s} }

// Tenant is whose rows are open.
func (s Scoped) Tenant() uuid.UUID { return s.scope.claims.Tenant }

// ByStaff tells whether somebody of the staff acts for whoever it is about.
func (s Scoped) ByStaff() bool { return s.scope.claims.StaffAccess != uuid.Nil }

// Once is Gateway.Once in this scope.
func (s Scoped) Once() *tenantdb.Queries { return s.gateway.Once(s.scope) }

// Pipeline is Gateway.Pipeline in this scope.
func (s Scoped) Pipeline(ctx context.Context, fn func(q *tenantdb.Queries) error) error {
	return s.gateway.Pipeline(ctx, s.scope, fn)
}

// Pipeline sends what fn asks for in one transaction and one round trip. A query that only writes returns at once and
// is not done yet; one that gives a row is the last: it sends all. What a statement finds is known to the statements
// after it alone, so what must be so is asked by one that refuses with a SQLSTATE (ctx.refuse). The first error is the
// answer: a StatementError, and nothing is written, unless it is ErrUnknown. A fn that returns an error sends nothing.
// It refuses as Within does.
func (g *Gateway) Pipeline(ctx context.Context, s Scope, fn func(q *tenantdb.Queries) error) error {
	return g.pipeline(ctx, s, func(p *pipeline) error { return fn(tenantdb.New(p)) })
}

func (g *Gateway) pipeline(ctx context.Context, s Scope, fn func(*pipeline) error) error {
	if s.behind {
		return ErrTenantBehind
	}
	if err := g.check(s); err != nil {
		return err
	}
	p := &pipeline{gateway: g, scope: s}
	if err := fn(p); err != nil {
		return err
	}
	if p.mistake != nil {
		return p.mistake
	}
	if p.sent || len(p.statements) == 0 {
		return nil
	}
	return p.send(ctx, nil)
}

// StatementError is the failure of one statement of a pipeline.
type StatementError struct {
	Statement string // the query's name
	Err       error
}

func (e *StatementError) Error() string { return e.Statement + ": " + e.Err.Error() }

// Unwrap gives the database's error.
func (e *StatementError) Unwrap() error { return e.Err }

// Statement names the statement of a pipeline that an error is about, or "".
func Statement(err error) string {
	if e, ok := errors.AsType[*StatementError](err); ok {
		return e.Statement
	}
	return ""
}

// pipeline is a DBTX that gathers statements until they are sent together.
type pipeline struct {
	gateway    *Gateway
	scope      Scope
	statements []statement
	sent       bool
	mistake    error // the program's, kept in case fn does not return it
}

type statement struct {
	name, sql string
	args      []any
}

// writes tells whether the statement adds to the audit and does not give what it added.
func (s statement) writes() bool { return writesEvents(s.sql) && !returnsEvents(s.sql) }

// add takes a statement, if it is of the kind that its caller can answer.
func (p *pipeline) add(sql string, args []any, wanted string) error {
	header, _, _ := strings.Cut(strings.TrimPrefix(sql, "-- name: "), "\n")
	name, kind, _ := strings.Cut(header, " ")
	switch {
	case p.mistake != nil:
	case p.sent:
		p.mistake = fmt.Errorf("%s: %w", name, errOver)
	case !strings.HasPrefix(sql, "-- name: ") || kind != wanted:
		p.mistake = fmt.Errorf("%s %s: its answer is not known before the pipeline is sent", name, kind)
	default:
		p.statements = append(p.statements, statement{name, sql, args})
	}
	return p.mistake
}

func (p *pipeline) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, p.add(sql, args, ":exec")
}

func (p *pipeline) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	return nil, p.add(sql, args, "none")
}

func (p *pipeline) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := p.add(sql, args, ":one"); err != nil {
		return failed{err}
	}
	return lastRow{ctx, p}
}

// lastRow is the row of the last statement: reading it sends the pipeline.
type lastRow struct {
	ctx      context.Context
	pipeline *pipeline
}

func (r lastRow) Scan(dest ...any) error {
	return r.pipeline.send(r.ctx, func(row pgx.Row) error { return row.Scan(dest...) })
}

// send is the round trip. The answer of the last statement is given to read, if there is one.
func (p *pipeline) send(ctx context.Context, read func(pgx.Row) error) error {
	p.sent = true
	conn, err := p.gateway.acquire(ctx, p.gateway.lanes, p.scope.claims.Tenant, p.scope.path())
	if err != nil {
		return err
	}
	defer p.gateway.release(conn) // also after a panic
	err = p.sendOn(ctx, conn, read)
	if p.gateway.mend(ctx, conn, err) {
		return p.sendOn(ctx, conn, read)
	}
	return err
}

func (p *pipeline) sendOn(ctx context.Context, conn *pgxpool.Conn, read func(pgx.Row) error) (err error) {
	var b pgx.Batch
	if p.gateway.explicit {
		b.Queue("begin")
	}
	asks := p.gateway.asks(ctx, conn, slices.ContainsFunc(p.statements, statement.writes))
	p.gateway.enter(ctx, &b, conn, p.scope, p.scope.path())
	before := b.Len()
	for i, text := range p.texts(ctx, conn) {
		b.Queue(text, p.statements[i].args...)
	}
	results := p.gateway.send(ctx, conn, &b, asks)
	defer results.Close()
	if err := skip(results, before); err != nil {
		return inDoubt(conn.Conn(), err, false)
	}
	var written []shareddb.AuditEventRow
	for i, s := range p.statements {
		switch {
		case read != nil && i == len(p.statements)-1:
			err = read(results.QueryRow())
		case p.gateway.told != nil && asks == "" && returnsEvents(s.sql):
			var events []shareddb.AuditEventRow
			events, err = eventsIn(results)
			written = append(written, events...)
		default:
			_, err = results.Exec()
		}
		if err != nil {
			return &StatementError{s.name, inDoubt(conn.Conn(), err, false)}
		}
	}
	if err := results.Close(); err != nil { // the transaction ends here, so its error counts
		return inDoubt(conn.Conn(), err, true)
	}
	p.gateway.tell(written)
	return nil
}

// texts are what to send in place of the statements. Keeping the plan of one may let go of another's: what is not kept
// any more in the end is sent as its text.
func (p *pipeline) texts(ctx context.Context, conn *pgxpool.Conn) []string {
	schema, all := p.scope.path(), make([]string, len(p.statements))
	for i, s := range p.statements {
		all[i] = p.gateway.text(ctx, conn, schema, s.sql)
	}
	for i, s := range p.statements {
		if all[i] != s.sql && plansOf(conn.Conn()).use(planKey{schema, s.sql}) != all[i] {
			all[i] = s.sql
		}
	}
	return all
}
