package search

import (
	"sync/atomic"

	"kindward/internal/civil"
)

// counts are a market's figures.
type counts struct{ refreshed, repaired, rebuilds, behind atomic.Int64 }

// Stats are the figures of a market since it was opened.
type Stats struct {
	Listings  int   // that searches find
	Refreshed int64 // availability that was computed
	Repaired  int64 // of these, how many a sweep found otherwise than shown, and not because time has passed
	Rebuilds  int64 // of the whole index
	Behind    int64 // stale listings that the last sweep left to the next one
}

// Stats are the figures of this moment.
func (m *Market) Stats() Stats {
	c := &m.counts
	return Stats{Listings: m.live.Index().at.size, Refreshed: c.refreshed.Load(), Repaired: c.repaired.Load(),
		Rebuilds: c.rebuilds.Load(), Behind: c.behind.Load()}
}

// repaired counts listings that a sweep found to be shown otherwise than they are. A few of them are events that were
// on their way; many say that refreshes get lost.
func (m *Market) repaired(n int) {
	if n > 0 {
		m.log.Info("search: a sweep repaired listings that were shown otherwise than they are", "listings", n,
			"all", m.counts.repaired.Add(int64(n)))
	}
}

// otherwise tells whether times were shown otherwise than they are now, and not because time has passed: on the same
// day nothing becomes free by that, and what is not free any more lies within the lead time.
func (m *Market) otherwise(was, is Availability) bool {
	if was.BaseDay != is.BaseDay {
		return false
	}
	e, ok := m.stock.Load().entries.get(is.Listing)
	if !ok {
		return false
	}
	soonest := m.now().Unix() + int64(e.offering.Schedule.LeadMinutes)*60
	if was.NextAt >= soonest && was.NextAt != is.NextAt || was.NextAt == 0 && is.NextAt != 0 {
		return true
	}
	last := civil.NumberOf(e.offering.Schedule.Local(soonest)) - is.BaseDay // of the days that time may take from
	for day := range is.Parts {
		if is.Parts[day]&^was.Parts[day] != 0 || civil.DayNumber(day) > last && was.Parts[day] != is.Parts[day] {
			return true
		}
	}
	return false
}
