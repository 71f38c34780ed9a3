package notify

import (
	"fmt"
	"net/url"
	"time"
)

// A security notice is worth sending for a day, even if the mail server is away.
const noticeLife = 24 * time.Hour

// Recipient is whom an email greets.
type Recipient struct {
	To   string
	Name string // empty where the email must not say it
}

// Address is where it goes.
func (r Recipient) Address() string { return r.To }

// Life is that of a notice.
func (r Recipient) Life() time.Duration { return noticeLife }

func (r Recipient) greeting() []string {
	if name := oneLine(r.Name); name != "" {
		return []string{"Hello " + name + ","}
	}
	return nil
}

// notice is an email with its subject as heading and a greeting above what it says.
func (r Recipient) notice(subject string, paragraphs ...string) Email {
	return Email{Subject: subject, Heading: subject, Paragraphs: append(r.greeting(), paragraphs...)}
}

// with puts the one link below the paragraphs, and more paragraphs below it.
func (e Email) with(action, link string, after ...string) Email {
	e.Action, e.Link, e.After = action, link, after
	return e
}

func minutes(d time.Duration) int { return int(d.Minutes()) }

// SignUpCode finishes a sign-up. It says no name: until the code was typed, whoever typed one may be anybody, and could
// write to any mailbox in our name.
type SignUpCode struct {
	Recipient
	Code  string // six digits
	Valid time.Duration
}

// Kind is stable for ever.
func (SignUpCode) Kind() Kind { return KindSignUpCode }

// Email says it.
func (n SignUpCode) Email(Composer) Email {
	n.Name = ""
	code := n.Code
	if len(code) == 6 {
		code = code[:3] + " " + code[3:]
	}
	return n.notice("Your code for Kindward", "Your code is "+code,
		fmt.Sprintf("Type it on the page where you created your account. It works for %d minutes.", minutes(n.Valid)),
		"If you did not create an account, ignore this email. Nobody from Kindward will ask you for the code.")
}

// HaveAccount goes to an address with which somebody signs up and that has an account already. It says no name:
// whoever typed one may be somebody else.
type HaveAccount struct {
	Recipient
	SignIn Page
}

// Kind is stable for ever.
func (HaveAccount) Kind() Kind { return KindHaveAccount }

// Email says it.
func (n HaveAccount) Email(c Composer) Email {
	return n.notice("You have an account with Kindward", "Someone, perhaps you, wants to create an account "+
		"with this address. It has one already.").
		with("Sign in here", n.SignIn.of(c), "If it was not you, ignore this email. Nothing was changed.")
}

// PasswordReset has the link that changes a password once.
type PasswordReset struct {
	Recipient
	Token string
	Next  string // where to go on afterward, or empty
	Valid time.Duration
}

// Kind is stable for ever.
func (PasswordReset) Kind() Kind { return KindPasswordReset }

// Email says it.
func (n PasswordReset) Email(c Composer) Email {
	page := Page{Path: "/password-reset/" + n.Token}
	if n.Next != "" {
		page.Query = url.Values{"next": {n.Next}}.Encode()
	}
	return n.notice("Choose a new password for Kindward").
		with("Choose a new password here", page.of(c), fmt.Sprintf("The link works once, for %d minutes.",
			minutes(n.Valid)),
			"If you did not ask for it, ignore this email. Your password stays as it is.")
}

// PasswordChanged tells that it was changed just now.
type PasswordChanged struct{ Recipient }

// Kind is stable for ever.
func (PasswordChanged) Kind() Kind { return KindPasswordChanged }

// Email says it.
func (n PasswordChanged) Email(c Composer) Email {
	return n.notice("Your password for Kindward was changed", "Your password was changed just now, and "+
		"every device was signed out.").
		with("If it was not you, choose a new password here", c.link("password-reset"))
}

// NewDevice tells of a sign-in from a browser that was not known.
type NewDevice struct {
	Recipient
	Browser string
	At      time.Time
}

// Kind is stable for ever.
func (NewDevice) Kind() Kind { return KindNewDevice }

// Email says it.
func (n NewDevice) Email(c Composer) Email {
	e := n.notice("New sign-in to your account", "Your account was opened from a browser that we did not "+
		"know. If it was you, there is nothing to do.")
	e.Rows = [][2]string{{"When", c.when(n.At)}, {"Browser", n.Browser}}
	return e.with("If it was not you, sign that device out here and choose a new password", c.link("account"))
}

// EmailChange goes to the new address: its link gives it to the account once.
type EmailChange struct {
	Recipient
	Token string
	Valid time.Duration
}

// Kind is stable for ever.
func (EmailChange) Kind() Kind { return KindEmailChange }

// Email says it.
func (n EmailChange) Email(c Composer) Email {
	return n.notice("Use this address for Kindward", "Somebody, perhaps you, wants to use this address for "+
		"an account with Kindward.").
		with("Say yes here, signed in to that account", c.link("account", "email", n.Token),
			fmt.Sprintf("The link works once, for %d minutes. If you did not ask for it, ignore this email. "+
				"Nothing was changed.", minutes(n.Valid)))
}

// EmailTaken goes to an address that somebody else wants.
type EmailTaken struct{ Recipient }

// Kind is stable for ever.
func (EmailTaken) Kind() Kind { return KindEmailTaken }

// Email says it.
func (n EmailTaken) Email(Composer) Email {
	return n.notice("Somebody wants to use your address",
		"Somebody, perhaps you, wants to use this address for another account with Kindward. It belongs to "+
			"an account already, so nothing was changed.",
		"If it was not you, ignore this email.")
}

// EmailChanged goes to the old address, and does not say the new one.
type EmailChanged struct{ Recipient }

// Kind is stable for ever.
func (EmailChanged) Kind() Kind { return KindEmailChanged }

// Email says it.
func (n EmailChanged) Email(c Composer) Email {
	return n.notice("Your account has another address now",
		"The address of your account was changed just now. From now on you sign in with the new one, and "+
			"our emails go there.").
		with("If it was not you, tell us at once", c.link("help"))
}

// Invitation offers a role at an organization.
type Invitation struct {
	Recipient
	Organization, Slug string
	Role               string // in words
	Token              string
	Valid              time.Duration
}

// Kind is stable for ever.
func (Invitation) Kind() Kind { return KindInvitation }

// Email says it.
func (n Invitation) Email(c Composer) Email {
	days := int(n.Valid.Hours() / 24)
	return n.notice(n.Organization+" invites you to Kindward", fmt.Sprintf("%s invites you to work with "+
		"them on Kindward as %s.", n.Organization, n.Role)).
		with("See the invitation", c.link("invitations", n.Slug, n.Token),
			fmt.Sprintf("The link works for %d days, and only for the account with this email address. "+
				"Nothing happens before you sign in and accept.", days),
			"If you do not know "+n.Organization+", ignore this email.")
}

// Page is an address of the site, without its host.
type Page struct{ Path, Query string }

func (p Page) of(c Composer) string {
	u := c.Base.JoinPath(p.Path)
	u.RawQuery = p.Query
	return u.String()
}
