package onboarding

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"kindward/internal/npi"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

// Checks asks the registers that applications wait for.
type Checks struct {
	Due      *relaydb.Queries
	Gateway  *tenancy.Gateway
	Registry *npi.Registry
	Now      func() time.Time
	Log      *slog.Logger
}

// A round asks for so many at most, and is over after so many in a row that were not answered: who is down is not asked
// a hundred times a minute.
const (
	mostChecks = 50
	mostErrors = 3
)

// Run is one round. It runs twice without harm: what a register said about a step that does not wait is not taken.
func (c *Checks) Run(ctx context.Context) error {
	due, err := c.Due.DueChecks(ctx, c.Now(), mostChecks)
	if err != nil {
		return err
	}
	var failed error
	unanswered := 0
	for _, step := range due {
		result, err := c.run(ctx, c.Gateway.AdmitApplicant(step.TenantID, tenancy.Caller{}), step.Key)
		if err != nil && !errors.Is(err, ErrNotNow) {
			c.Log.Error("onboarding: a check failed", "application", step.TenantID, "step", step.Key, "error", err)
			failed = errors.Join(failed, err)
		}
		if result != Error {
			unanswered = 0
		} else if unanswered++; unanswered == mostErrors {
			break
		}
	}
	return failed
}

func (c *Checks) run(ctx context.Context, s tenancy.Scope, key string) (Result, error) {
	d, a, err := Load(ctx, c.Gateway, s)
	if err != nil {
		return "", err
	}
	step, ok := d.Step(key)
	if !ok {
		return "", ErrNoStep
	}
	subject := a.Current()[step.Subject]
	record, err := c.Registry.Find(ctx, subject)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	said := judge(record, err)
	said.Kind, said.Subject = step.Check, subject
	_, _, err = Act(ctx, c.Gateway, s, Event{Kind: CheckDone, Step: key, At: c.Now(), Data: Data{Check: &said}})
	return said.Result, err
}

// judge is what the registry's answer means for whoever wants to join.
func judge(r npi.Record, err error) Checked {
	switch {
	case errors.Is(err, npi.ErrUnknown):
		return Checked{Result: Fail, Reason: "The registry does not know this number."}
	case err != nil:
		return Checked{Result: Error, Reason: "The registry did not answer."}
	case !r.Active:
		return Checked{Result: Fail, Reason: "The registry says that this number is deactivated."}
	case !r.Organization:
		return Checked{Result: Fail, Reason: "This is the number of a person. An organization has one of its own (type 2)."}
	}
	return Checked{Result: Pass, Facts: map[string]string{"name": r.Name, "street": r.Street, "city": r.City,
		"zip": r.ZIP, "phone": r.Phone, "state": r.State}}
}
