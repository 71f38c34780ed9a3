package onboarding

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// settle puts every step where the answers, checks and decisions say that it is.
func (a *Application) settle(d *Definition, now time.Time) (effects Effects) {
	current := a.Current()
	applied := d.Applied(current)
	steps := map[string]Standing{}
	for i := range d.Steps {
		s := &d.Steps[i]
		if !d.form.Applies(&s.Section, applied) {
			continue
		}
		was := a.Steps[s.Key]
		at := a.standing(d, s, steps, current, was, now)
		if at.State != was.State {
			at.Since, at.Due = now, time.Time{}
			effects.Transitions = append(effects.Transitions, Transition{s.Key, was.State, at.State})
		}
		turn := (at.State == StepOpen || at.State == StepWaiting) && !a.over()
		if turn && at.Due.IsZero() {
			at.Due = now.AddDate(0, 0, s.DueDays)
		}
		if turn && s.By == Outside && !at.NextAt.After(now) {
			effects.Asks = append(effects.Asks, Ask{s.Key, s.Check, s.about(current)})
		}
		steps[s.Key] = at
	}
	a.Steps = steps
	a.submit(d, now)
	a.await(d, now)
	return effects
}

func (a *Application) standing(d *Definition, s *Step, steps map[string]Standing, current map[string]string,
	was Standing, now time.Time) Standing {
	at := was
	switch {
	case s.By == Staff && (a.Status == Approved || a.Status == Live):
		at.State = StepDone
	case s.By == Staff && a.Status == Rejected:
		at.State = StepFailed
	case a.over(): // nobody waits for anything any more
		at.Due, at.NextAt = time.Time{}, time.Time{}
	case !ready(s, steps):
		at.State, at.NextAt = StepLocked, time.Time{}
	case s.By == Applicant:
		at.State = StepOpen
		if d.done(a, s, current, now) {
			at.State = StepDone
		}
	case s.By == Staff:
		at.State = StepWaiting
	default:
		return a.asking(s, s.askable(current), at, now)
	}
	return at
}

// asking is where the step of a register is: what it said about another subject does not count.
func (a *Application) asking(s *Step, subject string, at Standing, now time.Time) Standing {
	said := a.Checks[s.Key]
	if subject == "" {
		return Standing{State: StepLocked, Since: at.Since}
	}
	switch {
	case a.Waived[s.Key].Subject == subject:
		at.State, at.Attempts, at.NextAt = StepWaived, 0, time.Time{}
	case said.Subject != subject:
		if at.State != StepWaiting || at.checkedFor != subject {
			at.Attempts, at.NextAt = 0, now
		}
		at.State = StepWaiting
	case said.Result == Pass || said.Result == Review:
		at.State, at.Attempts, at.NextAt = StepDone, 0, time.Time{}
	case said.Result == Fail:
		at.State, at.Attempts, at.NextAt = StepFailed, 0, time.Time{}
	default:
		if at.State = StepWaiting; at.NextAt.IsZero() { // it was locked or the application closed meanwhile
			at.NextAt = now
		}
	}
	at.checkedFor = subject
	return at
}

// over tells that nobody has the ball.
func (a *Application) over() bool {
	return a.Status != Open && a.Status != Submitted && a.Status != ""
}

// Owner is who owns the organization that is made of it: whoever sent it, if they take part still; else whoever has for
// longest.
func (a *Application) Owner() uuid.UUID {
	if slices.Contains(a.Participants, a.Sent) {
		return a.Sent
	}
	return a.Participants[0]
}

func ready(s *Step, steps map[string]Standing) bool {
	return !slices.ContainsFunc(s.After, func(before string) bool {
		at, exists := steps[before]
		return exists && at.State != StepDone && at.State != StepWaived
	})
}

// submit makes an application the staff's when the step that they do is theirs, and the applicant's when it is not.
func (a *Application) submit(d *Definition, now time.Time) {
	ours := slices.ContainsFunc(d.Steps, func(s Step) bool {
		return s.By == Staff && a.Steps[s.Key].State == StepWaiting
	})
	switch {
	case a.Status == Open && ours:
		a.Status, a.SubmittedAt, a.Compared = Submitted, now, false
	case a.Status == Submitted && !ours:
		a.Status = Open
	}
}

// done tells whether the applicant has done a step.
func (d *Definition) done(a *Application, s *Step, current map[string]string, now time.Time) bool {
	if len(s.Documents) > 0 {
		return a.documented(d, s, current)
	}
	if s.Contract > 0 {
		return a.Asked[s.Key] == "" && d.signs(a, a.Signature)
	}
	return a.Saved[s.Key] && d.complete(s, current, now)
}
