package onboarding

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/kyc"
)

// sound is a clinic that no person has to look at, sent: of whom registers say what it says, and whose official was
// verified. change may make it another one before it is sent.
func sound(t *testing.T, began time.Time, change func(*story)) *story {
	t.Helper()
	d, err := Find("clinic", "RI", Latest)
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, d: d, now: began}
	s.do(Event{Kind: Began, By: alice, Data: Data{Kind: "clinic", State: "RI", Definition: Latest,
		Answers: map[string]string{"npi": number}}})
	s.knows("registry", Pass, map[string]string{"name": "Narragansett Pediatrics", "city": "Providence",
		factOfficialFirst: "ADA", factOfficialLast: "MEDEIROS"})
	s.answer("organization", "contact", "Ada Medeiros, owner")
	s.knows("identity", Pass, map[string]string{kyc.FactWho: kyc.PersonKey("Ada", "Medeiros")})
	s.answer("location")
	s.answer("licenses", "practitioner_owned", "yes", "tests", "no")
	s.saidOf("exclusion", Pass)
	if change != nil {
		change(s)
	}
	for _, st := range s.d.Steps {
		switch {
		case st.By == Outside && s.at(st.Key) == StepWaiting:
			s.saidOf(st.Key, Pass)
		case st.By == Applicant && s.at(st.Key) == StepOpen:
			s.answer(st.Key)
		}
	}
	return s
}

// knows is what a register says with its facts.
func (s *story) knows(step string, r Result, facts map[string]string) {
	s.t.Helper()
	st, _ := s.d.Step(step)
	s.do(Event{Kind: CheckDone, Step: step, Data: Data{Check: &Checked{Kind: st.Check, Subject: st.about(s.a.Current()),
		Result: r, Facts: facts, Replaces: true}}})
}

// alone lets a sound one be approved without a person, if it may be.
func (s *story) alone(similar ...uuid.UUID) error {
	if err := s.try(Event{Kind: Compared, Data: Data{Similar: similar}}); err != nil {
		return err
	}
	reasons, _ := s.d.Automatic(s.a)
	return s.try(Event{Kind: Approval, Data: Data{Reasons: reasons}})
}

// unsampled is a moment at which one begins that is not looked at all the same.
func unsampled(t *testing.T) time.Time {
	t.Helper()
	d, err := Find("clinic", "RI", Latest)
	if err != nil {
		t.Fatal(err)
	}
	for at := start; ; at = at.Add(time.Hour) {
		if !d.sampled(Application{Began: alice, CreatedAt: at.Add(time.Minute)}) {
			return at
		}
	}
}

func Test39AnApplicationOfLimitedRiskThatNobodyHasToLookAtIsApprovedWithoutAPerson(t *testing.T) {
	s := sound(t, unsampled(t), nil)
	if at := s.a.Steps[Reviewed]; s.a.Status != Submitted || !at.NextAt.Equal(s.now) {
		_, doubts := s.d.Automatic(s.a)
		t.Fatalf("it is %s, looked at %v: %v", s.a.Status, at.NextAt, doubts)
	}
	if err := s.try(Event{Kind: Approval, Data: Data{Reasons: []string{"Because."}}}); err != ErrPerson {
		t.Errorf("before it was compared: %v", err)
	}
	if err := s.alone(); err != nil || s.a.Status != Approved || !slices.Equal(s.Tell, []Notice{{DecidedNotice, s.now}}) {
		t.Fatalf("%v, %s, %v", err, s.a.Status, s.Tell)
	}
	if c := s.a.Countersignature; c.Name != ByRules.Name || c.By != uuid.Nil || c.Hash != s.a.Signature.Hash {
		t.Errorf("countersigned: %+v", c)
	}
	if at := s.a.Steps[Reviewed]; at.State != StepDone || !at.NextAt.IsZero() {
		t.Errorf("its review is %+v", at)
	}
	said := strings.Join(s.log[len(s.log)-1].Data.Reasons, " ")
	for _, reason := range []string{"All checks have passed: NPI registry", "Its risk is limited.",
		"authorized official"} {
		if !strings.Contains(said, reason) {
			t.Errorf("%q is not in %q", reason, said)
		}
	}
	if again, err := Replay(kept(t, s.log)); err != nil || !reflect.DeepEqual(again, s.a) {
		t.Errorf("played again: %v", err)
	}
}

