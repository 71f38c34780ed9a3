package region

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/npi"
	"kindward/internal/search"
)

// noon is the Sunday before Thanksgiving 2026 in Providence.
var noon = time.Date(2026, time.November, 22, 17, 0, 0, 0, time.UTC)

func built(t testing.TB, o Options) (*generator, []*organization) {
	t.Helper()
	o.Now = noon
	g, err := newGenerator(o)
	if err != nil {
		t.Fatal(err)
	}
	all := g.organizations()
	if err := g.build(all); err != nil {
		t.Fatal(err)
	}
	return g, all
}

// near tells whether a share of n is near what was meant, within four standard deviations and a bit for rounding.
func near(hits, n int, meant float64) bool {
	return math.Abs(float64(hits)/float64(n)-meant) < 4*math.Sqrt(meant*(1-meant)/float64(n))+0.005
}

func TestTheDefaultRegionHasWhatTheIssueAsksFor(t *testing.T) {
	for _, o := range []Options{{Seed: 1}, {Seed: 2}, {Seed: 3, Organizations: 60}, {Seed: 4, Organizations: 200}} {
		_, all := built(t, o)
		people, listings, locations := 0, 0, 0
		kinds, reasons := map[string]int{}, map[string]bool{}
		for _, x := range all {
			people, listings, locations = people+len(x.practitioners), listings+len(x.offerings), locations+len(x.locations)
			kinds[x.tenant.Kind]++
			for _, s := range x.services {
				reasons[s.ReasonCode] = true
			}
		}
		t.Logf("seed %d: %d organizations %v, %d locations, %d practitioners, %d listings, %d reasons", o.Seed, len(all),
			kinds, locations, people, listings, len(reasons))
		if n := len(all); n < 60 || people < 400*n/64 || listings < 2500*n/64 || listings > 5000*n/64 || len(reasons) != 101 {
			t.Error("not the region that was asked for")
		}
		for kind, share := range map[string]int{"clinic": 55, "laboratory": 20, "home_care": 25} {
			if off := kinds[kind] - len(all)*share/100; off < -2 || off > 2 {
				t.Errorf("%d of %d are %s", kinds[kind], len(all), kind)
			}
		}
	}
}

func TestALargerRegionBeginsWithTheSmallerOne(t *testing.T) {
	_, less := built(t, Options{Seed: 1, Organizations: 60})
	_, more := built(t, Options{Seed: 1, Organizations: 90})
	for i := range less {
		if !reflect.DeepEqual(less[i].rows, more[i].rows) || less[i].tenant != more[i].tenant {
			t.Errorf("organization %d is another: %s and %s", i, less[i].tenant.Name, more[i].tenant.Name)
		}
	}
}

func TestALargeRegionHasExactlyTheListingsAskedFor(t *testing.T) {
	_, all := built(t, Options{Seed: 1, Organizations: 1000, Listings: 100_000})
	var sizes []int
	total := 0
	npis, slugs, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, o := range all {
		total += len(o.offerings)
		if o.tenant.Kind == "clinic" && o.known == nil {
			sizes = append(sizes, len(o.offerings))
		}
		for _, p := range o.practitioners {
			if npis[p.NPI] || !npi.Valid(p.NPI) {
				t.Fatalf("NPI %s of %s", p.NPI, p.Name)
			}
			npis[p.NPI] = true
		}
		if slugs[o.tenant.Slug] || names[o.tenant.Name] {
			t.Fatalf("%s (%s) comes twice", o.tenant.Name, o.tenant.Slug)
		}
		slugs[o.tenant.Slug], names[o.tenant.Name] = true, true
	}
	slices.Sort(sizes)
	t.Logf("%d listings, %d practitioners; clinics: largest %d, median %d", total, len(npis), sizes[len(sizes)-1],
		sizes[len(sizes)/2])
	if total != 100_000 || len(all) != 1000 {
		t.Errorf("%d organizations with %d listings", len(all), total)
	}
	if top := sizes[len(sizes)-1]; top < 3000 || top > 6000 || sizes[len(sizes)/2] < 30 || sizes[len(sizes)/2] > 80 {
		t.Error("sizes are not those of the law")
	}
}

