package onboarding

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/contract"
)

var (
	alice, bob, dana = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3} // Dana is of the staff
	start            = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
)

const number = "1234567893"

// story is an application with its log.
type story struct {
	t   *testing.T
	d   *Definition
	a   Application
	log []Event
	now time.Time
	Effects
}

func begin(t *testing.T, kind, state string) *story {
	t.Helper()
	d, err := Find(kind, state, Latest)
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, d: d, now: start}
	s.do(Event{Kind: Began, By: alice, Data: Data{Kind: kind, State: state, Definition: Latest,
		Answers: map[string]string{"npi": number}}})
	return s
}

func (s *story) try(e Event) (err error) {
	s.now = s.now.Add(time.Minute)
	e.At = s.now
	if s.a, s.Effects, err = Advance(s.d, s.a, e); err == nil {
		s.log = append(s.log, e)
	}
	return err
}

func (s *story) do(e Event) {
	s.t.Helper()
	if err := s.try(e); err != nil {
		s.t.Fatalf("%s %s: %v", e.Kind, e.Step, err)
	}
}

// answers is one to every question of a step that applies, right unless told otherwise.
func (s *story) answers(step string, otherwise ...string) map[string]string {
	given := map[string]string{}
	for i := 0; i < len(otherwise); i += 2 {
		given[otherwise[i]] = otherwise[i+1]
	}
	st, _ := s.d.Step(step)
	answers := s.d.Sample(st, s.a.Current(), given, s.now)
	for field, value := range given { // also what is no answer
		answers[field] = value
	}
	return answers
}

// attach sends every document that a step asks for.
func (s *story) attach(step string) {
	s.t.Helper()
	st, _ := s.d.Step(step)
	for _, k := range s.d.Wanted(st, s.a.Current()) {
		s.do(Event{Kind: Uploaded, Step: step, By: alice, Data: Data{Document: k.sample(s.now)}})
	}
}

// scan finds nothing in any document.
func (s *story) scan() {
	s.t.Helper()
	for _, doc := range s.a.Documents {
		if doc.State == DocumentReceived {
			s.do(Event{Kind: Scanned, Data: Data{Document: &Document{ID: doc.ID, State: DocumentPassed}}})
		}
	}
}

// accept accepts every document.
func (s *story) accept(by uuid.UUID) {
	s.t.Helper()
	for _, doc := range s.a.Documents {
		s.do(Event{Kind: Accepted, By: by, Data: Data{Document: &Document{ID: doc.ID}}})
	}
}

// approve is what a reviewer does from the queue to the end.
func (s *story) approve(by uuid.UUID) {
	s.t.Helper()
	s.do(Event{Kind: Claimed, By: by})
	s.accept(by)
	s.do(Event{Kind: Approval, By: by, Data: countersigned})
}

// countersigned approves with a signature.
var countersigned = Data{Signature: &Signature{Name: "Dana Whitfield", Proof: "passkey"}}

// signature is one under the text of now.
func (s *story) signature() Data {
	s.t.Helper()
	text, version, asked := s.d.Contract(s.a)
	if !asked {
		s.t.Fatal("no contract is asked for")
	}
	return Data{Signature: &Signature{Version: version, Hash: contract.Hash(text), Name: "Alice Amaral", Title: "Owner",
		Proof: "totp"}}
}

func (s *story) answer(step string, otherwise ...string) {
	s.t.Helper()
	if st, _ := s.d.Step(step); st != nil && len(st.Documents) > 0 {
		s.attach(step)
		s.scan()
		return
	}
	if step == "contract" {
		s.do(Event{Kind: Signed, Step: step, By: alice, Data: s.signature()})
		return
	}
	s.do(Event{Kind: Answered, Step: step, By: alice, Data: Data{Base: s.a.Version,
		Answers: s.answers(step, otherwise...)}})
}

func (s *story) said(r Result) { s.t.Helper(); s.saidOf("registry", r) }

// saidOf is what the register of a step says about what is answered now.
func (s *story) saidOf(step string, r Result) {
	s.t.Helper()
	st, _ := s.d.Step(step)
	s.do(Event{Kind: CheckDone, Step: step, Data: Data{Check: &Checked{Kind: st.Check, Subject: st.about(s.a.Current()),
		Result: r, Facts: map[string]string{"name": "Narragansett Labs LLC", "city": "Providence"}, Replaces: true}}})
}

