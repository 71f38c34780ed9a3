package notify

// What became of a queued email, as its row keeps it.
const (
	OutcomeSent       = "sent"
	OutcomeNobody     = "nobody"     // there was nobody to tell
	OutcomeRefused    = "refused"    // by the mail server, for good
	OutcomeExpired    = "expired"    // not sent in its time
	OutcomeUnreadable = "unreadable" // changed, its key gone, or of no kind that is known
)

// Outcomes are all of them; the schema's CHECK constraint is held to this list by a test.
func Outcomes() []string {
	return []string{OutcomeSent, OutcomeNobody, OutcomeRefused, OutcomeExpired, OutcomeUnreadable}
}
