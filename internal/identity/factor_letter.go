package identity

import "fmt"

// The letters about second factors.
const (
	SecondFactorOn  LetterKind = "second-factor-on"
	SecondFactorOff LetterKind = "second-factor-off" // URL asks for a new password
	RecoveryUsed    LetterKind = "recovery-used"     // Code says how many are left
)

func (l Letter) factorSubject() string {
	switch l.Kind {
	case SecondFactorOn:
		return "Kindward now asks you for a second step"
	case SecondFactorOff:
		return "Kindward no longer asks you for a second step"
	case RecoveryUsed:
		return "A recovery code for Kindward was used"
	}
	return ""
}

func (l Letter) factorText() string {
	switch l.Kind {
	case SecondFactorOn:
		return "From now on you sign in with your password and a code from your authenticator app. Keep your recovery codes where your telephone is not.\n\n" +
			"See how you sign in:\n" + l.URL + "\n\nIf it was not you, answer this e-mail.\n"
	case SecondFactorOff:
		return "The second step was turned off just now. Your password alone signs you in.\n\nIf it was not you, choose a new password here:\n" + l.URL + "\n\nThen answer this e-mail.\n"
	case RecoveryUsed:
		return fmt.Sprintf("Somebody signed in to your account with one of your recovery codes. %s of them are left.\n\nMake new ones, or see where you are signed in:\n%s\n\nIf it was not you, sign out everywhere there and answer this e-mail.\n", l.Code, l.URL)
	}
	return ""
}
