package booking

import (
	"math"
	"slices"

	"kindward/internal/civil"
)

// Range is a stretch of time in Unix seconds, [Start, End): a claim with its buffers.
type Range struct{ Start, End int64 }

// Overlaps reports whether the two have an instant in common.
func (r Range) Overlaps(o Range) bool {
	return max(r.Start, o.Start) < min(r.End, o.End)
}

// Pool holds what each resource of an offering already has to do, in the order of the offering's resources, each
// sorted by Start. One practitioner is a pool of one, Pool{busy}. A pool of none has no times.
type Pool [][]Range

// Free appends to dst which resources could take the claim.
func (pool Pool) Free(dst []int, claim Range) []int {
	for i, busy := range pool {
		if !slices.ContainsFunc(busy, claim.Overlaps) {
			dst = append(dst, i)
		}
	}
	return dst
}

// Claim is the range a visit that starts at start takes from its resource, buffers included.
func (p *Schedule) Claim(start int64) Range {
	return Range{start - int64(p.BeforeMinutes)*60, start + int64(p.VisitMinutes+p.AfterMinutes)*60}
}

// Span covers the claims of all visits on the dates from..to: what the busy ranges of a Pool must reach over.
func (p *Schedule) Span(from, to civil.Date) Range {
	// A clock set back over midnight returns to a date after the next one has begun, but never for a whole day.
	return Range{
		p.Claim(from.Start(p.loc).Unix()).Start,
		p.Claim(to.AddDays(1).Start(p.loc).Unix()).End + daySeconds,
	}
}

// CancelUntil is the last instant at which a patient may cancel a visit.
func (p *Schedule) CancelUntil(start int64) int64 { return start - int64(p.CancelCutoffMinutes)*60 }

// MoveUntil is the last instant at which a patient may reschedule a visit.
func (p *Schedule) MoveUntil(start int64) int64 { return start - int64(p.MoveCutoffMinutes)*60 }

// Times appends to dst the free starts on the local dates from..to, both included, in ascending order: those on the
// grid of the hours, inside the rules at now, and with at least one resource of the pool free for the whole claim.
// It allocates nothing if dst has room for the free starts and one more day's grid.
func (p *Schedule) Times(dst []int64, from, to civil.Date, pool Pool, now int64) []int64 {
	var few [8]sweep
	w := newWalk(p, pool, few[:0], now)
	first, last := w.bookable(from, to)
	begin, ordered := len(dst), true
	for n := first; n <= last; n++ {
		day := len(dst)
		dst = w.free(w.starts(dst, n), day)
		ordered = ordered && (day == begin || day == len(dst) || dst[day-1] < dst[day])
	}
	if !ordered { // a clock set back over midnight returns to a date after the next one has begun
		slices.Sort(dst[begin:])
	}
	return dst
}

// Next is the soonest free start within the horizon. The pool must reach over all of it.
func (p *Schedule) Next(pool Pool, now int64) (start int64, ok bool) {
	var few [8]sweep
	var room [96]int64
	w := newWalk(p, pool, few[:0], now)
	for n := w.first; n <= w.last; n++ {
		if times := w.free(w.starts(room[:0], n), 0); len(times) > 0 {
			return times[0], true
		}
	}
	return 0, false
}

// DayState says what a date has to offer.
type DayState uint8

// The states of a date.
const (
	Open       DayState = iota // has free times
	Full                       // has times, none of them free
	Closed                     // has no times
	NotYetOpen                 // beyond the horizon, or before the offering begins
	Past                       // gone, or too soon to book any of its times
)

// String is the state as a patient reads it.
func (s DayState) String() string {
	return [...]string{"Open", "Full", "No hours", "Not yet open", "Past"}[s]
}

// Day is one date with its free starts.
type Day struct {
	Date  civil.Date
	State DayState
	Times []int64
}

// DaysBetween returns one Day for each date from..to, both included.
func (p *Schedule) DaysBetween(from, to civil.Date, pool Pool, now int64) []Day {
	n, last := int64(from.Number()), int64(to.Number())
	if n > last {
		return nil
	}
	var few [8]sweep
	w := newWalk(p, pool, few[:0], now)
	days := make([]Day, 0, last-n+1)
	room := make([]int64, 0, min(last-n+1, 35)*16)
	for ; n <= last; n++ {
		day := len(room)
		state := w.outside(n)
		if state == Open {
			room = w.starts(room, n)
			grid := room[day:]
			latest := int64(math.MinInt64)
			if len(grid) > 0 {
				latest = grid[len(grid)-1]
			}
			room = w.free(room, day)
			state = w.state(latest, len(room)-day)
		}
		days = append(days, Day{civil.DayNumber(n).Date(), state, room[day:len(room):len(room)]})
	}
	return days
}
