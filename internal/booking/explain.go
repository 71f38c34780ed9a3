package booking

import (
	"slices"

	"kindward/internal/civil"
)

// Reason says why a time is offered or not.
type Reason string

// The reasons, in the order in which they are asked: the first that holds is the one given.
const (
	NoHours         Reason = "no_hours"         // the date has no hours
	OutsideHours    Reason = "outside_hours"    // the date's hours do not include the time
	OffGrid         Reason = "off_grid"         // between two starts
	ClockChange     Reason = "clock_change"     // the clocks skip this wall time
	DoesNotFit      Reason = "does_not_fit"     // the visit would end after closing
	AlreadyPast     Reason = "past"             // before now
	LeadTime        Reason = "lead_time"        // less notice than asked for
	BeyondHorizon   Reason = "beyond_horizon"   // the date cannot be booked yet
	OutsideValidity Reason = "outside_validity" // the credential or contract does not reach to the date
	NobodyAssigned  Reason = "nobody_assigned"  // the pool is empty
	Taken           Reason = "taken"            // every resource has something to do during the claim
	Free            Reason = "free"             // none of the above
)

var sentences = map[Reason]string{
	NoHours:         "Closed on this day.",
	OutsideHours:    "Outside the opening hours.",
	OffGrid:         "Visits do not start at this minute.",
	ClockChange:     "The clocks skip this time.",
	DoesNotFit:      "The visit would end after closing.",
	AlreadyPast:     "This time has passed.",
	LeadTime:        "Too soon: it needs more notice.",
	BeyondHorizon:   "This day is not open for booking yet.",
	OutsideValidity: "The credential or contract does not cover this day.",
	NobodyAssigned:  "No one is assigned to this service.",
	Taken:           "Everyone who could do it is busy then.",
	Free:            "Free.",
}

// Sentence is the reason as staff read it.
func (r Reason) Sentence() string { return sentences[r] }

// Explained is one time of a day's grid and why it is offered or not.
type Explained struct {
	Minute int16 // wall time, minutes since midnight
	Start  int64 // the instant; for ClockChange, when the clocks change
	Reason Reason
}

// Explain goes through every time of a date's grid in order. The Free ones are exactly those of Times.
func (p *Schedule) Explain(day civil.Date, pool Pool, now int64) []Explained {
	var few [8]sweep
	w := newWalk(p, pool, few[:0], now)
	n := int64(day.Number())
	grid := w.grid(n)
	for i := range grid {
		if e := &grid[i]; e.Reason == Free {
			e.Reason = w.rules(n, e.Start)
		}
		if e := &grid[i]; e.Reason == Free {
			e.Reason = w.busy(e.Start)
		}
	}
	return grid
}

// Offers says whether a visit can start at exactly this instant by hours and rules, without looking at what is
// busy: Free, or the reason against it. A hold asks it before it claims the time.
func (p *Schedule) ReasonAt(start, now int64) Reason {
	w := newWalk(p, nil, nil, now)
	local := p.Local(start)
	n := int64(civil.NumberOf(local))
	hours := w.hours(n)
	if len(hours) == 0 {
		return NoHours
	}
	for _, e := range w.grid(n) {
		if e.Start == start && e.Reason != ClockChange {
			if e.Reason == Free {
				return w.rules(n, start)
			}
			return e.Reason
		}
	}
	minute := int16(local.Hour()*60 + local.Minute())
	if slices.ContainsFunc(hours, func(h Window) bool { return h.From <= minute && minute < h.To }) {
		return OffGrid
	}
	return OutsideHours
}

// grid is a day's starts, Free, together with the times of its hours that are none.
func (w *walk) grid(n int64) []Explained {
	hours := w.hours(n)
	if len(hours) == 0 {
		return nil
	}
	starts := w.starts(nil, n)
	day := w.periods(nil, n)
	var grid []Explained
	for i := 0; i <= len(day); i++ {
		grid = w.skipped(grid, n, hours, day, i)
		if i == len(day) {
			break
		}
		offset := day[i].Offset
		w.eachStep(hours, func(second int64) {
			s := n*daySeconds + second - offset
			if s < day[i].From || s >= day[i].To {
				return
			}
			e := Explained{int16(second / 60), s, DoesNotFit}
			if _, ok := slices.BinarySearch(starts, s); ok {
				e.Reason = Free
			}
			grid = append(grid, e)
		})
	}
	return grid
}

// skipped appends the steps whose wall time is passed over between the day's periods i-1 and i.
func (w *walk) skipped(grid []Explained, n int64, hours []Window, day []civil.Period, i int) []Explained {
	from, to, at := int64(0), int64(daySeconds), civil.DayNumber(n).Date().Start(w.schedule.loc).Unix()
	if i > 0 {
		at = day[i-1].To
		from = at + day[i-1].Offset - n*daySeconds
	}
	if i < len(day) {
		to = day[i].From + day[i].Offset - n*daySeconds
	}
	w.eachStep(hours, func(second int64) {
		if second >= from && second < to {
			grid = append(grid, Explained{int16(second / 60), at, ClockChange})
		}
	})
	return grid
}

// eachStep calls f with each step of the hours, in seconds of wall time since midnight.
func (w *walk) eachStep(hours []Window, f func(second int64)) {
	for _, h := range hours {
		for s := int64(h.From) * 60; s < int64(h.To)*60; s += w.step {
			f(s)
		}
	}
}

// rules is why the rules refuse a start on day n, or Free.
func (w *walk) rules(n, start int64) Reason {
	switch {
	case start < w.now:
		return AlreadyPast
	case start < w.earliest:
		return LeadTime
	case n > w.today+int64(w.schedule.HorizonDays):
		return BeyondHorizon
	case n < w.validFrom, n > w.closes:
		return OutsideValidity
	}
	return Free
}

// busy is why no resource can take the start, or Free.
func (w *walk) busy(start int64) Reason {
	switch {
	case len(w.sweeps) == 0:
		return NobodyAssigned
	case !w.resource(start):
		return Taken
	}
	return Free
}
