// Package onboarding decides how an organization joins: which steps there are and what each asks (definitions, which
// are versioned data), and what follows from what happens (Advance, a pure function). What happened is a log, and the
// log played again gives the application.
package onboarding

import (
	"crypto/sha256"
	"fmt"
	"time"

	"kindward/internal/civil"
	"kindward/internal/contract"
	"kindward/internal/form"
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

	approval approvalRule
	form     *form.Form // of all steps
	texts    contract.Texts
}

// Step is done by one actor, once the steps that it waits for are done.
type Step struct {
	form.Section `yaml:",inline"`

	By      Actor
	Who     string // in words, if it is somebody outside
	After   []string
	DueDays int `yaml:"due_days"`
	// Documents are files that the applicant sends, in place of fields.
	Documents []DocumentKind
	// Contract is the version of the agreement that is signed at this step, in place of fields.
	Contract int
	Check    string   // what is asked of a register
	Subject  string   // the field whose answer it is asked about
	With     []string // further fields that it is asked about: another answer to one is another question
	IfAsked  bool     `yaml:"if_asked"` // left out where nobody is asked for its subject
	Source   string   // the rule by which it is asked

	subject *form.Field // Subject's
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
func (d *Definition) Field(key string) (*form.Field, bool) { return d.form.Field(key) }

// Shown are the questions of a step that apply to the answers, in their order.
func (d *Definition) Shown(s *Step, answers map[string]string) []*form.Field {
	return d.form.Shown(&s.Section, answers)
}

// Applied are the answers to questions that apply, of all questions: what is unanswered or does not apply is "".
func (d *Definition) Applied(answers map[string]string) map[string]string {
	return d.form.Applied(answers)
}

// Read reads the answers to the questions of a step that apply, each by itself and beside all others, at a time.
func (d *Definition) Read(s *Step, answers map[string]string, now time.Time) form.Reading {
	return d.form.Read(d.Shown(s, answers), answers, d.today(now))
}

// complete tells whether every question that applies and is needed is answered rightly.
func (d *Definition) complete(s *Step, answers map[string]string, now time.Time) bool {
	return len(d.Read(s, answers, now).Wrong) == 0
}

// today is the date in the state.
func (d *Definition) today(now time.Time) civil.Date {
	return civil.Today(civil.ZoneOrUTC(Zones[d.State]), now)
}
