package search

import (
	"cmp"
	"math"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

func parse(t testing.TB, query string) url.Values {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// randomQuery is a question as a browser would send it; each filter is used now and then.
func randomQuery(d random, reasons []Reason, payers []Payer) url.Values {
	q := url.Values{}
	r := reasons[d.IntN(len(reasons))]
	if d.chance(0.7) {
		r = reasons[[]int{0, 43, 81}[d.IntN(3)]+d.IntN(5)] // the common ones of each kind
	}
	q.Set("reason", pick(d, append([]string{r.Name, r.Name, r.Name, r.Code}, r.Synonyms...)))
	set := func(p float64, name string, values ...string) {
		if d.chance(p) {
			q.Add(name, pick(d, values))
		}
	}
	set(0.85, "near", "02906", "Providence, RI", "02906", "Pawtucket", "Warwick 02886", "Fall River", "Newport",
		"Springfield, MA")
	set(0.5, "within", "5", "10", "25", "50")
	set(0.4, "from", "today", "tomorrow", (today + 5).String(), (today + 12).String(), (today + 21).String())
	set(0.2, "time", "am", "pm", "eve")
	set(0.1, "kind", KindClinic, KindHomeCare)
	set(0.06, "kind", KindLaboratory)
	set(0.25, "age", "child", "adult", "7", "any")
	set(0.3, "payer", payers[d.IntN(len(payers))].ID)
	set(0.12, "price", "25", "50", "130", "200", "999")
	if q.Get("near") != "" {
		set(0.08, "telehealth", "1")
	}
	set(0.12, "language", "es", "pt", "ar", "sw")
	set(0.1, "language", "vi", "ht")
	set(0.12, "gender", "female", "male", "nonbinary")
	set(0.1, "access", "step_free", "asl", "hearing_loop")
	set(0.1, "access", "parking", "transit")
	set(0.2, "page", "2", "3", "20")
	return q
}

func sameFacets(t *testing.T, got, want Facets) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		a, b := g.Field(i).Interface().([]Choice), w.Field(i).Interface().([]Choice)
		if len(a)+len(b) > 0 && !slices.Equal(a, b) {
			t.Errorf("facet %s\n got %v\nwant %v", g.Type().Field(i).Name, a, b)
		}
	}
}

func TestFiltersFacetsAndOrderAgreeWithALinearReference(t *testing.T) {
	found, empty, seeds := 0, 0, uint64(6)
	if raceDetector {
		seeds = 2 // nothing here runs at the same time
	}
	for seed := range seeds {
		reasons, payers, listings := synthetic(t, seed, 1500)
		ix := Build(reasons, testZIPCodes, payers, slices.Clone(listings))
		o := oracle{listings, payers}
		d := roll(100 + seed)
		for range 50 {
			q := randomQuery(d, reasons, payers)
			at := now.Add(time.Duration(d.IntN(14*60)) * time.Minute)
			r := ix.Normalize(q, at)
			if !r.Ready {
				t.Fatalf("%s is not understood: %v", q.Encode(), r.Problems)
			}
			w := r.Query
			if d.chance(0.3) {
				w = w.For([]uuid.UUID{testID(2, d.IntN(4)), testID(2, 0)})
			}
			page := ix.Search(w, at)
			hits, places := o.search(w, at)
			if page.Locations != places {
				t.Errorf("%s: %d places, reference %d", q.Encode(), page.Locations, places)
			}
			compareHits(t, &page, hits)
			sameFacets(t, page.Facets, o.facets(w, at, chosenToo(ix.layout.languages, w.Languages),
				chosenToo(ix.layout.access, w.Access)))
			if n := ix.Count(w, at); n != page.Locations {
				t.Errorf("%s: Count says %d, Search %d", q.Encode(), n, page.Locations)
			}
			compareSoonest(t, &o, &page, hits, at)
			if page.Locations > 0 {
				found++
			} else {
				empty++
			}
			if t.Failed() {
				t.Fatalf("seed %d, %s, at %s", seed, q.Encode(), at)
			}
		}
	}
	if found < 15*int(seeds) || empty < 5*int(seeds) {
		t.Errorf("%d answers with results and %d without prove little", found, empty)
	}
}

