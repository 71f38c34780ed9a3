package onboarding

import (
	"reflect"
	"testing"

	"github.com/google/uuid"
)

func Test39WhatIsNotTheSameIsToldApartWithAReasonAndWhatIsTheSameIsClosed(t *testing.T) {
	other, s := uuid.New(), submitted(t)
	apart := Event{Kind: Distinct, By: dana, Data: Data{Who: other, Reason: "It is in another town."}}
	same := Event{Kind: Duplicate, By: dana, Data: Data{Who: other}}
	for _, e := range []Event{apart, same} {
		if err := s.try(e); err != ErrNotTheirs {
			t.Errorf("%s by who has not claimed it: %v", e.Kind, err)
		}
	}
	s.do(Event{Kind: Claimed, By: dana})
	silent := apart
	if silent.Data.Reason = ""; s.try(silent) != ErrNoReason {
		t.Error("told apart without a reason")
	}
	s.do(apart)
	for _, e := range []Event{apart, same} {
		if err := s.try(e); err != ErrNotNow {
			t.Errorf("%s once it was told apart: %v", e.Kind, err)
		}
	}
	same.Data.Who = uuid.New()
	s.do(same)
	if s.a.Status != Rejected || s.a.SameAs != same.Data.Who || s.a.Claimed != uuid.Nil {
		t.Errorf("it is %s, the same as %s", s.a.Status, s.a.SameAs)
	}
	told := map[NoticeKind]bool{}
	for _, n := range s.Tell {
		told[n.Kind] = true
	}
	if !told[DecidedNotice] || !told[DuplicateNotice] {
		t.Errorf("told: %v", s.Tell)
	}
	if again, err := Replay(kept(t, s.log)); err != nil || !reflect.DeepEqual(again, s.a) {
		t.Errorf("played again: %v", err)
	}
}
