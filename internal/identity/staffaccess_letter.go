package identity

import (
	"fmt"
	"time"
)

// The letters about what staff of the platform do.
const (
	ActedAs                 LetterKind = "acted-as"                  // to the person: the site is seen as theirs; URL is who looked at their record
	EmergencyAccessBegun    LetterKind = "emergency-access"          // to owners and managers; URL is their access log
	EmergencyAccessReviewed LetterKind = "emergency-access-reviewed" // to owners and managers: what the review said
	FactorsRemoved          LetterKind = "factors-removed"           // to the person; URL asks for a new password
)

// Act is what a letter says about an act of the staff.
type Act struct {
	Reason       string
	Organization string
	At           time.Time // in the deployment's zone
	MayChange    bool
	Justified    bool
}

func (a Act) when() string { return a.At.Format("Monday 2 January, 3:04 pm MST") }

// actSubject is the subject of these letters, or "".
func (l Letter) actSubject() string {
	switch l.Kind {
	case ActedAs:
		return "Kindward support looks at your account"
	case EmergencyAccessBegun:
		return "Emergency access to the records of " + l.Act.Organization
	case EmergencyAccessReviewed:
		return "The emergency access to " + l.Act.Organization + " was reviewed"
	case FactorsRemoved:
		return "Your second factor for Kindward was removed"
	}
	return ""
}

// actText is the text of these letters below the greeting, or "".
func (l Letter) actText() string {
	switch l.Kind {
	case ActedAs:
		may := "They see what you see and change nothing."
		if l.Act.MayChange {
			may = "They may move or cancel an appointment for you. They cannot agree to anything in your name, and cannot change how you sign in."
		}
		return fmt.Sprintf("Kindward support looks at your account since %s, for at most %d minutes.\n\nTheir reason: %s\n\n%s\n\n"+
			"See everything they opened:\n%s\n\nIf you do not want this, answer this e-mail. We stop it and look into it.\n",
			l.Act.when(), int(ImpersonationLife.Minutes()), l.Act.Reason, may, l.URL)
	case EmergencyAccessBegun:
		return fmt.Sprintf("Somebody of Kindward's staff has opened the appointments and patients of %s in an emergency, at %s, for at most %d minutes.\n\n"+
			"Their reason: %s\n\nSee everything they opened:\n%s\n\nSomebody else at Kindward reviews it within %d hours, and we tell you the result. If you know of no emergency, answer this e-mail now.\n",
			l.Act.Organization, l.Act.when(), int(EmergencyAccessLife.Minutes()), l.Act.Reason, l.URL, int(ReviewWithin.Hours()))
	case EmergencyAccessReviewed:
		said := "The review found that it was not justified. We write to you about what follows."
		if l.Act.Justified {
			said = "The review found that it was justified."
		}
		return fmt.Sprintf("Somebody of Kindward's staff opened the records of %s in an emergency. %s\n\nSee everything they opened:\n%s\n", l.Act.Organization, said, l.URL)
	case FactorsRemoved:
		return fmt.Sprintf("Kindward support has removed your passkeys, your authenticator app and your recovery codes, and signed you out on every device. "+
			"Your password works as before.\n\nTheir reason: %s\n\nIf you did not ask for this, choose a new password here:\n%s\n\nThen answer this e-mail.\n", l.Act.Reason, l.URL)
	}
	return ""
}