// chosenToo adds the chosen codes that no listing has.
func chosenToo(known, chosen []string) []string {
	all := slices.Clone(known)
	for _, code := range chosen {
		if !has(known, code) {
			all = append(all, code)
		}
	}
	return all
}

func compareHits(t *testing.T, page *Page, want []oracleHit) {
	t.Helper()
	want, others := byPlace(want)
	n := min(len(want), page.Query.Page*PageSize)
	if len(page.Hits) != n {
		t.Fatalf("%d hits, want %d", len(page.Hits), n)
	}
	for i, h := range page.Hits {
		if math.Abs(h.Score-want[i].score) > 1e-9 {
			t.Errorf("hit %d has score %.12f, reference %.12f", i, h.Score, want[i].score)
		}
		if h.Listing.ID != want[i].listing.ID {
			t.Errorf("hit %d is %s, reference %s (scores %.15f, %.15f)", i, h.Listing.ID, want[i].listing.ID, h.Score,
				want[i].score)
		}
		var ids []uuid.UUID
		for _, l := range h.Others {
			ids = append(ids, l.ID)
		}
		if reference := others[h.Listing.LocationID]; !inOrder(ids, reference, OthersRanked) {
			t.Errorf("hit %d: %v at the same place, reference %v", i, ids, reference)
		}
	}
}

// inOrder reports that two lists have the same ids, the first n in the same order.
func inOrder(got, want []uuid.UUID, n int) bool {
	first := min(n, len(want))
	return len(got) == len(want) && slices.Equal(got[:first], want[:first]) && slices.Equal(sorted(got), sorted(want))
}

