package onboarding

import (
	"slices"
	"strings"
	"unicode"

	"kindward/internal/kyc"
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
	said.Reason = line(said.Reason, longestReason)
	facts := map[string]string{}
	for name, fact := range said.Facts {
		facts[name] = line(fact, longestFact)
	}
	if said.Facts != nil {
		said.Facts = facts
	}
	return said
}

// line is a text as one line: without marks that control something, and cut by the character.
func line(text string, most int) string {
	seen := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.TrimSpace(cut(strings.Join(strings.Fields(seen), " "), most))
}

func cut(text string, most int) string {
	all := []rune(text)
	return string(all[:min(len(all), most)])
}
