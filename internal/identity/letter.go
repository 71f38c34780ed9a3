package identity

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Mailer sends a letter, or takes it in to be sent.
type Mailer func(ctx context.Context, l Letter) error

// LetterKind says what a letter is for.
type LetterKind string

// The letters about accounts.
const (
	Code            LetterKind = "code"             // Code finishes a sign-up
	HaveAccount     LetterKind = "have-account"     // somebody signs up with an address that has an account; URL signs in
	Reset           LetterKind = "reset"            // URL changes the password once
	PasswordChanged LetterKind = "password-changed" // it was changed just now; URL asks for another one
	Invitation      LetterKind = "invitation"       // Place offers Role; URL shows the offer
)

// Letter is a mail about an account: what it says, and ready words for it.
type Letter struct {
	Kind LetterKind
	To   string
	Name string // empty where the letter must not say it
	Code string
	URL  string

	Organization, Role string // of an invitation; the role as it is called in a sentence

	Act Act // of the staff, where the letter is about one

	Browser string    // from which somebody signed in
	At      time.Time // when, on the clock that its reader lives by
}

// Subject is one line; it names no code, because phones show it while locked.
func (l Letter) Subject() string {
	if s := l.actSubject() + l.factorSubject() + l.deviceSubject(); s != "" {
		return s
	}
	if s := l.passkeySubject() + l.ssoSubject(); s != "" {
		return s
	}
	switch l.Kind {
	case Code:
		return "Your code for Kindward"
	case HaveAccount:
		return "You have an account with Kindward"
	case Reset:
		return "Choose a new password for Kindward"
	case Invitation:
		return l.Organization + " invites you to Kindward"
	}
	return "Your password for Kindward was changed"
}

// Text is the letter in plain words.
func (l Letter) Text() string {
	var b strings.Builder
	if name := strings.Join(strings.Fields(l.Name), " "); name != "" {
		fmt.Fprintf(&b, "Hello %s,\n\n", name)
	}
	b.WriteString(l.actText() + l.factorText() + l.deviceText())
	b.WriteString(l.passkeyText() + l.ssoText())
	switch l.Kind {
	case Code:
		fmt.Fprintf(&b, "Your code is %s %s\n\nType it on the page where you created your account. It works for %d minutes.\n\n"+
			"If you did not create an account, ignore this e-mail. Nobody from Kindward will ask you for the code.\n",
			l.Code[:3], l.Code[3:], int(CodeLife.Minutes()))
	case HaveAccount:
		fmt.Fprintf(&b, "Someone, perhaps you, wants to create an account with this address. It has one already.\n\nSign in here:\n%s\n\n"+
			"If it was not you, ignore this e-mail. Nothing was changed.\n", l.URL)
	case Reset:
		fmt.Fprintf(&b, "Choose a new password here:\n%s\n\nThe link works once, for %d minutes.\n\n"+
			"If you did not ask for it, ignore this e-mail. Your password stays as it is.\n", l.URL, int(ResetLife.Minutes()))
	case Invitation:
		b.WriteString(invitationWords(l))
	case PasswordChanged:
		fmt.Fprintf(&b, "Your password was changed just now, and every device was signed out.\n\n"+
			"If it was not you, choose a new password here:\n%s\n", l.URL)
	}
	return b.String()
}
