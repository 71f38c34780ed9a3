package onboarding

import "testing"

func TestWhoseTurnItBecomesByAWaiverIsToldAndReminded(t *testing.T) {
	s := begin(t, "clinic", "RI")
	for _, st := range s.d.Steps {
		if st.By == Applicant && st.Key != "agreement" {
			s.answer(st.Key)
		}
	}
	for _, st := range s.d.Steps {
		if st.By == Outside && st.Key != "registry" && s.at(st.Key) == StepWaiting {
			s.saidOf(st.Key, Pass)
		}
	}
	s.saidOf("registry", Error)
	if s.d.applicantsTurn(s.a) {
		t.Fatal("control: it is their turn before")
	}
	s.do(Event{Kind: Waiving, Step: "registry", By: dana, Data: Data{Reason: "The registry is down for weeks."}})
	told := map[NoticeKind]bool{}
	for _, n := range s.Tell {
		told[n.Kind] = true
	}
	if !s.d.applicantsTurn(s.a) || !told[TurnNotice] || !told[Reminder] || !told[Closing] {
		t.Errorf("their turn: %t, told: %v", s.d.applicantsTurn(s.a), s.Tell)
	}
}
