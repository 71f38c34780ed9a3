package search

import (
	"kindward/internal/money"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func order(t *testing.T, query string, change ...func(*Listing)) []string {
	t.Helper()
	ix := one(t, change...)
	return names(ix.Search(read(t, ix, "reason=skin+check&"+query).Query, now))
}

func Test1_9WhatRanksHigher(t *testing.T) {
	plain := func(*Listing) {}
	tests := []struct {
		name, query string
		better      func(*Listing)
	}{
		{"a free time today rather than tomorrow", "", func(l *Listing) { l.Availability.Parts[0] = 4 }},
		{"the morning rather than the evening", "", func(l *Listing) { l.Availability.Parts = [DaysKnown]uint8{0, 1} }},
		{"a quick answer", "", func(l *Listing) { l.ResponseMinutes = 10 }},
		{"a better rating", "", func(l *Listing) { l.Rating = 4.9 }},
		{"the closer place", "near=Newport&within=50", func(l *Listing) { l.Lat, l.Lon = 41.5, -71.3 }},
		{"insurance accepted rather than not stated (1.3)", "payer=PAY02",
			func(l *Listing) { l.PayersAccepted = []string{"PAY02"} }},
		{"who speaks the language rather than an interpreter (1.6)", "language=es",
			func(l *Listing) { l.Languages = []string{"es"} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			worse := func(l *Listing) {
				plain(l)
				l.Interpreted = []string{"es"}
				if test.name[:11] == "the morning" {
					l.Availability.Parts = [DaysKnown]uint8{0, 4}
				}
			}
			if got := order(t, test.query, worse, test.better); !slices.Equal(got, []string{"O1", "O0"}) {
				t.Errorf("%v", got)
			}
			if got := order(t, test.query, test.better, worse); !slices.Equal(got, []string{"O0", "O1"}) {
				t.Errorf("the other way round: %v", got)
			}
		})
	}
}

func Test1_9EqualScoresAreOrderedByID(t *testing.T) {
	same := func(*Listing) {}
	if got := order(t, "", same, same, same); !slices.Equal(got, []string{"O0", "O1", "O2"}) {
		t.Errorf("%v", got)
	}
}

func Test1_9OneVisitOfFiveStarsDoesNotBeatAThousand(t *testing.T) {
	got := order(t, "", func(l *Listing) { l.Rating, l.Ratings = 5, 1 },
		func(l *Listing) { l.Rating, l.Ratings = 4.8, 1000 })
	if !slices.Equal(got, []string{"O1", "O0"}) {
		t.Errorf("%v", got)
	}
	w := CurrentWeights
	if none := w.satisfaction(0, 0); math.Abs(none-w.PriorRating/5) > 1e-12 {
		t.Errorf("without ratings %f, want the prior", none)
	}
}

// ranked are the fields of a listing that its score may depend on, directly or through a filter's fit.
var ranked = []string{"Lat", "Lon", "Kind", "AreaKm", "PayersAccepted", "PayersRefused", "Languages", "Interpreted",
	"Rating", "Ratings", "ResponseMinutes", "Availability"}

var moneyWords = regexp.MustCompile(
	`(?i)paid|pays|sponsor|boost|promot|advert|fee|commission|revenue|margin|tier|subscription|featured|premium|bid`)

// disturb gives a field another value, without making the listing unfindable.
func disturb(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1234)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(v.Float()/2 + 0.1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.ValueOf("x")))
	}
}

func scoreOf(t *testing.T, change func(*Listing)) (float64, bool) {
	ix := one(t, change)
	page := ix.Search(read(t, ix, "reason=skin+check&near=02906&within=50&payer=PAY01&language=en").Query, now)
	if len(page.Hits) == 0 {
		return 0, false
	}
	return page.Hits[0].Score, true
}

func Test1_9PlacementCannotBePaidFor(t *testing.T) {
	if f, found := moneyField(reflect.TypeFor[Listing]()); found {
		t.Errorf("a listing says %s: ranking must not see what an organization pays us", f)
	}
	if _, found := moneyField(reflect.TypeOf(struct{ SponsoredRank int }{})); !found {
		t.Error("the check of names finds nothing at all")
	}
	plain := func(l *Listing) { l.Languages = []string{"en"} }
	base, _ := scoreOf(t, plain)
	fields := reflect.TypeFor[Listing]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		if slices.Contains(ranked, f.Name) || f.Name == "Reason" || f.Type == reflect.TypeFor[uuid.UUID]() {
			continue
		}
		got, found := scoreOf(t, func(l *Listing) { plain(l); disturb(reflect.ValueOf(l).Elem().Field(i)) })
		if !found || got != base {
			t.Errorf("%s changes the score from %f to %f (found %v)", f.Name, base, got, found)
		}
	}
	for _, name := range []string{"Rating", "ResponseMinutes", "Lat"} {
		got, _ := scoreOf(t, func(l *Listing) { plain(l); disturb(reflect.ValueOf(l).Elem().FieldByName(name)) })
		if got == base {
			t.Errorf("negative control: %s changes nothing", name)
		}
	}
}

