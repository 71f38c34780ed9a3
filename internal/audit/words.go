package audit

// PurposeOfOld is what events said until API clients were called so; sealed events keep it.
const PurposeOfOld = "program"

var (
	purposes = []string{"own record", "booking", "care", "emergency", "message", "api", "account", "access",
		"administration", "support", "staff", "compliance", "demonstration"}
	outcomes = []string{"success", "denied", "failure"}
)

// Purposes are the reasons for which something is done, as new events say them. The statements that write events have
// these words; the schema's CHECK constraint is held to this list by a test.
func Purposes() []string { return append([]string(nil), purposes...) }

// Outcomes are how what an event tells can have ended; held to the schema as Purposes are.
func Outcomes() []string { return append([]string(nil), outcomes...) }
