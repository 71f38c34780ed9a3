package onboarding

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
)

// EventKind is what happened to an application. Words are stable for ever: they stand in logs.
type EventKind string

// The kinds of events.
const (
	Began         EventKind = "began"
	Joined        EventKind = "joined" // one more person of the applicant's
	Left          EventKind = "left"   // one of them was taken out
	Answered      EventKind = "answered"
	CheckDone     EventKind = "checked"
	Claimed       EventKind = "claimed"  // by one of the staff
	Released      EventKind = "released" // who no longer looks at it
	Returned      EventKind = "returned" // more is needed
	Approval      EventKind = "approved"
	Rejection     EventKind = "rejected"
	Withdrew      EventKind = "withdrawn"
	Closed        EventKind = "closed" // nobody went on with it
	Reopened      EventKind = "reopened"
	Waiving       EventKind = "waived"        // a check that did not pass is let pass
	Provision     EventKind = "provisioned"   // one step of making the organization is done
	Signed        EventKind = "signed"        // the contract
	Reworded      EventKind = "reworded"      // the contract has another text
	SignedAgain   EventKind = "signed-again"  // the contract, by an organization that there is already
	Countersigned EventKind = "countersigned" // by the platform, what was signed again
	Uploaded      EventKind = "uploaded"      // a document
	Removed       EventKind = "removed"       // a document
	Scanned       EventKind = "scanned"       // a document
	Accepted      EventKind = "accepted"      // a document
	Refused       EventKind = "refused"       // a document
	Compared      EventKind = "compared"      // with other applications and organizations
	Distinct      EventKind = "distinct"      // from another that is like it
	Duplicate     EventKind = "duplicate"     // of another
)

// StaffKinds are the kinds that only the staff and the platform itself write: the gate of the log lets no applicant.
var StaffKinds = []EventKind{Accepted, Approval, CheckDone, Claimed, Closed, Compared, Countersigned, Distinct,
	Duplicate, Provision, Refused, Rejection, Released, Returned, Reworded, Scanned, Waiving}

// Event is one thing that happened.
type Event struct {
	Kind EventKind
	Step string
	By   uuid.UUID // nil: the platform itself
	At   time.Time
	Data Data
}

// Data is what an event carries, as the log keeps it.
type Data struct {
	Kind       string            `json:"kind,omitempty"` // of organization, of Began
	State      string            `json:"state,omitempty"`
	Definition int               `json:"definition,omitempty"`
	Answers    map[string]string `json:"answers,omitempty"`
	Base       int               `json:"base,omitempty"`  // the version that whoever answered had before them
	Seen       int               `json:"seen,omitempty"`  // the version that whoever sends all has looked at
	Later      bool              `json:"later,omitempty"` // they go on later: the step is not answered yet
	Check      *Checked          `json:"check,omitempty"`
	Steps      []string          `json:"steps,omitempty"` // of Returned
	Reason     string            `json:"reason,omitempty"`
	Guest      string            `json:"guest,omitempty"` // the name of whoever answered by a guest's link, which is By
	Who        uuid.UUID         `json:"who,omitzero"`    // of Left; of Distinct and Duplicate the other
	Document   *Document         `json:"document,omitempty"`
	Similar    []uuid.UUID       `json:"similar,omitempty"` // of Compared: which may be the same organization
	Reasons    []string          `json:"reasons,omitempty"` // of an approval without a person, in sentences
	Signature  *Signature        `json:"signature,omitempty"`
	Contract   int               `json:"contract,omitempty"` // the version of Reworded
	Name       string            `json:"-"`                  // of who joined: it stands by who takes part
}

// Transition is a step that is somewhere else now.
type Transition struct {
	Step     string
	From, To StepState
}

// Ask is a command: a register is to be asked.
type Ask struct{ Step, Kind, Subject string }

// What an event may meet.
var (
	ErrNotNow    = errors.New("onboarding: that cannot happen now")
	ErrNoStep    = errors.New("onboarding: there is no such step")
	ErrConflict  = errors.New("onboarding: somebody else has answered otherwise meanwhile")
	ErrNoReason  = errors.New("onboarding: a reason is needed")
	ErrNotTheirs = errors.New("onboarding: that is for whoever claimed it")
	ErrNoPart    = errors.New("onboarding: they take no part in it")
	ErrTakesPart = errors.New("onboarding: they take part in it already")
	ErrBegan     = errors.New("onboarding: whoever began it goes only by themselves")
	ErrLast      = errors.New("onboarding: one who takes part stays")
	ErrClaimed   = errors.New("onboarding: somebody else has claimed it")
	ErrOwn       = errors.New("onboarding: nobody decides what they filled in themselves")
	ErrOpenItem  = errors.New("onboarding: a check has not passed")
	ErrTakesTwo  = errors.New("onboarding: whoever let a check pass does not approve")
	ErrPerson    = errors.New("onboarding: a person has to look at it first")
)

// Conflict is a field that two people answered, each without having seen the other's answer.
type Conflict struct {
	Field, Mine, Theirs string
	By                  uuid.UUID // who the other is
}

// ConflictError names all of them.
type ConflictError struct{ Fields []Conflict }

func (e *ConflictError) Error() string { return ErrConflict.Error() }

// Unwrap makes it an ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }

// Replay is what a log amounts to: its events, in order.
func Replay(events []Event) (a Application, err error) {
	for _, e := range events {
		d, err := definitionFor(a, e)
		if err != nil {
			return a, err
		}
		if a, _, err = Advance(d, a, e); err != nil {
			return a, err
		}
	}
	return a, nil
}

func definitionFor(a Application, e Event) (*Definition, error) {
	if e.Kind == Began {
		return Find(e.Data.Kind, e.Data.State, e.Data.Definition)
	}
	return Find(a.Kind, a.State, a.Definition)
}

// JSON is the event's data as its row keeps it.
func (d Data) JSON() []byte {
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain values only
	}
	return raw
}
