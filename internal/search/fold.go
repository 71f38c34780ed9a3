package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold brings text to the form in which it is compared: lower case, no accents, words parted by one space.
// "  Épaule—DOLOR " and "epaule dolor" fold alike; an apostrophe joins ("women's" is "womens").
func fold(s string) string {
	if !isASCII(s) {
		s = norm.NFKD.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	word := func(part string) {
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteString(part)
	}
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			i++
			switch {
			case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
				word(s[i-1 : i])
			case 'A' <= c && c <= 'Z':
				word(lowerASCII[c-'A' : c-'A'+1])
			case c == '\'':
			case c == '&':
				gap = true
				word("and")
				gap = true
			default:
				gap = true
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case unicode.Is(unicode.Mn, r) || r == '’' || r == '‘' || r == 'ʼ':
		case undecomposed(r) != "":
			word(undecomposed(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word(string(unicode.ToLower(r)))
		default:
			gap = true
		}
	}
	return b.String()
}

const lowerASCII = "abcdefghijklmnopqrstuvwxyz"

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// undecomposed spells out the Latin letters that Unicode does not take apart into letter and accent.
func undecomposed(r rune) string {
	switch unicode.ToLower(r) {
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return ""
}

// withoutSpaces drops the spaces of folded text: "x ray", "x-ray" and "xray" are one.
func withoutSpaces(folded string) string { return strings.ReplaceAll(folded, " ", "") }

// Says tells whether a text has every word that somebody looks for, or words that begin with it; accents, case and
// punctuation do not count.
func Says(text, find string) bool {
	in := " " + fold(text)
	for word := range strings.FieldsSeq(fold(find)) {
		if !strings.Contains(in, " "+word) {
			return false
		}
	}
	return true
}
