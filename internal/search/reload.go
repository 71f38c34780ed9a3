package search

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
)

const (
	// rebuildShare bounds what building the index as a whole takes: none follows another for so many times as long.
	rebuildShare = 20
	// referenceEvery is how often reasons, places and payers are read again where no listing names one that is new.
	referenceEvery = 10 * time.Minute
)

// rebuilt is what the index was last built from, and when.
type rebuilt struct {
	reference reference
	at        time.Time     // when reasons, places and payers were last read
	took      time.Duration // to read them and to build
	unknown   bool          // a listing named a reason or a payer that is not among them
}

// Reload reads everything again. What this process knows of times stays.
func (m *Market) Reload(ctx context.Context) error {
	return m.changing(func() error {
		s, err := m.readAll(ctx)
		if err != nil {
			return err
		}
		ix, err := m.build(ctx, s)
		if err != nil {
			return err
		}
		m.take(s, ix)
		m.live.Replace(ix)
		return nil
	})
}

// readAll reads all listings; the database finds the next ones meanwhile.
func (m *Market) readAll(ctx context.Context) (*stock, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pages := make(chan []listingRow)
	go func() {
		defer close(pages)
		var after uuid.UUID
		for {
			rows, err := m.gateway.Public().Listings(ctx, after, listingBatch)
			if err != nil {
				cancel(fmt.Errorf("listings: %w", err))
				return
			}
			select {
			case pages <- rows:
			case <-ctx.Done():
				return
			}
			if len(rows) < listingBatch {
				return
			}
			after = rows[len(rows)-1].ID
		}
	}()
	s, rd := newStock(), newRowReader()
	for rows := range pages {
		for _, r := range rows {
			rd.read(r, s)
		}
	}
	return s, context.Cause(ctx)
}

// reloadTenants reads some organizations' listings again, and gives how many of the listings were otherwise than shown.
// What fails is left to the next sweep.
func (m *Market) reloadTenants(ctx context.Context, ids []uuid.UUID) (changed int, failed error) {
	for _, id := range ids {
		n, err := m.reloadTenant(ctx, id)
		if changed += n; err != nil {
			m.missed.add([]uuid.UUID{id}, nil)
			failed = errors.Join(failed, fmt.Errorf("organization %s: %w", id, err))
		}
	}
	return changed, failed
}

// reloadTenant reads one organization's listings again, after it has published. Each takes the place of its former
// self; the others of the market are not looked at.
func (m *Market) reloadTenant(ctx context.Context, tenant uuid.UUID) (changed int, err error) {
	err = m.changing(func() (err error) {
		changed, err = m.reread(ctx, tenant)
		return err
	})
	return changed, err
}

// reread is reloadTenant for whoever holds the lock of changes.
func (m *Market) reread(ctx context.Context, tenant uuid.UUID) (changed int, err error) {
	rows, err := m.gateway.Public().TenantListings(ctx, tenant)
	if err != nil {
		return 0, err
	}
	old, ix := m.stock.Load(), m.live.Index()
	s, rd := old.fork(), newRowReader()
	s.takeOut(tenant)
	for _, r := range rows {
		if r.Live {
			rd.read(listingRow(r), s)
		}
	}
	put, gone := m.differing(old, s, ix, tenant)
	next := ix
	if len(put)+len(gone) > 0 {
		next = ix.withListings(put, gone)
	}
	m.take(s, next)
	m.live.Change(next)
	if err := m.rebuildIfDue(ctx); err != nil {
		return len(put) + len(gone), err
	}
	ids, _ := s.ofTenant.get(tenant)
	return len(put) + len(gone), m.refresh(ctx, slices.Clone(ids), expected)
}

// differing compares what an organization had published with what it has now, apart from its times: those that are
// this process's own are kept. What has not changed stays the same listing.
func (m *Market) differing(old, s *stock, ix *Index, tenant uuid.UUID) (put []*Listing, gone []uuid.UUID) {
	before, _ := old.ofTenant.get(tenant)
	after, _ := s.ofTenant.get(tenant)
	for _, id := range after {
		e, _ := s.entries.get(id)
		was, known := old.entries.get(id)
		if known {
			e.listing.Availability = was.listing.Availability
		}
		same := known && reflect.DeepEqual(e.listing, was.listing)
		if !same || !ix.has(id) {
			m.rebuilt.unknown = m.rebuilt.unknown || !ix.knowsCodes(e.listing)
		}
		if same && ix.has(id) == ix.knowsReason(e.listing) {
			e.listing = was.listing
			s.entries.set(id, e)
			continue
		}
		if ix.has(id) {
			e.listing.Availability = ix.availability(id)
		}
		put = append(put, e.listing)
	}
	for _, id := range before {
		if _, still := s.entries.get(id); !still {
			gone = append(gone, id)
		}
	}
	return put, gone
}

