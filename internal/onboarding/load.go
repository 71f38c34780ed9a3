package onboarding

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"kindward/internal/contract"
	"kindward/internal/form"
)

//go:embed definitions
var files embed.FS

// Kinds and States are what somebody can join as, and where.
var (
	Kinds  = []string{"clinic", "home_care", "laboratory"}
	States = []string{"CT", "MA", "RI"}
)

// Zones are the time zones of the states.
var Zones = map[string]string{"CT": "America/New_York", "MA": "America/New_York", "RI": "America/New_York"}

// Latest is the version by which applications begin.
const Latest = 9

// ErrNoDefinition means that nothing is defined for such an organization.
var ErrNoDefinition = errors.New("onboarding: nothing is defined for it")

type name struct {
	kind, state string
	version     int
}

var loaded = sync.OnceValues(func() (map[name]*Definition, error) { return load(files) })

// Check tells what is wrong with the definitions, if anything is. The program asks it at its start.
func Check() error { _, err := loaded(); return err }

// Find gives the definition of a version.
func Find(kind, state string, version int) (*Definition, error) {
	all, err := loaded()
	if err != nil {
		return nil, err
	}
	if d, ok := all[name{kind, state, version}]; ok {
		return d, nil
	}
	return nil, ErrNoDefinition
}

// The files: what all are asked, what a kind is asked, what a state has otherwise, and which answers are refused beside
// others.
type (
	commonFile struct{ Before, After []Step }
	kindFile   struct {
		Kind  string
		Steps []Step
	}
	overlayField struct {
		Step       string
		form.Field `yaml:",inline"`
	}
	overlayFile  struct{ Fields []overlayField }
	refusalsFile struct{ Refuse []*form.Refusal }
)

func load(from fs.FS) (map[name]*Definition, error) {
	all := map[name]*Definition{}
	for version := 1; version <= Latest; version++ {
		for _, kind := range Kinds {
			for _, state := range States {
				d, err := read(from, name{kind, state, version})
				if err != nil {
					return nil, fmt.Errorf("onboarding: %s in %s, version %d: %w", kind, state, version, err)
				}
				all[name{kind, state, version}] = d
			}
		}
	}
	return all, nil
}

func read(from fs.FS, n name) (*Definition, error) {
	var common commonFile
	var kind kindFile
	var overlay overlayFile
	var refusals refusalsFile
	var approval approvalRule
	for file, into := range map[string]any{"common.yaml": &common, n.kind + ".yaml": &kind,
		n.kind + "." + n.state + ".yaml": &overlay, "refusals.yaml": &refusals,
		n.kind + ".approval.yaml": &approval} {
		if err := decode(from, newest(from, n.version, file), into); err != nil {
			return nil, err
		}
	}
	d := &Definition{Kind: n.kind, State: n.state, Version: n.version, approval: approval,
		Steps: slices.Concat(common.Before, kind.Steps, common.After), texts: contract.Published()}
	if err := d.lintApproval(); err != nil {
		return nil, err
	}
	for _, f := range overlay.Fields {
		step, ok := d.Step(f.Step)
		if !ok {
			return nil, fmt.Errorf("%s.%s: no step %q", f.Step, f.Key, f.Step)
		}
		at := slices.IndexFunc(step.Fields, func(have form.Field) bool { return have.Key == f.Key })
		if at < 0 {
			step.Fields = append(step.Fields, f.Field)
		} else {
			step.Fields[at] = f.Field
		}
	}
	d.Steps = slices.DeleteFunc(d.Steps, func(s Step) bool { return s.IfAsked && !d.asksFor(s.Subject) })
	for i := range d.Steps {
		d.Steps[i].Documents = slices.DeleteFunc(d.Steps[i].Documents, func(k DocumentKind) bool {
			return k.IfAsked != "" && !d.asksFor(k.IfAsked)
		})
	}
	d.waitForAll()
	return d, d.compile(refusals.Refuse)
}

// asksFor tells whether some step has a field.
func (d *Definition) asksFor(field string) bool {
	return slices.ContainsFunc(d.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.Fields, func(f form.Field) bool { return f.Key == field })
	})
}

// newest is a file of a version, or of the last version before it that has one of its own: what does not change stands
// once.
func newest(from fs.FS, version int, file string) string {
	path := fmt.Sprintf("definitions/%d/%s", version, file)
	if _, err := fs.Stat(from, path); err == nil || version == 1 {
		return path
	}
	return newest(from, version-1, file)
}

// waitForAll lets steps that wait for "*" wait for all before them.
func (d *Definition) waitForAll() {
	for i := range d.Steps {
		if slices.Equal(d.Steps[i].After, []string{"*"}) {
			d.Steps[i].After = nil
			for _, before := range d.Steps[:i] {
				d.Steps[i].After = append(d.Steps[i].After, before.Key)
			}
		}
	}
}

// decode refuses what is in a file and not in its type.
func decode(from fs.FS, file string, into any) error {
	raw, err := fs.ReadFile(from, file)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// compile makes the form of the steps, and refuses what can never work.
func (d *Definition) compile(refusals []*form.Refusal) (err error) {
	var sections []*form.Section
	for i := range d.Steps {
		sections = append(sections, &d.Steps[i].Section)
	}
	if d.form, err = form.Compile(map[string][]string{"kind": {d.Kind}, "state": {d.State}}, sections...); err != nil {
		return err
	}
	if err := d.form.Refuse(refusals); err != nil {
		return err
	}
	if err := d.approval.compile(d.form); err != nil {
		return err
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		s.subject, _ = d.form.Field(s.Subject)
		for k := range s.Documents {
			doc := &s.Documents[k]
			if doc.when, err = d.form.Condition(doc.When); err != nil {
				return fmt.Errorf("%s.%s: %w", s.Key, doc.Key, err)
			}
		}
	}
	return d.lint()
}