// send answers everything.
func (s *story) send() {
	s.t.Helper()
	for _, st := range s.d.Steps {
		switch st.By {
		case Applicant:
			s.answer(st.Key)
		case Outside:
			if _, exists := s.a.Steps[st.Key]; exists {
				s.saidOf(st.Key, Pass)
			}
		}
	}
}

func (s *story) at(step string) StepState { return s.a.Steps[step].State }

func Test31EveryKindInEveryStateGoesFromTheFirstAnswerToTheReview(t *testing.T) {
	for _, kind := range Kinds {
		for _, state := range States {
			t.Run(kind+" "+state, func(t *testing.T) {
				s := begin(t, kind, state)
				if s.at("organization") != StepOpen || s.at("registry") != StepWaiting || s.at("agreement") != StepLocked {
					t.Fatalf("begins as %+v", s.a.Steps)
				}
				if s.send(); s.a.Status != Submitted || s.at("review") != StepWaiting || s.a.SubmittedAt.IsZero() {
					t.Fatalf("ends as %s, %+v", s.a.Status, s.a.Steps)
				}
				if who, turn := s.d.Ball("review", s.a.Steps["review"]); who != Staff || !turn {
					t.Errorf("the ball is %s's, %t", who, turn)
				}
				s.approve(dana)
				if s.a.Status != Approved || s.at("review") != StepDone {
					t.Errorf("approved: %s, %+v", s.a.Status, s.a.Steps)
				}
			})
		}
	}
}

func TestTheStateTableIsWhatHappens(t *testing.T) {
	in := map[Status]func(*story){
		Open:      func(*story) {},
		Submitted: func(s *story) { s.send(); s.do(Event{Kind: Claimed, By: dana}); s.accept(dana) },
		Approved: func(s *story) {
			s.send()
			s.approve(dana)
		},
		Rejected: func(s *story) {
			s.send()
			s.do(Event{Kind: Claimed, By: dana})
			s.do(Event{Kind: Rejection, By: dana, Data: Data{Reason: "Not a provider."}})
		},
		Live: func(s *story) {
			s.send()
			s.approve(dana)
			for _, step := range Provisioning {
				s.do(Event{Kind: Provision, Step: step})
			}
		},
		Withdrawn: func(s *story) { s.do(Event{Kind: Withdrew, By: alice}) },
	}
	may := map[Status]string{ // what is submitted is claimed already
		Open:      "joined answered withdrawn",
		Submitted: "joined released returned approved rejected withdrawn",
		Approved:  "provisioned", Live: "", Rejected: "", Withdrawn: "reopened",
	}
	for status, lead := range in {
		var could []string
		for _, kind := range []EventKind{Began, Joined, Answered, Claimed, Released, Returned, Approval, Rejection,
			Withdrew, Reopened, Provision} {
			s := begin(t, "clinic", "RI")
			lead(s)
			e := Event{Kind: kind, Step: "organization", By: dana, Data: Data{Reason: "More.", Steps: []string{"location"}}}
			switch kind {
			case Provision:
				e.Step = MakeSchema
			case Approval:
				e.Data.Signature = countersigned.Signature
			}
			switch before := s.a; {
			case s.try(e) == nil:
				could = append(could, string(kind))
			case !reflect.DeepEqual(s.a, before):
				t.Errorf("in %s %s is refused and changes something", status, kind)
			}
		}
		if got := fmt.Sprint(could); got != "["+may[status]+"]" {
			t.Errorf("in %s may happen %s, not [%s]", status, got, may[status])
		}
	}
}

func TestWhatRegistersSayAnswersOnlyWhatNobodyHasAnswered(t *testing.T) {
	s := begin(t, "laboratory", "RI")
	s.answer("organization", "name", "Ours LLC")
	s.said(Pass)
	if now := s.a.Current(); now["name"] != "Ours LLC" || now["city"] != "Providence" || s.at("location") != StepOpen {
		t.Errorf("answers %v, the location is %s", now, s.at("location"))
	}
}

