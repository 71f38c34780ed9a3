package form

import (
	"fmt"
	"regexp"

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
	for _, s := range sections {
		if err := f.compile(s); err != nil {
			return nil, err
		}
	}
	return f, f.lint()
}

// declare names the fields, and what conditions know.
func (f *Form) declare() (err error) {
	var vars []cel.EnvOption
	for name := range f.facts {
		vars = append(vars, cel.Variable(name, cel.StringType))
	}
	for _, s := range f.Sections {
		for k := range s.Fields {
			field := &s.Fields[k]
			_, twice := f.fields[field.Key]
			if _, fact := f.facts[field.Key]; twice || fact {
				return fmt.Errorf("%s: there is another field of that name", field.Key)
			}
			f.fields[field.Key], f.order = field, append(f.order, field.Key)
			vars = append(vars, cel.Variable(field.Key, cel.StringType))
		}
	}
	f.env, err = cel.NewEnv(vars...)
	return err
}

// compile makes the conditions and patterns of a section.
func (f *Form) compile(s *Section) (err error) {
	if s.when, err = f.Condition(s.When); err != nil {
		return fmt.Errorf("%s: %w", s.Key, err)
	}
	for k := range s.Fields {
		field := &s.Fields[k]
		if field.when, err = f.Condition(field.When); err != nil {
			return fmt.Errorf("%s.%s: %w", s.Key, field.Key, err)
		}
		if field.pattern, err = regexp.Compile(`^(?:` + field.Pattern + `)$`); err != nil {
			return fmt.Errorf("%s.%s: %w", s.Key, field.Key, err)
		}
	}
	return nil
}

// Condition compiles CEL over the answers, nil where there is none; a name that is no field's is refused.
func (f *Form) Condition(text string) (cel.Program, error) {
	if text == "" {
		return nil, nil
	}
	return condition(f.env, text)
}

func condition(env *cel.Env, text string) (cel.Program, error) {
	tree, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, fmt.Errorf("%q: %w", text, issues.Err())
	}
	if tree.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("%q is not yes or no", text)
	}
	return env.Program(tree, cel.CostLimit(costLimit))
}
