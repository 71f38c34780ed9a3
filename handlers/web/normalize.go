package web

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/unicode/norm"

	"kindward/internal/textutil"
)

// What keyboards, address books and clipboards put into fields is brought into one form before any reader of a field
// sees it: of every form (ReadForm) and every address (cleanQuery). Only what proves who somebody is stays as it came.

// verbatim are the fields in which every byte counts.
var verbatim = regexp.MustCompile(`password|secret`)

// cleanQuery does it for what stands in the address.
func cleanQuery(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		clean := cleaned(c.QueryParams()) // echo hands this very map to whoever asks for a parameter
		for name, values := range clean {
			c.QueryParams()[name] = values
		}
		return next(c)
	}
}

// cleaned are the fields of a form as readers see them.
func cleaned(values url.Values) url.Values {
	out := make(url.Values, len(values))
	for name, all := range values {
		if verbatim.MatchString(name) {
			out[name] = all
			continue
		}
		for _, one := range all {
			out[name] = append(out[name], readable(storable(one)))
		}
	}
	return out
}

// storable is a text that every database takes: what is no text, bytes that are not UTF-8 and NUL, becomes the sign
// for that, which the readers of fields refuse and no search finds. Addresses with such bytes never come so far
// (checkQuery).
func storable(s string) string {
	if isText(s) {
		return s
	}
	sign := string(unicode.ReplacementChar)
	return strings.ReplaceAll(strings.ToValidUTF8(s, sign), "\x00", sign)
}

// Field is one field of what was sent, as ReadForm reads it; "" if there is none.
func Field(c echo.Context, name string) string {
	f, err := ReadForm(c)
	if err != nil {
		return ""
	}
	return f.Raw(name)
}

// readable is a text without the marks that nobody sees (directions, widths of zero, soft hyphens), with blanks of
// every kind as blanks and breaks of every kind as line breaks, in one form (NFC). Joiners stay where they join:
// between letters of scripts that write with them, and in emoji. Printable ASCII is left alone.
func readable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x7f }) < 0 {
		return s
	}
	runes := []rune(s)
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		switch {
		case r == 0x200c || r == 0x200d:
			if i > 0 && i+1 < len(runes) && joined(runes[i-1]) && joined(runes[i+1]) {
				out = append(out, r)
			}
		case unicode.Is(unicode.Cf, r):
		case r == 0x2028, r == 0x2029, r == 0x85:
			out = append(out, '\n')
		case unicode.Is(unicode.Zs, r), blankLetter(r):
			out = append(out, ' ')
		default:
			out = append(out, r)
		}
	}
	if strings.ContainsRune(s, unicode.ReplacementChar) { // no text, or said to be none: the readers refuse it
		return s
	}
	return norm.NFC.String(string(out))
}

// joined are the runes that a joiner can stand between.
func joined(r rune) bool {
	return r > 0x2ff && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r))
}

// blankLetter tells a letter or symbol that has no shape.
func blankLetter(r rune) bool {
	return r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x2800
}

// narrow is readable for what is ASCII when it is right: digits of every script, wide forms, dashes of every kind.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Pd, r), r == 0x2212, r == 0xad:
			return '-'
		case r > 0x7f && unicode.IsDigit(r):
			return '0' + digitOf(r)
		}
		return r
	}, norm.NFKC.String(readable(s)))
}

// digitOf is the value of a digit. Digits of one script follow each other, and one of them begins each ten.
func digitOf(r rune) rune {
	zero := r
	for r-zero < 9 && unicode.IsDigit(zero-1) {
		zero--
	}
	return (r - zero) % 10
}

// Digits are those of a code, whatever stands round them.
func (f *Form) Digits(name string) string { return textutil.Digits(narrow(f.Raw(name))) }

// Code is what somebody copied from an app, an email or paper: letters and digits, without blanks and dashes.
func (f *Form) Code(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsDigit(r) || unicode.IsLetter(r)) {
			return unicode.ToUpper(r)
		}
		return -1
	}, narrow(f.Raw(name)))
}