func moneyField(typ reflect.Type) (string, bool) {
	for i := range typ.NumField() {
		if name := typ.Field(i).Name; moneyWords.MatchString(name) {
			return name, true
		}
	}
	return "", false
}

func Test1_9EveryFactorIsBetweenNothingAndOne(t *testing.T) {
	d, w := roll(4), CurrentWeights
	for range 2000 {
		for _, f := range []float64{w.availability(d.Float64() * 28), w.response(d.IntN(1e6) - 10),
			w.satisfaction(d.Float64()*9-2, d.IntN(1e6)-10), w.closeness(d.Float64() * 500)} {
			if !(f > 0 && f <= 1) {
				t.Fatalf("%f", f)
			}
		}
	}
	if w.Version == "" {
		t.Error("weights without a version")
	}
}

func Test1_9WhyAHitIsWhereItIs(t *testing.T) {
	tests := []struct {
		name, query, want string
		change            func(*Listing)
	}{
		{"soonest and well rated", "near=Warwick&within=25", "Soonest near you, 4.9 from 1,204 visits",
			func(l *Listing) { l.Rating, l.Ratings = 4.9, 1204 }},
		{"nothing special but its time", "", "Soonest", func(l *Listing) {
			l.Rating, l.Ratings, l.ResponseMinutes = 4.1, 9,
				0
		}},
		{"a quick answer", "near=Warwick&within=25", "Soonest near you, replies in a few minutes",
			func(l *Listing) { l.Rating, l.Ratings, l.ResponseMinutes = 4.1, 9, 5 }},
		{"next door", "near=02906", "Soonest near you, 0.4 miles away",
			func(l *Listing) { l.Lat += 0.006; l.Rating, l.Ratings = 4.1, 9 }},
		{"only one visit", "", "Soonest", func(l *Listing) { l.Rating, l.Ratings = 5, 1 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ix := one(t, test.change)
			page := ix.Search(read(t, ix, "reason=skin+check&"+test.query).Query, now)
			if got := page.Why(page.Hits[0]); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	ix, _ := market(t, 2, 3000)
	page := ix.Search(read(t, ix, "reason=new+patient+visit&near=02906&within=50&page=9").Query, now)
	for _, h := range page.Hits {
		why := page.Why(h)
		if why == "" || strings.Count(why, ",") > 2 || strings.HasSuffix(why, ", ") || why[0] >= 'a' && why[0] <= 'z' {
			t.Errorf("%q", why)
		}
	}
}

func TestWordsForTimesAndCounts(t *testing.T) {
	for minutes, want := range map[int]string{0: "", 1: "Replies in a few minutes", 20: "Replies in about 15 minutes",
		25: "Replies in about half an hour", 60: "Replies in about an hour", 82: "Replies in about an hour",
		90: "Replies in about 2 hours", 600: "Replies in about 10 hours", 1000: "Replies in about a day", 5000: ""} {
		if got := responseText(minutes); got != want {
			t.Errorf("%d minutes: %q, want %q", minutes, got, want)
		}
	}
	if got := ratingText(&Listing{Rating: 5, Ratings: 1}); got != "5.0 from 1 visit" {
		t.Error(got)
	}
	for n, want := range map[int]string{7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := money.Grouped(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for km, want := range map[float64]string{0.01: "less than 0.1 miles", 0.644: "0.4 miles", 1.609: "1 mile",
		4.2: "2.6 miles", 15.95: "9.9 miles", 16.1: "10 miles", 30: "19 miles"} {
		if got := DistanceText(km); got != want {
			t.Errorf("%.2f km: %q, want %q", km, got, want)
		}
	}
	for got, want := range map[string]string{KindName(KindHomeCare): "Comes to my home", LanguageName("es"): "Spanish",
		LanguageName("xx"): "xx", AccessName("step_free"): "Step-free entrance", AccessName("quiet_room"): "Quiet room"} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheMidpointOfTheEarthIsRound(t *testing.T) {
	d := roll(6)
	for range 5000 {
		lat, lon := d.Float64()*140-70, d.Float64()*360-180
		lat2, lon2 := lat+d.Float64()*4-2, lon+d.Float64()*4-2
		want := haversine(lat, lon, lat2, lon2)
		c := vectorOf(lat, lon).chord2(vectorOf(lat2, lon2))
		if got := kmOf(c); math.Abs(got-want) > 0.001 {
			t.Fatalf("%f km, haversine %f", got, want)
		}
		if (c <= chord2Of(want+0.001)) == (c <= chord2Of(want-0.001)) {
			t.Fatalf("a limit of %f km does not part", want)
		}
	}
	if chord2Of(-1) != 0 || chord2Of(1e9) < 3.99 {
		t.Error("limits beyond the earth")
	}
}