func TestACorrectedNumberBringsItsOwnAnswersAndWhatSomebodyTypedStays(t *testing.T) {
	for _, replaces := range []bool{true, false} { // false: as in logs of before, which give what they gave
		s := begin(t, "laboratory", "RI")
		said := func(facts map[string]string) {
			st, _ := s.d.Step("registry")
			s.do(Event{Kind: CheckDone, Step: "registry", Data: Data{Check: &Checked{Kind: "npi",
				Subject: st.about(s.a.Current()), Result: Pass, Facts: facts, Replaces: replaces}}})
		}
		said(map[string]string{"name": "Wrong Labs", "phone": "4015550142", "city": "Boston", "zip": "02110"})
		s.answer("organization", "name", "Wrong Labs", "phone", "4015550199", "npi", number)
		s.answer("organization", "npi", "1245319599", "name", "Wrong Labs", "phone", "4015550199")
		if r, now := s.a.Said(s.d, "name"); r == nil || r.Key != "registry" || now {
			t.Errorf("what the first number brought counts as the second's: %v, %t", r, now)
		}
		said(map[string]string{"name": "Right Labs", "phone": "4015550111", "city": "Providence"})
		want := map[string]string{"name": "Right Labs", "phone": "4015550199", "city": "Providence", "zip": ""}
		if !replaces {
			want = map[string]string{"name": "Wrong Labs", "phone": "4015550199", "city": "Boston", "zip": "02110"}
		}
		for field, value := range want {
			if got := s.a.Current()[field]; got != value {
				t.Errorf("replaces %t: %s is %q, not %q", replaces, field, got, value)
			}
		}
		if s.a.Answers["name"][0].Value != "Wrong Labs" {
			t.Error("the history has lost what was")
		}
		if again, err := Replay(kept(t, s.log)); err != nil || !reflect.DeepEqual(again, s.a) {
			t.Errorf("played again: %v", err)
		}
	}
}

func TestF08ARegisterThatDoesNotAnswerIsAskedAgainLaterAndNeverPasses(t *testing.T) {
	s := begin(t, "laboratory", "RI")
	var waits []time.Duration
	for range 12 {
		s.said(Error)
		at := s.a.Steps["registry"]
		waits = append(waits, at.NextAt.Sub(s.now))
		if at.State != StepWaiting || !at.Since.Equal(start.Add(time.Minute)) {
			t.Fatalf("after an error: %+v", at)
		}
	}
	if waits[0] != 30*time.Second || waits[1] != time.Minute || waits[11] != time.Hour || !slices.IsSorted(waits) {
		t.Errorf("waits %v", waits)
	}
	for _, step := range []string{"organization", "location", "licenses"} {
		s.answer(step)
	}
	s.saidOf("exclusion", Pass)
	s.saidOf("identity", Pass)
	s.saidOf("license", Pass)
	if s.at("agreement") != StepLocked {
		t.Error("an error has passed")
	}
	s.answer("documents")
	s.answer("contract")
	if s.said(Pass); s.at("agreement") != StepOpen {
		t.Error("it passed, and nothing goes on")
	}
}

func TestF09AnAnswerAboutAnotherNumberOrOneMoreCountsForNothing(t *testing.T) {
	s := begin(t, "clinic", "CT")
	old := &Checked{Kind: "npi", Subject: number, Result: Pass}
	s.answer("organization", "npi", "1245319599")
	if err := s.try(Event{Kind: CheckDone, Step: "registry", Data: Data{Check: old}}); err != ErrNotNow {
		t.Errorf("about the number before: %v", err)
	}
	s.said(Fail)
	late := &Checked{Kind: "npi", Subject: "1245319599", Result: Pass}
	if err := s.try(Event{Kind: CheckDone, Step: "registry", Data: Data{Check: late}}); err != ErrNotNow {
		t.Errorf("after it was over: %v", err)
	}
	if s.at("registry") != StepFailed {
		t.Errorf("it is %s", s.at("registry"))
	}
	if s.answer("organization", "npi", number); s.at("registry") != StepWaiting ||
		!slices.Contains(s.Asks, Ask{"registry", "npi", number}) {
		t.Errorf("another number asks again: %s, %v", s.at("registry"), s.Asks)
	}
}

