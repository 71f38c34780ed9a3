package identity

import "fmt"

// The letters about browsers and addresses.
const (
	NewBrowser   LetterKind = "new-browser"   // Browser and At say from where and when; URL shows where one is signed in
	EmailChange  LetterKind = "email-change"  // to the new address; URL gives it to the account once
	EmailTaken   LetterKind = "email-taken"   // to an address that somebody else wants
	EmailChanged LetterKind = "email-changed" // to the old address; URL is where help is
)

func (l Letter) deviceSubject() string {
	switch l.Kind {
	case NewBrowser:
		return "New sign-in to your account"
	case EmailChange:
		return "Use this address for Kindward"
	case EmailTaken:
		return "Somebody wants to use your address"
	case EmailChanged:
		return "Your account has another address now"
	}
	return ""
}

func (l Letter) deviceText() string {
	switch l.Kind {
	case NewBrowser:
		return fmt.Sprintf("Your account was opened from a browser that we did not know.\n\nWhen: %s\nBrowser: %s\n\nIf it was you, there is nothing to do.\n\n"+
			"If it was not you, sign that device out here and choose a new password:\n%s\n", l.At.Format("Monday, January 2, 2006, 3:04 pm MST"), l.Browser, l.URL)
	case EmailChange:
		return fmt.Sprintf("Somebody, perhaps you, wants to use this address for an account with Kindward. Say yes here, signed in to that account:\n%s\n\n"+
			"The link works once, for %d minutes. If you did not ask for it, ignore this e-mail. Nothing was changed.\n", l.URL, int(EmailChangeLife.Minutes()))
	case EmailTaken:
		return "Somebody, perhaps you, wants to use this address for another account with Kindward. It belongs to an account already, so nothing was changed.\n\n" +
			"If it was not you, ignore this e-mail.\n"
	case EmailChanged:
		return "The address of your account was changed just now. From now on you sign in with the new one, and our letters go there.\n\n" +
			"If it was not you, tell us at once:\n" + l.URL + "\n"
	}
	return ""
}
