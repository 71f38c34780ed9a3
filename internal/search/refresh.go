package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/events"
	"kindward/internal/pgdial"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

const refreshBatch = 500 // listings whose calendars are read in one query

// concern is what an event makes stale.
type concern int

const (
	concernsNothing concern = iota
	concernsListings
	concernsTimes
)

// concerns tells what a kind of event makes stale. A kind of a newer release that runs beside this one may take or free
// time.
func concerns(kind events.Kind) concern {
	switch kind {
	case events.ListingsPublished:
		return concernsListings
	case events.AppointmentBooked, events.AppointmentExtended, events.AppointmentMarked, events.EmailQueued:
		return concernsNothing // the hold took the time already; the visit's time stays taken
	}
	return concernsTimes
}

// missed is what should have been refreshed and could not be, until a sweep makes up for it.
type missed struct {
	mu                sync.Mutex
	tenants, listings map[uuid.UUID]bool
}

func (l *missed) add(tenants, listings []uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tenants == nil {
		l.tenants, l.listings = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	}
	for _, id := range tenants {
		l.tenants[id] = true
	}
	for _, id := range listings {
		l.listings[id] = true
	}
}

// take gives what was missed and forgets it.
func (l *missed) take() (tenants, listings []uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	tenants, listings = slices.Collect(maps.Keys(l.tenants)), slices.Collect(maps.Keys(l.listings))
	l.tenants, l.listings = nil, nil
	return tenants, listings
}

// reloadTenants reads some organizations' listings again. What fails is left to the next sweep.
func (m *Market) reloadTenants(ctx context.Context, ids []uuid.UUID) (failed error) {
	for _, id := range ids {
		if err := m.reloadTenant(ctx, id); err != nil {
			m.missed.add([]uuid.UUID{id}, nil)
			failed = errors.Join(failed, fmt.Errorf("organization %s: %w", id, err))
		}
	}
	return failed
}

// Sweep refreshes what time alone has made stale: another day has begun, or the next free time cannot be booked any
// more. It also makes up for what could not be refreshed when it was due. It looks at every listing: about a
// microsecond for each hundred.
func (m *Market) Sweep(ctx context.Context) error {
	tenants, stale := m.missed.take()
	failed := m.reloadTenants(ctx, tenants)
	now := m.now()
	ix := m.live.Index()
	for id, o := range m.stock.Load().offerings {
		base, next, known := ix.nextOf(id)
		earliest := now.Unix() + int64(o.Schedule.LeadMinutes)*60
		if known && (base != dayIn(o.Schedule, now) || next != 0 && next < earliest) {
			stale = append(stale, id)
		}
	}
	failed = errors.Join(failed, m.Refresh(ctx, stale), m.compareBusy(ctx))
	if !pgdial.Lost(failed) && !errors.Is(failed, tenancy.ErrBusy) && ctx.Err() == nil {
		m.advance() // what one listing or organization has wrong does not make the rest old
	}
	return failed
}

// LastProgress is when the market was last swept, or some of it refreshed: what it shows is not older by more than the
// time between two sweeps.
func (m *Market) LastProgress() time.Time { return time.Unix(0, m.progress.Load()) }

func (m *Market) advance() { m.progress.Store(time.Now().UnixNano()) }

// compareBusy looks at some of what is kept as taken. What differs was forgotten and is read again.
func (m *Market) compareBusy(ctx context.Context) error {
	differing, err := m.busy.Compare(ctx)
	for _, d := range differing {
		m.log.Warn("search: what is taken was kept otherwise than the database knows it", "tenant", d.Tenant,
			"resource", d.Resource)
	}
	return err
}

// RefreshAll refreshes every listing: what was saved before this process began may have missed something.
func (m *Market) RefreshAll(ctx context.Context) error {
	return m.Refresh(ctx, slices.Collect(maps.Keys(m.stock.Load().offerings)))
}

