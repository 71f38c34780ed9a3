package search

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/events"
)

// marketOf is a market of listings without a database: it can tell what is stale. Each listing is its own resource.
func marketOf(t *testing.T, listings []Listing, at *time.Time) *Market {
	t.Helper()
	m := &Market{now: func() time.Time { return *at }, log: slog.New(slog.DiscardHandler),
		busy: booking.NewBusyCache(nil, 0, nil), heard: newHeard()}
	m.rounds.begin(*at)
	s := newStock()
	for i := range listings {
		l := &listings[i]
		schedule := &booking.Schedule{Zone: l.Zone, VisitMinutes: 20}
		if err := schedule.Compile(); err != nil {
			t.Fatal(err)
		}
		s.add(entry{booking.Offering{ID: l.ID, Tenant: l.Tenant, Schedule: schedule, Resources: ids(l.ID)}, l})
	}
	m.stock.Store(s)
	m.live = live(t, Build(testReasons(t), testZIPCodes, testPayers(t), listings), time.Minute)
	return m
}

// computed is what a refresh tells of a listing that is free for an hour.
func (m *Market) computed(id uuid.UUID) Availability {
	return Availability{Listing: id, BaseDay: today, NextAt: m.now().Add(time.Hour).Unix(), Round: m.rounds.present()}
}

func TestASweepTakesWhatNeedsItMostAndNoMoreThanItsShare(t *testing.T) {
	_, _, listings := synthetic(t, 41, 12_000)
	at := now
	m := marketOf(t, listings, &at)
	needs := map[uuid.UUID]need{}
	for i := range listings {
		a := m.computed(listings[i].ID)
		n := need(i) % (notStale + 1)
		switch n {
		case unknown:
			a.BaseDay = today - DaysKnown + DaysSearched - 1
		case nextGone:
			a.NextAt = at.Unix() - 1
		case unchecked:
			a.Round--
		case dayBegan:
			a.BaseDay--
		}
		m.live.Update([]Availability{a})
		needs[a.Listing] = n
	}
	var lost []uuid.UUID
	for id, n := range needs {
		if n == wasMissed {
			lost = append(lost, id)
		}
	}
	done, before := 0, wasMissed
	for sweeps := 1; ; sweeps++ {
		chosen, taken := m.choose(lost), 0
		for n, ids := range chosen {
			for _, id := range ids {
				if needs[id] != need(n) {
					t.Fatalf("need %d of a listing is taken for %d", needs[id], n)
				}
				if need(n) < before {
					t.Fatalf("need %d is taken after %d", n, before)
				}
				m.live.Update([]Availability{m.computed(id)})
			}
			if taken += len(ids); len(ids) > 0 {
				before = need(n)
			}
		}
		_, lost = m.missed.take()
		if done += taken; taken > sweepMost || taken < sweepMost && done < 10_000 {
			t.Fatalf("a sweep takes %d, %d are done", taken, done)
		}
		if left := m.Stats().Behind; left != int64(10_000-done) {
			t.Fatalf("%d are said to be left of %d", left, 10_000-done)
		}
		if done == 10_000 {
			if sweeps != 2 {
				t.Errorf("%d sweeps", sweeps)
			}
			break
		}
	}
	if left := m.stale(nil); len(left) != 0 {
		t.Errorf("%d are stale after all", len(left))
	}
	at = at.Add(roundEvery)
	m.rounds.next(at)
	if left := m.stale(nil); len(left) != len(listings) {
		t.Errorf("the next round goes through %d of %d", len(left), len(listings))
	}
}

func TestWhatWasMissedAndHasNoPlaceInASweepIsStillMissed(t *testing.T) {
	_, _, listings := synthetic(t, 43, 6_000)
	at := now
	m := marketOf(t, listings, &at)
	var lost []uuid.UUID
	for i := range listings {
		lost = append(lost, listings[i].ID)
	}
	first := m.choose(lost)[wasMissed]
	_, rest := m.missed.take()
	all := slices.Concat(first, rest)
	slices.SortFunc(all, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if len(first) != sweepMost || len(slices.Compact(all)) != len(listings) {
		t.Errorf("%d are refreshed, %d are left", len(first), len(rest))
	}
}

func TestAPanicIsAnErrorThatTheNextSweepMakesUpFor(t *testing.T) {
	_, _, listings := synthetic(t, 45, 50)
	at := now
	m := marketOf(t, listings, &at) // without a database: whatever asks one panics
	for range 2 {                   // the first one keeps no lock
		m.Hear([]events.Event{{Kind: events.ListingsPublished, Tenant: listings[0].Tenant},
			{Kind: events.AppointmentHeld, Tenant: listings[0].Tenant,
				Data: fmt.Appendf(nil, `{"resource": %q}`, listings[0].ID)}})
		if err := m.ApplyHeard(t.Context()); err == nil || !strings.Contains(err.Error(), "panic") {
			t.Fatal("the control: nothing panicked:", err)
		}
		tenants, lost := m.missed.take()
		if !slices.Equal(tenants, ids(listings[0].Tenant)) || !slices.Equal(lost, ids(listings[0].ID)) {
			t.Errorf("missed are %v, %v", tenants, lost)
		}
	}
}

func TestWhatIsOtherwiseIsNotWhatTimeHasMadeSo(t *testing.T) {
	_, _, listings := synthetic(t, 44, 1)
	at := now
	m := marketOf(t, listings, &at)
	hour := func(h int) int64 { return time.Date(2026, 11, 23, h, 0, 0, 0, newYork).Unix() }
	was := Availability{Listing: listings[0].ID, BaseDay: today, NextAt: hour(11), Parts: [DaysKnown]uint8{3, 7, 7}}
	for name, c := range map[string]struct {
		at    time.Time
		is    Availability
		wrong bool
	}{
		"nothing has changed":      {now, was, false},
		"the next one was taken":   {now, Availability{NextAt: hour(12), Parts: [DaysKnown]uint8{3, 7, 7}}, true},
		"an earlier one was freed": {now, Availability{NextAt: hour(11) - 1200, Parts: was.Parts}, true},
		"the next one has passed":  {now.Add(time.Hour), Availability{NextAt: hour(12), Parts: was.Parts}, false},
		"the morning has passed": {now.Add(3 * time.Hour), Availability{NextAt: hour(15), Parts: [DaysKnown]uint8{2, 7, 7}},
			false},
		"tomorrow's evening was taken": {now, Availability{NextAt: hour(11), Parts: [DaysKnown]uint8{3, 3, 7}}, true},
		"this evening was freed":       {now, Availability{NextAt: hour(11), Parts: [DaysKnown]uint8{7, 7, 7}}, true},
		"another day":                  {now, Availability{BaseDay: 1, NextAt: hour(40)}, false},
	} {
		at = c.at
		c.is.Listing, c.is.BaseDay = was.Listing, c.is.BaseDay+today
		if name == "nothing has changed" {
			c.is.BaseDay = today
		}
		if m.otherwise(was, c.is) != c.wrong {
			t.Errorf("%s: not counted rightly", name)
		}
	}
}
