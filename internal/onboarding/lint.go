package onboarding

import (
	"fmt"
	"slices"
)

// lint refuses a definition in which steps wait for each other, or nobody does one.
func (d *Definition) lint() error {
	place := map[string]int{} // of steps
	for i, s := range d.Steps {
		place[s.Key] = i
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		if err := d.lintStep(s, place); err != nil {
			return fmt.Errorf("%s: %w", s.Key, err)
		}
	}
	return nil
}

func (d *Definition) lintStep(s *Step, place map[string]int) error {
	for _, before := range s.After {
		if at, ok := place[before]; !ok || at >= place[s.Key] {
			return fmt.Errorf("it waits for %q, which does not come before it", before)
		}
	}
	switch {
	case s.Name == "" || s.DueDays <= 0:
		return fmt.Errorf("it has no name or no time")
	case !slices.Contains([]Actor{Applicant, Staff, Outside}, s.By):
		return fmt.Errorf("nobody does it")
	case len(s.Fields) > 0 && len(s.Documents) > 0 || s.Contract > 0 && len(s.Fields)+len(s.Documents) > 0:
		return fmt.Errorf("it asks for answers, for documents or for a signature, and for nothing else")
	case (s.By == Applicant) != (len(s.Fields)+len(s.Documents)+s.Contract > 0):
		return fmt.Errorf("the applicant answers questions, and nobody else does")
	case (s.By == Outside) != (s.Check != "" && s.Who != ""):
		return fmt.Errorf("somebody outside is asked something, and nobody else is")
	}
	for _, field := range append([]string{s.Subject}, s.With...) {
		if _, known := d.form.Field(field); s.By == Outside && !known {
			return fmt.Errorf("it is asked about %q, which is no field", field)
		}
	}
	if s.By == Outside && !slices.Contains(checks, s.Check) {
		return fmt.Errorf("nobody can check %q", s.Check)
	}
	return s.lintDocuments()
}

func (s *Step) lintDocuments() error {
	seen := map[string]bool{}
	for _, k := range s.Documents {
		if k.Key == "" || k.Label == "" || seen[k.Key] {
			return fmt.Errorf("document %q has no name, no label, or is asked for twice", k.Key)
		}
		seen[k.Key] = true
	}
	return nil
}
