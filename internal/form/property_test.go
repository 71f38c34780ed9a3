package form_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kindward/internal/civil"
	"kindward/internal/form"
	"kindward/internal/intake"
	"kindward/internal/onboarding"
)

var day = civil.Date{Year: 2026, Month: 11, Day: 1}

// all are the forms that come with the program, with what conditions know of each.
func all(t *testing.T) map[string]*form.Form {
	t.Helper()
	forms := map[string]*form.Form{}
	for version := 1; version <= intake.Latest; version++ {
		text, err := intake.Text(version)
		if err != nil {
			t.Fatal(err)
		}
		d, err := intake.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		forms[fmt.Sprintf("intake %d", version)] = d.Form
	}
	for _, kind := range onboarding.Kinds {
		for _, state := range onboarding.States {
			d, err := onboarding.Find(kind, state, onboarding.Latest)
			if err != nil {
				t.Fatal(err)
			}
			var sections []*form.Section
			for i := range d.Steps {
				sections = append(sections, &d.Steps[i].Section)
			}
			f, err := form.Compile(map[string][]string{"kind": {kind}, "state": {state}}, sections...)
			if err != nil {
				t.Fatal(err)
			}
			forms[kind+" in "+state] = f
		}
	}
	return forms
}

// walk answers what is asked, question by question, each time with another choice than the time before, until nothing
// is asked any more, and notes what was asked. It tells whether the form was complete then.
func walk(f *form.Form, facts map[string]string, chosen map[string]int, seen map[string]bool) bool {
	f, answers := f.With(facts), map[string]string{}
	for range 3 * len(f.Keys()) {
		asked := f.Asked(answers)
		at := slices.IndexFunc(asked, func(field *form.Field) bool { return answers[field.Key] == "" })
		for _, field := range asked {
			seen[field.Key] = true
		}
		if at < 0 {
			break
		}
		field := asked[at]
		answers[field.Key] = field.Sample()
		switch {
		case field.Type == form.YesNo:
			answers[field.Key] = []string{"yes", "no"}[chosen[field.Key]%2]
		case len(field.Options) > 0:
			answers[field.Key] = field.Options[chosen[field.Key]%len(field.Options)].Value
		}
		chosen[field.Key]++
	}
	return f.Complete(answers, day)
}

func Test34EveryQuestionOfEveryFormIsReachedAndEveryWayThroughOneEndsComplete(t *testing.T) {
	chance := rand.New(rand.NewPCG(11, 5))
	for name, f := range all(t) {
		seen, chosen := map[string]bool{}, map[string]int{}
		walks := 30
		if strings.HasPrefix(name, "intake") {
			walks = 250
		}
		for range walks {
			facts := map[string]string{}
			if kind, state, joins := strings.Cut(name, " in "); joins {
				facts["kind"], facts["state"] = kind, state
			} else {
				for fact, values := range intake.Facts() {
					facts[fact] = values[chance.IntN(len(values))]
				}
			}
			if !walk(f, facts, chosen, seen) {
				t.Fatalf("%s with %v cannot be completed", name, facts)
			}
		}
		for _, key := range f.Keys() {
			if !seen[key] {
				t.Errorf("%s: %s is never reached", name, key)
			}
		}
	}
}

// choices are answers that can be given to the questions of a small form.
var choices = map[string][]string{"a": {"", "yes", "no"}, "b": {"", "yes", "no"}, "c": {"", "x", "y"}}

func condition(chance *rand.Rand, over ...string) string {
	var atoms []string
	for range 1 + chance.IntN(3) {
		key := over[chance.IntN(len(over))]
		value := choices[key][chance.IntN(3)]
		atoms = append(atoms, fmt.Sprintf("%s %s %q", key, []string{"==", "!="}[chance.IntN(2)], value))
	}
	return strings.Join(atoms, []string{" && ", " && ", " || "}[chance.IntN(3)])
}

func small(c, d string) []*form.Section {
	return []*form.Section{{Key: "s", Name: "S", Fields: []form.Field{{Key: "a", Label: "A", Type: form.YesNo},
		{Key: "b", Label: "B", Type: form.YesNo},
		{Key: "c", Label: "C", Type: form.Choice, When: c, Options: []form.Option{{Value: "x"}, {Value: "y"}}},
		{Key: "d", Label: "D", Type: form.Text, When: d}}}}
}

func TestConditionsThatExcludeEachOtherAreFoundAndNoOthers(t *testing.T) {
	chance, never := rand.New(rand.NewPCG(7, 3)), 0
	for range 300 {
		onC, onD := condition(chance, "a", "b"), condition(chance, "a", "b", "c")
		f, err := form.Compile(nil, small(onC, "")...)
		if err != nil {
			continue // "c" itself is never shown
		}
		when, err := f.Condition(onD)
		if err != nil {
			t.Fatal(err)
		}
		shown := false
		for _, a := range choices["a"] {
			for _, b := range choices["b"] {
				for _, c := range choices["c"] {
					shown = shown || f.Holds(when, f.Applied(map[string]string{"a": a, "b": b, "c": c}))
				}
			}
		}
		_, err = form.Compile(nil, small(onC, onD)...)
		if found := err != nil && strings.Contains(err.Error(), "d: it is never shown"); found == shown {
			t.Errorf("c where %s, d where %s: it is shown: %t, but %v", onC, onD, shown, err)
		}
		if !shown {
			never++
		}
	}
	if never < 10 {
		t.Errorf("control: only %d of the forms have a contradiction", never)
	}
}

func TestA73AFormThatWouldKeepAProcessorBusyIsRefused(t *testing.T) {
	f := func(when string) error {
		fields := []form.Field{}
		for i := range 14 {
			fields = append(fields, form.Field{Key: fmt.Sprintf("q%d", i), Label: "Q", Type: form.YesNo})
		}
		fields = append(fields, form.Field{Key: "last", Label: "L", Type: form.Text, When: when})
		_, err := form.Compile(nil, &form.Section{Key: "s", Name: "S", Fields: fields})
		return err
	}
	var every []string
	for i := range 14 {
		every = append(every, fmt.Sprintf(`q%d != q%d && q%d == "yes" && q%d == "no"`, i, i, i, i))
	}
	const nested = `[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, a+b+c > 99))) || q0 == "x"`
	for what, when := range map[string]string{"a condition over all answers": strings.Join(every, " || ")[:400] + ` == ""`,
		"a long one": strings.Repeat(`q0 == "yes" || `, 50) + `q1 == "no"`} {
		if err := f(when); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if err := f(`q0 == "yes"`); err != nil {
		t.Errorf("control: %v", err)
	}
	_ = f(nested) // evaluates no longer than its cost limit allows
}
