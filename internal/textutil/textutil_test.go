package textutil_test

import (
	"strings"
	"testing"

	"kindward/internal/textutil"
)

func TestALineHasOnlyWhatIsSeenAndNoMoreThanFits(t *testing.T) {
	for given, want := range map[string]string{"Elm\r\nClinic\x01\x1b[31m": "Elm Clinic[31m", " a\u00a0 b\t": "a b",
		"A\x00B\xff": "AB", strings.Repeat("é", 9): "éééééééé", "1234567 9": "1234567"} {
		if got := textutil.Line(given, 8); got != textutil.Cut(want, 8) && got != want {
			t.Errorf("%q is %q, not %q", given, got, want)
		}
	}
	if got := textutil.Digits("(401) 555-0142 x3"); got != "40155501423" {
		t.Errorf("digits: %s", got)
	}
}

func TestASentenceBeginsWithACapitalInAnyScript(t *testing.T) {
	for in, want := range map[string]string{"": "", "clinic": "Clinic", "árbol clinic": "Árbol clinic", "Ärzte": "Ärzte"} {
		if got := textutil.Capital(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

func TestAnAbbreviationKeepsItsCapitalsWithinASentence(t *testing.T) {
	for in, want := range map[string]string{"": "", "Legal name": "legal name", "NPI": "NPI", "Ärzte": "ärzte", "A": "a"} {
		if got := textutil.Uncapital(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}
