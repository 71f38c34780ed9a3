package bench

import (
	"math"
	"slices"
)

// widest is the spread above which a figure is refused: the machine was not quiet enough to say anything. Room is how
// far beyond the floor every single round must be for the figure to stand all the same.
// busiest is the share of the machine that others may use.
const (
	widest  = 0.25
	room    = 2
	busiest = 0.10
)

// clear tells whether each round reaches the floor with room to spare.
func (s Series) clear(floor float64, less bool) bool {
	return len(s) > 1 && !slices.ContainsFunc(s,
		func(v float64) bool { return less && v*room > floor || !less && v < floor*room })
}

// Series are the values of one figure, one per round.
type Series []float64

// Median is the middle value, 0 if there are none.
func (s Series) Median() float64 { return s.quantile(0.5) }

// Spread is how far the middle half of the rounds lies apart, as a share of the median: one round in which the machine
// was busy with something else does not decide, two of five do.
func (s Series) Spread() float64 {
	m := s.Median()
	if m == 0 || len(s) < 2 {
		return 0
	}
	return math.Abs((s.quantile(0.75) - s.quantile(0.25)) / m)
}

// quantile lies between the two nearest values.
func (s Series) quantile(q float64) float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// Ratios divides round by round: both values of a pair were taken within seconds of each other.
func Ratios(of, by Series) Series {
	out := make(Series, 0, min(len(of), len(by)))
	for i := range min(len(of), len(by)) {
		if by[i] > 0 {
			out = append(out, of[i]/by[i])
		}
	}
	return out
}
