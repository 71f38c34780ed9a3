package search

import (
	"slices"
	"strings"
	"testing"
)

func TestSuggestionsWhileTyping(t *testing.T) {
	ix, _ := market(t, 1, 5000)
	tests := []struct{ name, typed, reason, matched string }{
		{"the beginning of a name", "skin", "Skin check", ""},
		{"the beginning of a synonym", "dermato", "Skin check", "dermatologist"},
		{"a later word", "vaccine", "Travel vaccine visit", ""},
		{"two words", "sore thr", "Same-day sick visit", "sore throat"},
		{"with an accent and a capital", "Dérmato", "Skin check", "dermatologist"},
		{"one letter", "m", "MRI scan", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ix.Suggest(test.typed, 20)
			i := slices.IndexFunc(got, func(s Suggestion) bool { return s.Name == test.reason })
			if i < 0 || got[i].Matched != test.matched {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestSuggestionsAgreeWithAPlainReading(t *testing.T) {
	ix, _ := market(t, 1, 5000)
	lx := ix.lexicon
	for _, typed := range []string{"a", "b", "s", "t", "v", "bl", "visit", "pt", "home", "te", "blood t", "zz", "rapid"} {
		var want []string
		for i, r := range lx.reasons {
			if lx.listings[i] > 0 && slices.ContainsFunc(lx.phrases, func(p phrase) bool {
				return slices.Contains(p.reasons, int32(i)) && strings.Contains(" "+p.folded, " "+typed)
			}) {
				want = append(want, r.Code)
			}
		}
		all := ix.Suggest(typed, 20)
		var got []string
		for n, s := range all {
			got = append(got, s.Code)
			if n > 0 && n >= len(lx.sets[typed]) && all[n-1].Matched != "" && s.Matched == "" {
				t.Errorf("%q: %v before %v", typed, all[n-1], s)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if len(want) <= 20 && !slices.Equal(got, want) {
			t.Errorf("%q suggests %v, want %v", typed, got, want)
		}
		if few := ix.Suggest(typed, 3); len(few) != min(3, len(want)) || len(few) > 0 && few[0] != all[0] {
			t.Errorf("%q: three are %v", typed, few)
		}
	}
	for _, typed := range []string{"", "   ", "?!"} {
		if got := ix.Suggest(typed, 5); got != nil {
			t.Errorf("%q suggests %v", typed, got)
		}
	}
}

func TestPlacesWhileTyping(t *testing.T) {
	ix, _ := market(t, 1, 100)
	for typed, want := range map[string]string{"prov": "Providence, RI", "029": "Providence 02903",
		"providence 02906": "Providence 02906", "NORTH": "North Providence, RI", "springf": "Springfield, MA"} {
		if got := ix.SuggestLocations(typed, 3); len(got) == 0 || len(got) > 3 || got[0] != want {
			t.Errorf("%q suggests %v, want %q first", typed, got, want)
		}
	}
	if got := ix.SuggestLocations("", 3); got != nil {
		t.Errorf("%v", got)
	}
}

func TestEditDistanceAgreesWithItsDefinition(t *testing.T) {
	d := roll(2)
	letters := func() string {
		b := make([]byte, d.IntN(9))
		for i := range b {
			b[i] = 'a' + byte(d.IntN(3))
		}
		return string(b)
	}
	var slow func(a, b string) int
	slow = func(a, b string) int {
		if len(a) == 0 || len(b) == 0 {
			return len(a) + len(b)
		}
		x, y := a[len(a)-1], b[len(b)-1]
		cost := 1
		if x == y {
			cost = 0
		}
		best := min(slow(a[:len(a)-1], b)+1, slow(a, b[:len(b)-1])+1, slow(a[:len(a)-1], b[:len(b)-1])+cost)
		if len(a) > 1 && len(b) > 1 && x == b[len(b)-2] && y == a[len(a)-2] {
			best = min(best, slow(a[:len(a)-2], b[:len(b)-2])+1)
		}
		return best
	}
	for range 1500 {
		a, b := letters(), letters()
		want := slow(a, b)
		for limit := range 4 {
			if got := editDistance(a, b, limit); got != min(want, limit+1) {
				t.Fatalf("%q to %q within %d: %d, want %d", a, b, limit, got, min(want, limit+1))
			}
		}
	}
	if got := editDistance(strings.Repeat("a", 500), strings.Repeat("a", 501), 2); got != 3 {
		t.Errorf("a page of text is no slip: %d", got)
	}
}
