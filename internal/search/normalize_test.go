package search

import (
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestAReasonIsUnderstood(t *testing.T) {
	ix, _ := market(t, 1, 500)
	tests := []struct {
		name, text string
		codes      []string
		canonical  string
	}{
		{"by name", "Skin check", []string{"C09"}, "Skin check"},
		{"by name, however written", "  sKIN—check ", []string{"C09"}, "Skin check"},
		{"by name with an accent", "Skïn chéck", []string{"C09"}, "Skin check"},
		{"by code", "c09", []string{"C09"}, "Skin check"},
		{"by synonym", "mole check", []string{"C09"}, "Skin check"},
		{"by a synonym of several", "PT", []string{"C18", "C19", "L16"}, "pt"},
		{"by another synonym of the same several", "rehab", []string{"C18", "C19"}, "physical therapy"},
		{"without its spaces", "bloodpressure check", []string{"C12"}, "Blood pressure check"},
		{"without its hyphen", "x-ray", []string{"L28", "L29"}, "x ray|xray"},
		{"without its apostrophe", "womens health visit", []string{"C27"}, "Women's health visit"},
		{"with a curly apostrophe", "Women’s health visit", []string{"C27"}, "Women's health visit"},
		{"by words in another order", "swab for strep", []string{"L22"}, "Strep swab"},
		{"by words that fit one reason", "vitamin d", []string{"L08"}, "Vitamin D level"},
		{"in the plural", "skin checks", []string{"C09"}, "Skin check"},
		{"as a name, though it is part of others", "MRI", []string{"L34"}, "MRI scan"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := ix.Normalize(url.Values{"reason": {test.text}}, now)
			if !r.Ready || !slices.Equal(r.Query.Reasons, test.codes) && test.text != "x-ray" {
				t.Fatalf("%q stands for %v, want %v (%v)", test.text, r.Query.Reasons, test.codes, r.Problems)
			}
			if !strings.Contains("|"+test.canonical+"|", "|"+r.Query.Text+"|") {
				t.Errorf("canonical text %q, want %q", r.Query.Text, test.canonical)
			}
			if len(r.DidYouMean) > 0 || len(r.Problems) > 0 {
				t.Errorf("understood, but also %v %v", r.DidYouMean, r.Problems)
			}
		})
	}
}

func TestASlipIsReadAsWhatItCanOnlyMeanAndSaidSo(t *testing.T) {
	ix, _ := market(t, 1, 3000)
	for _, test := range []struct{ name, text, code string }{
		{"two letters swapped", "dermatolgoist", "C09"},
		{"a letter dropped", "mamogram", "L32"},
		{"a letter doubled", "flu shoot", "C07"},
		{"a neighbor key", "prysical annual", "C03"},
		{"two slips in a long word", "colesterol panelll", "L04"},
		{"two words run together with a slip", "bloodpresure check", "C12"},
		{"a word not finished", "dermatolo", "C09"},
		{"a typed plural with a slip", "vacine shots travel", "C08"},
	} {
		r := ix.Normalize(url.Values{"reason": {test.text}, "near": {"02906"}, "within": {"25"}}, now)
		if !r.Ready || !slices.Contains(r.Query.Reasons, test.code) || len(r.DidYouMean) > 0 {
			t.Errorf("%s: %q is %v (ready %v), %v", test.name, test.text, r.Query.Reasons, r.Ready, r.DidYouMean)
		}
	}
}

func TestWordsOfSeveralMeaningsAreOfferedAndNeverSearched(t *testing.T) {
	ix, _ := market(t, 1, 3000)
	tests := []struct{ name, text, want string }{
		{"a word of several reasons", "heart", "Heart consultation"},
		{"words that lie apart", "bone hospital", "Joint pain visit"},
		{"a word of many reasons", "skin", "Acne consultation"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := ix.Normalize(url.Values{"reason": {test.text}, "near": {"02906"}, "within": {"25"}}, now)
			if r.Ready || len(r.Query.Reasons) > 0 {
				t.Fatalf("%q was searched as %v", test.text, r.Query.Reasons)
			}
			i := slices.IndexFunc(r.DidYouMean, func(c Correction) bool { return c.Text == test.want })
			if i < 0 {
				t.Fatalf("%q is not among %v", test.want, r.DidYouMean)
			}
			c := r.DidYouMean[i]
			again := ix.Normalize(c.Query, now)
			if !again.Ready || again.Query.Within != 25 || again.Query.Near.ZIP != "02906" {
				t.Fatalf("the offered question loses something: %v", c.Query)
			}
			if page := ix.Search(again.Query, now); page.Locations != c.Locations {
				t.Errorf("promised %d, found %d", c.Locations, page.Locations)
			}
		})
	}
}

