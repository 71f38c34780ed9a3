// Package consent keeps the exact words that people agree to. A text never changes under its version: a new text is a
// new version.
package consent

// PurposeShare is to give a booking's details to one organization.
const PurposeShare = "share"

// What somebody has said about a purpose last.
const (
	StateGranted   = "granted"
	StateWithdrawn = "withdrawn"
	StateExpired   = "expired"
)

// Purposes are what consents can be given to; the schema's CHECK constraints are held to this list and to States by a
// test.
func Purposes() []string { return []string{PurposeShare} }

// States are all that a consent can be in.
func States() []string { return []string{StateGranted, StateWithdrawn, StateExpired} }

// How somebody agreed: on a page of their own, or by word of mouth to whoever works at an organization.
const (
	Online  = "online"
	ByPhone = "phone"
	AtDesk  = "desk"
)

// Channels are all of them; the schema's CHECK constraint is held to this list by a test.
func Channels() []string { return []string{Online, ByPhone, AtDesk} }

// Text is one version of what is agreed to. Text is what is hashed and kept; Label and Detail are how it stands beside
// its box.
type Text struct {
	Purpose, Version    string
	Label, Detail, Text string
}

// Share is the consent to give a booking's details to one organization.
func Share(organization string) Text {
	return share("share-2026-12-c", organization, "They need them to see you. You can see this consent at any time under "+
		"your account, My data and consents, and end it there: at once, or after a visit that is to come.")
}

// Spoken is the consent to give a booking's details to one organization, as it is read out by whoever works there.
func Spoken(organization string) Text {
	label := organization + " keeps your name, your date of birth, your phone number and your email address if you give " +
		"one, what you say about the visit and how you pay"
	detail := "They need them to see you. Do you agree?"
	return Text{Purpose: PurposeShare, Version: "spoken-2026-12", Label: label, Detail: detail,
		Text: label + ". " + detail}
}

// Shares are all that Share has ever been, the text of today first.
func Shares(organization string) []Text {
	return []Text{Share(organization),
		share("share-2026-12-b", organization, "They need them to see you. You can see this consent at any time under "+
			"your account, My data and consents, and end it there whenever no visit is to come."),
		share("share-2026-12", organization, "They need them to see you. You can see and end this consent at any time "+
			"under your account, My data and consents.")}
}

func share(version, organization, detail string) Text {
	label := "Share these details with " + organization
	return Text{Purpose: PurposeShare, Version: version, Label: label, Detail: detail, Text: label + ". " + detail}
}
