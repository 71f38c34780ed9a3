package booking

import (
	"math"

	"kindward/internal/civil"
)

const daySeconds = 86400

// walk is one run of the slot function over days in ascending order.
type walk struct {
	schedule          *Schedule
	visit, step       int64        // seconds
	before, after     int64        // seconds
	clock             civil.Period // of the day before, most often that of the next one too
	now, earliest     int64        // earliest bookable start
	today             int64        // day number
	first, last       int64        // day numbers the rules allow at all
	sweeps            []sweep
	validFrom, closes int64 // day numbers of the validity
}

// room is where the sweeps live if the pool is small: it keeps them off the heap.
func newWalk(p *Schedule, pool Pool, room []sweep, now int64) walk {
	if p.loc == nil {
		panic("booking: Schedule used before Compile")
	}
	w := walk{
		schedule: p,
		visit:    int64(p.VisitMinutes) * 60, step: int64(p.StepMinutes) * 60,
		before: int64(p.BeforeMinutes) * 60, after: int64(p.AfterMinutes) * 60,
		clock: civil.PeriodAt(p.loc, now),
		now:   now, earliest: now + int64(p.LeadMinutes)*60,
		validFrom: math.MinInt64, closes: math.MaxInt64,
	}
	if w.step == 0 {
		w.step = w.before + w.visit + w.after
	}
	if !p.ValidFrom.IsZero() {
		w.validFrom = int64(p.ValidFrom.Number())
	}
	if !p.ValidUntil.IsZero() {
		w.closes = int64(p.ValidUntil.Number())
	}
	w.today = int64(w.clock.Day(now))
	// A clock set back may show yesterday's date again, so start a day early; earliest decides by the second.
	w.first = max(int64(w.clock.Day(w.earliest))-1, w.validFrom)
	w.last = min(w.today+int64(p.HorizonDays), w.closes)
	if len(pool) > cap(room) {
		room = make([]sweep, 0, len(pool))
	}
	for _, busy := range pool {
		room = append(room, sweep{busy: busy, until: math.MinInt64, asked: math.MinInt64})
	}
	w.sweeps = room
	return w
}

// bookable narrows the dates from..to to those the rules allow at all, as day numbers.
func (w *walk) bookable(from, to civil.Date) (first, last int64) {
	return max(int64(from.Number()), w.first), min(int64(to.Number()), w.last)
}

// hours are the windows of a day number.
func (w *walk) hours(n int64) []Window {
	if len(w.schedule.Special) > 0 {
		if hours, ok := w.schedule.Special[civil.DayNumber(n).Date()]; ok {
			return hours
		}
	}
	return w.schedule.Week[civil.DayNumber(n).Weekday()]
}

// starts appends the grid of a day: the instants whose wall time is a whole number of steps after a window's
// beginning and whose visit ends inside that window. Buffers may lie outside the hours.
func (w *walk) starts(dst []int64, n int64) []int64 {
	hours := w.hours(n)
	if len(hours) == 0 {
		return dst
	}
	midnight, plain := w.plainDay(n)
	if !plain {
		return w.changingStarts(dst, n, hours)
	}
	for _, h := range hours {
		latest := midnight + int64(h.To)*60 - w.visit
		for s := midnight + int64(h.From)*60; s <= latest; s += w.step {
			dst = append(dst, s)
		}
	}
	return dst
}

// plainDay reports when day n begins, and whether its clock is one with no change a day around: one zone lookup
// then serves for half a year.
func (w *walk) plainDay(n int64) (midnight int64, plain bool) {
	midnight = n*daySeconds - w.clock.Offset
	if coversAround(w.clock, midnight) {
		return midnight, true
	}
	w.clock = civil.PeriodAt(w.schedule.loc, midnight)
	midnight = n*daySeconds - w.clock.Offset
	return midnight, coversAround(w.clock, midnight)
}

// coversAround reports whether the offset holds for the day that begins at midnight, the one before and the one after.
func coversAround(p civil.Period, midnight int64) bool {
	return p.Covers(midnight-daySeconds, midnight+2*daySeconds)
}

// periods appends the stretches of time during which clocks show day n, in order. A day without a clock change is
// one stretch; a skipped date has none.
func (w *walk) periods(dst []civil.Period, n int64) []civil.Period {
	utc := n * daySeconds
	for t := utc - daySeconds; t < utc+2*daySeconds; {
		p := civil.PeriodAt(w.schedule.loc, t)
		from, to := max(p.From, utc-p.Offset), min(p.To, utc+daySeconds-p.Offset)
		if from < to {
			dst = append(dst, civil.Period{From: from, To: to, Offset: p.Offset})
		}
		t = p.To
	}
	return dst
}

