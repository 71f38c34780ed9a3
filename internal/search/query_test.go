package search

import (
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
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
func randomQuery(d dice, reasons []Reason, payers []Payer) url.Values {
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
	set(0.85, "near", "02906", "Providence, RI", "02906", "Pawtucket", "Warwick 02886", "Fall River", "Newport", "Springfield, MA")
	set(0.5, "within", "5", "10", "25", "50")
	set(0.4, "from", "today", "tomorrow", (today + 5).String(), (today + 12).String(), (today + 21).String())
	set(0.2, "time", "am", "pm", "eve")
	set(0.1, "kind", KindClinic, KindHomeCare)
	set(0.06, "kind", KindLaboratory)
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
		if !slices.Equal(a, b) {
			t.Errorf("facet %s\n got %v\nwant %v", g.Type().Field(i).Name, a, b)
		}
	}
}

func TestFiltersFacetsAndOrderAgreeWithALinearReference(t *testing.T) {
	found, empty := 0, 0
	for seed := range uint64(6) {
		reasons, payers, listings := synthetic(t, seed, 1500)
		ix := Build(reasons, testPlaces, payers, slices.Clone(listings))
		o := oracle{listings, payers}
		d := roll(100 + seed)
		for range 50 {
			q := randomQuery(d, reasons, payers)
			at := now.Add(time.Duration(d.IntN(14*60)) * time.Minute)
			r := ix.Normalise(q, at)
			if !r.Ready {
				t.Fatalf("%s is not understood: %v", q.Encode(), r.Problems)
			}
			w := r.Wish
			if d.chance(0.3) {
				w = w.For([]uuid.UUID{testID(2, d.IntN(4)), testID(2, 0)})
			}
			page := ix.Search(w, at)
			hits, places := o.search(w, at)
			if page.Total != len(hits) || page.Places != places {
				t.Errorf("%s: %d results at %d places, reference %d at %d", q.Encode(), page.Total, page.Places, len(hits), places)
			}
			compareHits(t, &page, hits)
			sameFacets(t, page.Facets, o.facets(w, at, chosenToo(ix.layout.languages, w.Languages), chosenToo(ix.layout.access, w.Access)))
			if results, n := ix.Count(w, at); results != page.Total || n != page.Places {
				t.Errorf("%s: Count says %d at %d, Search %d at %d", q.Encode(), results, n, page.Total, page.Places)
			}
			compareSoonest(t, &o, &page, hits, at)
			if page.Total > 0 {
				found++
			} else {
				empty++
			}
			if t.Failed() {
				t.Fatalf("seed %d, %s, at %s", seed, q.Encode(), at)
			}
		}
	}
	if found < 100 || empty < 50 {
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
	n := min(len(want), page.Wish.Page*PageSize)
	if len(page.Hits) != n {
		t.Fatalf("%d hits, want %d", len(page.Hits), n)
	}
	for i, h := range page.Hits {
		if math.Abs(h.Score-want[i].score) > 1e-9 {
			t.Errorf("hit %d has score %.12f, reference %.12f", i, h.Score, want[i].score)
		}
		if h.Listing.ID != want[i].listing.ID {
			t.Errorf("hit %d is %s, reference %s (scores %.15f, %.15f)", i, h.Listing.ID, want[i].listing.ID, h.Score, want[i].score)
		}
	}
}

func compareSoonest(t *testing.T, o *oracle, page *Page, hits []oracleHit, at time.Time) {
	t.Helper()
	best := 1 << 20
	for _, h := range hits {
		day, part, _ := o.firstFree(h.listing, page.Wish, at)
		best = min(best, day*3+part)
	}
	if len(hits) == 0 {
		if page.Soonest.Listing != nil {
			t.Error("a soonest time without results")
		}
		return
	}
	if page.Soonest.Day != page.From+Day(best/3) || page.Soonest.Part != partsInOrder[best%3] {
		t.Errorf("soonest %s %s, reference slot %d", page.Soonest.Day, page.Soonest.Part, best)
	}
	if s := page.Soonest; s.At != 0 && (s.At < at.Unix() || DayOf(time.Unix(s.At, 0).In(newYork)) != s.Day) {
		t.Errorf("soonest at %d is not on %s or has passed", s.At, s.Day)
	}
}

func TestTheOracleNoticesABrokenFilter(t *testing.T) {
	reasons, payers, listings := synthetic(t, 1, 1500)
	ix := Build(reasons, testPlaces, payers, slices.Clone(listings))
	o := oracle{listings, payers}
	w := read(t, ix, "reason=new+patient+visit&near=02906&within=50").Wish
	broken := w
	broken.Within = 5 // as if the radius were read wrongly
	page := ix.Search(broken, now)
	if hits, _ := o.search(w, now); page.Total == len(hits) {
		t.Fatalf("both find %d: the comparison cannot fail", page.Total)
	}
}

func TestPagesContinueEachOther(t *testing.T) {
	ix, _ := market(t, 3, 4000)
	w := read(t, ix, "reason=new+patient+visit&near=02906&within=50").Wish
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
			if n < MaxPage && len(seen) != page.Total {
				t.Fatalf("%d of %d shown and no more offered", len(seen), page.Total)
			}
			break
		}
	}
	slices.SortFunc(seen, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if len(slices.Compact(seen)) != len(seen) || len(seen) < 20 {
		t.Fatalf("%d results, some twice", len(seen))
	}
}

