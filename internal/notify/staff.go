package notify

import (
	"fmt"
	"time"
)

// ImpersonationBegun goes to the person whose account the staff looks at.
type ImpersonationBegun struct {
	Recipient
	Reason    string
	At        time.Time
	Lasts     time.Duration
	MayChange bool
}

// Kind is stable for ever.
func (ImpersonationBegun) Kind() Kind { return KindImpersonationBegun }

// Email says it.
func (n ImpersonationBegun) Email(c Composer) Email {
	may := "They see what you see and change nothing."
	if n.MayChange {
		may = "They may move or cancel an appointment for you. They cannot agree to anything in your name, " +
			"and cannot change how you sign in."
	}
	return n.notice("Kindward support looks at your account",
		fmt.Sprintf("Kindward support looks at your account since %s, for at most %d "+
			"minutes.", c.when(n.At), minutes(n.Lasts)),
		"Their reason: "+n.Reason, may).
		with("See everything they opened", c.link("account", "access-log"), "If you do not want this, "+
			"answer this email. We stop it and look into it.")
}

// EmergencyAccessBegun goes to the owners and managers of the organization whose records were opened.
type EmergencyAccessBegun struct {
	Recipient
	Organization, Slug string
	Reason             string
	At                 time.Time
	Lasts              time.Duration
	ReviewWithin       time.Duration
}

// Kind is stable for ever.
func (EmergencyAccessBegun) Kind() Kind { return KindEmergencyAccessBegun }

// Email says it.
func (n EmergencyAccessBegun) Email(c Composer) Email {
	return n.notice("Emergency access to the records of "+n.Organization,
		fmt.Sprintf("Somebody of Kindward's staff has opened the appointments and patients of %s in an "+
			"emergency, at %s, for at most %d minutes.",
			n.Organization, c.when(n.At), minutes(n.Lasts)), "Their reason: "+n.Reason).
		with("See everything they opened", c.link("organizations", n.Slug, "access-log"),
			fmt.Sprintf("Somebody else at Kindward reviews it within %d hours, and we tell you the result. "+
				"If you know of no emergency, answer this email now.", int(n.ReviewWithin.Hours())))
}

// EmergencyAccessReviewed tells the same people what the review said.
type EmergencyAccessReviewed struct {
	Recipient
	Organization, Slug string
	Justified          bool
}

// Kind is stable for ever.
func (EmergencyAccessReviewed) Kind() Kind { return KindEmergencyAccessReviewed }

// Email says it.
func (n EmergencyAccessReviewed) Email(c Composer) Email {
	said := "The review found that it was not justified. We write to you about what follows."
	if n.Justified {
		said = "The review found that it was justified."
	}
	return n.notice("The emergency access to "+n.Organization+" was reviewed",
		fmt.Sprintf("Somebody of Kindward's staff opened the records of %s in an emergency. "+
			"%s", n.Organization, said)).
		with("See everything they opened", c.link("organizations", n.Slug, "access-log"))
}

// FactorRemovalRequested tells a person that support wants to take their second factors, and that nobody has approved
// it yet.
type FactorRemovalRequested struct {
	Recipient
	Reason string
	Valid  time.Duration
}

// Kind is stable for ever.
func (FactorRemovalRequested) Kind() Kind { return KindFactorRemovalRequested }

// Email says it.
func (n FactorRemovalRequested) Email(c Composer) Email {
	return n.notice("Kindward support wants to remove your second step",
		fmt.Sprintf("Somebody of Kindward support wants to remove your passkeys, your authenticator app and your recovery "+
			"codes. A second person there has to approve it within %d hours. Nothing is removed before.",
			int(n.Valid.Hours())),
		"Their reason: "+n.Reason).
		with("See where you are signed in", c.link("account"), "If you did not ask for this, answer this email now. We "+
			"stop it and look into it.")
}

// FactorRemovalWithdrawn tells a person that what FactorRemovalRequested said is not done.
type FactorRemovalWithdrawn struct {
	Recipient
}

// Kind is stable for ever.
func (FactorRemovalWithdrawn) Kind() Kind { return KindFactorRemovalWithdrawn }

// Email says it.
func (n FactorRemovalWithdrawn) Email(c Composer) Email {
	return n.notice("Your second step for Kindward stays",
		"Kindward support has withdrawn the request to remove your passkeys, your authenticator app and your recovery "+
			"codes. Nothing was removed.").
		with("See where you are signed in", c.link("account"))
}

// FactorsRemoved tells a person that support has taken their second factors.
type FactorsRemoved struct {
	Recipient
	Reason string
}

// Kind is stable for ever.
func (FactorsRemoved) Kind() Kind { return KindFactorsRemoved }

// Email says it.
func (n FactorsRemoved) Email(c Composer) Email {
	return n.notice("Your second step for Kindward was removed",
		"Kindward support has removed your passkeys, your authenticator app and your recovery codes, and "+
			"signed you out on every device. Your password works as before.",
		"Their reason: "+n.Reason).
		with("If you did not ask for this, choose a new password "+
			"here", c.link("password-reset"), "Then answer this email.")
}
