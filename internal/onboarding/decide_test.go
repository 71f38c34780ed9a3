package onboarding

import (
	"testing"

	"github.com/google/uuid"
)

var erik = uuid.UUID{4} // of the staff too

func submitted(t *testing.T) *story {
	t.Helper()
	s := begin(t, "clinic", "RI")
	s.send()
	return s
}

func TestA65NobodyDecidesWhatTheyFilledIn(t *testing.T) {
	decisions := func(s *story, who uuid.UUID) (all []error) {
		for _, e := range []Event{{Kind: Approval, Data: countersigned}, {Kind: Rejection, Data: Data{Reason: "No."}},
			{Kind: Returned, Data: Data{Reason: "More.", Steps: []string{"location"}}}} {
			e.By = who
			_, _, err := Advance(s.d, s.a, e)
			all = append(all, err)
		}
		return all
	}
	s := submitted(t)
	if err := s.try(Event{Kind: Claimed, By: alice}); err != ErrOwn {
		t.Errorf("who began it claims it: %v", err)
	}
	s.do(Event{Kind: Claimed, By: dana})
	s.do(Event{Kind: Joined, By: dana}) // after having claimed it
	for _, err := range decisions(s, dana) {
		if err != ErrOwn {
			t.Errorf("who joined it decides: %v", err)
		}
	}
	answered := submitted(t)
	answered.a.Participants = nil // all have left it
	if err := answered.try(Event{Kind: Claimed, By: alice}); err != ErrOwn {
		t.Errorf("who has answered a question claims it: %v", err)
	}
	left := submitted(t)
	left.do(Event{Kind: Joined, By: dana})
	left.do(Event{Kind: Left, By: dana, Data: Data{Who: dana}})
	if err := left.try(Event{Kind: Claimed, By: dana}); err != ErrOwn {
		t.Errorf("who took part and left claims it: %v", err)
	}
	left.do(Event{Kind: Claimed, By: erik})
	if err := left.try(Event{Kind: Released, By: dana}); err != ErrOwn {
		t.Errorf("who took part puts another's claim back: %v", err)
	}
	control := submitted(t)
	control.do(Event{Kind: Claimed, By: dana})
	control.accept(dana)
	for _, err := range decisions(control, dana) {
		if err != nil {
			t.Errorf("control: who has no part in it: %v", err)
		}
	}
}

func Test39WhatSomebodyHasClaimedNobodyElseClaimsOrDecides(t *testing.T) {
	s := submitted(t)
	s.do(Event{Kind: Claimed, By: dana})
	if err := s.try(Event{Kind: Claimed, By: erik}); err != ErrClaimed {
		t.Errorf("a second claim: %v", err)
	}
	if err := s.try(Event{Kind: Approval, By: erik}); err != ErrNotTheirs {
		t.Errorf("the other decides: %v", err)
	}
	s.do(Event{Kind: Released, By: erik})
	if s.do(Event{Kind: Claimed, By: erik}); s.a.Claimed != erik {
		t.Error("put back it cannot be claimed")
	}
}

func TestA66ACheckThatDidNotPassTakesAWaiverWithWordsAndTheApprovalOfAnother(t *testing.T) {
	for _, said := range []Result{Fail, Error} {
		s := begin(t, "clinic", "RI")
		s.said(said)
		for _, st := range s.d.Steps {
			if st.By == Applicant && st.Key != "agreement" {
				s.answer(st.Key)
			}
		}
		if s.at("agreement") != StepLocked {
			t.Fatalf("%s: it can be sent", said)
		}
		waiver := Event{Kind: Waiving, Step: "registry", By: dana}
		if err := s.try(waiver); err != ErrNoReason {
			t.Errorf("%s: without words: %v", said, err)
		}
		waiver.Data.Reason = "The registry has the name of before."
		for who, want := range map[uuid.UUID]error{alice: ErrOwn, dana: nil} {
			by := waiver
			if by.By = who; want != nil && s.try(by) != want {
				t.Errorf("%s: who fills it in lets it pass", said)
			}
		}
		if s.do(waiver); s.at("registry") != StepWaived || !s.a.Steps["registry"].NextAt.IsZero() {
			t.Fatalf("%s: it is %+v", said, s.a.Steps["registry"])
		}
		for _, st := range s.d.Steps {
			if st.By == Outside && s.at(st.Key) == StepWaiting {
				s.saidOf(st.Key, Pass)
			}
		}
		s.answer("agreement")
		s.do(Event{Kind: Claimed, By: dana})
		s.accept(dana)
		if err := s.try(Event{Kind: Approval, By: dana}); err != ErrTakesTwo {
			t.Errorf("%s: one alone: %v", said, err)
		}
		s.do(Event{Kind: Released, By: dana})
		s.do(Event{Kind: Claimed, By: erik})
		if s.do(Event{Kind: Approval, By: erik, Data: countersigned}); s.a.Status != Approved {
			t.Errorf("%s: another: %s", said, s.a.Status)
		}
	}
}

func TestAWaiverIsGoodForTheNumberThatItWasGivenFor(t *testing.T) {
	s := begin(t, "clinic", "RI")
	s.said(Fail)
	s.do(Event{Kind: Waiving, Step: "registry", By: dana, Data: Data{Reason: "It is new."}})
	if s.answer("organization", "npi", "1245319599"); s.at("registry") != StepWaiting || len(s.Asks) == 0 {
		t.Errorf("another number is %s, %v", s.at("registry"), s.Asks)
	}
	if s.answer("organization", "npi", number); s.at("registry") != StepWaived {
		t.Errorf("the first again is %s", s.at("registry"))
	}
	passed := submitted(t)
	passed.do(Event{Kind: Claimed, By: dana})
	idle := Event{Kind: Waiving, Step: "registry", By: dana, Data: Data{Reason: "Why not."}}
	if err := passed.try(idle); err != ErrNoStep {
		t.Errorf("what has passed is let pass: %v", err)
	}
}

func TestAnApprovedApplicationBecomesAnOrganizationStepByStep(t *testing.T) {
	s := submitted(t)
	first := Event{Kind: Provision, Step: MakeSchema}
	if err := s.try(first); err != ErrNotNow {
		t.Errorf("before it is approved: %v", err)
	}
	s.approve(dana)
	for i, step := range Provisioning {
		if s.a.Status != Approved {
			t.Errorf("before %s it is %s", step, s.a.Status)
		}
		for _, other := range Provisioning {
			if other == step {
				continue
			}
			if err := s.try(Event{Kind: Provision, Step: other}); err != ErrNotNow {
				t.Errorf("%s as step %d: %v", other, i, err)
			}
		}
		s.do(Event{Kind: Provision, Step: step})
	}
	if s.a.Status != Live || s.at("review") != StepDone {
		t.Errorf("in the end: %s, %s", s.a.Status, s.at("review"))
	}
	if again, err := Replay(kept(t, s.log)); err != nil || again.Status != Live {
		t.Errorf("played again: %s, %v", again.Status, err)
	}
}
