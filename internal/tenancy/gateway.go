// Package tenancy is the only gateway to the database for the app's role. It turns a signed request context into a
// ticket that the database itself verifies, and is the only place where Queries are made.
package tenancy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/keys"
	"kindward/internal/pgdial"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// TemplateSchema has a tenant's tables, empty and gated shut: statements are described there and a forgotten context
// finds nothing.
const TemplateSchema = "tenant_template"

// ErrBusy means that no connection was free in time, or that others did not let up; the answer is 503 and "try again in
// a moment".
var ErrBusy = errors.New("no database connection is free")

// acquireWait is how long a request waits for a free connection before it is refused (F13). Work that nobody waits for
// may wait longer.
const acquireWait = 500 * time.Millisecond

// openWait is how long a request waits for a connection that is free and has to be opened, or asked whether it is alive
// still. To open one takes five answers, so a database that answers within a third of a second is used, if slowly; who
// has nothing is told so soon after that.
const openWait = 2 * time.Second

// answerWait is how long a statement may take until its connection counts as lost: longer than any of a page's, and a
// page that waits longer has nobody any more who looks at it.
const answerWait = 10 * time.Second

// serverWait is when the server itself ends a statement, or a transaction that rests: long after anybody waits for it.
const serverWait = 30 * time.Second

// Gateway opens tenants. It is safe for concurrent use.
type Gateway struct {
	lanes    *lanes // of the app's role
	identity *lanes // of the role for what lets people in
	keys     *keys.Keyring
	wait     time.Duration
	now      func() time.Time
	explicit bool
	plans    keeper
	registry registry
	told     Witness // or nil

	mostSchemas int
}

// Options of a Gateway. Zero values are sensible.
type Options struct {
	MaxConns int32            // of both roles together, one of each at least; default 16
	Now      func() time.Time // default time.Now; decides expiry only
	Wait     time.Duration    // for a free connection, before ErrBusy; default 500 ms
	Answer   time.Duration    // for the database's answer, before a connection counts as lost; default 10 s
	Tracer   pgx.QueryTracer  // hears each statement as text: with one, no plan is kept

	IdentityPassword string // default the keyring's

	Witness Witness // hears what was written to the audit; none: nobody does

	NoPlans   bool // keeps no plans, as where a pooler stands between or the server is not the product's own
	PlanBytes int  // of tenants' plans on one connection; default 10 MiB

	MostSchemas int // that one connection sees before it is closed; default mostSchemas

	// Explicit sends begin and commit with single statements too, for an engine that does not take a batch of its own for
	// one transaction. A distributed one is recognized.
	Explicit bool
}

// Open connects as the app's role, and at the same address as the identity's. It refuses any role that row-level
// security would not bind.
func Open(ctx context.Context, url string, ring *keys.Keyring, o Options) (*Gateway, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", err)
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 16
	}
	config.MaxConnLifetime = 30 * time.Minute // a connection's caches grow with each schema it has seen
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	config.ConnConfig.Tracer = o.Tracer
	config.ConnConfig.RuntimeParams["search_path"] = TemplateSchema + ",pg_temp"
	settle(config)
	pgdial.Bound(&config.ConnConfig.Config, pgdial.Limits{Answer: cmp.Or(o.Answer, answerWait)})
	config.PingTimeout = openWait / 4 // a connection that rested and is dead leaves its request the time for another one
	g := &Gateway{keys: ring, wait: acquireWait, now: time.Now, explicit: o.Explicit, told: o.Witness,
		mostSchemas: cmp.Or(o.MostSchemas, mostSchemas)}
	config.BeforeClose = func(conn *pgx.Conn) {
		g.forget(conn)
		pgdial.Abandon(conn.PgConn())
	}
	conns, identityConns := divide(o.MaxConns)
	if g.lanes, err = openLanes(ctx, config, conns); err != nil {
		return nil, err
	}
	err = assertBound(ctx, g.lanes.any(), "kindward_app")
	if err == nil {
		err = assertPrepared(ctx, g.lanes.any())
	}
	if err == nil {
		err = g.recognize(ctx, o)
	}
	if err == nil {
		g.identity, err = openIdentity(ctx, config, ring, o.IdentityPassword, identityConns)
	}
	if err != nil {
		g.lanes.close()
		return nil, err
	}
	if o.Wait > 0 {
		g.wait = o.Wait
	}
	if o.Now != nil {
		g.now = o.Now
	}
	return g, nil
}

