package tenancy

import (
	"container/list"
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Plans are kept as prepared statements: a statement that a connection has sent before is prepared there and sent by
// name from then on, so that the server neither reads nor plans it again. A tenant's statements are kept for each
// schema, because the server plans anew where the path differs; those that name their schemas are kept once.
//
// SQL that somebody has injected into the app's role could replace a statement whose name it knows, and the next
// tenant's request would execute it. So a name is 128 random bits, says nothing of the text, and cannot be read back:
// the catalog's lists of prepared statements and cursors are taken from the app's role (migrations/bootstrap.sql), and
// where they are not, no plan is kept.

const (
	// tenantPlanBytes is how much the server may keep of tenants' plans for one connection, as estimated.
	tenantPlanBytes = 10 << 20
	// sharedPlans is how many of the other plans are kept on one connection.
	sharedPlans = 64
	// remembered is how many statements a connection remembers as sent once, at least, while there is room for plans.
	remembered = 256
)

// planBytes estimates what a kept plan costs the server. Measured on fourteen statements of 142 to 3,457 characters it
// is between two thirds and one and a half times what PostgreSQL 15 says, and right within a tenth for all of them.
func planBytes(sql string) int { return 40<<10 + 200*len(sql) }

// keeper says whether plans are kept and counts what comes of it.
type keeper struct {
	on                                         bool
	why                                        string // not
	budget                                     int    // of bytes of tenants' plans on one connection
	name                                       func() string
	hits, misses, prepared, evicted, forgotten atomic.Int64
	statements, bytes                          atomic.Int64 // kept now
}

// PlanStats are the counts of kept plans since the gateway was opened, and what is kept now on all its connections.
type PlanStats struct {
	Kept              bool
	Why               string // plans are not kept
	Hits, Misses      int64  // statements sent by name and as text
	Prepared, Evicted int64
	Forgotten         int64 // times that a connection lost all its plans
	Statements, Bytes int64 // kept now; bytes of the server's memory, as estimated
}

// PlanStats tells how well plans are kept.
func (g *Gateway) PlanStats() PlanStats {
	k := &g.plans
	return PlanStats{Kept: k.on, Why: k.why, Hits: k.hits.Load(), Misses: k.misses.Load(), Prepared: k.prepared.Load(),
		Evicted: k.evicted.Load(), Forgotten: k.forgotten.Load(), Statements: k.statements.Load(), Bytes: k.bytes.Load()}
}

func newName() string { return "kw_" + rand.Text() }

// keepPlans decides whether plans are kept, and says so once where they are not.
func (g *Gateway) keepPlans(ctx context.Context, o Options) error {
	g.plans.budget, g.plans.name = tenantPlanBytes, newName
	if o.PlanBytes > 0 {
		g.plans.budget = o.PlanBytes
	}
	if o.Tracer != nil {
		g.plans.why = "a tracer listens, which is told names in place of statements"
		return nil // a tool's
	}
	if g.plans.why = "switched off"; !o.NoPlans {
		var err error
		if g.plans.why, err = g.unsafe(ctx); err != nil {
			return err
		}
	}
	if g.plans.on = g.plans.why == ""; !g.plans.on {
		slog.InfoContext(ctx, "database: plans are not kept", "why", g.plans.why)
	}
	return nil
}

// unsafe says why plans must not be kept on this server, or "".
func (g *Gateway) unsafe(ctx context.Context) (string, error) {
	conn, err := g.lanes.any().Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Release()
	var pid uint32
	var lists bool
	err = conn.QueryRow(ctx, `select pg_backend_pid(),
		has_function_privilege('pg_catalog.pg_prepared_statement()', 'execute')
		or has_function_privilege('pg_catalog.pg_cursor()', 'execute')`).Scan(&pid, &lists)
	switch {
	case err != nil:
		return "", err
	case pid != conn.Conn().PgConn().PID():
		return "a pooler stands between", nil
	case lists:
		return "the app's role can list prepared statements: their administrator did not revoke it", nil
	}
	return "", nil
}

type planKey struct{ schema, sql string }

type plan struct {
	planKey
	name string
}

// connectionPlans are what one connection keeps. It belongs to whoever has the connection.
type connectionPlans struct {
	kept           map[planKey]*list.Element
	tenant, shared *list.List // of plan; the one used last stands first
	bytes          int        // of tenant
	seen, before   map[planKey]struct{}
	lost           bool // what the server keeps is not what is written here
}

const plansOfConnection = "kindward plans"

func plansOf(conn *pgx.Conn) *connectionPlans {
	data := conn.PgConn().CustomData()
	p, ok := data[plansOfConnection].(*connectionPlans)
	if !ok {
		p = &connectionPlans{kept: map[planKey]*list.Element{}, tenant: list.New(), shared: list.New(),
			seen: map[planKey]struct{}{}}
		data[plansOfConnection] = p
	}
	return p
}

// use gives the name of a kept plan, or "".
func (p *connectionPlans) use(key planKey) string {
	e, ok := p.kept[key]
	if !ok {
		return ""
	}
	p.listOf(key).MoveToFront(e)
	return e.Value.(plan).name
}

func (p *connectionPlans) listOf(key planKey) *list.List {
	if key.schema == "" {
		return p.shared
	}
	return p.tenant
}

// again tells whether the statement was sent on this connection not long ago, and remembers it. Where another plan
// has to go for it, that is within about as many statements as there are plans: what comes back later would be let go
// before its turn.
func (p *connectionPlans) again(key planKey, budget int) bool {
	_, young := p.seen[key]
	_, old := p.before[key]
	if young || old {
		return true
	}
	limit := remembered
	if p.full(key, budget) != nil {
		limit = max(8, p.listOf(key).Len()/2)
	}
	if len(p.seen) >= limit {
		p.seen, p.before = map[planKey]struct{}{}, p.seen
	}
	p.seen[key] = struct{}{}
	return false
}

// full gives the plan to let go before another is kept, or nil.
func (p *connectionPlans) full(key planKey, budget int) *list.Element {
	l := p.listOf(key)
	if key.schema == "" && l.Len() < sharedPlans || key.schema != "" && p.bytes+planBytes(key.sql) <= budget {
		return nil
	}
	return l.Back()
}

// statement is what to send in place of a statement's text on this connection. schema is the tenant's whose tables an
// unqualified statement means, or "" where the text names its schemas. The second use costs a round trip more than the
// first. The connection must not be busy, and the answer is good until the next call. An error is of a transaction that
// is under way, which has failed with it; elsewhere the statement itself is told.
func (g *Gateway) statement(ctx context.Context, conn *pgxpool.Conn, schema, sql string) (string, error) {
	pg := conn.Conn().PgConn()
	if !g.plans.on || pg.IsBusy() || pg.IsClosed() || pg.TxStatus() == 'E' {
		return sql, nil
	}
	p, key := plansOf(conn.Conn()), planKey{schema, sql}
	if p.lost {
		return sql, nil
	}
	if name := p.use(key); name != "" {
		g.plans.hits.Add(1)
		return name, nil
	}
	g.plans.misses.Add(1)
	under := pg.TxStatus() == 'T'
	if !p.again(key, g.plans.budget) || !g.makeRoom(ctx, conn.Conn(), key) {
		return sql, nil
	}
	name := g.plans.name()
	if _, err := conn.Conn().Prepare(ctx, name, sql); err != nil && under {
		return "", err
	} else if err != nil {
		return sql, nil
	}
	p.keep(plan{key, name})
	g.plans.prepared.Add(1)
	g.plans.count(key, 1)
	return name, nil
}

// text is statement on a connection on which no transaction is under way.
func (g *Gateway) text(ctx context.Context, conn *pgxpool.Conn, schema, sql string) string {
	text, err := g.statement(ctx, conn, schema, sql)
	if err != nil {
		return sql // it is sent as it is, and says itself what is wrong
	}
	return text
}

func (p *connectionPlans) keep(x plan) {
	if x.schema != "" {
		p.bytes += planBytes(x.sql)
	}
	p.kept[x.planKey] = p.listOf(x.planKey).PushFront(x)
}

// makeRoom lets go of what was not used for longest.
func (g *Gateway) makeRoom(ctx context.Context, conn *pgx.Conn, key planKey) bool {
	p := plansOf(conn)
	for e := p.full(key, g.plans.budget); e != nil; e = p.full(key, g.plans.budget) {
		old := e.Value.(plan)
		if err := conn.Deallocate(ctx, old.name); err != nil {
			return false
		}
		if old.schema != "" {
			p.bytes -= planBytes(old.sql)
		}
		p.listOf(old.planKey).Remove(e)
		delete(p.kept, old.planKey)
		g.plans.evicted.Add(1)
		g.plans.count(old.planKey, -1)
	}
	return true
}

func (k *keeper) count(key planKey, n int64) {
	k.statements.Add(n)
	k.bytes.Add(n * int64(planBytes(key.sql)))
}
