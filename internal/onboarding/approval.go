package onboarding

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"

	"kindward/internal/form"
)

// Risk is how risky it is to let somebody in.
type Risk string

// The risks, the least first.
const (
	Limited  Risk = "limited"
	Moderate Risk = "moderate"
	High     Risk = "high"
)

var risks = []Risk{Limited, Moderate, High}

// Who approves.
const (
	byPerson  = "person"
	automatic = "automatic"
)

// approvalRule says who approves applications of a kind. What it does not name a person looks at.
type approvalRule struct {
	By        string
	Risk      Risk   // of the kind
	Source    string // the rule by which it is that risky
	Raises    []raise
	Most      Risk     // up to which an application is approved without a person
	Documents []string // kinds that nobody has to look at once nothing was found in them
	Sample    uint64   // one in so many is looked at by a person all the same
}

// raise is a riskier answer.
type raise struct {
	To            Risk
	When, Because string

	when cel.Program
}

func (r *approvalRule) compile(f *form.Form) (err error) {
	for i := range r.Raises {
		if r.Raises[i].when, err = f.Condition(r.Raises[i].When); err != nil {
			return fmt.Errorf("approval: %w", err)
		}
	}
	return nil
}

// lintApproval refuses a rule by which something would be approved that nobody thought of.
func (d *Definition) lintApproval() error {
	r := d.approval
	switch {
	case r.By != byPerson && r.By != automatic:
		return fmt.Errorf("approval: nobody approves")
	case r.By == byPerson:
		return nil
	case !slices.Contains(risks, r.Risk) || !slices.Contains(risks, r.Most) || r.Sample == 0:
		return fmt.Errorf("approval: it has no risk, no bound or no sample")
	}
	for _, raise := range r.Raises {
		if !slices.Contains(risks, raise.To) || raise.When == "" || raise.Because == "" {
			return fmt.Errorf("approval: an answer raises the risk to none, or says not why")
		}
	}
	for _, key := range r.Documents {
		if !slices.ContainsFunc(d.Steps, func(s Step) bool { _, ok := s.DocumentKind(key); return ok }) {
			return fmt.Errorf("approval: %q is no document", key)
		}
	}
	for _, check := range needed {
		if !slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Check == check }) {
			return fmt.Errorf("approval: nobody checks %q", check)
		}
	}
	return nil
}

// needed are the checks without which nothing is approved without a person.
var needed = []string{checkNPI, checkExclusion, CheckIdentity}

// risk is how risky an application is, and the sentences of what makes it more so.
func (d *Definition) risk(applied map[string]string) (risk Risk, because []string) {
	risk = d.approval.Risk
	for _, r := range d.approval.Raises {
		if d.form.Holds(r.when, applied) {
			because = append(because, r.Because)
			if slices.Index(risks, r.To) > slices.Index(risks, risk) {
				risk = r.To
			}
		}
	}
	return risk, because
}

// sampled tells whether an application is one of those that a person looks at all the same: by a hash of what no
// applicant chooses.
func (d *Definition) sampled(a Application) bool {
	sum := sha256.Sum256(fmt.Append(nil, a.Began, a.CreatedAt.UnixMicro()))
	return binary.BigEndian.Uint64(sum[:])%d.approval.Sample == 0
}

// approveItself is an approval without a person: only of what no person has to look at.
func (a *Application) approveItself(d *Definition, e Event) error {
	if _, doubts := d.Automatic(*a); len(doubts) > 0 {
		return ErrPerson
	}
	if len(e.Data.Reasons) == 0 {
		return ErrNoReason
	}
	if err := a.countersigned(d, e); err != nil {
		return err
	}
	a.Status, a.ApprovedAt = Approved, e.At
	return nil
}

// WhoApproves says in sentences who approves applications, and which are approved without a person.
func (d *Definition) WhoApproves() []string {
	r := d.approval
	said := []string{"A person approves each of them."}
	if d.Decides() {
		said = []string{"An application of " + string(r.Most) + " risk is approved without a person, if all checks have " +
			"passed and nothing is in doubt.", fmt.Sprintf("A person looks at one in %d all the same.", r.Sample)}
	}
	if r.Risk != "" {
		said = append(said, "Its kind is of "+string(r.Risk)+" risk: "+r.Source+".")
	}
	for _, raise := range r.Raises {
		said = append(said, "Of "+string(raise.To)+" risk: "+raise.Because)
	}
	return said
}
