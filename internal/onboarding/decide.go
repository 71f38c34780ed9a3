package onboarding

import (
	"slices"

	"github.com/google/uuid"
)

// Waiver is why a check that did not pass is let pass, by whom, and about what.
type Waiver struct {
	By              uuid.UUID
	Reason, Subject string
}

// Fills tells whether somebody takes part in an application, ever did, or has answered a question of it.
func (a *Application) Fills(who uuid.UUID) bool {
	if slices.Contains(a.Participants, who) || slices.Contains(a.Formerly, who) {
		return true
	}
	for _, all := range a.Answers {
		if slices.ContainsFunc(all, func(answer Answer) bool { return answer.By == who }) {
			return true
		}
	}
	return false
}

// claim makes an application one reviewer's to decide: the first who takes it, and nobody who fills it in.
func (a *Application) claim(e Event) error {
	switch {
	case a.Fills(e.By):
		return ErrOwn
	case a.Claimed == e.By: // a form that was sent twice
		return ErrNotNow
	case a.Claimed != uuid.Nil:
		return ErrClaimed
	}
	a.Claimed = e.By
	return nil
}

// MayDecide is nil where one of the staff may decide now: whoever has claimed it, and does not fill it in.
func (a *Application) MayDecide(who uuid.UUID) error {
	switch {
	case a.Fills(who):
		return ErrOwn
	case a.Status != Submitted:
		return ErrNotNow
	case a.Claimed != who:
		return ErrNotTheirs
	}
	return nil
}

// decided is what one of the staff says who may decide, or an approval without a person.
func (a *Application) decided(d *Definition, e Event) error {
	if e.Kind == Approval && e.By == uuid.Nil {
		return a.approveItself(d, e)
	}
	if err := a.MayDecide(e.By); err != nil {
		return err
	}
	if e.Kind != Approval && e.Data.Reason == "" {
		return ErrNoReason
	}
	switch e.Kind {
	case Approval:
		if err := a.MayApprove(d, e.By); err != nil {
			return err
		}
		if err := a.countersigned(d, e); err != nil {
			return err
		}
		a.Status, a.ApprovedAt = Approved, e.At
	case Rejection:
		a.Status, a.Reason = Rejected, e.Data.Reason
	case Returned:
		if err := a.giveBack(d, e); err != nil {
			return err
		}
	}
	a.Claimed = uuid.Nil
	return nil
}

// giveBack makes steps the applicant's again.
func (a *Application) giveBack(d *Definition, e Event) error {
	if len(e.Data.Steps) == 0 && len(a.rejected(d)) == 0 {
		return ErrNoStep
	}
	for _, key := range e.Data.Steps {
		s, ok := d.Step(key)
		if !ok || s.By != Applicant {
			return ErrNoStep
		}
		if s.Contract > 0 { // it is signed anew
			a.Signature = Signature{}
		}
		a.Asked[key] = e.Data.Reason
		delete(a.Saved, key)
	}
	delete(a.Saved, d.sending())
	a.Status, a.Doubted = Open, true
	return nil
}

// MayApprove refuses an approval by whoever may not decide, while a check has not passed or a document is not accepted,
// and by whoever let a check pass: that takes two.
func (a *Application) MayApprove(d *Definition, who uuid.UUID) error {
	if err := a.MayDecide(who); err != nil {
		return err
	}
	for _, s := range d.Turns(*a) {
		switch at := a.Steps[s.Key]; {
		case s.By == Staff || at.State == StepDone:
		case at.State != StepWaived:
			return ErrOpenItem
		case a.Waived[s.Key].By == who:
			return ErrTakesTwo
		}
	}
	return a.undecided(d)
}

// MayWaive is nil where one of the staff may let a check pass now. While the applicant has the ball nobody has claimed
// the application, and anybody may help somebody who is stuck.
func (a *Application) MayWaive(d *Definition, step string, who uuid.UUID) error {
	s, ok := d.Step(step)
	state := a.Steps[step].State
	switch {
	case !ok || s.By != Outside || state != StepFailed && state != StepWaiting:
		return ErrNoStep
	case a.Status == Open && !a.Fills(who):
		return nil
	}
	return a.MayDecide(who)
}

// waive lets a check pass that did not, for the subject that it is about now.
func (a *Application) waive(d *Definition, e Event) error {
	if err := a.MayWaive(d, e.Step, e.By); err != nil {
		return err
	}
	if e.Data.Reason == "" {
		return ErrNoReason
	}
	s, _ := d.Step(e.Step)
	a.Waived[s.Key], a.Doubted = Waiver{e.By, e.Data.Reason, s.about(a.Current())}, true
	return nil
}

// The steps by which an approved application becomes an organization, in their order. Words are stable for ever: they
// stand in logs.
const (
	MakeSchema   = "schema"   // its tables, and its row among the organizations
	MakeOwner    = "owner"    // whoever sent the application may do everything there
	MakeLocation = "location" // its first location, from the answers
	Announce     = "announce" // everybody who keeps a copy of the market is told
)

// Provisioning are all of them.
var Provisioning = []string{MakeSchema, MakeOwner, MakeLocation, Announce}

// provision notes that a step is done: each once, in their order. After the last the organization is live.
func (a *Application) provision(e Event) error {
	if len(a.Provisioned) == len(Provisioning) || e.Step != Provisioning[len(a.Provisioned)] {
		return ErrNotNow
	}
	a.Provisioned = append(slices.Clone(a.Provisioned), e.Step)
	if len(a.Provisioned) == len(Provisioning) {
		a.Status = Live
	}
	return nil
}
