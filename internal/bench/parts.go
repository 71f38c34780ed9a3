package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"runtime"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

// part is one figure taken in this process: processor time and allocations of one call.
type part struct{ micros, allocations Series }

// measure calls f again and again, in as many rounds as others have.
func measure(rounds int, d time.Duration, f func()) part {
	f()
	var p part
	for range rounds {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		begin, used, n := time.Now(), cpuTime(), 0
		for batch := 1; time.Since(begin) < d; batch = min(batch*2, 256) {
			for range batch {
				f()
			}
			n += batch
		}
		took := cpuTime() - used
		runtime.ReadMemStats(&after)
		p.micros = append(p.micros, float64(took.Nanoseconds())/1000/float64(n))
		p.allocations = append(p.allocations, float64((after.Mallocs-before.Mallocs)/uint64(n)))
	}
	return p
}

// monthOfTimes is the slot function on the busiest practitioner of the region.
func monthOfTimes(ctx context.Context, h Target, s *stock, rounds int, d time.Duration) (part, string, error) {
	now := h.Market.Now()
	from := civil.DateOf(now)
	to := from.AddDays(29)
	var busiest offering
	var pool booking.Pool
	for _, o := range s.offerings {
		if len(o.published.Resources) != 1 {
			continue
		}
		taken, err := h.Market.Busy().Calendar(ctx, []booking.Offering{o.published}, from, to, now)
		if err != nil {
			return part{}, "", err
		}
		if p := taken.Pool(o.published); pool == nil || len(p[0]) > len(pool[0]) {
			busiest, pool = o, p
		}
	}
	room := make([]int64, 0, 4096)
	p := measure(rounds, d, func() { room = busiest.published.Schedule.Times(room[:0], from, to, pool, now.Unix()) })
	return p, fmt.Sprintf("30 days, %d taken, %d free", len(pool[0]), len(room)), nil
}

// largeMarket is the region's own listings again and again, moved about, up to n.
func largeMarket(ctx context.Context, h Target, n int, dice *rand.Rand) (*search.Index, error) {
	q := h.Gateway.Public()
	reasons, err := q.Reasons(ctx)
	if err != nil {
		return nil, err
	}
	places, err := q.ZIPCodes(ctx)
	if err != nil {
		return nil, err
	}
	payers, err := q.Payers(ctx)
	if err != nil {
		return nil, err
	}
	tenants, err := q.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var rs []search.Reason
	for _, r := range reasons {
		rs = append(rs, search.Reason{Code: r.Code, Kind: r.Kind, Name: r.Name, Synonyms: r.Synonyms, Minutes: int(r.Minutes),
			PriceLow: r.PriceLowCents, PriceHigh: r.PriceHighCents, Prep: r.Prep})
	}
	var ps []search.ZIPCode
	for _, p := range places {
		ps = append(ps, search.ZIPCode{ZIP: p.ZIP, Town: p.Town, State: p.State, Lat: p.Lat, Lon: p.Lon})
	}
	var is []search.Payer
	for _, p := range payers {
		is = append(is, search.Payer{ID: p.ID, Name: p.Name, Kind: p.Kind})
	}
	var own []*search.Listing
	known := map[uuid.UUID]search.Availability{}
	for _, t := range tenants {
		own = append(own, h.Market.OfTenant(t.ID)...)
		rows, err := q.TenantListings(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.BaseDay != nil && r.NextAt != nil && len(r.Parts) == search.DaysKnown {
				known[r.ID] = search.Availability{BaseDay: civil.NumberOf(*r.BaseDay), NextAt: r.NextAt.Unix(),
					Parts: [search.DaysKnown]uint8(r.Parts)}
			}
		}
	}
	all := make([]search.Listing, n)
	for i := range all {
		l := *own[i%len(own)]
		l.Availability = known[l.ID]
		if copyOf := i / len(own); copyOf > 0 {
			l.ID, l.Tenant, l.LocationID = again(l.ID, copyOf), again(l.Tenant, copyOf), again(l.LocationID, copyOf)
			l.Lat, l.Lon = l.Lat+dice.NormFloat64()/20, l.Lon+dice.NormFloat64()/20
			l.Rating, l.Ratings = float32(3+2*dice.Float64()), dice.IntN(400)
		}
		l.Availability.Listing = l.ID
		all[i] = l
	}
	return search.Build(rs, ps, is, all), nil
}

// again is another id for the n-th copy of what an id stands for.
func again(id uuid.UUID, n int) uuid.UUID {
	return uuid.NewSHA1(id, []byte{byte(n >> 8), byte(n)})
}

