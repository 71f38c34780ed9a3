package search

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/tenancy"
)

const (
	pageLife     = 5 * time.Second // of a ranked page in the cache
	pagesKept    = 2_000
	listingBatch = 5_000 // rows per query when listings are read
)

// Market is one process's view of all listings: the index that ranks, the schedules that know the times, and what keeps
// both fresh. Everything in it is derived; a booking asks the database.
type Market struct {
	gateway *tenancy.Gateway
	now     func() time.Time
	zone    *time.Location
	live    *Live
	stock   atomic.Pointer[stock]
	log     *slog.Logger
	busy    *booking.BusyCache
	// one change of the stock or of the times at a time: what was computed earlier never replaces what is newer
	change sync.Mutex
	missed missed
	heard  heard
	saves  bool // what it derives is written as well
	// when it was last swept, or some of it refreshed, in nanoseconds
	progress atomic.Int64
}

// OpenMarket reads all listings. zone is where the deployment's visitors live: what "today" means to a search.
func OpenMarket(ctx context.Context, gateway *tenancy.Gateway, zone *time.Location, now func() time.Time) (*Market,
	error) {
	m := &Market{gateway: gateway, now: now, zone: zone, log: slog.Default(),
		busy: booking.NewBusyCache(gateway.Public(), 0, nil), heard: newHeard()}
	s, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	ix, err := m.build(ctx, s.listings)
	if err != nil {
		return nil, err
	}
	m.take(s, ix)
	m.advance()
	m.live, err = NewLive(ix, pageLife, pagesKept)
	return m, err
}

// OpenSavingMarket is OpenMarket for one process of a deployment, the worker: the market also writes the availability
// that it derives, so that others begin with it.
func OpenSavingMarket(ctx context.Context, gateway *tenancy.Gateway, zone *time.Location,
	now func() time.Time) (*Market, error) {
	m, err := OpenMarket(ctx, gateway, zone, now)
	if err == nil {
		m.saves = true
	}
	return m, err
}

// Close stops the page cache.
func (m *Market) Close() { m.live.Close() }

// Live is the index with its page cache.
func (m *Market) Live() *Live { return m.live }

// Busy is what is taken. Whoever has changed it tells it before answering.
func (m *Market) Busy() *booking.BusyCache { return m.busy }

// Now is the present in the zone of the deployment's visitors.
func (m *Market) Now() time.Time { return m.now().In(m.zone) }

// Offering gives the schedule and pool of a listing, and the listing.
func (m *Market) Offering(id uuid.UUID) (booking.Offering, *Listing, bool) {
	o, ok := m.stock.Load().offerings[id]
	if !ok {
		return o, nil, false
	}
	l, ok := m.live.Index().Listing(id)
	return o, l, ok
}

// OfTenant lists an organization's live listings, in order of id.
func (m *Market) OfTenant(tenant uuid.UUID) []*Listing {
	var out []*Listing
	for _, id := range m.stock.Load().ofTenant[tenant] {
		if l, ok := m.live.Index().Listing(id); ok {
			out = append(out, l)
		}
	}
	return out
}

// Reload reads everything again: at start, and when the registry of reasons or places has changed.
func (m *Market) Reload(ctx context.Context) error {
	m.change.Lock()
	defer m.change.Unlock()
	s, err := m.read(ctx)
	if err != nil {
		return err
	}
	return m.replace(ctx, s)
}

// reloadTenant reads one organization's listings again, after it has published.
func (m *Market) reloadTenant(ctx context.Context, tenant uuid.UUID) error {
	m.change.Lock()
	defer m.change.Unlock()
	rows, err := m.gateway.Public().TenantListings(ctx, tenant)
	if err != nil {
		return err
	}
	old, ix := m.stock.Load(), m.live.Index()
	s := newStock(len(old.listings) + len(rows))
	for _, l := range old.listings {
		if l.Tenant != tenant {
			l.Availability = ix.availability(l.ID)
			s.add(l, old.offerings[l.ID])
		}
	}
	for _, r := range rows {
		if r.Live {
			s.addRow(listingRow(r))
		}
	}
	for _, l := range old.leftOut {
		if l.Tenant != tenant {
			s.leftOut = append(s.leftOut, l)
		}
	}
	if err := m.replace(ctx, s); err != nil {
		return err
	}
	return m.refresh(ctx, s.ofTenant[tenant])
}

