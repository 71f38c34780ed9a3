package notify

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// ApplicantInvitation asks somebody to help to fill in an application to join. It says no name: whoever asks may be
// anybody, and could write to any mailbox in our name.
type ApplicantInvitation struct {
	Recipient
	By          string // the email address of whoever asks
	Application uuid.UUID
	Token       string
	Valid       time.Duration
}

// Kind is stable for ever.
func (ApplicantInvitation) Kind() Kind { return KindApplicantInvitation }

// Email says it.
func (n ApplicantInvitation) Email(c Composer) Email {
	n.Name = ""
	return n.notice("Help to fill in an application to join Kindward", fmt.Sprintf("%s asks you to fill in their "+
		"organization's application to join Kindward together.", n.By)).
		with("See the invitation", c.link("join", n.Application.String(), "invitations", n.Token),
			fmt.Sprintf("The link works once, for %d days, and only for the account with this email address. "+
				"Nothing happens before you sign in and accept.", int(n.Valid.Hours()/24)),
			"If you do not know who asks, ignore this email.")
}

// Applicant is somebody who takes part in an application to join.
type Applicant struct {
	Recipient
	Application  uuid.UUID
	Organization string // or empty: it has no name yet
}

// Life is that of news about an application.
func (Applicant) Life() time.Duration { return 3 * 24 * time.Hour }

func (n Applicant) called() string {
	if name := oneLine(n.Organization); name != "" {
		return "The application of " + name
	}
	return "Your organization's application"
}

func (n Applicant) open(e Email, action string, c Composer, after ...string) Email {
	return e.with(action, c.link("join", n.Application.String()), after...)
}

// ApplicationTurn says that it is the applicant's turn again, with each step and why.
type ApplicationTurn struct {
	Applicant
	Steps [][2]string
}

// Kind is stable for ever.
func (ApplicationTurn) Kind() Kind { return KindApplicationTurn }

// Email says it.
func (n ApplicationTurn) Email(c Composer) Email {
	e := n.notice("It is your turn again", n.called()+" to join Kindward needs something more from you.")
	e.Rows = n.Steps
	return n.open(e, "Go on here", c)
}

// ApplicationReceived says that the application is sent.
type ApplicationReceived struct{ Applicant }

// Kind is stable for ever.
func (ApplicationReceived) Kind() Kind { return KindApplicationReceived }

// Email says it.
func (n ApplicationReceived) Email(c Composer) Email {
	return n.open(n.notice("We have your application", n.called()+" to join Kindward is sent. One of us looks at it. "+
		"You need do nothing."), "See where it stands", c)
}

// ApplicationDecided says how it was decided.
type ApplicationDecided struct {
	Applicant
	Approved bool
	Reason   string // of a rejection
	// Countersigned tells that the contract is signed by both.
	Countersigned bool
}

// Kind is stable for ever.
func (ApplicationDecided) Kind() Kind { return KindApplicationDecided }

// Email says it.
func (n ApplicationDecided) Email(c Composer) Email {
	if n.Approved {
		said := n.called() + " to join Kindward is approved."
		if n.Countersigned {
			said += " The contract is countersigned: you find it on the page of your application."
		}
		return n.open(n.notice("Your application is approved", said), "See what comes next", c)
	}
	e := n.notice("We have rejected your application", n.called()+" to join Kindward is rejected.")
	if n.Reason != "" {
		e.Rows = [][2]string{{"Reason", n.Reason}}
	}
	return n.open(e, "See the application", c)
}

// ApplicationWithdrawn says that somebody who takes part has withdrawn it.
type ApplicationWithdrawn struct{ Applicant }

// Kind is stable for ever.
func (ApplicationWithdrawn) Kind() Kind { return KindApplicationWithdrawn }

// Email says it.
func (n ApplicationWithdrawn) Email(c Composer) Email {
	return n.open(n.notice("Your application is withdrawn", n.called()+" to join Kindward is withdrawn, as one of you "+
		"asked. Nothing happens with it any more, and what you answered is kept."), "Open it again here", c)
}

// ApplicationReminder says that it waits for the applicant.
type ApplicationReminder struct {
	Applicant
	Step string // that is next, or empty
	Last bool
	Days int // until it is closed
}

// Kind is stable for ever.
func (ApplicationReminder) Kind() Kind { return KindApplicationReminder }

// Email says it.
func (n ApplicationReminder) Email(c Composer) Email {
	e := n.notice("Your application waits for you", n.called()+" to join Kindward waits for you. What you have "+
		"saved is there.")
	if n.Step != "" {
		e.Rows = [][2]string{{"Next", n.Step}}
	}
	if n.Last {
		return n.open(e, "Go on here", c, fmt.Sprintf("We do not remind you again. If nobody goes on, we close it in "+
			"%d days; you can open it again then.", n.Days))
	}
	return n.open(e, "Go on here", c)
}

// ApplicationClosed says that it was closed because nobody went on with it.
type ApplicationClosed struct {
	Applicant
	Days int // without an answer
}

// Kind is stable for ever.
func (ApplicationClosed) Kind() Kind { return KindApplicationClosed }

// Email says it.
func (n ApplicationClosed) Email(c Composer) Email {
	return n.open(n.notice("We have closed your application", fmt.Sprintf("%s to join Kindward had no answer for %d "+
		"days, so we have closed it. What you answered is kept.", n.called(), n.Days)), "Open it again here", c)
}

// ApplicationLeft says to somebody that another who takes part took them out.
type ApplicationLeft struct{ Applicant }

// Kind is stable for ever.
func (ApplicationLeft) Kind() Kind { return KindApplicationLeft }

// Email says it.
func (n ApplicationLeft) Email(c Composer) Email {
	return n.notice("You do not take part in an application any more", n.called()+" to join Kindward goes on without "+
		"you: somebody who takes part took you out. What you answered stays there with your name, and you cannot open it "+
		"any more.")
}

// SignatureCode lets somebody without an account sign the contract of an application. It says nothing that somebody
// typed: whoever asked for it may be anybody.
type SignatureCode struct {
	Recipient
	Code  string // six digits
	Valid time.Duration
}

// Kind is stable for ever.
func (SignatureCode) Kind() Kind { return KindSignatureCode }

// Email says it.
func (n SignatureCode) Email(Composer) Email {
	n.Name = ""
	code := n.Code
	if len(code) == 6 {
		code = code[:3] + " " + code[3:]
	}
	return n.notice("Your code to sign a contract with Kindward", "Your code is "+code,
		fmt.Sprintf("Type it on the page on which you read the contract. It works for %d minutes.", minutes(n.Valid)),
		"If nobody asked you to sign a contract, ignore this email. Nobody from Kindward will ask you for the code.")
}
