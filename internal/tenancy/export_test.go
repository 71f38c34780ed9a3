package tenancy

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"

	"kindward/internal/keys"
)

// What the tests outside of the package need from inside: to forge what the gateway mints, and to put other steps into
// the loop.

// MintTicket signs a ticket for one connection, as the gateway does.
func MintTicket(key keys.Key, tenant, subject uuid.UUID, expires time.Time, pid uint32) string {
	return ticket(key, holder{tenant: tenant, subject: subject}, expires, pid)
}

// MintStaffTicket is MintTicket for somebody let in as staff; actor is who acts for the subject, or nil.
func MintStaffTicket(key keys.Key, tenant, subject, actor uuid.UUID, staff bool, expires time.Time, pid uint32) string {
	return ticket(key, holder{tenant, subject, actor, staff}, expires, pid)
}

// AcquireWait is how long a request waits for a free connection.
const AcquireWait = acquireWait

// TicketLife is how long a ticket is good for.
const TicketLife = ticketLife

// Pool gives the raw connection of a gateway that has one.
func (g *Gateway) Pool() *pgxpool.Pool { return g.lanes.any() }

// IdentityPool is Pool of the identity's role.
func (g *Gateway) IdentityPool() *pgxpool.Pool { return g.identity.any() }

// Borrow gives any raw connection, and what gives it back as it is.
func (g *Gateway) Borrow(ctx context.Context) (*pgxpool.Conn, func(), error) {
	conn, err := g.lanes.acquire(ctx, uuid.NewString())
	return conn, func() { release(conn) }, err
}

// LaneOfShared is the number of the lane that a request enters that is for no tenant.
func (g *Gateway) LaneOfShared() int {
	one := g.lanes.enter("")
	<-one.busy
	return slices.Index(g.lanes.each, one)
}

// Lanes are how many connections each role may have.
func (g *Gateway) Lanes() (app, identity int) { return len(g.lanes.each), len(g.identity.each) }

// Out is how many connections are given out.
func (g *Gateway) Out() (n int32) {
	for _, l := range []*lanes{g.lanes, g.identity} {
		out := int32(0)
		for _, one := range l.each {
			out += one.pool.Stat().AcquiredConns()
		}
		n += max(out, int32(len(l.all)))
	}
	return n
}

// Steps are the tenant migrations of this program.
func Steps() ([]string, error) { return steps() }

// MigrateTenantsBy runs the loop with other steps.
func (o *Owner) MigrateTenantsBy(ctx context.Context, all []string, say func(string)) error {
	return o.migrateTenants(ctx, all, say)
}

// ProvisionBy makes an organization with other steps.
func (o *Owner) ProvisionBy(ctx context.Context, t Tenant, all []string) (Tenant, error) {
	return o.provision(ctx, t, all)
}

// MigrateSharedTo runs the shared migrations up to one of them.
func (o *Owner) MigrateSharedTo(ctx context.Context, version int64) error {
	return o.shared(ctx, func(p *goose.Provider) error { _, err := p.UpTo(ctx, version); return err })
}

// Gate is the generator's text for one table, in its first or its distributed variant.
func Gate(bare bool, schema, table string, tenant uuid.UUID) []string {
	return policies{bare: bare}.gate(schema, table, tenant)
}

// SharedPolicies is the generator's text for the shared tables.
func SharedPolicies(bare bool) (text []string) {
	for _, p := range (policies{bare: bare}).shared() {
		text = append(text, p.table+": "+p.name+" "+p.text)
	}
	return text
}

// Atomically runs fn with bare SQL in one transaction of the scope, as Within does with queries.
func (g *Gateway) Atomically(ctx context.Context, s Scope, fn func(DBTX) error) error {
	return g.transact(ctx, g.lanes, s, s.path(), func(tx *transaction) error { return fn(tx) })
}

// Alone gives bare SQL that is a transaction of its own per call, as Once does with queries; for the zero scope as
// Public does.
func (g *Gateway) Alone(s Scope) DBTX {
	o := &once{gateway: g, on: g.lanes, scope: s, public: s.claims.Key == ""}
	if !o.public {
		o.schema = s.path()
	}
	return o
}

// DBTX is what queries run on.
type DBTX interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
	Query(context.Context, string, ...any) (pgx.Rows, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

// Entering is ctx.enter for a distributed engine.
const Entering = entering

// GuessablePlans makes the names of plans known: what the wall's attacks on them need to succeed.
func (g *Gateway) GuessablePlans() {
	n := 0
	g.plans.name = func() string { n++; return "kw_" + strconv.Itoa(n) }
}

// MixUpPlans makes one schema's plans on a connection count as another's too: what would happen if the gateway took the
// wrong key.
func MixUpPlans(conn *pgx.Conn, from, to string) {
	p := plansOf(conn)
	for key, e := range p.kept {
		if key.schema == from {
			p.kept[planKey{to, key.sql}] = e
		}
	}
}

// Piped runs fn with bare SQL as Pipeline does with queries.
func (g *Gateway) Piped(ctx context.Context, s Scope, fn func(DBTX) error) error {
	return g.pipeline(ctx, s, func(p *pipeline) error { return fn(p) })
}

// PlanBytes estimates what a kept plan of a text so long costs.
func PlanBytes(length int) int { return planBytes(string(make([]byte, length))) }
