package search

import (
	"context"
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
	change  sync.Mutex
	rebuilt rebuilt            // for whoever holds the lock of changes
	told    map[uuid.UUID]bool // likewise: what the log says is left out
	missed  missed
	heard   heard
	rounds  rounds
	counts  counts
	saves   bool         // what it derives is written as well
	swept   atomic.Int64 // when a sweep last ended, in nanoseconds
}

// OpenMarket reads all listings. zone is where the deployment's visitors live: what "today" means to a search.
func OpenMarket(ctx context.Context, gateway *tenancy.Gateway, zone *time.Location, now func() time.Time) (*Market,
	error) {
	m := &Market{gateway: gateway, now: now, zone: zone, log: slog.Default(),
		busy: booking.NewBusyCache(gateway.Public(), 0, nil), heard: newHeard()}
	m.rounds.begin(now())
	began := time.Now()
	s, err := m.readAll(ctx)
	if err != nil {
		return nil, err
	}
	read := time.Since(began)
	ix, err := m.build(ctx, s)
	if err != nil {
		return nil, err
	}
	m.log.Debug("search: the market is open", "listings", ix.at.size, "reading", read, "building", m.rebuilt.took)
	m.take(s, ix)
	m.noteSwept()
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
	e, ok := m.stock.Load().entries.get(id)
	if !ok || !m.live.Index().has(id) {
		return booking.Offering{}, nil, false
	}
	return e.offering, e.listing, true
}

// OfTenant lists an organization's live listings, in order of id.
func (m *Market) OfTenant(tenant uuid.UUID) []*Listing {
	s, ix := m.stock.Load(), m.live.Index()
	ids, _ := s.ofTenant.get(tenant)
	var out []*Listing
	for _, id := range ids {
		if e, ok := s.entries.get(id); ok && ix.has(id) {
			out = append(out, e.listing)
		}
	}
	return out
}

// LeftOut are the published listings that cannot be shown, in no order.
func (m *Market) LeftOut() []LeftOut {
	s := m.stock.Load()
	return append(unknownIn(s, m.live.Index()), s.leftOut...)
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
			listings := ix.groups[g].listings
			if len(listings) == 0 || listings[0].Kind != kind {
				continue
			}
			count.Listings += len(listings)
			if len(listings) > best {
				best, count.Reason = len(listings), ix.lexicon.reasons[g].Name
			}
			for _, l := range listings {
				organizations[l.Tenant] = true
			}
		}
		count.Organizations = len(organizations)
		out = append(out, count)
	}
	return out
}
