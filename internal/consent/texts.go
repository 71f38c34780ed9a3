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

// Text is one version of what is agreed to. Text is what is hashed and kept; Label and Detail are how it stands beside
// its box.
type Text struct {
	Purpose, Version    string
	Label, Detail, Text string
}

// Share is the consent to give a booking's details to one organization.
func Share(organization string) Text {
	t := Text{Purpose: PurposeShare, Version: "share-2026-12",
		Label:  "Share these details with " + organization,
		Detail: "They need them to see you. You can see and end this consent at any time under your account, My data and consents."}
	t.Text = t.Label + ". " + t.Detail
	return t
}
