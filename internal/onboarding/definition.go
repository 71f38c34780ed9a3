// Package onboarding decides how an organization joins: which steps there are and what each asks (definitions, which
// are versioned data), and what follows from what happens (Advance, a pure function). What happened is a log, and the
// log played again gives the application.
package onboarding

import (
	"crypto/sha256"
	"fmt"
	"regexp"

	"cel.dev/cel-go/cel"
)

// Actor is who has the ball.
type Actor string

// The actors.
const (
	Applicant Actor = "applicant"
	Staff     Actor = "staff"
	Outside   Actor = "outside" // a register
)

// Definition is what an organization of one kind in one state is asked, in one version.
type Definition struct {
	Kind    string
	State   string // of the United States
	Version int
	Steps   []Step

	fields map[string]*Field
}

// Step is done by one actor, once the steps that it waits for are done.
type Step struct {
	Key     string
	Name    string
	By      Actor
	Who     string // in words, if it is somebody outside
	After   []string
	When    string // CEL over the answers; empty: always
	DueDays int    `yaml:"due_days"`
	Fields  []Field
	Check   string   // what is asked of a register
	Subject string   // the field whose answer it is asked about
	With    []string // further fields that it is asked about: another answer to one is another question
	IfAsked bool     `yaml:"if_asked"` // left out where nobody is asked for its subject
	Source  string   // the rule by which it is asked

	when    cel.Program
	subject *Field // Subject's
}

// askable is what a register can be asked about, or "" while that is not answered or is no answer of its field: half a
// number is kept to go on later, and nobody is asked about it.
func (s *Step) askable(answers map[string]string) string {
	if _, wrong := s.subject.Read(answers[s.Subject]); wrong != "" {
		return ""
	}
	return s.about(answers)
}

// about is what a register is asked about, or "" while that is not answered. Answers beside the first are told apart
// and not told: rows and logs keep it.
func (s *Step) about(answers map[string]string) string {
	subject := answers[s.Subject]
	if subject == "" || len(s.With) == 0 {
		return subject
	}
	hash := sha256.New()
	for _, field := range append([]string{s.Subject}, s.With...) {
		fmt.Fprintf(hash, "%q", answers[field])
	}
	return fmt.Sprintf("%.150s %x", subject, hash.Sum(nil)[:8]) // shorter than a row takes
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
	Options  []Option
	Fill     string // the fact of a register that may answer it
	Source   string // the rule by which it is asked

	when    cel.Program
	pattern *regexp.Regexp
}

// Option is one of the answers to choose from.
type Option struct{ Value, Label, Small string }

// Step finds a step.
func (d *Definition) Step(key string) (*Step, bool) {
	for i := range d.Steps {
		if d.Steps[i].Key == key {
			return &d.Steps[i], true
		}
	}
	return nil, false
}

// Field finds a question.
func (d *Definition) Field(key string) (*Field, bool) {
	f, ok := d.fields[key]
	return f, ok
}

// Shown are the questions of a step that apply to the answers, in their order. A question whose condition names one
// that does not apply itself sees that as unanswered.
func (d *Definition) Shown(s *Step, answers map[string]string) []*Field {
	var shown []*Field
	applied := d.Applied(answers)
	for i := range s.Fields {
		if d.asks(s, &s.Fields[i], applied) {
			shown = append(shown, &s.Fields[i])
		}
	}
	return shown
}

// Applied are the answers to questions that apply, of all questions: what is unanswered or does not apply is "".
func (d *Definition) Applied(answers map[string]string) map[string]string {
	applied := map[string]string{}
	for key := range d.fields {
		applied[key] = ""
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		for k := range s.Fields {
			if f := &s.Fields[k]; answers[f.Key] != "" && d.asks(s, f, applied) {
				applied[f.Key] = answers[f.Key]
			}
		}
	}
	return applied
}

func (d *Definition) asks(s *Step, f *Field, applied map[string]string) bool {
	return d.holds(s.when, applied) && d.holds(f.when, applied)
}

// holds evaluates a condition. Conditions are checked when they are read, so one that fails is a mistake of ours; then
// the question is asked.
func (d *Definition) holds(condition cel.Program, applied map[string]string) bool {
	if condition == nil {
		return true
	}
	vars := map[string]any{"kind": d.Kind, "state": d.State}
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