func TestTwoPeopleWhoAnswerAtOnceKeepEachOthersAnswersOrSeeBoth(t *testing.T) {
	s := begin(t, "clinic", "RI")
	s.answer("organization")
	base, was := s.a.Version, s.answers("organization")
	theirs, mine := clone(was), clone(was)
	for field := range was {
		theirs[field], mine[field] = s.a.Current()[field], s.a.Current()[field]
	}
	theirs["name"] = "Bob's"
	s.do(Event{Kind: Answered, Step: "organization", By: bob, Data: Data{Base: base, Answers: theirs}})
	mine["contact"] = "Alice"
	s.do(Event{Kind: Answered, Step: "organization", By: alice, Data: Data{Base: base, Answers: mine}})
	if now := s.a.Current(); now["name"] != "Bob's" || now["contact"] != "Alice" {
		t.Errorf("different fields: %v", now)
	}
	mine["name"] = "Alice's"
	err := s.try(Event{Kind: Answered, Step: "organization", By: alice, Data: Data{Base: base, Answers: mine}})
	conflict, ok := errors.AsType[*ConflictError](err)
	if !ok || len(conflict.Fields) != 1 || conflict.Fields[0] != (Conflict{"name", "Alice's", "Bob's", bob}) {
		t.Fatalf("the same field: %v", err)
	}
	mine["contact"] = "Alice"
	s.do(Event{Kind: Answered, Step: "organization", By: alice, Data: Data{Base: s.a.Version, Answers: mine}})
	if now := s.a.Current()["name"]; now != "Alice's" {
		t.Errorf("having seen it she says %q", now)
	}
}

func Test311WhatARegisterFillsInMeanwhileGivesWayToWhatIsTypedAndStaysWhereNothingIs(t *testing.T) {
	s := begin(t, "clinic", "RI")
	base := s.a.Version
	s.knows("registry", Pass, map[string]string{"name": "Of The Registry LLC", "phone": "401-555-0142"})
	s.do(Event{Kind: Answered, Step: "organization", By: alice, Data: Data{Base: base, Later: true,
		Answers: map[string]string{"name": "As Typed LLC", "phone": ""}}})
	if now := s.a.Current(); now["name"] != "As Typed LLC" || now["phone"] != "401-555-0142" {
		t.Errorf("name %q, phone %q", now["name"], now["phone"])
	}
	// control: what a person wrote meanwhile is a conflict still
	err := s.try(Event{Kind: Answered, Step: "organization", By: bob, Data: Data{Base: base, Later: true,
		Answers: map[string]string{"name": "Bob's"}}})
	if _, conflict := errors.AsType[*ConflictError](err); !conflict {
		t.Errorf("another person's: %v", err)
	}
}

func Test34AChangedAnswerKeepsWhatAppliesAndSaysWhatGoes(t *testing.T) {
	s := begin(t, "laboratory", "RI")
	s.answer("licenses", "certificate", "accreditation", "accreditor", "other", "accreditor_name", "Us")
	s.answer("licenses", "certificate", "waiver")
	if !slices.Equal(s.Gone, []string{"accreditor", "accreditor_name"}) || s.at("licenses") != StepDone {
		t.Errorf("gone: %v, %s", s.Gone, s.at("licenses"))
	}
	s.do(Event{Kind: Answered, Step: "licenses", By: alice, Data: Data{Base: s.a.Version,
		Answers: map[string]string{"certificate": "accreditation"}}})
	if s.at("licenses") != StepDone || s.d.Applied(s.a.Current())["accreditor_name"] != "Us" {
		t.Errorf("back again it is %s and says %v", s.at("licenses"), s.d.Applied(s.a.Current()))
	}
	s.do(Event{Kind: Answered, Step: "licenses", By: alice, Data: Data{Base: s.a.Version,
		Answers: map[string]string{"stations": "yes", "station_licenses": ""}}})
	if s.at("licenses") != StepOpen {
		t.Error("a question that came up is unanswered, and its step is done")
	}
}

