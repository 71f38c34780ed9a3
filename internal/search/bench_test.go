package search

import (
	"context"
	"sync"
	"testing"
	"time"
)

// region is the synthetic region of 100,000 listings.
var region sync.Map

func region100k(t testing.TB) *Index {
	ix, _ := region.LoadOrStore("ix", sync.OnceValue(func() *Index {
		reasons, payers, listings := synthetic(t, 1, 100_000)
		return Build(reasons, testZIPCodes, payers, listings)
	}))
	return ix.(func() *Index)()
}

// questions: couples counselling has about a thousand listings, which is typical.
var questions = []struct{ name, query string }{
	{"typical", "reason=couples+counselling&near=02906"},
	{"typical, filtered", "reason=couples+counselling&near=02906&within=25&payer=PAY01&language=es&access=step_free&time=am"},
	{"the most common reason", "reason=new+patient+visit&near=02906&within=50"},
	{"three reasons", "reason=pt&near=02906"},
	{"nothing found", "reason=couples+counselling&near=02906&price=25"},
}

func BenchmarkSearch(b *testing.B) {
	ix := region100k(b)
	for _, q := range questions {
		b.Run(q.name, func(b *testing.B) {
			w := ix.Normalize(parse(b, q.query), now).Query
			b.ReportMetric(float64(ix.lexicon.listings[ix.lexicon.byCode[w.Reasons[0]]]), "listings")
			b.ReportAllocs()
			for b.Loop() {
				ix.Search(w, now)
			}
		})
	}
}

func BenchmarkCachedSearch(b *testing.B) {
	ix := region100k(b)
	l := live(b, ix, time.Minute)
	w := ix.Normalize(parse(b, questions[0].query), now).Query
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Search(context.Background(), w, now); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNormalize(b *testing.B) {
	ix := region100k(b)
	for name, query := range map[string]string{"exact": "reason=couples+counselling&near=02906",
		"typo, corrected and counted": "reason=dermatolgoist+vist&near=02906", "lexicon only": "reason=qqzzxxwwvv",
		"a name that nobody has": "reason=dr+haddad&near=02906", "a phrase that asks": "reason=vaccine&near=02906"} {
		q := parse(b, query)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ix.Normalize(q, now)
			}
		})
	}
}

func BenchmarkSuggest(b *testing.B) {
	ix := region100k(b)
	for _, typed := range []string{"m", "derm", "blood t"} {
		b.Run(typed, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ix.Suggest(typed, 8)
			}
		})
	}
}

func BenchmarkWithAvailability(b *testing.B) {
	ix := region100k(b)
	changes := []Availability{{Listing: testID(1, 5*7919), BaseDay: today}}
	b.ReportAllocs()
	for b.Loop() {
		ix.WithAvailability(changes)
	}
}

func BenchmarkBuild(b *testing.B) {
	reasons, payers, listings := synthetic(b, 1, 100_000)
	for b.Loop() {
		Build(reasons, testZIPCodes, payers, listings)
	}
}

// TestAllocations gates what a query may allocate: the answer, and nothing that grows with the market.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("allocations are counted in the run without the race detector")
	}
	for _, n := range []int{2_000, 20_000} {
		ix, _ := market(t, 1, n)
		gate := func(name string, most float64, f func()) {
			f()
			if got := testing.AllocsPerRun(200, f); got > most {
				t.Errorf("%d listings, %s: %.1f allocations, at most %.0f", n, name, got, most)
			}
		}
		w := read(t, ix, "reason=new+patient+visit&near=02906").Query
		filtered := read(t, ix, "reason=new+patient+visit&near=02906&within=50&payer=PAY01&language=es").Query
		if p := ix.Search(filtered, now); p.Locations == 0 {
			t.Fatal("nothing found")
		}
		gate("a search with facets", 4, func() { ix.Search(w, now) })
		gate("a filtered search with facets", 4, func() { ix.Search(filtered, now) })
		gate("a count", 1, func() { ix.Count(filtered, now) })
		gate("suggestions", 3, func() { ix.Suggest("blood", 8) })
		gate("suggestions of what may name a place or a day", 40, func() { ix.Suggest("blood t", 8) })
		gate("a key", 2, func() { w.Key() })
	}
}
