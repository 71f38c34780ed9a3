package tenancy

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// enter makes the connection see what a scope opens, until the end of the transaction. Its text is constant, so that
// its plan can be kept.
const enter = `select ctx.enter($1, $2, $3, $4, $5, $6)`

// enterKept is enter where a tenant's plans are kept. They are made for any value of the parameters: with the plan that
// the server makes for one value it would begin anew five times in each schema.
const enterKept = enter + `, set_config('plan_cache_mode', 'force_generic_plan', true)`

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
	sql := enter
	if g.plans.on && schema != TemplateSchema {
		sql = enterKept
	}
	b.Queue(g.text(ctx, conn, "", sql), pass, schema, ip, s.claims.Request, orEmpty(s.claims.StaffAccess),
		s.claims.Policy)
}

func (g *Gateway) leave(ctx context.Context, b *pgx.Batch, conn *pgxpool.Conn) {
	b.Queue(g.text(ctx, conn, "", leave))
}

// release gives a connection back. What is open on it is rolled back first; one that is still busy is thrown away by
// the pool, and one that cannot be put in order too.
func (g *Gateway) release(conn *pgxpool.Conn) {
	if err := g.reset(context.Background(), conn); err != nil || seen(conn.Conn()) > g.mostSchemas {
		_ = conn.Conn().Close(context.Background())
	}
	release(conn)
}

func orEmpty(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
