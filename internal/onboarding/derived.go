package onboarding

import (
	"context"
	"slices"
	"time"

	"kindward/internal/civil"
	"kindward/queries/shareddb"
)

// numberFields are those whose answers are numbers of the organization.
var numberFields = []string{"ccn", "clia", "npi"}

// longestNumber is longer than any; what is longer is no number yet.
const longestNumber = 20

// NumberOf is one of the numbers with which somebody begins: its kind, and itself.
func NumberOf(answers map[string]string) (kind, number string) {
	for _, kind := range numberFields {
		if answers[kind] != "" {
			return kind, answers[kind]
		}
	}
	return "", ""
}

// applied is the number of a kind with which somebody applies: none once the application is over.
func (a *Application) applied(kind string) string {
	number := a.Current()[kind]
	if a.Status == "" || a.over() || len(number) > longestNumber {
		return ""
	}
	return number
}

// measured are the events by which somebody else than the applicant ends a step: how long an applicant takes says
// nothing of what others wait for.
var measured = []EventKind{CheckDone, Approval}

// writeDerived keeps what is found by other applicants without being shown: with which numbers there is an application,
// and how long steps took.
func writeDerived(ctx context.Context, q *shareddb.Queries, d *Definition, before, a Application, e Event,
	moved []Transition) error {
	for _, kind := range numberFields {
		var err error
		switch was, is := before.applied(kind), a.applied(kind); {
		case is == was:
		case is == "":
			err = q.DropAppliedNumber(ctx, kind)
		default:
			err = q.PutAppliedNumber(ctx, kind, is)
		}
		if err != nil {
			return err
		}
	}
	for _, t := range moved {
		if t.To != StepDone || t.From != StepWaiting || !slices.Contains(measured, e.Kind) {
			continue
		}
		if err := addStepTime(ctx, q, a, t.Step, e.At.Sub(before.Steps[t.Step].Since), e.At); err != nil {
			return err
		}
	}
	if e.Kind != Approval && e.Kind != Rejection {
		return nil
	}
	for _, s := range d.Turns(a) { // an applicant's ticket measures nothing, so theirs are written when all is decided
		if at := a.Steps[s.Key]; s.By == Applicant && at.State == StepDone {
			if err := addStepTime(ctx, q, a, s.Key, at.Since.Sub(a.CreatedAt), e.At); err != nil {
				return err
			}
		}
	}
	return nil
}

func addStepTime(ctx context.Context, q *shareddb.Queries, a Application, step string, took time.Duration,
	at time.Time) error {
	return q.AddStepTime(ctx, shareddb.AddStepTimeParams{Kind: a.Kind, Step: step,
		Seconds: int32(max(took, 0) / time.Second), At: at})
}

// About is how long something takes, rounded as people say it: minutes, hours, days.
func About(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 2*time.Minute:
		return "a minute"
	case d > 3*day:
		return civil.Duration(d.Round(day))
	case d > 2*time.Hour:
		return civil.Duration(d.Round(time.Hour))
	}
	return civil.Duration(d.Round(time.Minute))
}
