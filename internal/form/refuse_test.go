package form

import (
	"strings"
	"testing"

	"kindward/internal/civil"
)

func TestAnAnswerIsRefusedBesideOthersByARuleThatIsData(t *testing.T) {
	f := of(t, &Refusal{Fields: []string{"own"}, When: "answer == whole", Say: "{answer} is the other's",
		Example: "1245319599"}, &Refusal{Fields: []string{"born", "nobody"}, When: "years(answer, current_date) < 18",
		Say: "18", Example: "1972-02-29"})
	day := civil.Date{Year: 2027, Month: 2, Day: 28}
	for _, c := range []struct{ own, born, wrong string }{
		{"1245319599", "2009-02-28", ""},
		{"1245319599", "2009-03-01", "18"},
		{"1245319599", "2028-01-01", "18"},
		{"123 456 7893", "1972-02-29", "1234567893 is the other's"}, // as it is kept
		{"12", "1972-02-29", "10 digits"},                           // wrong by itself first
	} {
		r := f.Read(f.Asked(nil), map[string]string{"whole": "1234-567-893", "own": c.own, "born": c.born}, day)
		if got := r.Wrong["own"] + r.Wrong["born"]; (got == "") != (c.wrong == "") || !strings.Contains(got, c.wrong) {
			t.Errorf("%s, %s: %q", c.own, c.born, got)
		}
		if complete := f.Complete(map[string]string{"whole": "1234567893", "own": c.own, "born": c.born}, day); complete !=
			(c.wrong == "") {
			t.Errorf("%s, %s is complete: %t", c.own, c.born, complete)
		}
	}
	if sample := f.Sample(f.fields["born"], nil, day); sample != "1972-02-29" {
		t.Errorf("the example is refused itself: %s", sample)
	}
}

// of is a form of two numbers and a date, with rules.
func of(t *testing.T, refusals ...*Refusal) *Form {
	t.Helper()
	f := fields(t)
	if err := f.Refuse(refusals); err != nil {
		t.Fatal(err)
	}
	return f
}

func fields(t *testing.T) *Form {
	t.Helper()
	f, err := Compile(map[string][]string{"state": {"RI", "MA"}}, &Section{Key: "s", Fields: []Field{
		{Key: "whole", Label: "Whole", Type: NPI, Optional: true}, {Key: "own", Label: "Own", Type: NPI},
		{Key: "born", Label: "Born", Type: Date}}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestARuleThatCanNeverWorkIsRefused(t *testing.T) {
	for _, c := range []struct {
		r    Refusal
		says string
	}{
		{Refusal{Fields: []string{"own"}, When: "answer == who", Say: "No", Example: "1245319599"}, "undeclared"},
		{Refusal{Fields: []string{"own"}, When: "answer", Say: "No", Example: "1245319599"}, "not yes or no"},
		{Refusal{Fields: []string{"own"}, When: "answer == whole", Say: "", Example: "1245319599"}, "does not say why"},
		{Refusal{Fields: []string{"own"}, When: "answer == whole", Say: "No", Example: "12"}, "has no example"},
		{Refusal{Fields: []string{"own"}, When: `answer != ""`, Say: "No", Example: "1245319599"}, "never be answered"},
		{Refusal{Fields: []string{"own"}, When: "answer == whole", Say: "No", Example: "1245319599"}, ""},
	} {
		err := fields(t).Refuse([]*Refusal{&c.r})
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.r, err)
		}
	}
}
