package web

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tidy trims a text that is readable. Control characters are not text, nor is the sign for what was none.
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
		case r != '\n' && unicode.IsControl(r), r == unicode.ReplacementChar:
			ok = false
		}
		return r
	}, s)
	return strings.TrimSpace(s), ok
}

// seen tells whether a text has a character that somebody sees.
func seen(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
	}) >= 0
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