// searchOf is a search with facets in a market of n listings, without the cache of pages.
func searchOf(ctx context.Context, h Target, n, rounds int, d time.Duration, terms []term, dice *rand.Rand) (part,
	string, error) {
	ix, err := largeMarket(ctx, h, n, dice)
	if err != nil {
		return part{}, "", err
	}
	now := h.Market.Now()
	var queries []search.Query
	found := 0
	for _, t := range terms {
		r := ix.Normalize(url.Values{"reason": {t.name}, "near": {t.town.ZIP}}, now)
		if !r.Ready {
			return part{}, "", fmt.Errorf("%q is not understood", t.name)
		}
		queries = append(queries, r.Query)
		p := ix.Search(r.Query, now)
		found += p.Locations
	}
	i := 0
	p := measure(rounds, d, func() { i++; ix.Search(queries[i%len(queries)], now) })
	return p, fmt.Sprintf("%d results on average", found/len(queries)), nil
}

// contextCost is what ticket and gates add to a small query of a tenant, going from tenant to tenant: the same
// statement through the gateway and, past all gates, as the administrator in that schema.
func contextCost(ctx context.Context, h Target, s *stock, m meter, rounds, n int) (Series, error) {
	config, err := pgx.ParseConfig(h.AdminURL)
	if err != nil {
		return nil, err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // as the gateway does
	config.RuntimeParams["search_path"] = tenancy.TemplateSchema
	admin, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	defer admin.Close(context.WithoutCancel(ctx))
	gateway, err := tenancy.Open(ctx, h.AppURL, h.Keys, tenancy.Options{MaxConns: 1})
	if err != nil {
		return nil, err
	}
	defer gateway.Close()
	known, err := fill(existingPatient, map[string]string{"account_id": "$1"})
	if err != nil {
		return nil, err
	}
	some := s.offerings[:min(len(s.offerings), 64)]
	scoped := func(o offering) error {
		_, err := gateway.Once(gateway.Admit(o.tenant, tenancy.Caller{Subject: account(0)})).IsExistingPatient(ctx,
			account(0))
		return err
	}
	past := func(schema string) error {
		var b pgx.Batch
		b.Queue(`select set_config('search_path', $1, true)`, schema)
		b.Queue(known, account(0))
		return admin.SendBatch(ctx, &b).Close()
	}
	for _, o := range some { // each connection reads the catalog of each schema once
		if err := scoped(o); err != nil {
			return nil, err
		}
		if err := past(o.tenant.Schema); err != nil {
			return nil, err
		}
	}
	through := func(i int) error { return scoped(some[i%len(some)]) }
	around := func(i int) error { return past(some[i%len(some)].tenant.Schema) }
	var out Series
	for range rounds {
		with, err := m.spend(n, through)
		if err != nil {
			return nil, err
		}
		without, err := m.spend(n, around)
		if err != nil {
			return nil, err
		}
		out = append(out, with-without)
	}
	return out, nil
}

// spend is what both sides use of the processors for one of n acts, in microseconds.
func (m meter) spend(n int, do func(int) error) (float64, error) {
	before, err := m.read()
	if err != nil {
		return 0, err
	}
	for i := range n {
		if err := do(i); err != nil {
			return 0, err
		}
	}
	after, err := m.read()
	return float64((after.ours - before.ours).Microseconds()) / float64(n), err
}

// cards is a page of twenty results as its template writes it.
func cards(h Target, rounds int, d time.Duration) (part, error) {
	if err := h.Cards(io.Discard); err != nil {
		return part{}, err
	}
	var failed error
	p := measure(rounds, d, func() {
		if err := h.Cards(io.Discard); err != nil {
			failed = err
		}
	})
	return p, failed
}

// overlapping counts living claims that share a resource and an instant, in all schemas of tenants: what the database
// says about double bookings, whatever the pages said.
func overlapping(ctx context.Context, h Target) (int, error) {
	admin, err := pgx.Connect(ctx, h.AdminURL)
	if err != nil {
		return 0, err
	}
	defer admin.Close(context.WithoutCancel(ctx))
	rows, err := admin.Query(ctx, `select schema_name from directory.tenant`)
	if err != nil {
		return 0, err
	}
	schemas, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, schema := range slices.Sorted(slices.Values(schemas)) {
		if _, err := admin.Exec(ctx, `select set_config('search_path', $1, false)`, schema); err != nil {
			return 0, err
		}
		var n int
		err := admin.QueryRow(ctx, `select count(*) from claim a join claim b on a.resource_id = b.resource_id and a.id < b.id
			and a.starts_at < b.ends_at and b.starts_at < a.ends_at where a.state in ('held', 'booked') and b.state in ('held', 'booked')`,
			pgx.QueryExecModeExec).Scan(&n)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
