package onboarding

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestWhatCannotHappenNowIsRefusedAndChangesNothing(t *testing.T) {
	fresh, sent, claimed := begin(t, "clinic", "RI"), submitted(t), submitted(t)
	claimed.do(Event{Kind: Claimed, By: dana})
	kinds := slices.Sorted(maps.Keys(claimed.a.Documents))
	doc := func(s *story, state DocumentState) Data {
		return Data{Document: &Document{ID: s.a.Documents[kinds[0]].ID, State: state}}
	}
	uploaded := func(kind string) Data { return Data{Document: &Document{ID: uuid.New(), Kind: kind}} }
	reason := Data{Reason: "It may pass."}
	back := Data{Reason: "No.", Steps: []string{"registry"}}
	of := func(kind EventKind, step string, by uuid.UUID, data Data) Event {
		return Event{Kind: kind, Step: step, By: by, Data: data}
	}
	for what, c := range map[string]struct {
		s    *story
		e    Event
		want error
	}{
		"put back unclaimed":       {sent, of(Released, "", dana, Data{}), ErrNotNow},
		"closed at once":           {fresh, of(Closed, "", uuid.Nil, Data{}), ErrNotNow},
		"a register's answer":      {fresh, of(Answered, "registry", alice, Data{}), ErrNoStep},
		"our answer":               {fresh, of(Answered, Reviewed, alice, Data{}), ErrNoStep},
		"a locked step":            {fresh, of(Answered, "agreement", alice, Data{}), ErrNotNow},
		"a waiver of an answer":    {claimed, of(Waiving, "location", dana, reason), ErrNoStep},
		"a waiver of a pass":       {claimed, of(Waiving, "registry", dana, reason), ErrNoStep},
		"nothing given back":       {claimed, of(Returned, "", dana, reason), ErrNoStep},
		"a check given back":       {claimed, of(Returned, "", dana, back), ErrNoStep},
		"a file at a check":        {fresh, of(Uploaded, "registry", alice, uploaded("w9")), ErrNoStep},
		"an odd file":              {fresh, of(Uploaded, "documents", alice, uploaded("x")), ErrNoStep},
		"no file":                  {fresh, of(Uploaded, "documents", alice, Data{}), ErrNoStep},
		"a scan once more":         {sent, of(Scanned, "", uuid.Nil, doc(sent, DocumentInfected)), ErrNotNow},
		"accepted by another":      {claimed, of(Accepted, "", erik, doc(claimed, "")), ErrNotTheirs},
		"accepted by an applicant": {claimed, of(Accepted, "", alice, doc(claimed, "")), ErrOwn},
		"rejected without a word":  {claimed, of(Refused, "", dana, doc(claimed, "")), ErrNoReason},
		"approved unaccepted":      {claimed, of(Approval, "", dana, Data{}), ErrOpenDocument},
		"another's taken out":      {fresh, of(Removed, "", alice, doc(sent, "")), ErrNoDocument},
	} {
		before := c.s.a.Version
		if err := c.s.try(c.e); err != c.want || c.s.a.Version != before {
			t.Errorf("%s: %v, not %v", what, err, c.want)
		}
	}
}

func Test35OnlyWhatWasScannedIsJudgedAndAScanJudgesNothing(t *testing.T) {
	s := submitted(t)
	s.do(Event{Kind: Claimed, By: dana})
	kinds := slices.Sorted(maps.Keys(s.a.Documents))
	first := s.a.Documents[kinds[0]]
	judge := func(kind EventKind, state, says DocumentState) error {
		doc := first
		doc.State = state
		s.a.Documents[kinds[0]] = doc
		_, _, err := Advance(s.d, s.a, Event{Kind: kind, By: dana, At: s.now, Data: Data{Reason: "So it is.",
			Document: &Document{ID: doc.ID, State: says}}})
		return err
	}
	for _, state := range []DocumentState{DocumentReceived, DocumentInfected, DocumentUnreadable} {
		for _, kind := range []EventKind{Accepted, Refused} {
			if err := judge(kind, state, ""); err != ErrNotNow {
				t.Errorf("%s of one that is %s: %v", kind, state, err)
			}
		}
	}
	for _, says := range []DocumentState{DocumentAccepted, DocumentRejected, DocumentReceived, ""} {
		if err := judge(Scanned, DocumentReceived, says); err != ErrNotNow {
			t.Errorf("a scan that says %q: %v", says, err)
		}
	}
	for _, err := range []error{judge(Accepted, DocumentPassed, ""), judge(Refused, DocumentUnscanned, ""),
		judge(Scanned, DocumentReceived, DocumentPassed)} {
		if err != nil {
			t.Errorf("control: %v", err)
		}
	}
}

func Test35AnApplicationIsTheApplicantsUntilEveryDocumentThatIsNeededIsThere(t *testing.T) {
	s := submitted(t)
	s.do(Event{Kind: Claimed, By: dana})
	kinds := slices.Sorted(maps.Keys(s.a.Documents))
	id := s.a.Documents[kinds[0]].ID
	s.do(Event{Kind: Refused, By: dana, Data: Data{Reason: "It is not signed.", Document: &Document{ID: id}}})
	if s.a.Status != Submitted || s.at("documents") != StepDone {
		t.Errorf("rejected and not given back yet: %s, %s", s.a.Status, s.at("documents"))
	}
	s.do(Event{Kind: Returned, By: dana, Data: Data{Reason: "Send it again."}})
	if s.a.Status != Open || s.at("documents") != StepOpen {
		t.Errorf("given back: %s, %s", s.a.Status, s.at("documents"))
	}
	s.do(Event{Kind: Removed, By: alice, Data: Data{Document: &Document{ID: id}}})
	if s.at("documents") != StepOpen {
		t.Errorf("taken out: %s", s.at("documents"))
	}
	s.answer("documents")
	if s.at("documents") != StepDone || s.a.Status != Open {
		t.Errorf("control: sent again: %s, and it is %s before it is sent", s.at("documents"), s.a.Status)
	}
}
