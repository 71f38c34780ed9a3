package tenancy

import (
	"container/list"
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// stale tells whether an error says that the server has dropped a plan that the connection counts on (26000,
// invalid_sql_statement_name: somebody said "deallocate all") or has outgrown it (0A000: a table's columns have
// changed). The connection then sends text until it was mended.
func (g *Gateway) stale(conn *pgxpool.Conn, err error) bool {
	if err == nil || !g.plans.on {
		return false
	}
	p := plansOf(conn.Conn())
	if code := Code(err); len(p.kept) == 0 && !p.lost || code != "26000" && code != "0A000" {
		return false
	}
	p.lost = true
	return true
}

// mend tells whether the first statements of a transaction failed for want of a kept plan. Then nothing has happened,
// the connection has forgotten its plans, and the same may be sent once more: it goes out as text.
func (g *Gateway) mend(ctx context.Context, conn *pgxpool.Conn, err error) bool {
	return g.stale(conn, err) && g.reset(ctx, conn) == nil
}

// reset ends what is open on a connection, and forgets its plans if they are lost.
func (g *Gateway) reset(ctx context.Context, conn *pgxpool.Conn) error {
	pg := conn.Conn().PgConn()
	if pg.IsClosed() || pg.IsBusy() {
		return nil // the pool throws it away
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if pg.TxStatus() != 'I' {
		if _, err := conn.Exec(ctx, "rollback"); err != nil {
			return err
		}
	}
	if p := plansOf(conn.Conn()); p.lost {
		g.forget(conn.Conn())
		return conn.Conn().DeallocateAll(ctx)
	}
	return nil
}

// forget counts a connection's plans as gone.
func (g *Gateway) forget(conn *pgx.Conn) {
	p := plansOf(conn)
	for _, all := range []*list.List{p.tenant, p.shared} {
		for e := all.Front(); e != nil; e = e.Next() {
			g.plans.count(e.Value.(plan).planKey, -1)
		}
	}
	if len(p.kept) > 0 {
		g.plans.forgotten.Add(1)
	}
	delete(conn.PgConn().CustomData(), plansOfConnection)
}
