package onboarding

import "testing"

func TestThatItIsTheirTurnIsNotToldOnceItIsNoLongerOpen(t *testing.T) {
	dropped := func(s *story) (is bool) {
		for _, kind := range s.Drop {
			is = is || kind == TurnNotice
		}
		return is
	}
	s := begin(t, "clinic", "RI")
	s.said(Fail)
	if dropped(s) || len(s.Tell) == 0 || s.Tell[0].Kind != TurnNotice {
		t.Fatalf("control: told %v, dropped %v", s.Tell, s.Drop)
	}
	if s.do(Event{Kind: Withdrew, By: alice}); !dropped(s) {
		t.Errorf("withdrawn: only %v are dropped", s.Drop)
	}
	if s.do(Event{Kind: Reopened, By: alice}); dropped(s) {
		t.Error("opened again: it is dropped")
	}
	sent := begin(t, "clinic", "RI")
	if sent.send(); !dropped(sent) {
		t.Errorf("sent: only %v are dropped", sent.Drop)
	}
}