func sorted(all []uuid.UUID) []uuid.UUID {
	return slices.SortedFunc(slices.Values(all), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

// byPlace keeps the best of each place, and says which others there are.
func byPlace(hits []oracleHit) (best []oracleHit, others map[uuid.UUID][]uuid.UUID) {
	others = map[uuid.UUID][]uuid.UUID{}
	seen := map[uuid.UUID]bool{}
	for _, h := range hits {
		at := h.listing.LocationID
		if seen[at] {
			others[at] = append(others[at], h.listing.ID)
			continue
		}
		seen[at] = true
		best = append(best, h)
	}
	return best, others
}

func TestResultsAreSortedAsAskedAndEachPlaceStandsOnce(t *testing.T) {
	ix, _ := market(t, 3, 4000)
	w := read(t, ix, "reason=new+patient+visit&near=02906&within=50").Query
	if r := read(t, ix, "reason=mri&sort=paid"); !r.Ready || len(r.Problems) != 1 || r.Problems[0].Field != "sort" {
		t.Errorf("an unknown order: %v", r.Problems)
	}
	for sort, by := range map[Sort]func(h Hit) float64{
		BestFirst: func(h Hit) float64 { return -h.Score }, Nearest: func(h Hit) float64 { return h.Km },
		Cheapest: func(h Hit) float64 {
			if h.Listing.PriceCents == 0 {
				return math.Inf(1)
			}
			return float64(h.Listing.PriceCents)
		},
		SoonestFirst: func(h Hit) float64 { return float64(h.Day)*3 + float64(slices.Index(partsInOrder[:], h.Part)) },
	} {
		w.Sort = sort
		page := ix.Search(w, now)
		if !slices.IsSortedFunc(page.Hits, func(a, b Hit) int { return cmp.Compare(by(a), by(b)) }) || len(page.Hits) < 9 {
			t.Errorf("%q: %d results are in another order", sort, len(page.Hits))
		}
		places := map[uuid.UUID]bool{}
		for _, h := range page.Hits {
			if places[h.Listing.LocationID] {
				t.Errorf("%q: a place stands twice", sort)
			}
			places[h.Listing.LocationID] = true
		}
		if h := page.Hits[0]; sort == SoonestFirst && page.Soonest.Day != h.Day {
			t.Errorf("the soonest is on %s, the first result on %s", page.Soonest.Day, h.Day)
		}
	}
}

func compareSoonest(t *testing.T, o *oracle, page *Page, hits []oracleHit, at time.Time) {
	t.Helper()
	best, next := 1<<20, int64(0)
	for _, h := range hits {
		day, part, _ := o.firstFree(h.listing, page.Query, at)
		first := h.listing.Availability.NextAt
		local := time.Unix(first, 0).In(newYork)
		hour := map[int][2]int{0: {0, 12}, 1: {12, 17}, 2: {17, 24}}[part]
		known := first >= at.Unix() && civil.NumberOf(local) == page.From+civil.DayNumber(day) && local.Hour() >= hour[0] &&
			local.Hour() < hour[1]
		slot := day*3 + part
		if slot < best {
			best, next = slot, 0
		}
		if slot == best && known && (next == 0 || first < next) {
			next = first
		}
	}
	if len(hits) == 0 {
		if page.Soonest.Listing != nil {
			t.Error("a soonest time without results")
		}
		return
	}
	if s := page.Soonest; s.Day != page.From+civil.DayNumber(best/3) || s.Part != partsInOrder[best%3] || s.At != next {
		t.Errorf("soonest %s %s at %d, reference slot %d at %d", s.Day, s.Part, s.At, best, next)
	}
}

func TestCountsHoldForThousandsOfListings(t *testing.T) {
	reasons, payers, listings := synthetic(t, 41, 3000)
	for i := range listings {
		listings[i].Reason, listings[i].LocationID = "C09", testID(3, i) // more places than a byte counts
	}
	ix := Build(reasons, testZIPCodes, payers, slices.Clone(listings))
	o := oracle{listings, payers}
	for _, query := range []string{"", "near=02906&within=50", "near=02906&payer=PAY03&time=pm"} {
		w := read(t, ix, "reason=skin+check&"+query).Query
		page := ix.Search(w, now)
		if page.Locations < 300 {
			t.Fatalf("%d results prove little", page.Locations)
		}
		sameFacets(t, page.Facets, o.facets(w, now, ix.layout.languages, ix.layout.access))
	}
}

func TestTheOracleNoticesABrokenFilter(t *testing.T) {
	reasons, payers, listings := synthetic(t, 1, 1500)
	ix := Build(reasons, testZIPCodes, payers, slices.Clone(listings))
	o := oracle{listings, payers}
	w := read(t, ix, "reason=new+patient+visit&near=02906&within=50").Query
	broken := w
	broken.Within = 5 // as if the radius were read wrongly
	page := ix.Search(broken, now)
	if _, places := o.search(w, now); page.Locations == places {
		t.Fatalf("both find %d: the comparison cannot fail", places)
	}
}

func TestPagesContinueEachOther(t *testing.T) {
	ix, _ := market(t, 3, 4000)
	w := read(t, ix, "reason=new+patient+visit&near=02906&within=50").Query
	var seen []uuid.UUID
	for n := 1; ; n++ {
		w.Page = n
		page := ix.Search(w, now)
		for _, h := range page.Latest() {
			seen = append(seen, h.Listing.ID)
		}
		if len(page.Hits) != len(seen) {
			t.Fatalf("page %d shows %d, %d were added so far", n, len(page.Hits), len(seen))
		}
		if page.More() == 0 {
			if n < MaxPage && len(seen) != page.Locations {
				t.Fatalf("%d of %d shown and no more offered", len(seen), page.Locations)
			}
			break
		}
	}
	slices.SortFunc(seen, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if len(slices.Compact(seen)) != len(seen) || len(seen) < 20 {
		t.Fatalf("%d results, some twice", len(seen))
	}
}
