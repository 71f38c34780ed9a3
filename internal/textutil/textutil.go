// Package textutil has what several packages do to a text that somebody else wrote.
package textutil

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Digits are those of a text, without what stands between them.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Line is a text as one line: without marks that control something, and of so many characters at most.
func Line(s string, most int) string {
	seen := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(Cut(strings.Join(strings.Fields(seen), " "), most))
}

// Capital is a text that begins with a capital letter, as a sentence does.
func Capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// Uncapital is a text as it goes on within a sentence: without the capital letter at its beginning, unless that is an
// abbreviation's.
func Uncapital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); size == 0 || unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// Cut is a text of so many characters at most.
func Cut(s string, most int) string {
	all := []rune(s)
	return string(all[:min(len(all), most)])
}
