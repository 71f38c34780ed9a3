package form

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// lint refuses a form in which a question can never be shown, or one that is shown can never be answered.
func (f *Form) lint() error {
	var wrong []error
	for _, s := range f.Sections {
		for k := range s.Fields {
			if err := f.lintField(s, &s.Fields[k]); err != nil {
				wrong = append(wrong, &Error{s.Key, s.Fields[k].Key, err})
			}
		}
	}
	return errors.Join(wrong...)
}

var (
	word = regexp.MustCompile(`[a-z][a-z0-9_]*`)
	text = regexp.MustCompile(`"[^"]*"|'[^']*'`)
)

func (f *Form) lintField(s *Section, field *Field) error {
	for _, named := range f.named(s.When + " " + field.When) {
		if f.Place(named) >= f.Place(field.Key) {
			return fmt.Errorf("its condition names %q, which is asked later", named)
		}
	}
	if field.Label == "" || !slices.Contains(types, field.Type) {
		return fmt.Errorf("it has no label, or a type that is none")
	}
	if field.Type == Choice && len(field.Options) == 0 {
		return fmt.Errorf("it can never be answered: there is nothing to choose")
	}
	if field.Pattern != "" && (field.Wrong == "" || !field.pattern.MatchString(field.Example)) {
		return fmt.Errorf("it can never be answered: its pattern does not take its example %q, or says not what is wrong",
			field.Example)
	}
	switch shown := f.everShown(s, field); {
	case f.tries > mostTries:
		return errors.New("its condition depends on too many answers to try them all")
	case !shown:
		return errors.New("it is never shown")
	}
	return nil
}

// mostTries is how many answers are tried for a form: whoever writes one cannot keep a processor busy for long.
const mostTries = 20_000

// named are the fields in a condition.
func (f *Form) named(condition string) (all []string) {
	for _, w := range word.FindAllString(text.ReplaceAllString(condition, ""), -1) {
		if _, field := f.fields[w]; field && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

// everShown tries all answers to the questions on which one depends, those on which they depend included, with all
// values of the facts that their conditions name.
func (f *Form) everShown(s *Section, field *Field) bool {
	conditions := s.When + " " + field.When
	depends := f.named(conditions)
	for i := 0; i < len(depends); i++ {
		more := f.whenOf(depends[i])
		conditions += " " + more
		for _, name := range f.named(more) {
			if !slices.Contains(depends, name) {
				depends = append(depends, name)
			}
		}
	}
	for name := range f.facts {
		if slices.Contains(word.FindAllString(text.ReplaceAllString(conditions, ""), -1), name) {
			depends = append(depends, name)
		}
	}
	return f.try(s, field, depends, text.FindAllString(conditions, -1), map[string]string{})
}

func (f *Form) try(s *Section, field *Field, open, texts []string, answers map[string]string) bool {
	if f.tries > mostTries {
		return false
	}
	if len(open) == 0 {
		f.tries++
		here := f.With(maps.Clone(f.given))
		for name := range f.facts {
			if value, tried := answers[name]; tried {
				here.given[name] = value
			}
		}
		return here.asks(s, field, here.Applied(answers))
	}
	for _, value := range f.possible(open[0], texts) {
		answers[open[0]] = value
		if f.try(s, field, open[1:], texts, answers) {
			return true
		}
	}
	delete(answers, open[0])
	return false
}

// possible are answers that could make a difference: the options, or the texts that conditions compare with.
func (f *Form) possible(key string, texts []string) []string {
	if values, fact := f.facts[key]; fact {
		return values
	}
	values := []string{""}
	switch field := f.fields[key]; field.Type {
	case YesNo:
		return append(values, "yes", "no")
	case Choice:
		for _, o := range field.Options {
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

func (f *Form) whenOf(key string) string {
	for _, s := range f.Sections {
		for _, field := range s.Fields {
			if field.Key == key {
				return s.When + " " + field.When
			}
		}
	}
	return ""
}
