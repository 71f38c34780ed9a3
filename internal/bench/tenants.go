package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
)

// manyTenants measures what grows with the number of organizations: the plans that connections keep, and the memory of
// a connection that has seen all of them.
func (b *bench) manyTenants(ctx context.Context) error {
	b.Say(fmt.Sprintf("%d organizations ...", b.Tenants))
	tenants, err := b.provision(ctx)
	if err != nil {
		return fmt.Errorf("organizations: %w", err)
	}
	if err := b.memoryOfConnections(ctx, tenants); err != nil {
		return fmt.Errorf("connections that see many organizations: %w", err)
	}
	return b.memoryOfOne(ctx, tenants)
}

// provision makes organizations without any listing, two at a time, until there are as many as are wanted.
func (b *bench) provision(ctx context.Context) ([]tenancy.Tenant, error) {
	rows, err := b.Gateway.Public().Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var all []tenancy.Tenant
	for _, row := range rows[:min(len(rows), b.Tenants)] {
		t, err := b.Gateway.TenantByID(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	missing := b.Tenants - len(all)
	made, failed := make([]tenancy.Tenant, missing), make([]error, 2)
	var makers sync.WaitGroup
	for m := range failed {
		makers.Go(func() {
			for i := m; i < missing && failed[m] == nil; i += len(failed) {
				made[i], failed[m] = b.Provision(ctx, fmt.Sprintf("bench-%d", i))
			}
		})
	}
	makers.Wait()
	return append(all, made...), errors.Join(failed...)
}

// look is what visitors of an organization ask for most: two statements over many tables, whose plans are worth
// keeping.
func look(ctx context.Context, g *tenancy.Gateway, t tenancy.Tenant) error {
	q := g.Once(g.Admit(t, tenancy.Caller{Subject: account(0), RequestID: "bench"}))
	if _, err := q.HoldPage(ctx, uuid.Nil, account(0)); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	subject := account(0)
	_, err := q.AppointmentPage(ctx, uuid.Nil, &subject)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// memoryOfConnections lets the connections of a pool like the site's see all organizations, as visitors come: each
// once, and then some far more often than others. It tells what a connection's process holds then, in the mean.
func (b *bench) memoryOfConnections(ctx context.Context, tenants []tenancy.Tenant) error {
	gateway, err := b.namedGateway(ctx, "kindward-bench-pool", tenancy.Options{MaxConns: b.MaxConns})
	if err != nil {
		return err
	}
	defer gateway.Close()
	var next atomic.Int64
	order := shuffled(tenants, len(tenants), b.dice)
	visit := func(ctx context.Context, _ int) error {
		return look(ctx, gateway, order[int(next.Add(1)-1)%len(order)])
	}
	for int(next.Load()) < len(order) {
		if r := closedLoop(ctx, b.Clients, b.Span/4, visit); r.err("organizations") != nil {
			return r.err("organizations")
		}
	}
	if err := b.manyVisits(ctx, gateway, order); err != nil {
		return err
	}
	seen, err := b.memoryOf(ctx, "kindward-bench-pool")
	if err != nil {
		return err
	}
	var sum, most int64
	for _, m := range seen {
		sum, most = sum+m.own, max(most, m.own)
	}
	b.report.Figures = append(b.report.Figures, figure(
		fmt.Sprintf("memory of a connection, %d organizations", len(tenants)), "MB",
		Series{mega(sum / int64(len(seen)))}, goal{40, 25, true},
		fmt.Sprintf("shared with nobody; %d connections, the largest %s MB", len(seen), number(mega(most)))))
	return nil
}

// manyVisits go to all organizations, but to some far more often than to others, and tell how many of their statements
// found a plan on their connection.
func (b *bench) manyVisits(ctx context.Context, gateway *tenancy.Gateway, tenants []tenancy.Tenant) error {
	popular := newZipf(len(tenants))
	dice := make([]*rand.Rand, b.Clients)
	for i := range dice {
		dice[i] = rand.New(rand.NewPCG(uint64(i), 13))
	}
	visit := func(ctx context.Context, i int) error { return look(ctx, gateway, tenants[popular.pick(dice[i])]) }
	// until plans have found their places
	if r := closedLoop(ctx, b.Clients, 2*b.Span, visit); r.err("warming up") != nil {
		return r.err("warming up")
	}
	before := gateway.PlanStats()
	r := closedLoop(ctx, b.Clients, 2*b.Span, visit)
	if err := r.err("visits of many organizations"); err != nil {
		return err
	}
	after := gateway.PlanStats()
	note := fmt.Sprintf("%s/s; %d plans of %s MB are kept on all connections, as estimated", number(r.rate()),
		after.Statements, number(mega(after.Bytes)))
	if !after.Kept {
		note = "plans are not kept: " + after.Why
	}
	hits := hitRate(after.Hits-before.Hits, int64(r.done))
	b.report.Figures = append(b.report.Figures, figure(
		fmt.Sprintf("plan hit rate, %d organizations", len(tenants)), "%", Series{hits}, goal{60, 85, false}, note))
	return nil
}

// hitRate is the share of the tenants' own statements that were sent by name in so many looks. Each look enters its
// tenant twice, with a statement that all tenants share: those count for nothing.
func hitRate(sentByName, looks int64) float64 {
	if looks == 0 {
		return 0
	}
	return 100 * max(0, float64(sentByName-2*looks)/float64(2*looks))
}

// memoryOfOne lets one connection see all organizations, which a gateway would close before: it tells why.
func (b *bench) memoryOfOne(ctx context.Context, tenants []tenancy.Tenant) error {
	gateway, err := b.namedGateway(ctx, "kindward-bench-one", tenancy.Options{MaxConns: 1,
		MostSchemas: len(tenants) + 1})
	if err != nil {
		return err
	}
	defer gateway.Close()
	for _, t := range tenants {
		if err := look(ctx, gateway, t); err != nil {
			return err
		}
	}
	seen, err := b.memoryOf(ctx, "kindward-bench-one")
	if err != nil {
		return err
	}
	b.report.Figures = append(b.report.Figures, figure(
		fmt.Sprintf("memory of one connection that has seen all %d organizations", len(tenants)), "MB",
		Series{mega(seen[0].own)}, fewer, fmt.Sprintf("with what it shares %s MB resident", number(mega(seen[0].resident)))))
	return nil
}

func mega(bytes int64) float64 { return float64(bytes) / 1e6 }

// namedGateway is one whose connections can be told from others.
func (b *bench) namedGateway(ctx context.Context, name string, o tenancy.Options) (*tenancy.Gateway, error) {
	address, err := url.Parse(b.AppURL)
	if err != nil {
		return nil, err
	}
	query := address.Query()
	query.Set("application_name", name)
	address.RawQuery = query.Encode()
	return tenancy.Open(ctx, address.String(), b.Keys, o)
}

// memoryOf is what the processes of a named gateway's connections hold.
func (b *bench) memoryOf(ctx context.Context, name string) (all []memory, err error) {
	err = b.asAdmin(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `select pid from pg_stat_activity where application_name = $1`, name)
		if err != nil {
			return err
		}
		pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			return err
		}
		if len(pids) == 0 {
			return fmt.Errorf("no connection is called %s", name)
		}
		for _, pid := range pids {
			m, err := memoryOf(pid)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		return nil
	})
	return all, err
}

// zipf picks one of n so that the k-th comes 1/k as often as the first, as cities, names and clinics do.
type zipf []float64

func newZipf(n int) zipf {
	z, sum := make(zipf, n), 0.0
	for k := range z {
		sum += 1 / float64(k+1)
		z[k] = sum
	}
	return z
}

func (z zipf) pick(dice *rand.Rand) int {
	return min(sort.SearchFloat64s(z, dice.Float64()*z[len(z)-1]), len(z)-1)
}
