package search

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

const (
	// sweepMost is how many listings one sweep refreshes. Swept every five seconds that is a thousand a second: what
	// midnight makes stale of 100,000 is done within two minutes, and searches are right meanwhile.
	sweepMost = 5_000
	// roundEvery is how often every listing is computed anew though nothing says that it must be.
	roundEvery = time.Hour
)

// need is why a listing is stale, the most urgent first.
type need int

const (
	wasMissed need = iota // an event said so, and it could not be refreshed then
	unknown               // too little is known for a search from today on
	nextGone              // its next free time cannot be booked any more
	unchecked             // not computed in this round
	dayBegan              // the last of the days known is not known yet
	notStale
)

type staleListing struct {
	id, tenant uuid.UUID
	need       need
	base       civil.DayNumber
}

// Sweep refreshes what time alone has made stale: another day has begun, or the next free time cannot be booked any
// more. It also makes up for what could not be refreshed when it was due, and goes through all listings once an hour to
// find what no event has told. It takes them in the order of need and at most 5,000 at a time; the rest is the next
// sweep's. To look at 100,000 listings takes it some milliseconds. A panic is an error.
func (m *Market) Sweep(ctx context.Context) error {
	return guarded(func() error { return m.sweep(ctx) })
}

func (m *Market) sweep(ctx context.Context) error {
	tenants, lost := m.missed.take()
	changed, failed := m.reloadTenants(ctx, tenants)
	m.repaired(changed)
	m.rounds.next(m.now())
	failed = errors.Join(failed, m.rebuild(ctx))
	now := m.choose(lost)
	failed = errors.Join(failed, m.refreshAs(ctx, now[wasMissed], repairing),
		m.Refresh(ctx, slices.Concat(now[unknown], now[nextGone], now[dayBegan])),
		m.refreshAs(ctx, now[unchecked], verifying), m.compareBusy(ctx))
	if !away(ctx, failed) {
		m.noteSwept() // what one listing or organization has wrong does not make the rest old
	}
	return failed
}

// choose gives what a sweep refreshes, by need, and leaves the rest to the next one.
func (m *Market) choose(lost []uuid.UUID) (now [notStale][]uuid.UUID) {
	stale := m.stale(lost)
	m.counts.behind.Store(int64(max(0, len(stale)-sweepMost)))
	for i, s := range stale {
		if i < sweepMost {
			now[s.need] = append(now[s.need], s.id)
		} else if s.need == wasMissed {
			m.missed.add(nil, []uuid.UUID{s.id})
		}
	}
	return now
}

// Prepare refreshes what cannot be searched yet because too little is known of its times, however much that is: a
// process is not ready before.
func (m *Market) Prepare(ctx context.Context) error {
	began := time.Now()
	var ids []uuid.UUID
	for _, s := range m.stale(nil) {
		if s.need == unknown {
			ids = append(ids, s.id)
		}
	}
	err := m.Refresh(ctx, ids)
	m.log.Debug("search: what was not known is computed", "listings", len(ids), "took", time.Since(began))
	return err
}

// stale are the listings to refresh, those that need it most first; those of one organization stand together.
func (m *Market) stale(lost []uuid.UUID) []staleListing {
	now, s, ix, round := m.now(), m.stock.Load(), m.live.Index(), m.rounds.present()
	today := make([]civil.DayNumber, len(ix.zones))
	for i, zone := range ix.zones {
		today[i] = civil.NumberOf(now.In(zone))
	}
	missed := make(map[uuid.UUID]bool, len(lost))
	for _, id := range lost {
		missed[id] = true
	}
	var out []staleListing
	for g := range ix.groups {
		gr := &ix.groups[g]
		for i, l := range gr.listings {
			t := &gr.times[i]
			n := t.need(today[gr.rows[i].zone], round)
			if missed[l.ID] {
				n = wasMissed
			} else if n > nextGone && t.next != 0 {
				if e, ok := s.entries.get(l.ID); ok && t.next < now.Unix()+int64(e.offering.Schedule.LeadMinutes)*60 {
					n = nextGone
				}
			}
			if n != notStale {
				out = append(out, staleListing{l.ID, l.Tenant, n, t.base})
			}
		}
	}
	slices.SortFunc(out, byNeed)
	return out
}

func byNeed(a, b staleListing) int {
	if a.need != b.need {
		return cmp.Compare(a.need, b.need)
	}
	if a.base != b.base {
		return cmp.Compare(a.base, b.base)
	}
	return bytes.Compare(a.tenant[:], b.tenant[:])
}

// need is what the times tell by themselves.
func (t *times) need(today civil.DayNumber, round uint32) need {
	switch known := t.base + DaysKnown - today; {
	case known < DaysSearched || t.base > today:
		return unknown
	case t.round != round:
		return unchecked
	case t.base != today:
		return dayBegan
	}
	return notStale
}

// rounds count how often all listings have been gone through.
type rounds struct {
	number atomic.Uint32
	began  atomic.Int64 // unix seconds
}

func (r *rounds) present() uint32 { return r.number.Load() }

// begin begins another round: nothing that was computed before counts as checked.
func (r *rounds) begin(now time.Time) {
	r.number.Add(1)
	r.began.Store(now.Unix())
}

func (r *rounds) next(now time.Time) {
	if now.Sub(time.Unix(r.began.Load(), 0)) >= roundEvery {
		r.begin(now)
	}
}

// EventsLost is told when a server that took over may know less than what events have said: what is kept as taken is
// forgotten, and the sweeps go through all listings.
func (m *Market) EventsLost() {
	m.busy.ForgetAll()
	m.rounds.begin(m.now())
}

// LastSwept is when a sweep last ended, or the market was opened: what it shows is not older by more than the time
// between two sweeps. That single listings are refreshed says nothing of the others.
func (m *Market) LastSwept() time.Time { return time.Unix(0, m.swept.Load()) }

func (m *Market) noteSwept() { m.swept.Store(time.Now().UnixNano()) }

// compareBusy looks at some of what is kept as taken. What differs was forgotten and is read again.
func (m *Market) compareBusy(ctx context.Context) error {
	differing, err := m.busy.Compare(ctx)
	for _, d := range differing {
		m.log.Warn("search: what is taken was kept otherwise than the database knows it", "tenant", d.Tenant,
			"resource", d.Resource)
	}
	return err
}