// knowsReason tells whether a listing has a place in the snapshot.
func (ix *Index) knowsReason(l *Listing) bool {
	_, known := ix.lexicon.byCode[l.Reason]
	return known
}

// knowsCodes tells whether a listing names only what the snapshot knows of.
func (ix *Index) knowsCodes(l *Listing) bool {
	known := ix.knowsReason(l)
	for _, list := range [2][]string{l.PayersAccepted, l.PayersRefused} {
		for _, id := range list {
			_, there := ix.layout.payerAt[id]
			known = known && there
		}
	}
	return known
}

// rebuild is rebuildIfDue for whoever does not hold the lock of changes.
func (m *Market) rebuild(ctx context.Context) error {
	return m.changing(func() error { return m.rebuildIfDue(ctx) })
}

// rebuildIfDue builds the index as a whole where single listings do not do: something can be asked for that no listing
// had before, or reasons, places or payers have changed. It never takes more than a twentieth of a processor; until
// then what is new cannot be asked for.
func (m *Market) rebuildIfDue(ctx context.Context) error {
	began, now, last, shown := time.Now(), m.now(), &m.rebuilt, m.live.Index()
	since := now.Sub(last.at)
	if shown.fits() && !last.unknown && since < referenceEvery || since >= 0 && since < rebuildShare*last.took {
		return nil
	}
	r, err := m.readReference(ctx)
	if err != nil {
		return err
	}
	s, ix := m.stock.Load(), shown
	if !shown.fits() || !reflect.DeepEqual(r, last.reference) {
		ix = m.indexOf(r, s)
		m.counts.rebuilds.Add(1)
	}
	m.rebuilt = rebuilt{reference: r, at: now, took: time.Since(began)}
	m.take(s, ix)
	if ix != shown {
		m.live.Replace(ix)
	}
	return nil
}

// build makes an index of a stock.
func (m *Market) build(ctx context.Context, s *stock) (*Index, error) {
	began := time.Now()
	r, err := m.readReference(ctx)
	if err != nil {
		return nil, err
	}
	ix := m.indexOf(r, s)
	m.rebuilt = rebuilt{reference: r, at: m.now(), took: time.Since(began)}
	return ix, nil
}

func (m *Market) indexOf(r reference, s *stock) *Index {
	listings := make([]*Listing, 0, s.entries.size)
	for _, e := range s.entries.all() {
		listings = append(listings, e.listing)
	}
	times := asRead
	if m.live != nil {
		shown := m.live.Index()
		times = func(l *Listing) Availability {
			if shown.has(l.ID) {
				return shown.availability(l.ID)
			}
			return l.Availability
		}
	}
	return build(r, listings, CurrentWeights, times)
}

func (m *Market) readReference(ctx context.Context) (r reference, err error) {
	q := m.gateway.Public()
	reasons, err := q.Reasons(ctx)
	if err != nil {
		return r, err
	}
	zipCodes, err := q.ZIPCodes(ctx)
	if err != nil {
		return r, err
	}
	payers, err := q.Payers(ctx)
	if err != nil {
		return r, err
	}
	for _, row := range reasons {
		r.reasons = append(r.reasons, Reason{Code: row.Code, Kind: row.Kind, Name: row.Name, Synonyms: row.Synonyms,
			Minutes: int(row.Minutes), PriceLow: row.PriceLowCents, PriceHigh: row.PriceHighCents, Prep: row.Prep})
	}
	for _, row := range zipCodes {
		r.zipCodes = append(r.zipCodes, ZIPCode{ZIP: row.ZIP, Town: row.Town, State: row.State, Lat: row.Lat, Lon: row.Lon})
	}
	for _, row := range payers {
		r.payers = append(r.payers, Payer{ID: row.ID, Name: row.Name, Kind: row.Kind})
	}
	return r, nil
}

// unknownIn are the entries of a stock that the index has no reason for.
func unknownIn(s *stock, ix *Index) (out []LeftOut) {
	if s.entries.size == ix.at.size {
		return nil
	}
	for id, e := range s.entries.all() {
		if !ix.has(id) {
			out = append(out, LeftOut{id, e.listing.Tenant, "its reason " + e.listing.Reason + " is not known"})
		}
	}
	return out
}

// take makes a stock the market's, and says what of it is newly left out: what cannot be read, and what the index does
// not know the reason of, once it was looked for. What was said is not said again while it is so.
func (m *Market) take(s *stock, ix *Index) {
	left := slices.Clone(s.leftOut)
	for _, l := range unknownIn(s, ix) {
		if !m.rebuilt.unknown || m.told[l.Listing] {
			left = append(left, l)
		}
	}
	told := map[uuid.UUID]bool{}
	for _, l := range left {
		if told[l.Listing] = true; !m.told[l.Listing] {
			m.log.Error("search: a listing cannot be shown", "listing", l.Listing, "tenant", l.Tenant, "why", l.Why)
		}
	}
	m.told = told
	m.stock.Store(s)
}
