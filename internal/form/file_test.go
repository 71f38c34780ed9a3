package form

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const sample = `# A remark on top.
sections:
  - key: one
    name: One
    fields:
      - {key: a, label: "A?", type: yes_no} # beside
      # above
      - {key: b, label: "B?", type: area, when: a == "yes"}
  - key: two
    name: Two
    fields:
      - key: c
        label: C
        type: choice
        options:
          - {value: "yes", label: "Yes"}
`

func sections(t *testing.T, text string) (all []*Section) {
	t.Helper()
	var file struct {
		Sections []*Section
		Cases    []Case
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	return file.Sections
}

func TestAQuestionIsChangedInTheFileAndAllElseStays(t *testing.T) {
	file, err := ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	c := Field{Key: "c", Label: `C: "yes" or #no?`, Help: "yes", Type: Choice, Optional: true, When: `a == "yes"`,
		Unit: "kg", Least: 3, Options: []Option{{"yes", "Yes: it is", "small"}, {"1", "null", ""}}}
	for what, err := range map[string]error{"put": file.Put("two", "c", c),
		"added": file.Put("one", "", Field{Key: "d", Label: "D", Type: Date}), "moved": file.Move("one", "d", -1),
		"a case": file.AddCase(Case{Name: "x", Answers: map[string]string{"a": "yes"}, Asked: []string{"a"}})} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	text, err := file.Text()
	if err != nil || !strings.HasPrefix(text, "# A remark on top.") || !strings.Contains(text, "# beside") ||
		!strings.Contains(text, "# above") {
		t.Errorf("%v\n%s", err, text)
	}
	after := sections(t, text)
	if got := *places(after)["c"].field; len((&got).changed(&c)) > 0 || got.Least != 3 || !got.Optional {
		t.Errorf("%+v is not what was put: %v", got, (&got).changed(&c))
	}
	if err := file.Remove("one", "b"); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{"no question": file.Remove("one", "b"),
		"no section": file.Move("three", "a", 1)} {
		if err == nil {
			t.Errorf("%s is found", what)
		}
	}
	text, _ = file.Text()
	var said []string
	for _, change := range Diff(sections(t, sample), sections(t, text)) {
		said = append(said, change.Where+": "+change.Says)
	}
	for _, want := range []string{"one.d: new question: D", "one.b: gone: B?", "two.c: may be left out now",
		`two.c: condition: “a == "yes"”`, `two.c: label: “C: "yes" or #no?”, it was “C”`} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
	if len(Diff(sections(t, sample), sections(t, sample))) > 0 {
		t.Error("control: nothing is changed")
	}
}

func TestWhatIsWrongIsNamedByItsLine(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&Error{"one", "b", errKey}, "Line 8: one.b: its key"}, {&Error{"two", "", errKey}, "Line 9: two: its key"},
		{yaml.Unmarshal([]byte("a: [\nb: ]]"), &struct{}{}), "Line 1: "},
	} {
		if all := ProblemsOf(sample, c.err); len(all) != 1 || !strings.HasPrefix(all[0].String(), c.want) {
			t.Errorf("%v is %v, not %q", c.err, all, c.want)
		}
	}
}

func TestChoicesAreWrittenOneOnALine(t *testing.T) {
	all := []Option{{"yes", "Yes", ""}, {"no", "No", "not at all"}}
	if got, ok := ReadOptions("\n" + OptionLines(all) + "\r\n"); !ok || !slices.Equal(got, all) {
		t.Errorf("%v, %t", got, ok)
	}
	if _, ok := ReadOptions("yes"); ok {
		t.Error("a choice without a label is taken")
	}
}