func TestA71WhatAPersonHasToLookAtIsNeverApprovedWithoutOne(t *testing.T) {
	began, other := unsampled(t), uuid.New()
	for what, c := range map[string]struct {
		before, after func(*story)
		similar       []uuid.UUID
		says          string
	}{
		"nothing: the control": {},
		"another is like it":   {similar: []uuid.UUID{other}, says: "Others may be the same"},
		"claimed":              {after: func(s *story) { s.do(Event{Kind: Claimed, By: dana}) }, says: "has taken it"},
		"a check to look at": {before: func(s *story) {
			s.answer("licenses", "director", "Vera Quill")
			s.saidOf("exclusion", Review)
		}, says: "exclusion"},
		"a waiver": {before: func(s *story) {
			s.answer("licenses", "director", "Vera Quill")
			s.saidOf("exclusion", Fail)
			s.do(Event{Kind: Waiving, Step: "exclusion", By: dana, Data: Data{Reason: "Another Vera Quill."}})
		}, says: "let a check pass"},
		"an answer that differs": {before: func(s *story) { s.answer("organization", "name", "Another Name") },
			says: "differs"},
		"its risk": {before: func(s *story) { s.answer("licenses", "tests", "yes") },
			says: "tests samples"},
		"others own it": {before: func(s *story) { s.answer("licenses", "practitioner_owned", "no") },
			says: "Others than its practitioners"},
		"somebody else was verified": {before: func(s *story) {
			s.answer("organization", "contact", "Mallory Smith Ada Medeiros")
			s.knows("identity", Pass, map[string]string{kyc.FactWho: kyc.PersonKey("Mallory", "Smith")})
		}, says: "authorized official"},
		"a document that nobody has scanned": {after: func(s *story) {
			for kind, doc := range s.a.Documents {
				doc.State = DocumentUnscanned
				s.a.Documents[kind] = doc
			}
		}, says: "A person looks at"},
		"given back": {after: func(s *story) {
			s.do(Event{Kind: Claimed, By: dana})
			s.do(Event{Kind: Returned, By: dana, Data: Data{Reason: "More.", Steps: []string{"location"}}})
			s.answer("location")
			s.answer("agreement")
		}, says: "gave it back"},
	} {
		s := sound(t, began, c.before)
		if s.a.Status != Submitted {
			t.Errorf("%s: it is %s, %+v", what, s.a.Status, s.a.Steps)
			continue
		}
		if c.after != nil {
			c.after(s)
		}
		err := s.alone(c.similar...)
		_, doubts := s.d.Automatic(s.a)
		if said := strings.Join(doubts, " "); c.says != "" && (err != ErrPerson || !strings.Contains(said, c.says)) ||
			c.says == "" && err != nil {
			t.Errorf("%s: %v, %q", what, err, said)
		}
	}
}

func Test36AContractThatIsNotSignedAsItIsNowIsApprovedByNobodyAlone(t *testing.T) {
	began := unsampled(t)
	for what, c := range map[string]struct {
		change func(*Signature)
		want   error
	}{
		"signed: the control": {func(*Signature) {}, nil},
		"unsigned":            {func(g *Signature) { *g = Signature{} }, ErrPerson},
		"another text":        {func(g *Signature) { g.Hash = "another" }, ErrPerson},
	} {
		s := sound(t, began, nil)
		s.do(Event{Kind: Compared})
		c.change(&s.a.Signature)
		if err := s.try(Event{Kind: Approval, Data: Data{Reasons: []string{"Because."}}}); err != c.want {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestOneInTwentyIsLookedAtByAPersonAllTheSame(t *testing.T) {
	d, err := Find("clinic", "RI", Latest)
	if err != nil {
		t.Fatal(err)
	}
	sampled, at := 0, start
	for range 4000 {
		at = at.Add(time.Second)
		if d.sampled(Application{Began: alice, CreatedAt: at}) {
			sampled++
		}
	}
	if sampled < 120 || sampled > 290 {
		t.Errorf("%d of 4,000 are looked at", sampled)
	}
	for at = start; !d.sampled(Application{Began: alice, CreatedAt: at.Add(time.Minute)}); at = at.Add(time.Hour) {
	}
	if err := sound(t, at, nil).alone(); err != ErrPerson {
		t.Errorf("one of them: %v", err)
	}
}

func TestOlderApplicationsAndOtherKindsAreApprovedByPersons(t *testing.T) {
	for _, kind := range Kinds {
		for version := 1; version <= Latest; version++ {
			d, err := Find(kind, "RI", version)
			if want := kind == "clinic" && version >= 8; err != nil || d.Decides() != want {
				t.Errorf("%s, version %d: %t, %v", kind, version, d.Decides(), err)
			}
		}
	}
	for _, kind := range []string{"laboratory", "home_care"} {
		s := begin(t, kind, "RI")
		s.send()
		if err := s.alone(); err == nil || !s.a.Steps[Reviewed].NextAt.IsZero() {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestNoHistoryIsApprovedWithoutAPersonAsLongAsSomethingIsInDoubt(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	began, approved := unsampled(t), 0
	for range 150 {
		s := sound(t, began, nil)
		for range random.IntN(3) {
			_ = s.try(anything(random, s))
		}
		before := s.a
		if s.alone() != nil {
			continue
		}
		approved++
		for step, said := range before.Checks {
			if said.Result != Pass || before.Steps[step].State == StepWaived {
				t.Fatalf("seed %d: %s said %s", seed, step, said.Result)
			}
		}
		if before.Claimed != uuid.Nil || len(maps.Collect(maps.All(before.Waived))) > 0 {
			t.Fatalf("seed %d: it was claimed, or a check let pass", seed)
		}
	}
	if approved < 20 || approved == 150 {
		t.Errorf("%d of 150 were approved", approved)
	}
}
