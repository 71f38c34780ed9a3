package bench

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestAQuantileIsRightToOnePartIn128(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	var h Histogram
	var all []time.Duration
	for range 50_000 {
		d := time.Duration(math.Exp(dice.NormFloat64()*3 + 12)) // nanoseconds to minutes
		h.Add(d)
		all = append(all, d)
	}
	slices.Sort(all)
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[int(math.Ceil(q*float64(len(all))))-1]
		if got := h.Quantile(q); got < want || float64(got) > float64(want)*(1+1.0/fine)+1 {
			t.Errorf("quantile %v is %v, the sorted list says %v", q, got, want)
		}
	}
	if h.Max() != all[len(all)-1] || h.Quantile(1) != h.Max() || h.Count() != 50_000 {
		t.Errorf("the longest is %v of %d, not %v", h.Max(), h.Count(), all[len(all)-1])
	}
}

func TestEachValueLiesInItsBucket(t *testing.T) {
	values := []uint64{0, 1, 127, 128, 255, 256, 257, 511, 512, 1<<20 - 1, 1 << 20, 1<<63 - 1}
	for _, v := range values {
		i := bucket(v)
		if end(i) < v || i > 0 && end(i-1) >= v {
			t.Errorf("%d is counted in bucket %d, which is %d to %d", v, i, end(i-1)+1, end(i))
		}
	}
}

func TestMergedHistogramsCountTogether(t *testing.T) {
	var a, b Histogram
	a.Add(time.Millisecond)
	b.Add(3 * time.Millisecond)
	b.Add(-time.Second) // a clock that was set back
	a.Merge(&b)
	if a.Count() != 3 || a.Max() != 3*time.Millisecond || a.Quantile(0.3) != 0 {
		t.Errorf("%d counted, longest %v, shortest %v", a.Count(), a.Max(), a.Quantile(0.3))
	}
	if (&Histogram{}).Quantile(0.5) != 0 {
		t.Error("nothing has a median")
	}
}

func TestMedianAndSpreadOfRounds(t *testing.T) {
	for _, c := range []struct {
		rounds         Series
		median, spread float64
	}{
		{Series{5, 1, 3, 2, 4}, 3, 2.0 / 3},
		{Series{10, 10, 10, 10, 90}, 10, 0}, // one round on a busy machine does not decide
		{Series{10, 10, 10, 90, 90}, 10, 8}, // two do
		{Series{2, 4}, 3, 1.0 / 3},
		{Series{7}, 7, 0},
		{nil, 0, 0},
	} {
		if m, s := c.rounds.Median(), c.rounds.Spread(); math.Abs(m-c.median) > 1e-9 || math.Abs(s-c.spread) > 1e-9 {
			t.Errorf("%v: median %v spread %v, want %v and %v", c.rounds, m, s, c.median, c.spread)
		}
	}
}

func TestRatiosPairTheRounds(t *testing.T) {
	got := Ratios(Series{10, 20, 30}, Series{20, 20, 0})
	if !slices.Equal(got, Series{0.5, 1}) {
		t.Errorf("ratios are %v", got)
	}
}

func TestAFloorIsMetMissedOrNotToBeTold(t *testing.T) {
	least, most := goal{60, 80, false}, goal{20, 5, true}
	for _, c := range []struct {
		f    Figure
		want Result
	}{
		{figure("", "%", Series{61, 60, 62, 61, 60}, least, ""), Met},
		{figure("", "%", Series{81, 80, 82, 81, 80}, least, ""), Aimed},
		{figure("", "%", Series{50, 59, 58, 57, 59}, least, ""), Missed},
		{figure("", "%", Series{40, 100, 70, 90, 61}, least, ""), Spread},
		{figure("", "us", Series{40, 100, 70, 90, 61}, goal{floor: 20}, ""), Met}, // every round far beyond the floor
		{figure("", "us", Series{100, 160, 101, 220, 99}, goal{1000, 10, true}, ""), Met},
		{figure("", "us", Series{19}, most, ""), Met},
		{figure("", "us", Series{21}, most, ""), Missed},
		{figure("", "us", Series{4}, most, ""), Aimed},
		{figure("", "/s", Series{1, 100}, more, ""), Told},
		{figure("", "/s", Series{1, 100}, more, "").amid(Series{0.5}), Told},
		{figure("", "%", Series{61, 60, 62, 61, 60}, least, "").amid(Series{0.02, 0.3, 0.04}), Met},
		{figure("", "%", Series{61, 60, 62, 61, 60}, least, "").amid(Series{0.12, 0.3, 0.04}), Foreign},
		{figure("", "%", Series{50, 50, 50, 50, 50}, least, "").amid(Series{0.12, 0.3, 0.04}), Foreign},
		{figure("", "%", Series{161, 160, 162}, least, "").amid(Series{0.12, 0.3, 0.04}), Aimed}, // not even so
		{exact("", "", 0, 0, ""), Met},
		{exact("", "", 1, 0, ""), Missed},
	} {
		if c.f.Result != c.want {
			t.Errorf("%v against %v is %q, want %q", c.f.Rounds, c.f.Floor, c.f.Result, c.want)
		}
		bad := c.want == Missed || c.want == Spread || c.want == Foreign
		if (Report{Figures: []Figure{c.f}}).Err() != nil != bad {
			t.Errorf("a figure that is %q decides the check wrongly", c.want)
		}
	}
}