func (m *Market) replace(ctx context.Context, s *stock) error {
	ix, err := m.build(ctx, s.listings)
	if err != nil {
		return err
	}
	m.take(s, ix)
	m.live.Replace(ix)
	return nil
}

// take makes a stock the market's, and says what of it is newly left out: what cannot be read, and what the index does
// not know the reason of.
func (m *Market) take(s *stock, ix *Index) {
	known := map[uuid.UUID]bool{}
	if old := m.stock.Load(); old != nil {
		for _, l := range old.leftOut {
			known[l.Listing] = true
		}
	}
	for i := range s.listings {
		if l := &s.listings[i]; !ix.has(l.ID) {
			s.leftOut = append(s.leftOut, LeftOut{l.ID, l.Tenant, "its reason " + l.Reason + " is not known"})
		}
	}
	for _, l := range s.leftOut {
		if !known[l.Listing] {
			m.log.Error("search: a listing cannot be shown", "listing", l.Listing, "tenant", l.Tenant, "why", l.Why)
		}
	}
	m.stock.Store(s)
}

// LeftOut are the published listings that cannot be shown, in no order.
func (m *Market) LeftOut() []LeftOut { return m.stock.Load().leftOut }

func (m *Market) read(ctx context.Context) (*stock, error) {
	s := newStock(listingBatch)
	var after uuid.UUID
	for {
		rows, err := m.gateway.Public().Listings(ctx, after, listingBatch)
		if err != nil {
			return nil, fmt.Errorf("listings: %w", err)
		}
		for _, r := range rows {
			s.addRow(listingRow(r))
		}
		if len(rows) < listingBatch {
			return s, nil
		}
		after = rows[len(rows)-1].ID
	}
}

func (m *Market) build(ctx context.Context, listings []Listing) (*Index, error) {
	q := m.gateway.Public()
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
	var rs []Reason
	for _, r := range reasons {
		rs = append(rs, Reason{Code: r.Code, Kind: r.Kind, Name: r.Name, Synonyms: r.Synonyms, Minutes: int(r.Minutes),
			PriceLow: r.PriceLowCents, PriceHigh: r.PriceHighCents, Prep: r.Prep})
	}
	var ps []ZIPCode
	for _, p := range places {
		ps = append(ps, ZIPCode{ZIP: p.ZIP, Town: p.Town, State: p.State, Lat: p.Lat, Lon: p.Lon})
	}
	var is []Payer
	for _, p := range payers {
		is = append(is, Payer{ID: p.ID, Name: p.Name, Kind: p.Kind})
	}
	return Build(rs, ps, is, listings), nil
}

// Payers are the insurers of the region, in order of name.
func (m *Market) Payers() []Payer { return m.live.Index().payers }

// KindCount is how much there is of one kind of organization.
type KindCount struct {
	Kind, Reason            string // Reason is the name of its most offered service
	Organizations, Listings int
}

// Kinds counts what is on the market, clinics first.
func (m *Market) Kinds() []KindCount {
	ix := m.live.Index()
	var out []KindCount
	for _, k := range kinds {
		kind := k.code
		count, organizations, best := KindCount{Kind: kind}, map[uuid.UUID]bool{}, 0
		for g := range ix.groups {
			rows := ix.groups[g].rows
			if len(rows) == 0 || ix.listings[rows[0].listing].Kind != kind {
				continue
			}
			count.Listings += len(rows)
			if len(rows) > best {
				best, count.Reason = len(rows), ix.lexicon.reasons[g].Name
			}
			for _, r := range rows {
				organizations[ix.listings[r.listing].Tenant] = true
			}
		}
		count.Organizations = len(organizations)
		out = append(out, count)
	}
	return out
}
