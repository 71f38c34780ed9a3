package onboarding

import (
	"slices"
	"testing"
)

func TestThePictureHasEachStepBehindAllThatItWaitsFor(t *testing.T) {
	for _, kind := range Kinds {
		for _, state := range States {
			for version := 1; version <= Latest; version++ {
				d, err := Find(kind, state, version)
				if err != nil {
					t.Fatal(err)
				}
				g, taken := d.Graph(nil), map[[2]int]bool{}
				if len(g.Steps) != len(d.Steps) {
					t.Errorf("%s in %s, %d: %d steps of %d", kind, state, version, len(g.Steps), len(d.Steps))
				}
				for _, line := range g.Lines {
					if g.Steps[line[0]].Column >= g.Steps[line[1]].Column {
						t.Errorf("%s does not stand before %s", g.Steps[line[0]].Key, g.Steps[line[1]].Key)
					}
				}
				for _, s := range g.Steps {
					if taken[[2]int{s.Column, s.Row}] {
						t.Errorf("%s stands on another", s.Key)
					}
					taken[[2]int{s.Column, s.Row}] = true
				}
			}
		}
	}
}

func TestThePictureOfAnApplicationHasItsStepsAndNoLineThatAnotherMakesNeedless(t *testing.T) {
	s := begin(t, "clinic", "RI")
	s.answer("licenses", "practitioner_owned", "yes", "tests", "no")
	g := s.d.Graph(&s.a)
	keys := []string{}
	for _, step := range g.Steps {
		keys = append(keys, step.Key)
	}
	if slices.Contains(keys, "license") || len(s.d.Graph(nil).Steps) == len(keys) {
		t.Errorf("a step that does not exist for these answers is drawn: %v", keys)
	}
	at := func(key string) int { return slices.Index(keys, key) }
	if !slices.Contains(g.Lines, [2]int{at("organization"), at("registry")}) {
		t.Error("the registry is asked about nothing")
	}
	if slices.Contains(g.Lines, [2]int{at("organization"), at("agreement")}) {
		t.Error("it waits for the registry, which waits for the organization, and has a line to both")
	}
}