// one is a market of a single kind of listing, changed by hand.
func one(t *testing.T, change ...func(*Listing)) *Index {
	var listings []Listing
	for i, c := range change {
		l := Listing{
			ID: testID(1, i), Tenant: testID(2, i), LocationID: testID(3, i), OrgName: "O" + strconv.Itoa(i), Kind: KindClinic, Reason: "C09", Zone: "America/New_York",
			Lat: 41.84, Lon: -71.39, AcceptsNew: true, PriceCents: 10000, Rating: 4.5, Ratings: 50, ResponseMinutes: 60,
		}
		l.Availability = Availability{Listing: l.ID, BaseDay: today}
		l.Availability.Parts[1] = 7
		c(&l)
		listings = append(listings, l)
	}
	return Build(testReasons(t), testPlaces, testPayers(t), listings)
}

func names(p Page) (list []string) {
	for _, h := range p.Hits {
		list = append(list, h.Listing.OrgName)
	}
	return list
}

func TestRulesOfFiltering(t *testing.T) {
	plain := func(*Listing) {}
	tests := []struct {
		name, query string
		change      func(*Listing)
		known, want bool
	}{
		{"an ordinary listing", "reason=skin+check&near=02906", plain, false, true},
		{"1.1 another reason", "reason=eye+exam&near=02906", plain, false, false},
		{"1.3 insurance refused", "payer=PAY01", func(l *Listing) { l.PayersRefused = []string{"PAY01"} }, false, false},
		{"1.3 insurance not stated stays", "payer=PAY01", plain, false, true},
		{"1.3 insurance in both lists counts as refused", "payer=PAY01", func(l *Listing) { l.PayersRefused, l.PayersAccepted = []string{"PAY01"}, []string{"PAY01"} }, false, false},
		{"1.4 a clinic beyond the radius", "near=Newport&within=5", plain, false, false},
		{"1.4 a clinic's area does not stretch the radius", "near=Newport&within=5", func(l *Listing) { l.AreaKm = 100 }, false, false},
		{"1.4 home care comes into its area whatever the radius", "near=Newport&within=5", func(l *Listing) { l.Kind, l.AreaKm = KindHomeCare, 100 }, false, true},
		{"1.4 home care does not leave its area", "near=Newport&within=50", func(l *Listing) { l.Kind, l.AreaKm = KindHomeCare, 10 }, false, false},
		{"1.4 no place given, no distance asked", "", func(l *Listing) { l.Lat = 10 }, false, true},
		{"1.6 video where licensed, however far", "near=Newport&within=5&telehealth=1", func(l *Listing) { l.Telehealth, l.TelehealthStates = true, []string{"RI"} }, false, true},
		{"1.6 video without a license here", "near=02906&telehealth=1", func(l *Listing) { l.Telehealth, l.TelehealthStates = true, []string{"MA"} }, false, false},
		{"1.6 licensed but sees nobody by video", "near=02906&telehealth=1", func(l *Listing) { l.TelehealthStates = []string{"RI"} }, false, false},
		{"1.6 a language through an interpreter", "language=es", func(l *Listing) { l.Interpreted = []string{"es"} }, false, true},
		{"1.6 a language not spoken", "language=es", func(l *Listing) { l.Languages = []string{"en"} }, false, false},
		{"1.6 a team has no gender", "gender=female", plain, false, false},
		{"1.7 one of two access needs", "access=asl&access=step_free", func(l *Listing) { l.Access = []string{"asl"} }, false, false},
		{"1.7 both access needs", "access=asl&access=step_free", func(l *Listing) { l.Access = []string{"asl", "step_free"} }, false, true},
		{"1.8 no new patients", "", func(l *Listing) { l.AcceptsNew = false }, false, false},
		{"1.8 no new patients, but this one has been here", "", func(l *Listing) { l.AcceptsNew = false }, true, true},
		{"a price not stated is under no limit", "price=500", func(l *Listing) { l.PriceCents = 0 }, false, false},
		{"a price at the limit", "price=100", plain, false, true},
		{"no free time at all", "", func(l *Listing) { l.Availability.Parts[1] = 0 }, false, false},
		{"free only after the week asked for", "", func(l *Listing) { l.Availability.Parts[1], l.Availability.Parts[7] = 0, 7 }, false, false},
		{"free on the seventh day", "", func(l *Listing) { l.Availability.Parts[1], l.Availability.Parts[6] = 0, 7 }, false, true},
		{"this morning's first part has begun", "", func(l *Listing) { l.Availability.Parts[0], l.Availability.Parts[1] = 1, 0 }, false, true},
		{"a summary from yesterday still tells today", "", func(l *Listing) { l.Availability.BaseDay--; l.Availability.Parts[1] = 4 }, false, true},
		{"yesterday's times are gone", "", func(l *Listing) { l.Availability.BaseDay -= 2 }, false, false},
		{"free in the evening only, asked for the morning", "time=am", func(l *Listing) { l.Availability.Parts[1] = 4 }, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ix := one(t, test.change)
			q := parse(t, test.query)
			if !q.Has("reason") {
				q.Set("reason", "skin check")
			}
			r := ix.Normalise(q, now)
			if !r.Ready {
				t.Fatalf("not understood: %v", r.Problems)
			}
			if test.known {
				r.Wish = r.Wish.For([]uuid.UUID{testID(2, 0)})
			}
			if got := ix.Search(r.Wish, now).Total == 1; got != test.want {
				t.Errorf("found: %v", got)
			}
		})
	}
}