func TestOptionsThatMakeNoRegionAreRefusedInAClearLine(t *testing.T) {
	for want, o := range map[string]Options{
		"a region has 3 to 1000 organizations, not 2":    {Organizations: 2, Now: noon},
		"a region has 3 to 1000 organizations, not 1001": {Organizations: 1001, Now: noon},
		"a region has up to 100000 listings, not 100001": {Listings: 100_001, Now: noon},
		"a region needs a day to be about":               {},
	} {
		if _, err := newGenerator(o); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	g, err := newGenerator(Options{Listings: 100, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.build(g.organizations()); err == nil ||
		!regexp.MustCompile(`^64 organizations have at least \d+ listings, not 100$`).MatchString(err.Error()) {
		t.Error(err)
	}
}

func TestRowsOfARegionFitTogether(t *testing.T) {
	g, all := built(t, Options{Seed: 1, Organizations: 200})
	var people, spoken, unpriced, services, team int
	byLanguage, ratings := map[string]int{}, []float64{}
	for _, o := range all {
		locations, schedules := map[uuid.UUID]bool{}, map[uuid.UUID]schedule{}
		if n := len(o.locations); n < 1 || n > 4 {
			t.Errorf("%s has %d locations", o.tenant.Name, n)
		}
		names := map[string]bool{}
		for _, l := range o.locations {
			locations[l.ID] = true
			if names[l.Name] || !strings.HasPrefix(l.Phone, "401-555-01") || (l.AreaKm > 0) != (o.tenant.Kind == "home_care") ||
				l.AreaKm > 25 || l.AreaKm != 0 && l.AreaKm < 8 {
				t.Errorf("location %+v", l)
			}
			names[l.Name] = true
			for _, feature := range o.access {
				if !regexp.MustCompile(`^(Checked by the provider on|Confirmed by visitors, last on) 2026-\d\d-\d\d$`).MatchString(
					feature.Evidence) {
					t.Errorf("access %+v", feature)
				}
			}
			for _, code := range l.Interpreted {
				if slices.Contains(l.Languages, code) {
					t.Errorf("%s speaks %s and has it interpreted", l.Name, code)
				}
			}
		}
		for _, s := range o.schedules {
			schedules[s.ID] = s
		}
		clear(names)
		for _, p := range o.practitioners {
			people++
			if names[p.Name] {
				t.Errorf("two of %s are %s", o.tenant.Name, p.Name)
			}
			names[p.Name] = true
			if p.Languages[0] != "en" {
				t.Errorf("%s speaks %v", p.Name, p.Languages)
			}
			adults := p.AgeFrom != nil && *p.AgeFrom == search.Adult
			children := p.AgeTo != nil && *p.AgeTo <= 21
			if o.suffix != "Children's Care" && strings.HasPrefix(p.Specialty, "Adult medicine") && !adults ||
				strings.HasPrefix(p.Specialty, "Children's") && !children {
				t.Errorf("%s, %s, sees %v to %v", p.Name, p.Specialty, p.AgeFrom, p.AgeTo)
			}
			for _, code := range p.Languages {
				byLanguage[code]++
			}
			spoken += len(p.Languages)
		}
		for _, s := range o.services {
			services++
			r := g.byCode[s.ReasonCode]
			switch {
			case s.PriceCents == nil:
				unpriced++
			case *s.PriceCents%500 != 0, *s.PriceCents < int64(r.low)-250, *s.PriceCents > int64(r.high)+250:
				t.Errorf("%s of %s costs %d", s.Name, o.tenant.Name, *s.PriceCents)
			}
		}
		per := map[uuid.UUID]int{}
		for _, f := range o.offerings {
			s, there := schedules[f.ScheduleID]
			if !there || s.LocationID != f.LocationID || !locations[f.LocationID] || len(f.Resources) == 0 {
				t.Errorf("offering %+v", f)
			}
			for _, id := range f.PayersRefused {
				if slices.Contains(f.PayersAccepted, id) {
					t.Errorf("%s is both accepted and refused", id)
				}
			}
			if f.PractitionerID == nil {
				team++
				if n := len(f.Resources); n < 2 || n > 4 {
					t.Errorf("a team of %d", n)
				}
				continue
			}
			if per[*f.PractitionerID]++; per[*f.PractitionerID] > 12 {
				t.Errorf("a practitioner of %s has more than 12 offerings", o.tenant.Name)
			}
			if per[*f.PractitionerID] == 1 && f.Ratings > 0 && o.known == nil {
				ratings = append(ratings, float64(f.Rating))
			}
		}
	}
	for code, share := range map[string]float64{"en": 1, "es": .28, "pt": .12, "zh": .08, "vi": .04, "ht": .06} {
		if !near(byLanguage[code], people, share) {
			t.Errorf("%d of %d speak %s", byLanguage[code], people, code)
		}
	}
	if !near(unpriced, services, .005) {
		t.Errorf("%d of %d services have no price", unpriced, services)
	}
	slices.Sort(ratings)
	if mid, low, high := ratings[len(ratings)/2], ratings[len(ratings)/10],
		ratings[len(ratings)*9/10]; math.Abs(mid-4.34) > .06 || math.Abs(low-3.79) > .12 || math.Abs(high-4.72) > .06 {
		t.Errorf("ratings: tenth %.2f, median %.2f, ninth tenth %.2f", low, mid, high)
	}
	t.Logf("%d practitioners, %.2f languages each, %d services, %d team offerings", people,
		float64(spoken)/float64(people), services, team)
}

func TestThreeOrganizationsAreThoseOfTheDocuments(t *testing.T) {
	_, all := built(t, Options{Seed: 99, Organizations: 3})
	var got []string
	for _, o := range all {
		l := o.locations[0]
		got = append(got, fmt.Sprintf("%s %s, %s, %s %s", o.tenant.Kind, o.tenant.Slug, l.Street, l.City, l.ZIP))
		if id, there := o.serviceOf["L01"]; !there || id == uuid.Nil {
			t.Errorf("%s takes no blood", o.tenant.Name)
		}
		for _, f := range o.offerings {
			if !slices.Contains(f.PayersAccepted, largestPayer) || f.Rating != o.known.rating {
				t.Errorf("%s: %+v", o.tenant.Name, f)
			}
		}
	}
	want := []string{
		"clinic fox-point-family-clinic, 90 Ives St, Providence 02906",
		"laboratory wickenden-diagnostics, 212 Wickenden St, Providence 02903",
		"home_care blackstone-home-care, 15 Blackstone Blvd, Providence 02906",
	}
	if !slices.Equal(got, want) {
		t.Error(got)
	}
}

func TestEverybodyIsClosedOnThanksgiving(t *testing.T) {
	_, all := built(t, Options{Seed: 1})
	day := civil.Date{Year: 2026, Month: 11, Day: 26}
	for _, o := range all {
		for id, h := range o.hours {
			if windows := h.on(day); len(windows) > 0 {
				t.Errorf("%s, schedule %s: %v", o.tenant.Name, id, windows)
			}
		}
	}
}

func TestIdsAreVersion8AndTheSameForTheSameSeed(t *testing.T) {
	g, _ := newGenerator(Options{Seed: 7, Now: noon})
	other, _ := newGenerator(Options{Seed: 8, Now: noon})
	id := g.id("organization", 3)
	if id.Version() != 8 || id.Variant() != uuid.RFC4122 || id != g.id("organization", 3) ||
		id == g.id("organization", 4) || id == g.id("location", 3) || id == other.id("organization", 3) {
		t.Error(id)
	}
	if got := g.random("fixed", 1, 2).below(1_000_000_007); got != 619434430 { // the same on every machine
		t.Error(got)
	}
}
