package onboarding

import (
	"fmt"
	"regexp"
	"slices"
)

// lint refuses a definition in which steps wait for each other, a question can never be shown, or one that is shown can
// never be answered.
func (d *Definition) lint() error {
	place := map[string]int{} // of steps
	for i, s := range d.Steps {
		place[s.Key] = i
	}
	order := map[string]int{} // of fields
	for i := range d.Steps {
		for k := range d.Steps[i].Fields {
			order[d.Steps[i].Fields[k].Key] = len(order)
		}
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		if err := d.lintStep(s, place); err != nil {
			return fmt.Errorf("%s: %w", s.Key, err)
		}
		for k := range s.Fields {
			if err := d.lintField(s, &s.Fields[k], order); err != nil {
				return fmt.Errorf("%s.%s: %w", s.Key, s.Fields[k].Key, err)
			}
		}
	}
	return nil
}

var (
	word = regexp.MustCompile(`[a-z][a-z0-9_]*`)
	text = regexp.MustCompile(`"[^"]*"`)
)

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
	case (s.By == Applicant) != (len(s.Fields) > 0):
		return fmt.Errorf("the applicant answers questions, and nobody else does")
	case (s.By == Outside) != (s.Check != "" && s.Who != ""):
		return fmt.Errorf("somebody outside is asked something, and nobody else is")
	}
	for _, field := range append([]string{s.Subject}, s.With...) {
		if _, known := d.fields[field]; s.By == Outside && !known {
			return fmt.Errorf("it is asked about %q, which is no field", field)
		}
	}
	if s.By == Outside && !slices.Contains(checks, s.Check) {
		return fmt.Errorf("nobody can check %q", s.Check)
	}
	return nil
}

func (d *Definition) lintField(s *Step, f *Field, order map[string]int) error {
	for _, named := range d.named(s.When + " " + f.When) {
		if order[named] >= order[f.Key] {
			return fmt.Errorf("its condition names %q, which is asked later", named)
		}
	}
	if f.Label == "" || !slices.Contains(types, f.Type) {
		return fmt.Errorf("it has no label, or a type that is none")
	}
	if f.Type == Choice && len(f.Options) == 0 {
		return fmt.Errorf("it can never be answered: there is nothing to choose")
	}
	if f.Pattern != "" && (f.Wrong == "" || !f.pattern.MatchString(f.Example)) {
		return fmt.Errorf("it can never be answered: its pattern does not take its example %q, or says not what is wrong",
			f.Example)
	}
	if !d.everShown(s, f) {
		return fmt.Errorf("it is never shown")
	}
	return nil
}

var types = []Type{Text, Area, Email, Phone, NPI, Number, Date, YesNo, Choice, ZIP}

// named are the fields in a condition.
func (d *Definition) named(condition string) (all []string) {
	for _, w := range word.FindAllString(text.ReplaceAllString(condition, ""), -1) {
		if _, field := d.fields[w]; field && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

// everShown tries all answers to the questions on which one depends, those on which they depend included.
func (d *Definition) everShown(s *Step, f *Field) bool {
	depends := d.named(s.When + " " + f.When)
	conditions := s.When + " " + f.When
	for i := 0; i < len(depends); i++ {
		more := d.whenOf(depends[i])
		conditions += " " + more
		for _, name := range d.named(more) {
			if !slices.Contains(depends, name) {
				depends = append(depends, name)
			}
		}
	}
	return d.try(s, f, depends, text.FindAllString(conditions, -1), map[string]string{})
}

func (d *Definition) try(s *Step, f *Field, open, texts []string, answers map[string]string) bool {
	if len(open) == 0 {
		return d.asks(s, f, d.Applied(answers))
	}
	for _, value := range d.possible(open[0], texts) {
		answers[open[0]] = value
		if d.try(s, f, open[1:], texts, answers) {
			return true
		}
	}
	delete(answers, open[0])
	return false
}

// possible are answers that could make a difference: the options, or the texts that conditions compare with.
func (d *Definition) possible(key string, texts []string) []string {
	values := []string{""}
	switch f := d.fields[key]; f.Type {
	case YesNo:
		return append(values, "yes", "no")
	case Choice:
		for _, o := range f.Options {
			values = append(values, o.Value)
		}
		return values
	}
	values = append(values, "x")
	for _, t := range texts {
		values = append(values, t[1:len(t)-1])
	}
	return values
}

func (d *Definition) whenOf(key string) string {
	for _, s := range d.Steps {
		for _, f := range s.Fields {
			if f.Key == key {
				return s.When + " " + f.When
			}
		}
	}
	return ""
}
