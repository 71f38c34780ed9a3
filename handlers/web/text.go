package web

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// tidy trims, brings characters to one form (NFC) and takes out marks that turn the direction of writing round. Control
// characters are not text.
func tidy(s string, lines bool) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	ok := true
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n' && !lines:
			return ' '
		case r == '\n':
			return r
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0xfeff:
			return -1
		case unicode.IsControl(r), r == 0x2028, r == 0x2029:
			ok = false
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s)), ok
}

// visible is a text without the marks that nobody sees and pasting brings along: zero-width spaces, joiners,
// directions, soft hyphens (Unicode's category Cf). For what is ASCII when it is right.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// clean is a stranger's text made harmless and short, for places where nobody can be asked again.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most])
	}
	return strings.TrimSpace(s)
}