// changingStarts is starts for days near a clock change. A wall time that is skipped has no instant; one that comes
// twice has two.
func (w *walk) changingStarts(dst []int64, n int64, hours []Window) []int64 {
	var room [4]civil.Period
	day := w.periods(room[:0], n)
	for i, p := range day {
		midnight := n*daySeconds - p.Offset
		for _, h := range hours {
			opens, closes := midnight+int64(h.From)*60, midnight+int64(h.To)*60
			if opens < p.From { // go on with the grid where this stretch begins
				opens += (p.From - opens + w.step - 1) / w.step * w.step
			}
			for s := opens; s < min(closes, p.To); s += w.step {
				if fits(day[i:], n, h, s, s+w.visit) {
					dst = append(dst, s)
				}
			}
		}
	}
	return dst
}

// fits reports whether the window is open during all of [start, end), which begins in the first of the periods.
func fits(day []civil.Period, n int64, h Window, start, end int64) bool {
	for _, p := range day {
		midnight := n*daySeconds - p.Offset
		opens, closes := max(midnight+int64(h.From)*60, p.From), min(midnight+int64(h.To)*60, p.To)
		if start < opens || start >= closes {
			return false
		}
		if end <= closes {
			return true
		}
		start = closes
	}
	return false
}

// free keeps of times[from:], in place, the starts that the rules allow and some resource has time for.
func (w *walk) free(times []int64, from int) []int64 {
	if len(w.sweeps) == 1 {
		return w.sweeps[0].keep(times, from, w.earliest, w.before, w.visit+w.after)
	}
	kept := times[:from]
	for _, s := range times[from:] {
		if s >= w.earliest && w.resource(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// resource reports whether any resource has time for the claim of start.
func (w *walk) resource(start int64) bool {
	for i := range w.sweeps {
		if w.sweeps[i].free(start-w.before, start+w.visit+w.after) {
			return true
		}
	}
	return false
}

// outside is the state of a day that the rules rule out as a whole, and Open otherwise.
func (w *walk) outside(n int64) DayState {
	switch {
	case n < w.today:
		return Past
	case n > w.today+int64(w.schedule.HorizonDays), n < w.validFrom:
		return NotYetOpen
	case n > w.closes, len(w.sweeps) == 0:
		return Closed
	}
	return Open
}

// state is that of a day by its grid's latest start and its number of free ones.
func (w *walk) state(latest int64, free int) DayState {
	switch {
	case free > 0:
		return Open
	case latest == math.MinInt64:
		return Closed
	case latest < w.earliest:
		return Past
	}
	return Full
}

// sweep goes once along a resource's busy ranges while the questions ascend in time.
type sweep struct {
	busy  []Range // by Start
	next  int     // the first not looked at
	until int64   // latest end of those looked at
	asked int64   // beginning of the last question
}

// free reports whether nothing in busy overlaps [from, to).
func (s *sweep) free(from, to int64) bool {
	if from < s.asked { // a clock was set back over midnight
		s.next, s.until = 0, math.MinInt64
	}
	s.asked = from
	for s.next < len(s.busy) && s.busy[s.next].Start < to {
		if b := s.busy[s.next]; b.Start < b.End {
			s.until = max(s.until, b.End)
		}
		s.next++
	}
	return s.until <= from
}

// keep is free for a whole day of one resource. State in registers, and a count instead of a jump on what nobody can
// predict, make a month a third cheaper.
func (s *sweep) keep(times []int64, from int, earliest, before, after int64) []int64 {
	next, until, asked, n := s.next, s.until, s.asked, from
	for _, start := range times[from:] {
		claim := start - before
		if claim < asked {
			next, until = 0, math.MinInt64
		}
		asked = claim
		for next < len(s.busy) && s.busy[next].Start < start+after {
			if b := s.busy[next]; b.Start < b.End {
				until = max(until, b.End)
			}
			next++
		}
		times[n] = start
		kept := 0
		if until <= claim {
			kept = 1
		}
		if start < earliest {
			kept = 0
		}
		n += kept
	}
	s.next, s.until, s.asked = next, until, asked
	return times[:n]
}
