package onboarding

import (
	"slices"

	"kindward/internal/kyc"
	"kindward/internal/textutil"
)

// How long what a register says may be, in characters. Of a fact that answers a field no more is taken than fits there.
const (
	longestReason = 500
	longestFact   = 1000
)

// keepable is what a register said as rows take it: one line of characters that are seen, no longer than fits. A result
// that is none is no answer.
func keepable(said kyc.Finding) kyc.Finding {
	if !slices.Contains(Results(), string(said.Result)) {
		return kyc.Finding{Result: Error, Reason: "The register said nothing that we understand."}
	}
	said.Reason = textutil.Line(said.Reason, longestReason)
	facts := map[string]string{}
	for name, fact := range said.Facts {
		facts[name] = textutil.Line(fact, longestFact)
	}
	if said.Facts != nil {
		said.Facts = facts
	}
	return said
}
