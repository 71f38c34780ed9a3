package onboarding

import (
	"context"
	"maps"
	"time"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
)

// Sample answers every question of a step that applies by an example, unless it is answered or one is given: for
// demonstrations and tests.
func (d *Definition) Sample(s *Step, current, given map[string]string, now time.Time) map[string]string {
	answers := map[string]string{}
	for range s.Fields { // an answer may bring up the next question
		all := maps.Clone(current)
		maps.Copy(all, given)
		maps.Copy(all, answers)
		for _, f := range d.Shown(s, all) {
			switch {
			case answers[f.Key] != "":
			case given[f.Key] != "":
				answers[f.Key] = given[f.Key]
			case current[f.Key] != "":
				answers[f.Key] = current[f.Key]
			default:
				answers[f.Key] = d.form.Sample(f, all, d.today(now))
			}
		}
	}
	return answers
}

// Fill answers whatever of an application is open, by samples unless given, in somebody's name. Where all checks have
// passed that sends it.
func Fill(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, who uuid.UUID, at time.Time,
	given map[string]string) (Application, error) {
	return each(ctx, gateway, s, StepOpen, func(d *Definition, step *Step, a Application) Event {
		return Event{Kind: Answered, Step: step.Key, By: who, At: at,
			Data: Data{Base: a.Version, Answers: d.Sample(step, a.Current(), given, at)}}
	})
}

// Hear lets every register that an application waits for say something about what is answered: for
// demonstrations and tests.
func Hear(ctx context.Context, gateway *tenancy.Gateway, id uuid.UUID, at time.Time, said Checked) (Application,
	error) {
	s := gateway.AdmitApplicant(id, worker)
	return each(ctx, gateway, s, StepWaiting, func(_ *Definition, step *Step, a Application) Event {
		said := said
		said.Kind, said.Subject = step.Check, step.about(a.Current())
		return Event{Kind: CheckDone, Step: step.Key, At: at, Data: Data{Check: &said}}
	})
}

// each lets an event happen to each step that is in a state, but the staff's.
func each(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, in StepState,
	event func(*Definition, *Step, Application) Event) (a Application, err error) {
	d, a, err := Load(ctx, gateway, s)
	if err != nil {
		return a, err
	}
	for i := range d.Steps {
		step := &d.Steps[i]
		if step.By == Staff || a.Steps[step.Key].State != in {
			continue
		}
		if a, _, err = Act(ctx, gateway, s, event(d, step, a)); err != nil {
			return a, err
		}
	}
	return a, nil
}
