package notify

import "fmt"

// SecondFactorOn tells that the account asks for a code from now on.
type SecondFactorOn struct{ Recipient }

// Kind is stable for ever.
func (SecondFactorOn) Kind() Kind { return KindSecondFactorOn }

// Email says it.
func (n SecondFactorOn) Email(c Composer) Email {
	return n.notice("Kindward now asks you for a second step",
		"From now on you sign in with your password and a code from your authenticator app. Keep your "+
			"recovery codes where your phone is not.").
		with("See how you sign in", c.link("account"), "If it was not you, answer this email.")
}

// SecondFactorOff tells that the password alone signs in.
type SecondFactorOff struct{ Recipient }

// Kind is stable for ever.
func (SecondFactorOff) Kind() Kind { return KindSecondFactorOff }

// Email says it.
func (n SecondFactorOff) Email(c Composer) Email {
	return n.notice("Kindward no longer asks you for a second step", "The second step was turned off just "+
		"now. Your password alone signs you in.").
		with("If it was not you, choose a new password here", c.link("password-reset"), "Then answer this email.")
}

// RecoveryCodeUsed tells how many codes are left.
type RecoveryCodeUsed struct {
	Recipient
	Left int
}

// Kind is stable for ever.
func (RecoveryCodeUsed) Kind() Kind { return KindRecoveryCodeUsed }

// Email says it.
func (n RecoveryCodeUsed) Email(c Composer) Email {
	return n.notice("A recovery code for Kindward was used",
		fmt.Sprintf("Somebody signed in to your account with one of your recovery codes. %d of them are "+
			"left.", n.Left)).
		with("Make new ones, or see where you are signed in", c.link("account"),
			"If it was not you, sign out everywhere there and answer this email.")
}

// RecoveryCodesMade tells that there are other codes from now on.
type RecoveryCodesMade struct{ Recipient }

// Kind is stable for ever.
func (RecoveryCodesMade) Kind() Kind { return KindRecoveryCodesMade }

// Email says it.
func (n RecoveryCodesMade) Email(c Composer) Email {
	return n.notice("New recovery codes for Kindward were made", "Your account has new recovery codes. The ones "+
		"from before sign nobody in, and everywhere else you are signed out.").
		with("If it was not you, turn the second step off and on again here", c.link("account", "second-factor"),
			"Then choose a new password and answer this email.")
}

// PasskeyAdded tells of a new way to sign in.
type PasskeyAdded struct{ Recipient }

// Kind is stable for ever.
func (PasskeyAdded) Kind() Kind { return KindPasskeyAdded }

// Email says it.
func (n PasskeyAdded) Email(c Composer) Email {
	return n.notice("A passkey was added to your account", "You can sign in to Kindward with a new passkey "+
		"from now on.").
		with("If it was not you, remove it here and choose a new password", c.link("account", "passkeys"))
}

// PasskeyRemoved tells that one no longer signs in.
type PasskeyRemoved struct{ Recipient }

// Kind is stable for ever.
func (PasskeyRemoved) Kind() Kind { return KindPasskeyRemoved }

// Email says it.
func (n PasskeyRemoved) Email(c Composer) Email {
	return n.notice("A passkey was removed from your account", "A passkey of yours no longer signs in to Kindward.").
		with("If it was not you, look at your passkeys and choose a new password", c.link("account", "passkeys"))
}

// PasskeyCopied tells of one that was refused because its counter did not go on: a copy may exist.
type PasskeyCopied struct{ Recipient }

// Kind is stable for ever.
func (PasskeyCopied) Kind() Kind { return KindPasskeyCopied }

// Email says it.
func (n PasskeyCopied) Email(c Composer) Email {
	return n.notice("We refused a passkey of yours",
		"Somebody wanted to sign in with a passkey of yours, and its counter was behind: there may be a "+
			"copy of it. We refused it.").
		with("Remove it, and make a new one on the device that you have", c.link("account", "passkeys"))
}

// SSOLinked tells that an organization's own sign-in opens the account's work there from now on.
type SSOLinked struct {
	Recipient
	Organization string
}

// Kind is stable for ever.
func (SSOLinked) Kind() Kind { return KindSSOLinked }

// Email says it.
func (n SSOLinked) Email(c Composer) Email {
	return n.notice("Your account was connected to your organization's sign-in",
		"From now on you can sign in to your work at "+n.Organization+" with its own sign-in. It opens that "+
			"work and nothing else of your account.").
		with("See how you sign in", c.link("account"), "If it was not you, choose a new password and answer "+
			"this email.")
}

// SSOUnlinked tells that an organization's own sign-in opens nothing for the account any more.
type SSOUnlinked struct {
	Recipient
	Organization string
}

// Kind is stable for ever.
func (SSOUnlinked) Kind() Kind { return KindSSOUnlinked }

// Email says it.
func (n SSOUnlinked) Email(c Composer) Email {
	return n.notice("Your account was disconnected from your organization's sign-in",
		"An owner of "+n.Organization+" has disconnected your account from its sign-in, and ended what that had opened. "+
			"Your account stays, with its own password. If you have none, press “Choose a new password” where you sign in.").
		with("To use the organization's sign-in again, sign in as usual and connect your account once more",
			c.link("account"), "If you did not expect this, ask "+n.Organization+".")
}
