package tenancy

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// enter makes the connection see what a scope opens, until the end of the transaction. Its text is constant, so that its
// plan can be kept.
const enter = `select ctx.enter($1, $2, $3, $4, $5, $6)`

// leave goes out before each public query, so that nothing an earlier statement may have left on the connection counts
// as a context.
const leave = `select ctx.enter('', '` + TemplateSchema + `', '', '', '', '')`

// path is the schema in which the scope's tenant has its tables.
func (s Scope) path() string {
	if s.claims.Tenant == uuid.Nil {
		return TemplateSchema
	}
	return s.schema
}

// enter queues what makes the connection see the scope's rows. Statements on shared tables name their schemas and are
// sent with the template's path, so that one plan of them serves all tenants.
func (g *Gateway) enter(ctx context.Context, b *pgx.Batch, conn *pgxpool.Conn, s Scope, schema string) {
	var ip string
	if s.claims.IP.IsValid() {
		ip = s.claims.IP.String()
	}
	who := holder{s.claims.Tenant, s.claims.Subject, s.claims.Actor, s.claims.Staff}
	pass := ticket(g.keys.Current(), who, g.now().Add(ticketLife), conn.Conn().PgConn().PID())
	b.Queue(g.statement(ctx, conn, "", enter), pass, schema, ip, s.claims.Request, orEmpty(s.claims.StaffAccess),
		s.claims.Policy)
}

func (g *Gateway) leave(ctx context.Context, b *pgx.Batch, conn *pgxpool.Conn) {
	b.Queue(g.statement(ctx, conn, "", leave))
}

// statement is what to send in place of a statement's text on this connection. schema is the tenant's whose tables an
// unqualified statement means, or "" where the text names its schemas. The connection must not be busy.
func (g *Gateway) statement(_ context.Context, _ *pgxpool.Conn, _, sql string) string { return sql }

// release gives a connection back. What is open on it is rolled back first; one that is still busy is thrown away by the
// pool.
func (g *Gateway) release(conn *pgxpool.Conn) {
	if pg := conn.Conn().PgConn(); !pg.IsClosed() && !pg.IsBusy() && pg.TxStatus() != 'I' {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, _ = conn.Exec(ctx, "rollback") // fails only with the connection, which the pool then throws away
	}
	conn.Release()
}

func orEmpty(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