func TestWhatHasPassedTodayIsNotOffered(t *testing.T) {
	ix := one(t, func(l *Listing) { l.Availability.Parts = [DaysKnown]uint8{1} })
	w := read(t, ix, "reason=skin+check").Wish
	if n, _ := ix.Count(w, now); n != 1 {
		t.Error("a morning time is not offered in the morning")
	}
	if n, _ := ix.Count(w, now.Add(2*time.Hour)); n != 0 {
		t.Error("a morning time is still offered after noon")
	}
}

func TestEachListingCountsInItsOwnZone(t *testing.T) {
	morning := func(zone string) *Index {
		return one(t, func(l *Listing) { l.Zone, l.Availability.Parts = zone, [DaysKnown]uint8{1} })
	}
	early := time.Date(2026, 11, 23, 12, 30, 0, 0, newYork) // 9:30 in Los Angeles
	for zone, want := range map[string]int{"America/New_York": 0, "America/Los_Angeles": 1} {
		ix := morning(zone)
		if n, _ := ix.Count(read(t, ix, "reason=skin+check").Wish, early); n != want {
			t.Errorf("%s: %d, want %d", zone, n, want)
		}
	}
}

func TestNewAvailabilityShowsInTheNewSnapshotOnly(t *testing.T) {
	ix := one(t, func(*Listing) {}, func(*Listing) {})
	w := read(t, ix, "reason=skin+check&from=tomorrow").Wish
	next := ix.WithAvailability([]Availability{{Listing: testID(1, 0), BaseDay: today}, {Listing: testID(9, 9), BaseDay: today}})
	if n, _ := ix.Count(w, now); n != 2 {
		t.Errorf("the old snapshot has %d", n)
	}
	if got := names(next.Search(w, now)); !slices.Equal(got, []string{"O1"}) {
		t.Errorf("the new snapshot has %v", got)
	}
	if back := next.availability(testID(1, 1)); back.Parts[1] != 7 || back.BaseDay != today {
		t.Errorf("a listing that did not change has %v", back)
	}
}
