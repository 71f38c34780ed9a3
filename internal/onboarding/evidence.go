package onboarding

import (
	"strings"

	"kindward/internal/form"
)

// Facts are what registers said last, by step.
type Facts map[string]map[string]string

// Facts are what registers said last.
func (a Application) Facts() Facts {
	facts := Facts{}
	for step, said := range a.Checks {
		facts[step] = said.Facts
	}
	return facts
}

// Registered is what a register says of what a field asks, and whether that is something else than what is answered.
func (d *Definition) Registered(f *form.Field, answers map[string]string, facts Facts) (says string, differs bool) {
	if f.Fill == "" {
		return "", false
	}
	applied := d.Applied(answers)
	for i := range d.Steps {
		s := &d.Steps[i]
		if fact := facts[s.Key][f.Fill]; fact != "" && d.form.Applies(&s.Section, applied) {
			return fact, plain(f, fact) != plain(f, answers[f.Key])
		}
	}
	return "", false
}

// Differing is how many answers are something else than a register says.
func (d *Definition) Differing(answers map[string]string, facts Facts) (n int64) {
	for _, f := range d.form.Asked(answers) {
		if _, differs := d.Registered(f, answers, facts); differs {
			n++
		}
	}
	return n
}

// plain is an answer without what makes no difference: upper case, marks, spaces; of a telephone number its digits.
func plain(f *form.Field, s string) string {
	s = strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || f.Type != form.Phone && (c >= 'a' && c <= 'z' || c > 127) {
			return c
		}
		return -1
	}, strings.ToLower(s))
	if f.Type == form.Phone && len(s) == 11 {
		s = strings.TrimPrefix(s, "1")
	}
	return s
}