func TestNonsenseIsSaidPlainly(t *testing.T) {
	ix, _ := market(t, 1, 500)
	for _, text := range []string{"qqqqzzzz", "!!!", "zq", "the of a", strings.Repeat("a", 5000), "\x00\xff",
		"'; drop table market.listing; --"} {
		r := ix.Normalize(url.Values{"reason": {text}}, now)
		if r.Ready || len(r.Problems) != 1 || r.Problems[0].Field != "reason" || len(r.Problems[0].Message) > 300 {
			t.Errorf("%.20q: ready %v, problems %v, offered %v", text, r.Ready, r.Problems, r.DidYouMean)
		}
	}
	if r := ix.Normalize(nil, now); r.Ready || len(r.Problems) != 1 {
		t.Errorf("an empty question: %v", r)
	}
}

func TestAPlaceIsUnderstood(t *testing.T) {
	ix, _ := market(t, 1, 500)
	for text, want := range map[string]string{
		"02906": "Providence 02906", " 02906-1234 ": "Providence 02906", "Providence 02906": "Providence 02906",
		"02906 providence ri": "Providence 02906",
		"Providence":          "Providence, RI", "PROVIDENCE, RI": "Providence, RI",
		"providence rhode island":     "Providence, RI",
		"Prövidence Rhode Island USA": "Providence, RI",
		"North Providence":            "North Providence, RI", "springfield vt": "Springfield, VT",
		"Springfield, Massachusetts": "Springfield, MA", "fall  river": "Fall River, MA",
		"providence, r.i.": "Providence, RI", "E. Providence": "East Providence, RI",
		"e providence ri": "East Providence, RI",
		"029061234":       "Providence 02906", "2906": "Providence 02906", "O2906": "Providence 02906",
		"N. Providence, R.I. 02911": "North Providence 02911", "pvd": "Providence, RI",
		"Providence, RI": "Providence, RI", "fallriver": "Fall River, MA",
	} {
		r := ix.Normalize(url.Values{"reason": {"mri"}, "near": {text}}, now)
		if !r.Ready || r.Query.Near.Text != want || len(r.Problems) > 0 {
			t.Errorf("%q is %q, want %q (%v)", text, r.Query.Near.Text, want, r.Problems)
		}
	}
	town := read(t, ix, "reason=mri&near=Cranston").Query.Near
	if d := haversine(town.Lat, town.Lon, 41.775, -71.455); d > 0.01 {
		t.Errorf("Cranston is %.3f km from the middle of its ZIP areas", d)
	}
}

func TestAPlaceInDoubtIsOffered(t *testing.T) {
	ix, _ := market(t, 1, 2000)
	for text, want := range map[string]string{
		"Provdience": "Providence, RI", "springfield": "Springfield, MA", "02096": "Providence 02906",
		"Warwik": "Warwick, RI", "Providence 02999": "Providence, RI",
		"Newport, MA": "Newport, RI",
	} {
		r := ix.Normalize(url.Values{"reason": {"new patient visit"}, "near": {text}}, now)
		if r.Ready {
			t.Errorf("%q was searched as %q", text, r.Query.Near.Text)
		}
		if !slices.ContainsFunc(r.DidYouMean,
			func(c Correction) bool { return c.Field == "near" && c.Text == want && c.Query.Get("near") == want }) {
			t.Errorf("%q: %q is not among %v", text, want, r.DidYouMean)
		}
	}
	for _, text := range []string{"90210", "Timbuktu", "??", strings.Repeat("9", 999)} {
		r := ix.Normalize(url.Values{"reason": {"mri"}, "near": {text}}, now)
		if r.Ready || len(r.Problems) != 1 || r.Problems[0].Field != "near" ||
			!strings.Contains(r.Problems[0].Message, "02906") {
			t.Errorf("%.20q: ready %v, %v", text, r.Ready, r.Problems)
		}
	}
	if r := read(t, ix, "reason=mri&near=Newport+02906"); !r.Ready || len(r.Problems) != 1 ||
		!strings.Contains(r.Problems[0].Message, "Providence") {
		t.Errorf("a ZIP of another town: %v", r.Problems)
	}
}

