// Package availability says in words why times of a listing are free, and why others are not: by the slot function that
// patients, holds and searches ask too.
package availability

import (
	"fmt"
	"slices"
	"time"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

// Answer is why patients see of a day what they see.
type Answer struct {
	Verdict string
	Times   []Time
}

// Time is one start of a day's grid.
type Time struct {
	Start time.Time
	Clock string
	Free  bool
	Taken bool // nothing but what is booked or held stands against it
	Why   string
}

// Explain goes through a day.
func Explain(s *booking.Schedule, pool booking.Pool, day civil.Date, now time.Time) (a Answer) {
	grid := s.Explain(day, pool, now.Unix())
	for _, e := range grid {
		t := Time{Start: s.Local(e.Start), Clock: civil.Minute(e.Minute), Free: e.Reason == booking.Free,
			Taken: e.Reason == booking.Taken, Why: e.Reason.Sentence()}
		if t.Free {
			t.Why = freeBecause(pool, s.Claim(e.Start))
		}
		a.Times = append(a.Times, t)
	}
	a.Verdict = verdict(s, day, grid)
	return a
}

// freeBecause is why a time is offered.
func freeBecause(pool booking.Pool, claim booking.Range) string {
	if n := len(pool.Free(nil, claim)); len(pool) > 1 {
		return fmt.Sprintf("Free: %d of %d who could do it have nothing else then.", n, len(pool))
	}
	return "Free: inside the hours, with enough notice, and nothing else is then."
}

func verdict(s *booking.Schedule, day civil.Date, grid []booking.Explained) string {
	if len(grid) == 0 {
		if _, override := s.OpenOn(day); override {
			return "No time: this day is an exception, and closed."
		}
		return "No time: there are no hours on a " + day.Weekday().String() + "."
	}
	counts := map[booking.Reason]int{}
	for _, e := range grid {
		counts[e.Reason]++
	}
	if n := counts[booking.Free]; n > 0 {
		return fmt.Sprintf("%d of %s free.", n, timesAre(len(grid)))
	}
	most := slices.MaxFunc(grid, func(a, b booking.Explained) int { return counts[a.Reason] - counts[b.Reason] }).Reason
	if counts[most] == len(grid) {
		return "No time is free. " + most.Sentence()
	}
	return fmt.Sprintf("No time is free. Of %d, %d for this: %s", len(grid), counts[most], most.Sentence())
}

func timesAre(times int) string {
	if times == 1 {
		return "1 time is"
	}
	return fmt.Sprintf("%d times are", times)
}

// At is why a visit can start at a minute of a day or not, whether or not the grid has it.
func At(s *booking.Schedule, pool booking.Pool, day civil.Date, minute int16, now time.Time) string {
	start := day.At(minute, s.Location())
	if start.Hour()*60+start.Minute() != int(minute) {
		return booking.ClockChange.Sentence()
	}
	reason, claim := s.ReasonAt(start.Unix(), now.Unix()), s.Claim(start.Unix())
	switch {
	case reason != booking.Free:
		return reason.Sentence()
	case len(pool) == 0:
		return booking.NobodyAssigned.Sentence()
	case len(pool.Free(nil, claim)) == 0:
		return booking.Taken.Sentence()
	}
	return freeBecause(pool, claim)
}