// Refresh asks the slot function for the availability of some listings and shows it to searches. What fails is left to
// the next sweep and keeps nothing else from being refreshed.
func (m *Market) Refresh(ctx context.Context, ids []uuid.UUID) (failed error) {
	for part := range slices.Chunk(ids, refreshBatch) {
		m.change.Lock()
		err := m.refresh(ctx, part)
		m.change.Unlock()
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return failed
}

// refresh is Refresh for whoever holds the lock of changes.
func (m *Market) refresh(ctx context.Context, ids []uuid.UUID) error {
	changes, err := m.compute(ctx, ids)
	if err == nil {
		m.live.Update(changes)
		m.advance()
	}
	if err == nil && m.saves {
		err = m.save(ctx, changes)
	}
	if err != nil {
		m.missed.add(nil, ids)
	}
	return err
}

func (m *Market) compute(ctx context.Context, ids []uuid.UUID) ([]Availability, error) {
	now, s := m.now(), m.stock.Load()
	var offers []booking.Offering
	for _, id := range ids {
		if o, ok := s.offerings[id]; ok {
			offers = append(offers, o)
		}
	}
	if len(offers) == 0 {
		return nil, nil
	}
	from := civil.DateOf(now.UTC()).AddDays(-1) // somewhere it is still yesterday
	taken, err := m.busy.Calendar(ctx, offers, from, from.AddDays(DaysKnown+1), now)
	if err != nil {
		return nil, err
	}
	changes := make([]Availability, 0, len(offers))
	var times []int64
	for _, o := range offers {
		today := civil.Today(o.Schedule.Location(), now)
		times = o.Schedule.Times(times[:0], today, today.AddDays(DaysKnown-1), taken.Pool(o), now.Unix())
		a := Availability{Listing: o.ID, BaseDay: dayIn(o.Schedule, now)}
		for i, t := range times {
			local := o.Schedule.Local(t)
			if i == 0 {
				a.NextAt = t
			}
			a.Parts[civil.NumberOf(local)-a.BaseDay] |= partOf(local)
		}
		changes = append(changes, a)
	}
	return changes, nil
}

func dayIn(p *booking.Schedule, now time.Time) civil.DayNumber {
	return civil.NumberOf(now.In(p.Location()))
}

// save writes the changes, tenant by tenant: a row may only be written by its own.
func (m *Market) save(ctx context.Context, changes []Availability) error {
	type batch struct {
		day    civil.DayNumber
		tenant uuid.UUID
	}
	rows := map[batch]*tenantdb.SaveAvailabilityParams{}
	for _, a := range changes {
		l, ok := m.live.Index().Listing(a.Listing)
		if !ok {
			continue
		}
		key := batch{a.BaseDay, l.Tenant}
		if rows[key] == nil {
			rows[key] = &tenantdb.SaveAvailabilityParams{BaseDay: a.BaseDay.Date().Start(time.UTC)}
		}
		r := rows[key]
		next := never
		if a.NextAt != 0 {
			next = time.Unix(a.NextAt, 0)
		}
		r.Listings, r.NextAts, r.Parts = append(r.Listings, a.Listing), append(r.NextAts, next), append(r.Parts, a.Parts[:])
	}
	var failed error
	for key, row := range rows {
		tenant, err := m.gateway.TenantByID(ctx, key.tenant)
		if err == nil {
			err = m.gateway.Once(m.gateway.Admit(tenant, tenancy.Caller{})).SaveAvailability(ctx, *row)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("organization %s: %w", key.tenant, err))
		}
	}
	return failed
}

// never stands for "no next time" in the arrays that are written; the query turns it into null.
var never = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// has tells whether the snapshot finds a listing.
func (ix *Index) has(id uuid.UUID) bool {
	_, known := ix.at[id]
	return known
}

// nextOf is the day that a listing's times were computed on and its next free time, 0 for none.
func (ix *Index) nextOf(id uuid.UUID) (base civil.DayNumber, next int64, known bool) {
	p, known := ix.at[id]
	if !known {
		return 0, 0, false
	}
	t := &ix.groups[p.group].times[p.row]
	return t.base, t.next, true
}

// availability is what the snapshot knows of a listing's times now.
func (ix *Index) availability(id uuid.UUID) Availability {
	p, known := ix.at[id]
	if !known {
		return Availability{Listing: id}
	}
	t := &ix.groups[p.group].times[p.row]
	a := Availability{Listing: id, BaseDay: t.base, NextAt: t.next}
	for day := range a.Parts {
		for part, days := range t.parts {
			a.Parts[day] |= uint8(days>>day&1) << part
		}
	}
	return a
}

// Next is a listing's next free time in unix seconds as searches see it, 0 for none.
func (m *Market) Next(id uuid.UUID) int64 {
	_, next, _ := m.live.Index().nextOf(id)
	return next
}