func TestBothInDoubtNeedOneClick(t *testing.T) {
	ix, _ := market(t, 1, 3000)
	r := read(t, ix, "reason=dermatolgoist&near=Provdience&within=25")
	if len(r.DidYouMean) == 0 {
		t.Fatal("nothing offered")
	}
	for _, c := range r.DidYouMean {
		if again := ix.Normalize(c.Query, now); !again.Ready {
			t.Errorf("%v is still in doubt", c.Query)
		}
	}
}

func TestUnknownFilterValuesAreLeftOutAndReported(t *testing.T) {
	ix, _ := market(t, 1, 500)
	tests := []struct{ query, field string }{
		{"within=7", "within"}, {"within=-1", "within"}, {"within=9999999999999999999", "within"},
		{"from=2026-02-30", "from"}, {"from=1'--", "from"},
		{"from=2026-11-22", "from"}, {"from=2027-11-22", "from"}, {"time=midnight", "time"}, {"kind=hospital", "kind"},
		{"payer=PAY99", "payer"},
		{"price=free", "price"}, {"price=-5", "price"}, {"price=0", "price"}, {"price=1e9", "price"},
		{"telehealth=perhaps", "telehealth"},
		{"language=klingon", "language"}, {"gender=any", "gender"}, {"access=pool&access=asl", "access"}, {"page=0", "page"},
		{"page=99", "page"}, {"page=x", "page"},
		{"kind=" + strings.Repeat("clinic&kind=", 50) + "clinic", "kind"},
	}
	for _, test := range tests {
		r := read(t, ix, "reason=mri&near=02906&"+test.query)
		if !r.Ready || len(r.Problems) != 1 || r.Problems[0].Field != test.field {
			t.Errorf("%s: ready %v, problems %v", test.query, r.Ready, r.Problems)
		}
		for _, word := range []string{"nvalid", "rror", "lease", "!"} {
			if len(r.Problems) > 0 && strings.Contains(r.Problems[0].Message, word) {
				t.Errorf("%q is not our voice", r.Problems[0].Message)
			}
		}
	}
	for _, good := range []string{"", "within=25", "from=today", "from=tomorrow", "from=2026-12-14", "time=any", "time=AM",
		"kind=clinic&kind=clinic", "payer=pay01",
		"payer=Bayline+Mutual", "price=$1,200", "telehealth=on", "language=ES", "gender=female", "access=asl", "page=20"} {
		if r := read(t, ix, "reason=mri&near=02906&"+good); !r.Ready || len(r.Problems) != 0 {
			t.Errorf("%s: ready %v, problems %v", good, r.Ready, r.Problems)
		}
	}
	if r := read(t, ix, "reason=mri&telehealth=1"); r.Ready || len(r.Problems) != 1 || r.Problems[0].Field != "near" {
		t.Errorf("1.6 video without a state: ready %v, %v", r.Ready, r.Problems)
	}
	if r := read(t, ix, "reason=mri&from="+(today+25).String()); r.Query.From != today+21 {
		t.Errorf("a day in the last week we know becomes %s", r.Query.From)
	}
}