func TestWhatWeGiveBackIsTheApplicantsAgainWithTheReason(t *testing.T) {
	s := begin(t, "home_care", "RI")
	s.send()
	back := Event{Kind: Returned, By: dana, Data: Data{Reason: "The license is another agency's.",
		Steps: []string{"licenses"}}}
	if err := s.try(back); err != ErrNotTheirs {
		t.Errorf("unclaimed: %v", err)
	}
	s.do(Event{Kind: Claimed, By: dana})
	unreasoned := back
	if unreasoned.Data.Reason = ""; s.try(unreasoned) != ErrNoReason {
		t.Error("without a reason")
	}
	s.do(back)
	if s.a.Status != Open || s.at("licenses") != StepOpen || s.at("agreement") != StepLocked ||
		s.a.Asked["licenses"] != back.Data.Reason || s.at("location") != StepDone {
		t.Errorf("%s, %+v, %v", s.a.Status, s.a.Steps, s.a.Asked)
	}
	s.answer("licenses")
	if s.at("agreement") != StepOpen || s.a.Status != Open {
		t.Error("it was sent without being sent")
	}
	if s.answer("agreement"); s.a.Status != Submitted {
		t.Error("it cannot be sent again")
	}
}

func Test31WhoTakesPartMayTakeAnyoneOutAndOneStays(t *testing.T) {
	s := begin(t, "clinic", "RI")
	out := func(by, who uuid.UUID) Event { return Event{Kind: Left, By: by, Data: Data{Who: who}} }
	if err := s.try(out(alice, alice)); err != ErrLast {
		t.Errorf("the last one: %v", err)
	}
	if err := s.try(out(bob, alice)); err != ErrNoPart {
		t.Errorf("somebody who takes no part takes her out: %v", err)
	}
	s.do(Event{Kind: Joined, By: bob})
	if err := s.try(Event{Kind: Joined, By: bob}); err != ErrTakesPart {
		t.Errorf("twice: %v", err)
	}
	if err := s.try(out(bob, alice)); err != ErrBegan {
		t.Errorf("who began it is taken out by whom she invited: %v", err)
	}
	s.do(Event{Kind: Answered, Step: "organization", By: bob, Data: Data{Base: s.a.Version, Later: true,
		Answers: map[string]string{"contact": "Bob"}}})
	s.do(out(alice, bob))
	if !slices.Equal(s.a.Participants, []uuid.UUID{alice}) || s.a.Current()["contact"] != "Bob" {
		t.Errorf("%v take part, and his answer is %q", s.a.Participants, s.a.Current()["contact"])
	}
	if err := s.try(out(bob, alice)); err != ErrNoPart {
		t.Errorf("who is out takes her out: %v", err)
	}
	s.do(Event{Kind: Joined, By: bob})
}

func TestTheLogOfAnyHistoryPlayedAgainGivesTheSameState(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	taken, refused := 0, 0
	for range 60 {
		s := begin(t, Kinds[random.IntN(len(Kinds))], States[random.IntN(len(States))])
		for range 40 {
			if err := s.try(anything(random, s)); err != nil {
				refused++
			} else {
				taken++
			}
		}
		again, err := Replay(kept(t, s.log))
		if err != nil || !reflect.DeepEqual(again, s.a) {
			t.Fatalf("seed %d: %v\n%+v is not\n%+v", seed, err, again, s.a)
		}
		short, _ := Replay(kept(t, s.log[:len(s.log)-1]))
		if reflect.DeepEqual(short, s.a) {
			t.Fatal("control: without its last event the log gives the same state")
		}
	}
	if taken < 300 || refused < 300 {
		t.Errorf("%d events were taken and %d refused", taken, refused)
	}
}

// kept is a log as its rows have it.
func kept(t *testing.T, log []Event) (all []Event) {
	t.Helper()
	for _, e := range log {
		var data Data
		if err := json.Unmarshal(e.Data.JSON(), &data); err != nil {
			t.Fatal(err)
		}
		e.Data = data
		all = append(all, e)
	}
	return all
}

