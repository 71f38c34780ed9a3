package form

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	celtypes "cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"kindward/internal/civil"
)

// Refusal is a rule across answers: an answer that is right by itself is refused while a condition holds.
type Refusal struct {
	Fields  []string // whose answers it is about
	When    string   // CEL over the answers and the facts, "answer", which is the field's own, and "current_date"
	Say     string   // {answer} stands for the answer
	Example string   // that is not refused

	when cel.Program
}

// Reading is what answers come to on a day: as they are kept, and what is wrong with them, by the fields' keys.
type Reading struct {
	Fields      []*Field
	Kept, Wrong map[string]string
}

// Refuse adds rules across answers, of which those count whose fields the form has.
func (f *Form) Refuse(refusals []*Refusal) error {
	env, err := f.env.Extend(cel.Variable("answer", cel.StringType), cel.Variable("current_date", cel.StringType),
		cel.Function("years", cel.Overload("years_between_dates", []*cel.Type{cel.StringType, cel.StringType},
			cel.IntType, cel.BinaryBinding(years))))
	if err != nil {
		return err
	}
	f.refusals = map[string][]*Refusal{}
	for _, r := range refusals {
		own := *r // another form has other fields
		for _, key := range r.Fields {
			if _, has := f.fields[key]; has {
				f.refusals[key] = append(f.refusals[key], &own)
			}
		}
		if own.when, err = condition(env, r.When); err != nil {
			return fmt.Errorf("what refuses %s: %w", strings.Join(r.Fields, ", "), err)
		}
	}
	return f.lintRefusals()
}

// years are the whole years from one date to another.
func years(from, until ref.Val) ref.Val {
	a, err := civil.ParseDate(fmt.Sprint(from.Value()))
	if err != nil {
		return celtypes.NewErr("%v", err)
	}
	b, err := civil.ParseDate(fmt.Sprint(until.Value()))
	if err != nil {
		return celtypes.NewErr("%v", err)
	}
	n := int(b.Year) - int(a.Year)
	if b.Month < a.Month || b.Month == a.Month && b.Day < a.Day {
		n--
	}
	return celtypes.Int(n)
}

// Read reads the answers to some fields, each by itself and then beside all others.
func (f *Form) Read(fields []*Field, answers map[string]string, day civil.Date) Reading {
	r := Reading{Fields: fields, Kept: map[string]string{}, Wrong: map[string]string{}}
	for _, field := range fields {
		value, wrong := field.Read(answers[field.Key])
		if r.Kept[field.Key] = value; wrong != "" {
			r.Wrong[field.Key] = wrong
		}
	}
	var beside map[string]string
	for _, field := range fields {
		if len(f.refusals[field.Key]) == 0 || r.Kept[field.Key] == "" || r.Wrong[field.Key] != "" {
			continue
		}
		if beside == nil {
			beside = f.kept(answers)
		}
		if refusal := f.refusing(field.Key, r.Kept[field.Key], beside, day); refusal != nil {
			r.Wrong[field.Key] = strings.ReplaceAll(refusal.Say, "{answer}", r.Kept[field.Key])
		}
	}
	return r
}

// kept are the answers that apply, as they are kept.
func (f *Form) kept(answers map[string]string) map[string]string {
	all := f.Applied(answers)
	for key, value := range all {
		all[key], _ = f.fields[key].Read(value)
	}
	return all
}

// refusing is the rule that refuses an answer to a field, or nil. Rules are checked when they are read; one that fails
// is a mistake of ours and refuses nobody.
func (f *Form) refusing(key, answer string, beside map[string]string, day civil.Date) *Refusal {
	for _, r := range f.refusals[key] {
		vars := map[string]any{"answer": answer, "current_date": day.String()}
		for name, value := range f.given {
			vars[name] = value
		}
		for name, value := range beside {
			vars[name] = value
		}
		if refused, _, err := r.when.Eval(vars); err == nil && refused == celtypes.True {
			return r
		}
	}
	return nil
}

// Sample is an answer that a field takes beside others, for demonstrations and tests.
func (f *Form) Sample(field *Field, answers map[string]string, day civil.Date) string {
	sample, beside := field.Sample(), f.kept(answers)
	for range f.refusals[field.Key] {
		if r := f.refusing(field.Key, sample, beside, day); r != nil {
			sample = r.Example
		}
	}
	return sample
}

// lintDay is the day for which rules are tried.
var lintDay = civil.Date{Year: 2026, Month: 11, Day: 1}

// lintRefusals refuses a rule that says nothing, and a field for which the rules leave no answer.
func (f *Form) lintRefusals() error {
	for key, rules := range f.refusals {
		field := f.fields[key]
		for _, r := range rules {
			if _, wrong := field.Read(r.Example); r.Say == "" || wrong != "" {
				return fmt.Errorf("%s: what refuses it does not say why, or has no example that can be read", key)
			}
		}
		sample := f.Sample(field, nil, lintDay)
		if r := f.refusing(key, sample, f.kept(nil), lintDay); r != nil {
			return fmt.Errorf("%s: it can never be answered: its example %q is refused", key, sample)
		}
	}
	return nil
}
