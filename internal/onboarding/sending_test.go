package onboarding

import (
	"errors"
	"testing"
)

func TestNothingIsSentThatWasNotSeenAndLogsOfBeforeSendWhatTheySent(t *testing.T) {
	for _, seen := range []bool{true, false} {
		s := begin(t, "clinic", "RI")
		for _, st := range s.d.Steps {
			switch {
			case s.d.Sends(&st) || st.By == Staff:
			case st.By == Applicant:
				s.answer(st.Key)
			case s.at(st.Key) == StepWaiting:
				s.saidOf(st.Key, Pass)
			}
		}
		looked := s.a.Version
		s.do(Event{Kind: Answered, Step: "location", By: bob, Data: Data{Base: s.a.Version,
			Answers: map[string]string{"city": "Bristol", "locations": ""}}})
		s.answer("location", "city", "Bristol", "more_locations", "no")
		send := Event{Kind: Answered, Step: "agreement", By: alice, Data: Data{Base: looked,
			Answers: s.answers("agreement")}}
		if seen {
			send.Data.Seen = looked
		}
		err := s.try(send)
		changed, refused := errors.AsType[*ChangedError](err)
		if refused != seen || (s.a.Status == Submitted) == seen {
			t.Fatalf("seen %t: %v, %s", seen, err, s.a.Status)
		}
		if !seen {
			continue
		}
		if len(changed.Fields) != 3 || changed.Fields[0].Field != "city" || changed.Fields[0].Now != "Bristol" ||
			changed.Fields[0].By != bob || changed.Fields[2].Now != "" {
			t.Errorf("changed: %+v", changed.Fields)
		}
		send.Data.Base, send.Data.Seen = s.a.Version, s.a.Version
		if s.do(send); s.a.Status != Submitted {
			t.Errorf("having seen it: %s", s.a.Status)
		}
	}
}
