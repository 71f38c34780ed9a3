package onboarding

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/kyc"
	"kindward/internal/npi"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

// Checks asks the registers that applications wait for.
type Checks struct {
	Due      *relaydb.Queries
	Gateway  *tenancy.Gateway
	Registry *npi.Registry
	Identity *kyc.Identity // nil: nobody verifies identities here
	Base     string        // under which people come back from there
	Licenses *kyc.Licenses // nil: no register of licenses is asked
	Now      func() time.Time
	Log      *slog.Logger
}

// The kinds of checks.
const (
	checkNPI       = "npi"
	checkExclusion = "exclusion"
	CheckIdentity  = "identity" // who is asked verifies people, each time anew
	checkLicense   = "license"
)

var checks = []string{checkNPI, checkExclusion, CheckIdentity, checkLicense}

// A round asks for so many at most, and a register no more after so many in a row that it did not answer: who is down
// is not asked a hundred times a minute.
const (
	mostChecks = 50
	mostErrors = 3
)

// worker is as whom the worker writes what registers say and what time ends: nobody's account, with the right of staff,
// so that no applicant's ticket can say the same.
var worker = tenancy.Caller{Staff: true, RequestID: "kindward work"}

// Run is one round. It runs twice without harm: what a register said about a step that does not wait is not taken.
func (c *Checks) Run(ctx context.Context) error {
	due, err := c.Due.DueChecks(ctx, c.Now(), mostChecks)
	if err != nil {
		return err
	}
	return c.round(ctx, due)
}

func (c *Checks) run(ctx context.Context, s tenancy.Scope, key string, r *questions) error {
	d, a, err := Load(ctx, c.Gateway, s)
	if err != nil {
		return err
	}
	step, ok := d.Step(key)
	if !ok {
		return ErrNoStep
	}
	if step.By == Staff {
		return c.approve(ctx, s)
	}
	if a.Steps[key].State != StepWaiting {
		return c.mend(ctx, s, key)
	}
	said, err := c.ask(ctx, s.Tenant(), d, step, a)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	r.said(said.Result)
	if last := a.Checks[key]; same(last, said) {
		return c.postpone(ctx, s, key, last.At)
	}
	return c.keep(ctx, s, key, said)
}

// ask asks the register of a step.
func (c *Checks) ask(ctx context.Context, application uuid.UUID, d *Definition, step *Step, a Application) (
	said Checked, err error) {
	var found kyc.Finding
	current := a.Current()
	switch step.Check {
	case checkNPI:
		found = numbered(c.Registry.Find(ctx, current[step.Subject]))
	case checkExclusion:
		list := kyc.Exclusions{Queries: c.Due, Now: c.Now}
		found, err = list.Screen(ctx, d.screened(current))
	case CheckIdentity:
		found = c.verify(ctx, application, step, a)
	case checkLicense:
		found = c.licensed(ctx, d.State, current)
	}
	found = keepable(found)
	return Checked{Kind: step.Check, Subject: step.about(current), Result: found.Result, Reason: found.Reason,
		Facts: found.Facts, Replaces: true}, err
}

// licensed asks for a license. Where no register is asked, whoever reviews looks it up.
func (c *Checks) licensed(ctx context.Context, state string, answers map[string]string) kyc.Finding {
	if c.Licenses == nil {
		return kyc.Finding{Result: Review, Reason: "No register of licenses is asked here: look this one up."}
	}
	today := civil.DateOf(c.Now().In(civil.ZoneOrUTC(Zones[state])))
	return c.Licenses.Check(ctx, state, answers["license"], answers["name"], today)
}

// numbered is what the registry of numbers' answer means for whoever wants to join.
func numbered(r npi.Record, err error) kyc.Finding {
	switch {
	case errors.Is(err, npi.ErrUnknown):
		return kyc.Finding{Result: Fail, Reason: "The registry does not know this number."}
	case err != nil:
		return kyc.Finding{Result: Error, Reason: "The registry did not answer."}
	case !r.Active:
		return kyc.Finding{Result: Fail, Reason: "The registry says that this number is deactivated."}
	case !r.Organization:
		return kyc.Finding{Result: Fail,
			Reason: "This is the number of a person. An organization has one of its own (type 2)."}
	}
	return kyc.Finding{Result: Pass, Facts: map[string]string{"name": r.Name, "street": r.Street, "suite": r.Suite,
		"city": r.City, "zip": r.ZIP, "phone": r.Phone, "state": r.State, factOfficialFirst: r.OfficialFirst,
		factOfficialLast: r.OfficialLast}}
}
