package onboarding

import (
	"strings"
	"testing"
	"testing/fstest"

	"kindward/internal/contract"
	"kindward/queries/shareddb"
)

func Test36TheContractIsSignedBeforeAnythingIsSentAndAgainWhenTheNameInItChanges(t *testing.T) {
	for _, kind := range Kinds {
		s := begin(t, kind, "MA")
		if s.at("contract") != StepLocked {
			t.Errorf("%s: without a name it is %s", kind, s.at("contract"))
		}
		s.answer("organization", "name", "Quaboag Care LLC")
		first := s.signature()
		if s.answer("contract"); s.at("contract") != StepDone {
			t.Fatalf("%s: signed it is %s", kind, s.at("contract"))
		}
		if s.answer("organization", "name", "Quaboag Care Inc."); s.at("contract") != StepOpen {
			t.Errorf("%s: with another name it is %s", kind, s.at("contract"))
		}
		if err := s.try(Event{Kind: Signed, Step: "contract", By: alice, Data: first}); err != ErrOtherText {
			t.Errorf("%s: the text of before is signed: %v", kind, err)
		}
		if s.answer("organization", "phone", "(413) 555-0142"); s.at("contract") != StepOpen {
			t.Errorf("%s: another answer makes it %s", kind, s.at("contract"))
		}
		if s.answer("contract"); s.at("contract") != StepDone || len(s.a.Signatures) != 2 {
			t.Errorf("%s: signed again it is %s, and %d signatures are known", kind, s.at("contract"), len(s.a.Signatures))
		}
		if s.answer("organization", "phone", "(413) 555-0199"); s.at("contract") != StepDone {
			t.Errorf("%s, the control: an answer that is not in the text makes it %s", kind, s.at("contract"))
		}
		again, err := Replay(kept(t, s.log))
		if err != nil || again.Signature.Hash != s.a.Signature.Hash {
			t.Errorf("%s: played again: %v", kind, err)
		}
	}
}

func Test36ASignatureThatIsNoneChangesNothing(t *testing.T) {
	s := begin(t, "clinic", "RI")
	early := s.signature()
	s.answer("organization")
	good := s.signature()
	with := func(change func(*Signature)) Data {
		other := *good.Signature
		change(&other)
		return Data{Signature: &other}
	}
	for what, c := range map[string]struct {
		step string
		data Data
		want error
	}{
		"under the text without a name": {"contract", early, ErrOtherText},
		"under another hash":            {"contract", with(func(g *Signature) { g.Hash = "another" }), ErrOtherText},
		"under another version":         {"contract", with(func(g *Signature) { g.Version++ }), ErrOtherText},
		"without a name":                {"contract", with(func(g *Signature) { g.Name = " " }), ErrNoName},
		"without a title":               {"contract", with(func(g *Signature) { g.Title = "" }), ErrNoName},
		"at another step":               {"location", good, ErrNoStep},
		"of nobody":                     {"contract", Data{}, ErrNoStep},
	} {
		if err := s.try(Event{Kind: Signed, Step: c.step, By: alice, Data: c.data}); err != c.want {
			t.Errorf("%s: %v, not %v", what, err, c.want)
		}
	}
	if err := s.try(Event{Kind: Answered, Step: "contract", By: alice}); err != ErrNoStep {
		t.Errorf("an answer signs it: %v", err)
	}
	s.do(Event{Kind: Signed, Step: "contract", By: alice, Data: good})
	if err := s.try(Event{Kind: Signed, Step: "contract", By: bob, Data: good}); err != ErrSigned {
		t.Errorf("signed twice: %v", err)
	}
}

func Test36WhoApprovesCountersignsTheVeryTextThatWasSigned(t *testing.T) {
	s := submitted(t)
	s.do(Event{Kind: Claimed, By: dana})
	s.accept(dana)
	nameless := Data{Signature: &Signature{Name: " "}}
	for what, data := range map[string]Data{"without a signature": {}, "without a name": nameless} {
		if err := s.try(Event{Kind: Approval, By: dana, Data: data}); err != ErrUnsigned {
			t.Errorf("approved %s: %v", what, err)
		}
	}
	s.do(Event{Kind: Approval, By: dana, Data: countersigned})
	if c := s.a.Countersignature; c.Hash != s.a.Signature.Hash || c.By != dana || c.Side != SidePlatform {
		t.Errorf("countersigned: %+v", c)
	}
	if again, err := Replay(kept(t, s.log)); err != nil || again.Countersignature.Name != "Dana Whitfield" {
		t.Errorf("played again: %v", err)
	}
}

