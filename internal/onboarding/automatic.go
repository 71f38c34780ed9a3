package onboarding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/kyc"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// The facts of a registry of numbers about who may speak for an organization.
const (
	factOfficialFirst = "official_first"
	factOfficialLast  = "official_last"
)

// Decides tells whether applications may be approved without a person.
func (d *Definition) Decides() bool { return d.approval.By == automatic }

// Automatic is why an application may be approved without a person, and what a person has to look at first, both in
// sentences. It may be if there is none of the latter.
func (d *Definition) Automatic(a Application) (reasons, doubts []string) {
	reasons, doubts = d.passed(a)
	switch {
	case !a.Compared:
		doubts = append(doubts, "It was not compared with others yet.")
	case len(a.Similar) > 0:
		doubts = append(doubts, "Others may be the same organization.")
	default:
		reasons = append(reasons, "No other application or organization is like it.")
	}
	return reasons, doubts
}

// passed is Automatic but for what others are like.
func (d *Definition) passed(a Application) (reasons, doubts []string) {
	if !d.Decides() {
		return nil, []string{"A person decides on each of this kind."}
	}
	for _, look := range []func(Application) (string, []string){d.ofStaff, d.ofRisk, d.ofChecks, d.ofAnswers, d.ofOfficial,
		d.ofDocuments, d.ofContract} {
		reason, against := look(a)
		if doubts = append(doubts, against...); reason != "" && len(against) == 0 {
			reasons = append(reasons, reason)
		}
	}
	if d.sampled(a) {
		doubts = append(doubts, fmt.Sprintf("A person looks at one in %d all the same, and this is one.",
			d.approval.Sample))
	}
	return reasons, doubts
}

// ofStaff are doubts where a person has begun to decide.
func (d *Definition) ofStaff(a Application) (_ string, against []string) {
	if a.Status != Submitted {
		against = append(against, "It does not wait for a decision.")
	}
	if a.Claimed != uuid.Nil {
		against = append(against, "One of us has taken it from the queue.")
	}
	if a.Doubted {
		against = append(against, "One of us gave it back, rejected a document or let a check pass.")
	}
	return "", against
}

func (d *Definition) ofRisk(a Application) (reason string, against []string) {
	risk, because := d.risk(d.Applied(a.Current()))
	if slices.Index(risks, risk) > slices.Index(risks, d.approval.Most) {
		return "", append([]string{"Its risk is " + string(risk) + "."}, because...)
	}
	return "Its risk is " + string(risk) + ".", nil
}

// oldest is how old what a check found may be when the application is sent.
const oldest = 30 * 24 * time.Hour

func (d *Definition) ofChecks(a Application) (reason string, against []string) {
	var names []string
	left := slices.Clone(needed)
	for _, s := range d.Turns(a) {
		said := a.Checks[s.Key]
		switch {
		case s.By != Outside:
		case a.SubmittedAt.Sub(said.At) > oldest:
			against = append(against, s.Name+" was asked more than 30 days before.")
		case a.Steps[s.Key].State != StepDone || said.Result != Pass || said.Subject != s.about(a.Current()):
			against = append(against, s.Name+" has not passed.")
		default:
			names = append(names, s.Name)
			left = slices.DeleteFunc(left, func(check string) bool { return check == s.Check })
		}
	}
	if len(left) > 0 && len(against) == 0 {
		against = append(against, "A check was not asked.")
	}
	return "All checks have passed: " + strings.Join(names, ", ") + ".", against
}

func (d *Definition) ofAnswers(a Application) (reason string, against []string) {
	if n := d.Differing(a.Current(), a.Facts()); n > 0 {
		return "", []string{"An answer differs from what a register says."}
	}
	return "No answer differs from what a register says.", nil
}

// ofOfficial asks that whoever was verified is who may speak for the organization, as it has told the registry: its
// number alone everybody can look up.
func (d *Definition) ofOfficial(a Application) (reason string, against []string) {
	verified, official := "", ""
	for _, s := range d.Turns(a) {
		facts := a.Checks[s.Key].Facts
		switch s.Check {
		case checkNPI:
			official = kyc.PersonKey(facts[factOfficialFirst], facts[factOfficialLast])
		case CheckIdentity:
			verified = facts[kyc.FactWho]
		}
	}
	if official == "" || verified != official {
		return "", []string{"Whoever was verified is not whom the NPI registry names as its authorized official."}
	}
	return "Whoever was verified is its authorized official in the NPI registry.", nil
}

func (d *Definition) ofDocuments(a Application) (reason string, against []string) {
	for _, s := range d.Turns(a) {
		for _, k := range d.Wanted(s, a.Current()) {
			doc, there := a.Documents[k.Key]
			unseen := doc.State == DocumentPassed && slices.Contains(d.approval.Documents, k.Key)
			if there && doc.State != DocumentAccepted && !unseen || !there && !k.Optional {
				against = append(against, "A person looks at: "+k.Label+".")
			}
		}
	}
	return "Every document is there, and nothing was found in them.", against
}

// await lets the worker look at an application that may be approved without a person.
func (a *Application) await(d *Definition, now time.Time) {
	at, exists := a.Steps[Reviewed]
	if !exists || !d.Decides() {
		return
	}
	_, doubts := d.passed(*a)
	switch {
	case len(doubts) > 0 || a.Compared && len(a.Similar) > 0:
		at.NextAt = time.Time{}
	case at.NextAt.IsZero():
		at.NextAt = now
	}
	a.Steps[Reviewed] = at
}

// approve approves an application that no person has to look at, once it was compared with others.
func (c *Checks) approve(ctx context.Context, s tenancy.Scope) error {
	return c.Gateway.WithinShared(ctx, s, func(q *shareddb.Queries) error {
		d, a, err := locked(ctx, q)
		if err != nil {
			return err
		}
		at := moment(c.Now())
		if a.Steps[Reviewed].NextAt.IsZero() { // its row says otherwise
			return q.PutStep(ctx, placed(Reviewed, a.Steps[Reviewed]))
		}
		if !a.Compared {
			similar, err := Similar(ctx, q, a)
			if err != nil {
				return err
			}
			e := Event{Kind: Compared, At: at, Data: Data{Similar: similar.IDs()}}
			if a, _, err = act(ctx, q, d, a, e); err != nil {
				return err
			}
		}
		reasons, doubts := d.Automatic(a)
		if len(doubts) > 0 {
			return nil
		}
		_, _, err = act(ctx, q, d, a, Event{Kind: Approval, At: at, Data: Data{Reasons: reasons}})
		return err
	})
}
