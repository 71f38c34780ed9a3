// Package form is questions as data: typed fields in sections, with conditions over the answers before them. It
// evaluates which of them apply, reads answers, and refuses forms that can never work. It keeps nothing.
package form

import (
	"regexp"
	"slices"

	"cel.dev/cel-go/cel"

	"kindward/internal/civil"
)

// Form is sections of fields, compiled.
type Form struct {
	Sections []*Section

	facts  map[string][]string // what conditions know beside the answers, and all values of each
	given  map[string]string   // the values here
	fields map[string]*Field
	order  []string // the fields' keys, in the order of the form
	env    *cel.Env

	refusals map[string][]*Refusal // by the keys of their fields
	tries    int                   // of answers, while it is looked at whether it can work
}

// Section is fields that come together.
type Section struct {
	Key    string
	Name   string
	When   string // CEL over the answers; empty: always
	Fields []Field

	when cel.Program
}

// Type is what a field takes.
type Type string

// The types.
const (
	Text   Type = "text"
	Area   Type = "area" // several lines
	Email  Type = "email"
	Phone  Type = "phone"
	NPI    Type = "npi"
	Number Type = "number" // whole
	Date   Type = "date"   // 2026-11-28
	YesNo  Type = "yes_no"
	Choice Type = "choice"
	ZIP    Type = "zip" // of five digits; what stands behind them is left out
)

var types = []Type{Text, Area, Email, Phone, NPI, Number, Date, YesNo, Choice, ZIP}

// Field is one question.
type Field struct {
	Key      string
	Label    string
	Help     string
	Type     Type
	Optional bool
	When     string // CEL over the answers of fields before it; empty: always
	Pattern  string // a regular expression for the whole answer
	Example  string // that the pattern takes
	Wrong    string // what is said of an answer that the pattern does not take
	Least    int    // of a number; 0: 1
	Unit     string // of a number: "pounds"
	Options  []Option
	Fill     string // the fact of a register that may answer it

	Autocomplete string // what a browser knows of whoever answers: a word of HTML

	Source string // the rule by which it is asked

	when    cel.Program
	pattern *regexp.Regexp
}

// Option is one of the answers to choose from.
type Option struct{ Value, Label, Small string }

// Field finds a question.
func (f *Form) Field(key string) (*Field, bool) {
	field, ok := f.fields[key]
	return field, ok
}

// Keys are the fields' keys, in the order of the form.
func (f *Form) Keys() []string { return f.order }

// Place is where a field stands in the form, or -1.
func (f *Form) Place(key string) int { return slices.Index(f.order, key) }

// With is the form where the facts have these values.
func (f *Form) With(given map[string]string) *Form {
	with := *f
	with.given = given
	return &with
}

// Asked are the questions of all sections that apply to the answers, in their order.
func (f *Form) Asked(answers map[string]string) (all []*Field) {
	for _, s := range f.Sections {
		all = append(all, f.Shown(s, answers)...)
	}
	return all
}

// Complete tells whether every question that applies and is needed is answered rightly.
func (f *Form) Complete(answers map[string]string, day civil.Date) bool {
	return len(f.Read(f.Asked(answers), answers, day).Wrong) == 0
}

// Applies tells whether a section applies to answers of which only those count that apply themselves.
func (f *Form) Applies(s *Section, applied map[string]string) bool { return f.Holds(s.when, applied) }

// Shown are the questions of a section that apply to the answers, in their order. A question whose condition names one
// that does not apply itself sees that as unanswered.
func (f *Form) Shown(s *Section, answers map[string]string) []*Field {
	var shown []*Field
	applied := f.Applied(answers)
	for i := range s.Fields {
		if f.asks(s, &s.Fields[i], applied) {
			shown = append(shown, &s.Fields[i])
		}
	}
	return shown
}

// Applied are the answers to questions that apply, of all questions: what is unanswered or does not apply is "".
func (f *Form) Applied(answers map[string]string) map[string]string {
	applied := map[string]string{}
	for _, key := range f.order {
		applied[key] = ""
	}
	for _, s := range f.Sections {
		for k := range s.Fields {
			if field := &s.Fields[k]; answers[field.Key] != "" && f.asks(s, field, applied) {
				applied[field.Key] = answers[field.Key]
			}
		}
	}
	return applied
}

// Gone are fields whose answer applied before and does not any more, in their order.
func (f *Form) Gone(before, after map[string]string) (keys []string) {
	was, is := f.Applied(before), f.Applied(after)
	for _, key := range f.order {
		if was[key] != "" && is[key] == "" && after[key] != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

func (f *Form) asks(s *Section, field *Field, applied map[string]string) bool {
	return f.Holds(s.when, applied) && f.Holds(field.when, applied)
}

// Holds evaluates a condition. Conditions are checked when they are read, so one that fails is a mistake of ours; then
// the question is asked.
func (f *Form) Holds(condition cel.Program, applied map[string]string) bool {
	if condition == nil {
		return true
	}
	vars := map[string]any{}
	for key, value := range f.given {
		vars[key] = value
	}
	for key, value := range applied {
		vars[key] = value
	}
	result, _, err := condition.Eval(vars)
	if err != nil {
		return true
	}
	holds, ok := result.Value().(bool)
	return holds || !ok
}
