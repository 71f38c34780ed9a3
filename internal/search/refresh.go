package search

import (
	"bytes"
	"cmp"
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
	case events.AppointmentBooked, events.AppointmentExtended, events.AppointmentMarked, events.EmailQueued,
		events.AccountChanged, events.ImportStarted:
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

// Refresh asks the slot function for the availability of some listings and shows it to searches. What fails is left to
// the next sweep and keeps nothing else from being refreshed.
func (m *Market) Refresh(ctx context.Context, ids []uuid.UUID) error {
	return m.refreshAs(ctx, ids, expected)
}

// purpose is why listings are refreshed.
type purpose int

const (
	expected  purpose = iota // something has happened, or time has passed
	verifying                // nothing should be otherwise than it is shown; what is counts as repaired
	repairing                // it was missed: what is otherwise counts as repaired, and all is saved
)

// refreshAs refreshes organization by organization: what is saved of one is one statement, or one more where a batch
// ends within it.
func (m *Market) refreshAs(ctx context.Context, ids []uuid.UUID, why purpose) (failed error) {
	type owned struct{ tenant, id uuid.UUID }
	all, s := make([]owned, 0, len(ids)), m.stock.Load()
	for _, id := range ids {
		if e, ok := s.entries.get(id); ok {
			all = append(all, owned{e.listing.Tenant, id})
		}
	}
	slices.SortFunc(all, func(a, b owned) int {
		return cmp.Or(bytes.Compare(a.tenant[:], b.tenant[:]), bytes.Compare(a.id[:], b.id[:]))
	})
	for part := range slices.Chunk(slices.Compact(all), refreshBatch) {
		batch := make([]uuid.UUID, len(part))
		for i, o := range part {
			batch[i] = o.id
		}
		// also when ctx has ended: what is not refreshed is noted as missed
		failed = errors.Join(failed, m.refreshOne(ctx, batch, why))
	}
	return failed
}

// refreshOne is refreshAs of one batch.
func (m *Market) refreshOne(ctx context.Context, ids []uuid.UUID, why purpose) error {
	done := false
	err := m.changing(func() (err error) {
		err = m.refresh(ctx, ids, why)
		done = true
		return err
	})
	if !done { // a panic
		m.missed.add(nil, ids)
	}
	return err
}

// refresh is refreshOne for whoever holds the lock of changes.
func (m *Market) refresh(ctx context.Context, ids []uuid.UUID, why purpose) error {
	if len(ids) == 0 {
		return nil
	}
	shown := m.live.Index()
	changes, failed := m.computeEach(ctx, shown, ids)
	m.live.Update(changes)
	m.counts.refreshed.Add(int64(len(changes)))
	var unsaved []Availability
	repaired := 0
	for _, a := range changes {
		was := shown.availability(a.Listing)
		if why != expected && m.otherwise(was, a) {
			repaired++
		}
		was.Round = a.Round
		if why == repairing || was != a {
			unsaved = append(unsaved, a)
		}
	}
	m.repaired(repaired)
	if !m.saves {
		return failed
	}
	return errors.Join(failed, m.save(ctx, unsaved))
}

// computeEach is compute that leaves out, and notes as missed, what cannot be computed. Where it is one listing's fault
// it takes no other with it: what fails is halved until that one stands alone, some eighteen times in a batch.
func (m *Market) computeEach(ctx context.Context, shown *Index, ids []uuid.UUID) (changes []Availability,
	failed error) {
	failed = guarded(func() (err error) { changes, err = m.compute(ctx, shown, ids); return err })
	switch {
	case failed == nil:
		return changes, nil
	case len(ids) == 1:
		failed = fmt.Errorf("listing %s: %w", ids[0], failed)
		fallthrough
	case away(ctx, failed):
		m.missed.add(nil, ids)
		return nil, failed
	}
	half := len(ids) / 2
	first, one := m.computeEach(ctx, shown, ids[:half])
	rest, other := m.computeEach(ctx, shown, ids[half:])
	return append(first, rest...), errors.Join(one, other)
}

func (m *Market) compute(ctx context.Context, shown *Index, ids []uuid.UUID) ([]Availability, error) {
	now, s, round := m.now(), m.stock.Load(), m.rounds.present() // before what is taken is read
	var offers []booking.Offering
	for _, id := range ids {
		if e, ok := s.entries.get(id); ok && shown.has(id) {
			offers = append(offers, e.offering)
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
		a := Availability{Listing: o.ID, BaseDay: dayIn(o.Schedule, now), Round: round}
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

// save writes the changes, each organization's in one statement: a row may only be written by its own. What fails is
// left to the next sweep.
func (m *Market) save(ctx context.Context, changes []Availability) (failed error) {
	s, rows := m.stock.Load(), map[uuid.UUID]*tenantdb.SaveAvailabilityParams{}
	for _, a := range changes {
		e, ok := s.entries.get(a.Listing)
		if !ok {
			continue
		}
		r := rows[e.listing.Tenant]
		if r == nil {
			r = new(tenantdb.SaveAvailabilityParams)
			rows[e.listing.Tenant] = r
		}
		next := never
		if a.NextAt != 0 {
			next = time.Unix(a.NextAt, 0)
		}
		r.Listings, r.NextAts = append(r.Listings, a.Listing), append(r.NextAts, next)
		r.BaseDays, r.Parts = append(r.BaseDays, a.BaseDay.Date().Start(time.UTC)), append(r.Parts, a.Parts[:])
	}
	for id, row := range rows {
		tenant, err := m.gateway.TenantByID(ctx, id)
		if err == nil {
			err = m.gateway.Once(m.gateway.Admit(tenant, tenancy.Caller{})).SaveAvailability(ctx, *row)
		}
		if err != nil {
			m.missed.add(nil, row.Listings)
			failed = errors.Join(failed, fmt.Errorf("organization %s: %w", id, err))
		}
	}
	return failed
}

// never stands for "no next time" in the arrays that are written; the query turns it into null.
var never = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// Next is a listing's next free time in unix seconds as searches see it, 0 for none.
func (m *Market) Next(id uuid.UUID) int64 { return m.live.Index().nextOf(id) }