// settle has the server keep to limits of ours, and nothing hold that the configuration's role has written for itself.
func settle(config *pgxpool.Config) {
	pgdial.Settle(&config.ConnConfig.Config)
	for _, limit := range []string{"statement_timeout", "idle_in_transaction_session_timeout"} {
		config.ConnConfig.RuntimeParams[limit] = pgdial.Milliseconds(serverWait)
	}
}

// recognize finds out what kind of server it is.
func (g *Gateway) recognize(ctx context.Context, o Options) error {
	var distributed bool
	if err := g.lanes.any().QueryRow(ctx, isDistributed).Scan(&distributed); err != nil {
		return err
	}
	g.explicit = g.explicit || distributed
	return g.keepPlans(ctx, o)
}

// assertBound refuses to start as a role that could see past the gates.
func assertBound(ctx context.Context, pool *pgxpool.Pool, meant string) error {
	var role string
	var free, owns bool
	err := pool.QueryRow(ctx, `select current_user::text, (select rolsuper or rolbypassrls or rolcreaterole or rolreplication from pg_roles where rolname = current_user),
		exists (select from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = current_user)
		or exists (select from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = current_user)`).Scan(&role, &free, &owns)
	if err != nil {
		return fmt.Errorf("cannot connect to the database: %w", err)
	}
	if free || owns {
		return fmt.Errorf("the database role %s is not bound by row-level security; use %s", role, meant)
	}
	return nil
}

// assertPrepared refuses a database that is older than this program; a newer one is fine, that is how a deploy begins.
func assertPrepared(ctx context.Context, pool *pgxpool.Pool) error {
	all, err := steps()
	if err != nil {
		return err
	}
	var version int
	// whether there is a role for what lets people in, which may be here, and whether connections can be settled
	var signsIn, settles bool
	err = pool.QueryRow(ctx, `select version, exists (select from pg_roles r where r.rolname = $1
		and has_database_privilege(r.oid, current_database(), 'connect')), to_regproc('ctx.settle') is not null
		from directory.template`, identityRole).Scan(&version, &signsIn, &settles)
	switch code := Code(err); {
	case code == "42P01" || code == "3F000" || code == "42501":
		return errors.New("the database was never prepared for Kindward: run kindward migrate")
	case err != nil:
		return fmt.Errorf("cannot read the database's version: %w", err)
	case !signsIn || !settles:
		return errors.New("the database is behind this version: run kindward migrate")
	case version < len(all):
		return fmt.Errorf("the database is behind this version (it is at %d, this program needs %d): run kindward migrate",
			version, len(all))
	}
	return nil
}

// Close waits for queries under way and closes all connections.
func (g *Gateway) Close() {
	slog.Debug("database: closed", "plans", g.PlanStats())
	g.lanes.close()
	g.identity.close()
}

// Within runs fn in one transaction in the scope's tenant. Begin, context and the first query travel together. A tenant
// that is behind this program is refused with ErrTenantBehind; shared rows are still open to its scope.
func (g *Gateway) Within(ctx context.Context, s Scope, fn func(q *tenantdb.Queries) error) error {
	if s.behind {
		return ErrTenantBehind
	}
	return g.transact(ctx, g.lanes, s, s.path(), func(tx *transaction) error { return fn(tenantdb.New(tx)) })
}

// WithinShared runs fn in one transaction over the shared schemas, seeing the rows of the scope's tenant and subject.
func (g *Gateway) WithinShared(ctx context.Context, s Scope, fn func(q *shareddb.Queries) error) error {
	return g.transact(ctx, g.lanes, s, "", func(tx *transaction) error { return fn(shareddb.New(tx)) })
}

// Once gives queries that each are a transaction of their own: one round trip, context included. They refuse as Within
// does.
func (g *Gateway) Once(s Scope) *tenantdb.Queries {
	return tenantdb.New(&once{gateway: g, on: g.lanes, scope: s, schema: s.path(), behind: s.behind})
}

// Shared gives queries over the shared schemas that each are a transaction of their own, seeing the scope's rows.
func (g *Gateway) Shared(s Scope) *shareddb.Queries {
	return shareddb.New(&once{gateway: g, on: g.lanes, scope: s})
}

// Public gives queries over what everybody may see, without any context.
func (g *Gateway) Public() *shareddb.Queries {
	return shareddb.New(&once{gateway: g, on: g.lanes, public: true})
}

// Code gives the SQLSTATE of an error, or "".
func Code(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// Constraint gives the name of the constraint that an error tells of, or "".
func Constraint(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.ConstraintName
	}
	return ""
}
