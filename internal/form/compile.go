package form

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
)

// costLimit bounds what a condition may cost; those that we have cost a tenth of it.
const costLimit = 1000

// Compile makes a form of sections, and refuses what can never work. Conditions know the facts beside the answers, each
// the first of its values until With says otherwise. The sections stay the caller's: the form looks at them.
func Compile(facts map[string][]string, sections ...*Section) (*Form, error) {
	f := &Form{Sections: sections, facts: facts, given: map[string]string{}, fields: map[string]*Field{}}
	for name, values := range facts {
		f.given[name] = values[0]
	}
	if err := f.declare(); err != nil {
		return nil, err
	}
	var wrong []error
	for _, s := range sections {
		wrong = append(wrong, f.compile(s))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return f, f.lint()
}

// Error is what is wrong with a question; without a field, with its section.
type Error struct {
	Section, Field string
	Err            error
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Section + ": " + e.Err.Error()
	}
	return e.Section + "." + e.Field + ": " + e.Err.Error()
}

// Unwrap is what is wrong, without where.
func (e *Error) Unwrap() error { return e.Err }

// declare names the fields, and what conditions know.
func (f *Form) declare() (err error) {
	var vars []cel.EnvOption
	var wrong []error
	for name := range f.facts {
		vars = append(vars, cel.Variable(name, cel.StringType))
	}
	for _, s := range f.Sections {
		for k := range s.Fields {
			field := &s.Fields[k]
			_, twice := f.fields[field.Key]
			_, fact := f.facts[field.Key]
			switch {
			case !key.MatchString(field.Key) || slices.Contains(reserved, field.Key):
				wrong = append(wrong, &Error{s.Key, field.Key, errKey})
				continue
			case twice || fact:
				wrong = append(wrong, &Error{s.Key, field.Key, errors.New("there is another field of that name")})
				continue
			}
			f.fields[field.Key], f.order = field, append(f.order, field.Key)
			vars = append(vars, cel.Variable(field.Key, cel.StringType))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	f.env, err = cel.NewEnv(vars...)
	return err
}

var key = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

// reserved are no keys: words of CEL, and fields that every page of questions has.
var reserved = strings.Fields("as asked break const continue else false follow for form function if import in later let " +
	"loop namespace null package return true var version void while")

var errKey = errors.New("its key has other characters than a to z, digits and _, or is a reserved word")

// compile makes the conditions and patterns of a section.
func (f *Form) compile(s *Section) (err error) {
	if s.when, err = f.Condition(s.When); err != nil {
		return &Error{s.Key, "", err}
	}
	var wrong []error
	for k := range s.Fields {
		field := &s.Fields[k]
		if field.when, err = f.Condition(field.When); err != nil {
			wrong = append(wrong, &Error{s.Key, field.Key, err})
		}
		if field.pattern, err = regexp.Compile(`^(?:` + field.Pattern + `)$`); err != nil {
			wrong = append(wrong, &Error{s.Key, field.Key, err})
		}
	}
	return errors.Join(wrong...)
}

// Condition compiles CEL over the answers, nil where there is none; a name that is no field's is refused.
func (f *Form) Condition(text string) (cel.Program, error) {
	if text == "" {
		return nil, nil
	}
	return condition(f.env, text)
}

// LongestCondition is how many characters a condition may have.
const LongestCondition = 500

func condition(env *cel.Env, text string) (cel.Program, error) {
	if len(text) > LongestCondition {
		return nil, fmt.Errorf("its condition has more than %d characters", LongestCondition)
	}
	tree, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, fmt.Errorf("%q: %w", text, issues.Err())
	}
	if tree.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("%q is not yes or no", text)
	}
	return env.Program(tree, cel.CostLimit(costLimit))
}
