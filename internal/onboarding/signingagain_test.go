package onboarding

import (
	"testing"
	"time"

	"kindward/internal/contract"
)

func Test36AnOrganizationSignsAnotherTextAgainAndIsRemindedBeforeItsDay(t *testing.T) {
	t.Cleanup(contract.AddToCome(72, "# Another text for {organization}\n"))
	s := submitted(t)
	s.approve(dana)
	if err := s.try(Event{Kind: Reworded, Data: Data{Contract: 72}}); err != ErrNotNow {
		t.Errorf("what is approved and no organization yet: %v", err)
	}
	for _, step := range Provisioning {
		s.do(Event{Kind: Provision, Step: step})
	}
	first := s.a.Signature
	if err := s.try(Event{Kind: Countersigned}); err != ErrNotNow {
		t.Errorf("countersigned twice: %v", err)
	}
	s.do(Event{Kind: Reworded, Data: Data{Contract: 72}})
	due, asked := s.d.ToSignAgain(s.a)
	if !asked || !due.Equal(s.a.Reworded.Add(30*24*time.Hour)) || s.a.Status != Live || s.at("contract") != StepDone ||
		s.a.Signature != first {
		t.Errorf("reworded: due %s, %v, %s, %s", due, asked, s.a.Status, s.at("contract"))
	}
	if len(s.Tell) != 2 || s.Tell[0] != (Notice{ContractNotice, s.a.Reworded}) ||
		s.Tell[1] != (Notice{ContractDue, due.Add(-7 * 24 * time.Hour)}) {
		t.Errorf("told: %v", s.Tell)
	}
	if err := s.try(Event{Kind: Signed, Step: "contract", By: alice, Data: s.signature()}); err != ErrNotNow {
		t.Errorf("an applicant signs for an organization: %v", err)
	}
	if err := s.try(Event{Kind: Reworded, Data: Data{Contract: 72}}); err != ErrNotNow {
		t.Errorf("asked twice: %v", err)
	}
	s.do(Event{Kind: SignedAgain, Step: "contract", By: bob, Data: s.signature()})
	if _, asked := s.d.ToSignAgain(s.a); asked || s.a.Signature.Version != 72 || s.a.Signature.By != bob {
		t.Errorf("signed: %v, %+v", asked, s.a.Signature)
	}
	if len(s.Drop) < 2 {
		t.Errorf("dropped: %v", s.Drop)
	}
	s.do(Event{Kind: Countersigned})
	if c := s.a.Countersignature; c.Hash != s.a.Signature.Hash || c.Proof != "rules" {
		t.Errorf("countersigned: %+v", c)
	}
	if again, err := Replay(kept(t, s.log)); err != nil || again.Countersignature != s.a.Countersignature {
		t.Errorf("played again: %v", err)
	}
}