// respell writes the same question differently: other order, case, accents and spaces, defaults spelled out.
func respell(d random, q url.Values) url.Values {
	other := url.Values{}
	for name, values := range q {
		values = slices.Clone(values)
		d.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		for i, v := range values {
			if name == "reason" || name == "near" {
				v = strings.ReplaceAll(v, " ", "   ")
				v = strings.NewReplacer("e", "é", "i", "Ï", "o", "ô").Replace(v)
			}
			if d.chance(0.5) {
				v = strings.ToUpper(v)
			}
			values[i] = "  " + v + " "
		}
		if d.chance(0.5) && name != "page" {
			values = append(values, values[0])
		}
		other[name] = values
	}
	for name, value := range map[string]string{"within": "10", "time": "any", "page": "1", "telehealth": "0",
		"from": today.String()} {
		if !other.Has(name) && d.chance(0.5) {
			other.Set(name, value)
		}
	}
	return other
}

func Test1_12TheSameQueryHasTheSameKeyAndOnlyThat(t *testing.T) {
	reasons, payers, listings := synthetic(t, 5, 300)
	ix := Build(reasons, testZIPCodes, payers, listings)
	d := roll(9)
	byKey := map[string]Query{}
	for range 3000 {
		q := randomQuery(d, reasons, payers)
		w := ix.Normalize(q, now).Query
		r := ix.Normalize(respell(d, q), now)
		if r.Query.Key() != w.Key() || !reflect.DeepEqual(r.Query, w) {
			t.Fatalf("%v\n%v\nis another query than\n%v", respell(d, q), r.Query, w)
		}
		if back := ix.Normalize(w.Values(), now); !back.Ready || !reflect.DeepEqual(back.Query, w) || len(back.Problems) > 0 {
			t.Fatalf("%v does not survive its own URL %s: %v", w, w.Values().Encode(), back)
		}
		if known, seen := byKey[w.Key()]; seen && !reflect.DeepEqual(known, w) {
			t.Fatalf("one key for %v and %v", known, w)
		}
		byKey[w.Key()] = w
		if known := w.For(nil); known.Key() != w.Key() {
			t.Fatal("a patient without history has another key")
		}
	}
	if len(byKey) < 1500 {
		t.Errorf("only %d different queries", len(byKey))
	}
}

func Test1_8HistoryIsPartOfTheKey(t *testing.T) {
	ix, _ := market(t, 1, 100)
	w := read(t, ix, "reason=mri").Query
	a, b := testID(2, 1), testID(2, 2)
	if w.For(ids(a)).Key() == w.Key() || w.For(ids(a)).Key() == w.For(ids(b)).Key() {
		t.Error("patients of different tenants share a key")
	}
	if w.For(ids(a, b)).Key() != w.For(ids(b, a, a)).Key() {
		t.Error("the order of tenants makes another key")
	}
}

func FuzzAnyURLIsReadWithoutHarm(f *testing.F) {
	for _, s := range []string{"reason=pt&near=02906", "reason=%ff&near=%00",
		"reason=heart&near=prov&price=$&page=9e9&from=0000-00-00", "reason=" + strings.Repeat("ab+", 60)} {
		f.Add(s)
	}
	ix, _ := market(f, 1, 300)
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r := ix.Normalize(q, now)
		if r.Ready {
			ix.Search(r.Query, now)
			if back := ix.Normalize(r.Query.Values(), now); back.Query.Key() != r.Query.Key() {
				t.Errorf("%q: %v became %v", query, r.Query, back.Query)
			}
		}
		ix.Suggest(q.Get("reason"), rand.IntN(30))
		ix.SuggestLocations(q.Get("near"), 5)
	})
}

func TestANameIsStrongerThanSomebodysSynonym(t *testing.T) {
	ix := Build([]Reason{{Code: "A", Name: "Mole removal", Synonyms: []string{"skin check", "moles"}},
		{Code: "B", Name: "Skin check", Synonyms: []string{"moles"}}}, testZIPCodes, nil, nil)
	for text, want := range map[string]string{"skin check": "B", "mole removal": "A", "moles": "A B"} {
		if r := ix.Normalize(url.Values{"reason": {text}}, now); strings.Join(r.Query.Reasons, " ") != want {
			t.Errorf("%q stands for %v, want %s", text, r.Query.Reasons, want)
		}
	}
}
