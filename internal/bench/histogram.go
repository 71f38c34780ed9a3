package bench

import (
	"math/bits"
	"time"
)

// fine is how many buckets each doubling has: a value is known to one part in 128.
const fine = 128

// Histogram counts durations in buckets that grow with the value, so that a second and a microsecond are known equally
// well.
type Histogram struct {
	counts [58 * fine]uint64
	total  uint64
	most   time.Duration
}

// Add counts one duration; less than nothing counts as nothing.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.total++
	h.most = max(h.most, d)
}

// Merge adds what another histogram has counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
	h.most = max(h.most, o.most)
}

// Count is how many durations were added.
func (h *Histogram) Count() uint64 { return h.total }

// Max is the longest, exactly.
func (h *Histogram) Max() time.Duration { return h.most }

// Quantile is the duration that a share q of all stays within, rounded up to its bucket's end; 0 if there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := max(uint64(q*float64(h.total)+0.999999), 1)
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return min(time.Duration(end(i)), h.most)
		}
	}
	return h.most
}

// bucket is where a value is counted: below fine each value has its own, above it each doubling is cut into fine parts.
func bucket(v uint64) int {
	if v < fine {
		return int(v)
	}
	shift := bits.Len64(v) - bits.Len64(fine)
	return shift*fine + int(v>>shift)
}

// end is the largest value of a bucket.
func end(i int) uint64 {
	if i < 2*fine {
		return uint64(i)
	}
	shift := i/fine - 1
	return (uint64(i-shift*fine)+1)<<shift - 1
}
