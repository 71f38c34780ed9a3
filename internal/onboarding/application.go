package onboarding

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/kyc"
)

// Status is where an application as a whole is.
type Status string

// The statuses. Submitted is with the platform's staff.
const (
	Open      Status = "open"
	Submitted Status = "submitted"
	Approved  Status = "approved"
	Live      Status = "live" // an organization
	Rejected  Status = "rejected"
	Withdrawn Status = "withdrawn"
)

// Statuses are all of them, in the order of their words.
func Statuses() []string {
	return []string{string(Approved), string(Live), string(Open), string(Rejected), string(Submitted), string(Withdrawn)}
}

// StepState is where a step is.
type StepState string

// The states of a step: it waits for others, for whoever does it (open: the applicant; waiting: we or somebody
// outside), or is over.
const (
	StepLocked  StepState = "locked"
	StepOpen    StepState = "open"
	StepWaiting StepState = "waiting"
	StepDone    StepState = "done"
	StepFailed  StepState = "failed"
	StepWaived  StepState = "waived" // a check that did not pass, and that the staff let pass
)

// StepStates are all of them, in the order of their words.
func StepStates() []string {
	return []string{string(StepDone), string(StepFailed), string(StepLocked), string(StepOpen), string(StepWaived),
		string(StepWaiting)}
}

// Application is what its log amounts to.
type Application struct {
	Kind, State  string
	Definition   int
	Status       Status
	Version      int                 // how many events it has had
	Answers      map[string][]Answer // of each field, the last one counts
	Saved        map[string]bool     // steps that the applicant has answered
	Asked        map[string]string   // steps that we gave back, and why
	Checks       map[string]Checked  // what registers said last, by step
	Steps        map[string]Standing
	Documents    map[string]Document // by kind
	Waived       map[string]Waiver   // of checks, by step
	Provisioned  []string            // what is made of the organization so far
	Claimed      uuid.UUID
	Doubted      bool                 // one of the staff gave it back, rejected a document of it or let a check pass
	Compared     bool                 // with others, as it is now
	Similar      []uuid.UUID          // others that may be the same organization
	Apart        map[uuid.UUID]string // others that are not, and why
	SameAs       uuid.UUID            // of which it is a duplicate
	Reason       string               // of a rejection
	CreatedAt    time.Time
	SubmittedAt  time.Time
	ApprovedAt   time.Time // as the staff alone can write it
	QuietSince   time.Time // nobody went on with it since, and nothing was news for the applicant
	Participants []uuid.UUID
	Began        uuid.UUID           // who began it
	Formerly     []uuid.UUID         // who took part and was taken out
	TakenOut     []Removal           // of those, by others
	Sent         uuid.UUID           // who sent it last
	Guests       map[uuid.UUID]Guest // who answered, by their link

	Contract                    int       // the version of its text that is asked for, if not that of the definition
	Reworded                    time.Time // since when
	Signature, Countersignature Signature
	Signatures                  map[int]Signature // all that were given, by the version that each made
}

// Removal is somebody who was taken out, and when.
type Removal struct {
	Who uuid.UUID
	At  time.Time
}

// Guest is who answered by a link: as they called themselves last, and how often.
type Guest struct {
	Name  string
	Times int
}

// Answer is one that somebody gave; nobody: a register did.
type Answer struct {
	Value   string
	Version int // of the application, which it made
	By      uuid.UUID
	At      time.Time

	Register string // the step of the register that answered
}

// Standing is where a step is, since when, until when it should be over, and when its register is asked next.
type Standing struct {
	State      StepState
	Since      time.Time
	Due        time.Time // zero: nobody waits for it
	Attempts   int       // of its check that had no answer
	NextAt     time.Time // zero: nothing is to be asked
	checkedFor string
}

// Result is what a check came to. Only a pass passes, and what somebody has to look at goes on to whoever reviews.
type Result = kyc.Result

// The results.
const (
	Pass    = kyc.Pass
	Fail    = kyc.Fail
	Error   = kyc.Error
	Stale   = kyc.Stale
	Review  = kyc.Review
	Pending = kyc.Pending
)

// Results are all of them, in the order of their words.
func Results() []string {
	return []string{string(Error), string(Fail), string(Pass), string(Pending), string(Review), string(Stale)}
}

// Checked is what a register said.
type Checked struct {
	Kind    string            `json:"kind"`
	Subject string            `json:"subject"` // what was asked about
	Result  Result            `json:"result"`
	Reason  string            `json:"reason,omitempty"` // a sentence
	Facts   map[string]string `json:"facts,omitempty"`
	// Replaces tells that what this register said before, of something else, gives way. Older logs have checks without.
	Replaces bool      `json:"replaces,omitempty"`
	At       time.Time `json:"-"`
}

// Said tells which register gave the answer that counts, and whether it was about what it is asked about now.
func (a Application) Said(d *Definition, field string) (register *Step, now bool) {
	all := a.Answers[field]
	if len(all) == 0 {
		return nil, false
	}
	s, ok := d.Step(all[len(all)-1].Register)
	if !ok {
		return nil, false
	}
	said := a.Checks[s.Key]
	return s, said.Result == Pass && said.Subject == s.about(a.Current())
}

// Current are the answers that count.
func (a Application) Current() map[string]string {
	current := map[string]string{}
	for field, all := range a.Answers {
		current[field] = all[len(all)-1].Value
	}
	return current
}

// At is the answer of a field that counted at a version, or "".
func (a Application) At(field string, version int) string { return a.last(field, version).Value }

// last is the answer of a field that counted at a version.
func (a Application) last(field string, version int) (last Answer) {
	for _, answer := range slices.Backward(a.Answers[field]) { // most often it is the last one
		if answer.Version <= version {
			return answer
		}
	}
	return last
}

// clone is the application with maps of its own.
func (a Application) clone() Application {
	a.Answers, a.Saved, a.Asked = clone(a.Answers), clone(a.Saved), clone(a.Asked)
	a.Checks, a.Steps, a.Guests = clone(a.Checks), clone(a.Steps), clone(a.Guests)
	a.Waived, a.Documents, a.Apart = clone(a.Waived), clone(a.Documents), clone(a.Apart)
	a.Signatures = clone(a.Signatures)
	return a
}

func clone[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

// Ball tells whose turn a step is: nobody's if it is locked or over.
func (d *Definition) Ball(key string, at Standing) (who Actor, turn bool) {
	s, ok := d.Step(key)
	if !ok || at.State != StepOpen && at.State != StepWaiting {
		return "", false
	}
	return s.By, true
}
