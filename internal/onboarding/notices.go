package onboarding

import (
	"slices"
	"time"

	"kindward/internal/kyc"
)

// NoticeKind is what an applicant is told, or what time asks for. Words are stable for ever: they stand in rows.
type NoticeKind string

// The kinds of notices. Closing tells nothing: it closes an application that nobody goes on with.
const (
	TurnNotice      NoticeKind = "turn"
	ReceivedNotice  NoticeKind = "received"
	DecidedNotice   NoticeKind = "decided"
	WithdrawnNotice NoticeKind = "withdrawn"
	ClosedNotice    NoticeKind = "closed"
	LeftNotice      NoticeKind = "left"      // for those who were taken out alone
	DuplicateNotice NoticeKind = "duplicate" // for those who speak for the organization already
	Reminder        NoticeKind = "reminder"
	LastReminder    NoticeKind = "last-reminder"
	Closing         NoticeKind = "closing"
	ContractNotice  NoticeKind = "contract" // for owners: another text is to be signed
	ContractDue     NoticeKind = "contract-due"
)

// NoticeKinds are all of them, in the order of their words.
func NoticeKinds() (all []string) {
	for kind := range toldIn {
		all = append(all, string(kind))
	}
	slices.Sort(all)
	return all
}

// toldIn are the statuses in which each is worth telling.
var toldIn = map[NoticeKind][]Status{TurnNotice: {Open}, ReceivedNotice: {Submitted},
	DecidedNotice: {Approved, Live, Rejected}, WithdrawnNotice: {Withdrawn}, ClosedNotice: {Withdrawn}, Reminder: {Open},
	LastReminder: {Open}, Closing: {Open}, DuplicateNotice: {Rejected},
	LeftNotice: {Open, Submitted, Approved, Live, Rejected, Withdrawn}, ContractNotice: {Live}, ContractDue: {Live}}

// silences are how long an applicant whose turn it is says nothing until each.
var silences = map[NoticeKind]time.Duration{Reminder: 24 * time.Hour, LastReminder: 3 * 24 * time.Hour,
	Closing: ClosedAfter}

// ClosedAfter is how long nobody goes on with an application until it is closed.
const ClosedAfter = 60 * 24 * time.Hour

// Notice is due at a time.
type Notice struct {
	Kind NoticeKind
	Due  time.Time
}

// notices are what is to be told after an event, and which kinds are not any more.
func notices(d *Definition, before, after Application, e Event, moved []Transition) (tell []Notice,
	drop []NoticeKind) {
	if kind, news := d.newsOf(before, after, e, moved); news {
		tell = append(tell, Notice{kind, e.At})
	}
	if e.Kind == Duplicate {
		tell = append(tell, Notice{DuplicateNotice, e.At})
	}
	switch {
	case e.Kind == Reworded && after.Status == Live:
		tell = append(tell, Notice{ContractNotice, e.At}, Notice{ContractDue, e.At.Add(SignWithin - remindedBefore)})
	case e.Kind == SignedAgain:
		drop = append(drop, ContractNotice, ContractDue)
	}
	turn := after.Status == Open && d.applicantsTurn(after)
	switch {
	case turn && heard(e, moved):
		for _, kind := range []NoticeKind{Reminder, LastReminder, Closing} {
			tell = append(tell, Notice{kind, e.At.Add(silences[kind])})
		}
	case !turn:
		drop = append(drop, Reminder, LastReminder, Closing)
	}
	if after.Status != before.Status && after.Status != Open {
		drop = append(drop, TurnNotice)
	}
	return tell, drop
}

// heard tells whether an event begins the applicant's silence anew: somebody went on, or has news to go on with.
func heard(e Event, moved []Transition) bool {
	return slices.Contains([]EventKind{Began, Joined, Answered, Uploaded, Signed, Returned,
		Reworded, Reopened}, e.Kind) ||
		(e.Kind == CheckDone || e.Kind == Waiving) && len(moved) > 0
}

// newsOf is what an event tells the applicant that they did not do themselves, or want to know for sure.
func (d *Definition) newsOf(before, after Application, e Event, moved []Transition) (kind NoticeKind, news bool) {
	switch {
	case e.Kind == Returned:
		return TurnNotice, true
	case e.Kind == Reworded && after.Status == Open:
		return TurnNotice, before.Signature.Name != ""
	case e.Kind == Left:
		return LeftNotice, e.By != e.Data.Who
	case e.Kind == Waiving && after.Status == Open:
		return TurnNotice, !d.applicantsTurn(before) && d.applicantsTurn(after)
	case e.Kind == CheckDone && after.Status == Open:
		failed := slices.ContainsFunc(moved, func(t Transition) bool { return t.To == StepFailed })
		return TurnNotice, failed || !d.applicantsTurn(before) && d.applicantsTurn(after) ||
			after.toProve(e.Step) && (!before.toProve(e.Step) || before.Checks[e.Step].Reason != after.Checks[e.Step].Reason)
	case e.Kind == Scanned && after.Status == Open:
		doc, there := after.Document(e.Data.Document.ID)
		return TurnNotice, there && after.replaced(doc)
	case e.Kind == Approval || e.Kind == Rejection || e.Kind == Duplicate:
		return DecidedNotice, true
	case e.Kind == Withdrew:
		return WithdrawnNotice, true
	case e.Kind == Closed:
		return ClosedNotice, true
	}
	return ReceivedNotice, before.Status != Submitted && after.Status == Submitted
}

// toProve tells whether somebody is to go on at the page of whoever verifies identities.
func (a *Application) toProve(step string) bool {
	return a.Steps[step].State == StepWaiting && a.Checks[step].Facts[kyc.FactPage] != ""
}

// applicantsTurn tells whether the applicant has the ball: to answer, to change what did not pass, or to prove who they
// are.
func (d *Definition) applicantsTurn(a Application) bool {
	return slices.ContainsFunc(d.Steps, func(s Step) bool {
		at := a.Steps[s.Key].State
		return s.By == Applicant && at == StepOpen || s.By == Outside && (at == StepFailed || a.toProve(s.Key))
	})
}