// anything is an event that may fit or not.
func anything(random *rand.Rand, s *story) Event {
	who := []uuid.UUID{alice, bob, dana}[random.IntN(3)]
	step := s.d.Steps[random.IntN(len(s.d.Steps))].Key
	kinds := []EventKind{Answered, Answered, Answered, Answered, CheckDone, CheckDone, Claimed, Released, Returned,
		Approval, Rejection, Withdrew, Closed, Reopened, Joined, Left, Waiving, Provision}
	e := Event{Kind: kinds[random.IntN(len(kinds))], Step: step, By: who}
	e.Data = Data{Base: random.IntN(s.a.Version + 1), Reason: "Because.", Steps: []string{step},
		Later: random.IntN(5) == 0, Who: []uuid.UUID{alice, bob, dana}[random.IntN(3)]}
	switch e.Kind {
	case Waiving:
		e.Step = "registry"
	case Provision:
		e.Step = Provisioning[random.IntN(len(Provisioning))]
	case Answered:
		e.Data.Answers = s.answers(step)
		for field := range e.Data.Answers {
			if random.IntN(4) == 0 {
				e.Data.Answers[field] = []string{"", "no", "x", number}[random.IntN(4)]
			}
		}
	case CheckDone:
		e.Step, e.By = []string{"registry", "exclusion", "identity", "license"}[random.IntN(4)], uuid.Nil
		st, ok := s.d.Step(e.Step)
		if !ok {
			return anything(random, s) // nobody is asked for a license here
		}
		e.Data.Check = &Checked{Kind: st.Check, Subject: st.about(s.a.Current()),
			Result:   []Result{Pass, Fail, Error, Stale, Review, Pending}[random.IntN(6)],
			Facts:    map[string]string{"name": fmt.Sprint("N", random.IntN(3)), "phone": "401 555 0142"},
			Replaces: random.IntN(2) == 0}
	}
	return e
}

func TestAnOlderApplicationGoesOnByTheDefinitionThatItBeganWith(t *testing.T) {
	for version, has := range map[int][3]bool{1: {false, false, false}, 2: {true, false, false}, 3: {true, true, false},
		Latest: {true, true, true}} {
		d, err := Find("laboratory", "RI", version)
		if err != nil {
			t.Fatal(err)
		}
		s := &story{t: t, d: d, now: start}
		s.do(Event{Kind: Began, By: alice, Data: Data{Kind: "laboratory", State: "RI", Definition: version,
			Answers: map[string]string{"npi": number}}})
		s.send()
		_, exclusion := s.a.Steps["exclusion"]
		_, identity := s.a.Steps["identity"]
		_, license := s.a.Steps["license"]
		if s.a.Status != Submitted || [3]bool{exclusion, identity, license} != has {
			t.Errorf("version %d ends as %s, %+v", version, s.a.Status, s.a.Steps)
		}
		again, err := Replay(kept(t, s.log))
		if err != nil || !reflect.DeepEqual(again, s.a) {
			t.Errorf("version %d played again: %v", version, err)
		}
	}
}

func TestAListThatIsTooOldPassesNobodyAndWhatIsLookedAtGoesOnToTheReview(t *testing.T) {
	s := begin(t, "laboratory", "RI")
	s.said(Pass)
	for _, step := range []string{"organization", "location", "licenses"} {
		s.answer(step)
	}
	s.saidOf("identity", Pending)
	if at := s.a.Steps["identity"]; at.State != StepWaiting || at.Attempts != 0 || at.NextAt.IsZero() {
		t.Errorf("going on outside: %+v", at)
	}
	s.saidOf("identity", Pass)
	s.saidOf("license", Pass)
	s.answer("documents")
	s.answer("contract")
	s.saidOf("exclusion", Stale)
	if at := s.a.Steps["exclusion"]; at.State != StepWaiting || at.Attempts != 1 || at.NextAt.IsZero() ||
		s.at("agreement") != StepLocked {
		t.Errorf("too old: %+v", at)
	}
	if s.saidOf("exclusion", Review); s.at("exclusion") != StepDone || s.at("agreement") != StepOpen {
		t.Errorf("to be looked at: %+v", s.a.Steps)
	}
	// the same number with another director is another question
	s.answer("licenses", "director", "Vera Quill")
	if s.at("exclusion") != StepWaiting || s.at("agreement") != StepLocked {
		t.Errorf("another director: %+v", s.a.Steps)
	}
	if s.saidOf("exclusion", Fail); s.at("exclusion") != StepFailed || s.at("agreement") != StepLocked {
		t.Errorf("excluded: %+v", s.a.Steps)
	}
}
