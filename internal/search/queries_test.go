package search

import (
	"encoding/csv"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
)

// region is the market of the demonstration's services, with the words that its file has for them.
func regionMarket(t testing.TB) *Index {
	t.Helper()
	_, payers, listings := synthetic(t, 7, 6000)
	return Build(testReasons(t), testZIPCodes, payers, listings)
}

// answered are the codes that an answer shows first: what is searched, or what it offers.
func answered(ix *Index, r Reading) (codes []string) {
	if r.Ready {
		for _, c := range ix.Meanings(r.Query, now) {
			codes = append(codes, r.codeOf(ix, c))
		}
		return codes
	}
	for _, c := range r.DidYouMean {
		codes = append(codes, r.codeOf(ix, c))
	}
	return codes
}

func (r Reading) codeOf(ix *Index, c Correction) string {
	set := ix.lexicon.sets[withoutSpaces(fold(c.Query.Get("reason")))]
	if len(set) == 0 {
		return ""
	}
	return ix.lexicon.reasons[set[0]].Code
}

func firstThree(codes []string, want []string) bool {
	return slices.ContainsFunc(codes[:min(3, len(codes))], func(c string) bool { return slices.Contains(want, c) })
}

func queriesOf(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestWhatPeopleTypeIsUnderstood(t *testing.T) {
	ix := regionMarket(t)
	for _, file := range []string{"queries.csv", "more_queries.csv", "told_queries.csv"} {
		for _, row := range queriesOf(t, file) {
			judge(t, ix, row[0], row[1], strings.Split(row[2], ";"))
		}
	}
}

// judge holds one line of a list to what it expects.
func judge(t *testing.T, ix *Index, text, kind string, want []string) {
	t.Helper()
	r := ix.Normalize(url.Values{"reason": {text}, "near": {"02906"}, "within": {"50"}}, now)
	codes := answered(ix, r)
	var suggested []string
	for _, s := range ix.Suggest(text, 7) {
		suggested = append(suggested, s.Code)
	}
	switch kind {
	case "reason", "reason+place", "reason+when", "reason+who":
		if !r.Ready || !firstThree(codes, want) {
			t.Errorf("%q: answer %v (ready %v), want %v; %v", text, codes, r.Ready, want, r.Problems)
		}
		if !firstThree(suggested, want) {
			t.Errorf("%q: suggested %v, want %v", text, suggested, want)
		}
		if kind == "reason+place" && r.Query.Near.ZIP == "02906" {
			t.Errorf("%q: the place is not understood", text)
		}
		if timed := r.Query.From != 0 || r.Query.Time != AnyTime; timed != (kind == "reason+when") {
			t.Errorf("%q: the time is %v %q", text, r.Query.From, r.Query.Time)
		}
		if who := slices.Concat(r.Query.Genders, r.Query.Languages); len(who) > 0 != (kind == "reason+who") {
			t.Errorf("%q: the clinician is to be %v", text, who)
		}
	case "ambiguous":
		if len(codes) < 2 || !slices.ContainsFunc(codes, func(c string) bool { return slices.Contains(want, c) }) {
			t.Errorf("%q: meanings %v, want %v; %v", text, codes, want, r.Problems)
		}
	case "elsewhere":
		if r.Ready || r.Unplaced == "" || len(codes) == 0 || !slices.Contains(want, codes[0]) || r.Query.Near.ZIP != "02906" {
			t.Errorf("%q: place %q, answer %v (ready %v), want %v", text, r.Unplaced, codes, r.Ready, want)
		}
	case "video":
		if !r.Ready || !r.Query.Telehealth || !firstThree(codes, want) && len(codes) > 0 {
			t.Errorf("%q: by video %v, answer %v (ready %v), want %v", text, r.Query.Telehealth, codes, r.Ready, want)
		}
	case "emergency":
		if r.Emergency == nil || r.Ready {
			t.Errorf("%q: no emergency", text)
		}
	case "none":
		if r.Ready || r.Emergency != nil {
			t.Errorf("%q: searched as %v", text, codes)
		}
	}
}

func TestAWordInTheWrongBoxIsUnderstood(t *testing.T) {
	ix := regionMarket(t)
	tests := []struct{ reason, near, from, codes, place string }{
		{"", "dentist", "", "C40 C41", ""},
		{"", "dentist 02903", "", "C40 C41", "Providence 02903"},
		{"02903", "dentist", "", "C40 C41", "Providence 02903"},
		{"doctor near 02903", "Cranston", "", "C01 C03 C04", "Providence 02903"},
		{"flu shot, East Providence, R.I.", "", "", "C07", "East Providence, RI"},
		{"blood test tomorrow morning", "02906", "2026-11-24", "L01 L02 L03", "Providence 02906"},
		{"morning after pill", "", "", "C29", ""},
		{"night nurse saturday", "", "2026-11-28", "H08", ""},
	}
	for _, test := range tests {
		r := ix.Normalize(url.Values{"reason": {test.reason}, "near": {test.near}}, now)
		from := ""
		if r.Query.From != 0 {
			from = r.Query.From.String()
		}
		if got := strings.Join(r.Query.Reasons, " "); !r.Ready || got != test.codes || from != test.from ||
			r.Query.Near.Text != test.place {
			t.Errorf("%+v: %s %s %q %v %v", test, got, from, r.Query.Near.Text, r.Ready, r.Problems)
		}
	}
	r := ix.Normalize(url.Values{"reason": {"spanish speaking pediatrician that takes bayline mutual"}}, now)
	if !r.Ready || !slices.Equal(r.Query.Languages, []string{"es"}) || r.Query.Payer != "PAY01" {
		t.Errorf("%+v", r)
	}
	for text, want := range map[string]string{"flu shot without insurance": "PAY24",
		"flu shot, I don't have insurance": "PAY24",
		"vacuna de la gripe sin seguro":    "PAY24", "flu shot": ""} {
		if r := ix.Normalize(url.Values{"reason": {text}}, now); !r.Ready || r.Query.Payer != want ||
			!slices.Equal(r.Query.Reasons, []string{"C07"}) || len(r.Problems) > 0 {
			t.Errorf("%q: %v, payer %q, %v", text, r.Query.Reasons, r.Query.Payer, r.Problems)
		}
	}
	for _, name := range []string{"Mar", "dr Mar"} { // no month
		if r := ix.Normalize(url.Values{"reason": {name}}, now); r.Query.From != 0 {
			t.Errorf("%q: from %v", name, r.Query.From)
		}
	}
	if r := ix.Normalize(url.Values{"reason": {"Pawtucket"}}, now); r.Ready || r.Query.Near.Town != "Pawtucket" {
		t.Errorf("a place alone: %+v", r)
	}
}

func TestAnEmergencyIsAnsweredInItsLanguageAndIsNoSearch(t *testing.T) {
	ix := regionMarket(t)
	for text, want := range map[string]Emergency{
		"chest pain": {Danger, false}, "Dolor de pecho": {Danger, true}, "suicidal": {Crisis, false},
		"quiero morir": {Crisis, true}, "overdose": {Poison, false}, "mi hijo tomó cloro": {Poison, true},
		"I can’t breathe": {Danger, false}, "chest pian": {Danger, false}, "suicidel": {Crisis, false},
		"quiero mtarme": {Crisis, true}, "convulsoines": {Danger, false}, "anafilaxia": {Danger, true},
	} {
		r := ix.Normalize(url.Values{"reason": {text}}, now)
		if r.Emergency == nil || *r.Emergency != want || r.Ready {
			t.Errorf("%q: %v, want %v", text, r.Emergency, want)
		}
	}
	for _, text := range []string{"chest pain follow-up", "stroke rehab", "food poisoning", "emergency dentist near 02906",
		"chest x-ray", "cpr class", "end of life care", "i cut myself shaving", "wound care", "shot", "back pain",
		"quiero sacarme sangre", "necesito mirarme la vista", "marearme", "casarme", "secarme los oídos",
		"medirme la presión", "sacarme una muela", "cuidarme"} {
		if r := ix.Normalize(url.Values{"reason": {text}}, now); r.Emergency != nil {
			t.Errorf("control: %q is %v", text, *r.Emergency)
		}
	}
}

func TestALanguageThatIsSaidLastOrWithInIsOneThatTheClinicianSpeaks(t *testing.T) {
	ix := regionMarket(t)
	for text, want := range map[string][]string{"therapist spanish": {"es"}, "therapist evenings spanish": {"es"},
		"doctor in spanish": {"es"}, "skin check portuguese": {"pt"}, "doctora en español": {"es"},
		"john french": nil, "french": nil, "therapist": nil} {
		r := ix.Normalize(url.Values{"reason": {text}}, now)
		if !slices.Equal(r.Query.Languages, want) || want != nil && (!r.Ready || r.Unplaced != "") {
			t.Errorf("%q: in %v, ready %v, place %q, %v", text, r.Query.Languages, r.Ready, r.Unplaced, r.Problems)
		}
	}
}