func Test36AContractThatIsGivenBackIsSignedAnew(t *testing.T) {
	s := submitted(t)
	s.do(Event{Kind: Claimed, By: dana})
	s.do(Event{Kind: Returned, By: dana, Data: Data{Steps: []string{"contract"}, Reason: "The owner has to sign."}})
	if s.a.Status != Open || s.at("contract") != StepOpen || s.a.Signature.Name != "" || len(s.a.Signatures) != 1 {
		t.Errorf("given back: %s, %s, %+v", s.a.Status, s.at("contract"), s.a.Signature)
	}
	if s.answer("contract"); s.at("contract") != StepDone {
		t.Errorf("signed anew it is %s", s.at("contract"))
	}
}

func Test36AnotherTextIsAskedForAgainOfWhoHasSignedAndOfNobodyWhoIsApproved(t *testing.T) {
	s := submitted(t)
	newer := *s.d
	newer.texts = contract.Texts{Files: fstest.MapFS{
		"texts/1.md": {Data: []byte(read1(t))}, "texts/2.md": {Data: []byte("# Another text for {organization}\n")}}}
	if err := s.try(Event{Kind: Reworded, Data: Data{Contract: 2}}); err != ErrNotNow {
		t.Errorf("a text that is not there: %v", err)
	}
	s.d = &newer
	if err := s.try(Event{Kind: Reworded, Data: Data{Contract: 1}}); err != ErrNotNow {
		t.Errorf("the text that is asked for: %v", err)
	}
	s.do(Event{Kind: Reworded, Data: Data{Contract: 2}})
	if s.a.Status != Open || s.at("contract") != StepOpen || len(s.Tell) == 0 || s.Tell[0].Kind != TurnNotice {
		t.Errorf("reworded: %s, %s, %v", s.a.Status, s.at("contract"), s.Tell)
	}
	if s.answer("contract"); s.a.Signature.Version != 2 || s.at("contract") != StepDone {
		t.Errorf("signed anew: version %d, %s", s.a.Signature.Version, s.at("contract"))
	}
	approved := submitted(t)
	approved.approve(dana)
	approved.d = &newer
	if err := approved.try(Event{Kind: Reworded, Data: Data{Contract: 2}}); err != ErrNotNow {
		t.Errorf("what is approved is reworded: %v", err)
	}
}

func read1(t *testing.T) string {
	t.Helper()
	text, err := contract.Published().Files.Open("texts/1.md")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = text.Close() }()
	out := make([]byte, 1<<16)
	n, err := text.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(out[:n])
}

func Test36AKeptSignatureIsTheOneOfTheLogOrNothingRestsOnIt(t *testing.T) {
	s := begin(t, "clinic", "RI")
	s.answer("organization")
	s.answer("contract")
	text, _, _ := s.d.Contract(s.a)
	g := s.a.Signature
	row := shareddb.SignaturesRow{Version: int32(s.a.Version), Side: SideOrganization, Contract: 1, Hash: g.Hash,
		Text: text, Name: g.Name, Title: g.Title, Proof: g.Proof, By: &g.By, At: g.At}
	if !s.a.Kept(row) {
		t.Fatal("the control: what was signed is told to be something else")
	}
	for what, change := range map[string]func(*shareddb.SignaturesRow){
		"a word of the text": func(r *shareddb.SignaturesRow) { r.Text = strings.Replace(r.Text, "60 days", "6 days", 1) },
		"text and hash": func(r *shareddb.SignaturesRow) {
			r.Text = "Anything."
			r.Hash = contract.Hash(r.Text)
		},
		"the name":    func(r *shareddb.SignaturesRow) { r.Name = "Bob Amaral" },
		"the title":   func(r *shareddb.SignaturesRow) { r.Title = "Intern" },
		"the proof":   func(r *shareddb.SignaturesRow) { r.Proof = "password" },
		"who":         func(r *shareddb.SignaturesRow) { r.By = &bob },
		"nobody":      func(r *shareddb.SignaturesRow) { r.By = nil },
		"when":        func(r *shareddb.SignaturesRow) { r.At = r.At.Add(1) },
		"the side":    func(r *shareddb.SignaturesRow) { r.Side = SidePlatform },
		"the version": func(r *shareddb.SignaturesRow) { r.Version++ },
	} {
		other := row
		if change(&other); s.a.Kept(other) {
			t.Errorf("%s is changed and passes", what)
		}
	}
}
