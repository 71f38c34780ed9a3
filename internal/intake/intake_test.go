package intake

import (
	"strings"
	"testing"
	"time"

	"kindward/internal/civil"
	"kindward/internal/venue"
)

func TestEveryVersionIsSound(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
}

// keys is what is asked before a visit with some answers.
func keys(t *testing.T, v Visit, answers ...string) string {
	t.Helper()
	own, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	f := own[Latest].Form.With(v.Given())
	given := map[string]string{}
	for i := 0; i < len(answers); i += 2 {
		given[answers[i]] = answers[i+1]
	}
	var all []string
	for _, field := range f.Asked(given) {
		all = append(all, field.Key)
	}
	return strings.Join(all, " ")
}

func Test34WhatIsAskedFollowsFromTheServiceTheAgeTheModeAndWhetherSomebodyIsNew(t *testing.T) {
	start := time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)
	born := func(year int) *time.Time { return new(time.Date(year, 12, 2, 0, 0, 0, 0, time.UTC)) }
	general := "reason allergies medicines sex interpreter"
	for _, c := range []struct {
		what    string
		visit   Visit
		answers []string
		want    string
	}{
		{"somebody new", Visit{venue.AtClinic, "C01", true, born(1988), start}, nil, general},
		{"who could be pregnant", Visit{venue.AtClinic, "C01", true, born(1988), start}, []string{"sex", "female"},
			"reason allergies medicines sex pregnancy interpreter"},
		{"who is older", Visit{venue.AtClinic, "C01", true, born(1950), start}, []string{"sex", "female"}, general},
		{"known", Visit{venue.AtClinic, "C02", false, born(1988), start}, nil, "today changed"},
		{"a child of 11, 12 tomorrow", Visit{venue.AtClinic, "C05", true, born(2014), start}, []string{"sex", "female"},
			general + " companion companion_phone"},
		{"blood", Visit{venue.AtClinic, "L04", true, born(1988), start}, []string{"thinners", "yes"},
			"fasting thinners thinner_list fainted"},
		{"an X-ray", Visit{venue.AtClinic, "L28", true, born(1988), start}, nil, ""},
		{"at home", Visit{venue.AtHome, "H01", false, nil, start}, nil, "today changed stairs animals opener"},
		{"by video", Visit{venue.ByVideo, "C43", false, nil, start}, nil, "today changed private location callback"},
	} {
		if got := keys(t, c.visit, c.answers...); got != c.want {
			t.Errorf("%s is asked %s, not %s", c.what, got, c.want)
		}
	}
}

func TestADefinitionThatCanNeverWorkIsRefused(t *testing.T) {
	raw, err := Text(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, with, says string }{
		{`when: mode == "home"`, `when: mode == "boat"`, "never shown"},
		{`when: sex != "" && sex != "male"`, `when: sex == "none"`, "never shown"},
		{`when: kind == "blood_test"`, `when: kin == "blood_test"`, "undeclared reference to 'kin'"},
		{`when: allergies == "yes"`, `when: interpreter == "yes"`, "asked later"},
		{`key: fasting`, `key: mode`, "another field"},
		{`type: phone`, `type: phon`, "a type that is none"},
	} {
		if !strings.Contains(raw, c.old) {
			t.Fatalf("there is no %q", c.old)
		}
		if _, err := Read(strings.Replace(raw, c.old, c.with, 1)); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.with, err)
		}
	}
	if _, err := Read(raw); err != nil {
		t.Errorf("control: %v", err)
	}
}

func BenchmarkEveryRuleBeforeAVisit(b *testing.B) {
	own, err := loaded()
	if err != nil {
		b.Fatal(err)
	}
	f := own[Latest].Form.With(Visit{Mode: venue.AtHome, Reason: "H01", New: true}.Given())
	for b.Loop() {
		f.Asked(map[string]string{"sex": "female", "allergies": "yes", "medicines": "yes"})
	}
}

func TestA73AFormThatAsksForSecretsIsRefused(t *testing.T) {
	raw, err := Text(1)
	if err != nil {
		t.Fatal(err)
	}
	const question = "What brings you here?"
	for _, asks := range []string{"Your credit card number?", "Card no. for the deposit", "CVV", "Your password?",
		"Your pass code", "Social Security number", "SSN", "The PIN of your door", "IBAN"} {
		_, err := Read(strings.Replace(raw, question, asks, 1))
		if err == nil || !strings.Contains(err.Error(), "nobody is asked") {
			t.Errorf("%q: %v", asks, err)
		}
	}
	for _, c := range [][2]string{{"name: Your home", "name: Your home and the PIN of its door"},
		{`label: "Another adult"`, `label: "Another adult, whose card number is"`},
		{`small: "Bring a letter of a parent`, `small: "Type your password, or bring a letter of a parent`},
		{question, "Your pa\u00ads\u200bsword?"}, {question, "Your \uff30assword?"}} {
		_, err := Read(strings.Replace(raw, c[0], c[1], 1))
		if err == nil || !strings.Contains(err.Error(), "nobody is asked") {
			t.Errorf("%q: %v", c[1], err)
		}
	}
	for _, asks := range []string{"Do you have an insurance card?", "Do you feel pins and needles?",
		"Do you pass water often?", "How do you spin?", "Which number can we call?"} {
		if _, err := Read(strings.Replace(raw, question, asks, 1)); err != nil {
			t.Errorf("control: %q: %v", asks, err)
		}
	}
}

func Test34TheTestCasesOfEveryVersionPass(t *testing.T) {
	own, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	for version, d := range own {
		if failing := d.Failing(civil.Date{Year: 2026, Month: 11, Day: 1}); len(failing) > 0 || len(d.Cases) == 0 {
			t.Errorf("version %d: %d cases, %v", version, len(d.Cases), failing)
		}
		d.Cases[0].Asked = nil
		if len(d.Failing(civil.Date{Year: 2026, Month: 11, Day: 1})) != 1 {
			t.Error("control: a case that is otherwise passes")
		}
	}
}
