package web

import (
	"regexp"
	"strings"

	"kindward/internal/textutil"
)

// Email is an address in the form in which accounts are found: ASCII, lower case, its domain as the DNS knows it. The
// name that an address book puts before it is left out.
func (f *Form) Email(name string) string { return f.email(name, "your") }

// TheirEmail is the address of somebody else than who types it.
func (f *Form) TheirEmail(name string) string { return f.email(name, "their") }

func (f *Form) email(name, whose string) string {
	s, ok := textutil.Email(narrow(f.Raw(name)))
	if !ok {
		f.Wrong(name, "Enter "+whose+" email address, like name@example.com")
	}
	return s
}

const likeMobile = "Enter your mobile number, like 401 555 0134"

var (
	extension = regexp.MustCompile(`(?i)[\s,;]*(?:#|;ext=|x|ext\.?|extension|extn\.?)\s*:?\s*\d{1,8}$`)
	trunk     = regexp.MustCompile(`\(0\)`) // dialed inside a country only: +44 (0)20
	dialed    = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "", "\u00b7", "", "\t", "",
		"\u2019", "", "'", "", "\n", "")
)

// Mobile is a phone number in E.164; without a country it is a North American one. What stands behind it for a
// switchboard is refused in words: a text message reaches no extension.
func (f *Form) Mobile(name string) string {
	s := strings.TrimSpace(narrow(f.Raw(name)))
	if len(s) > 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	if short := extension.ReplaceAllString(s, ""); short != s && len(dialed.Replace(short)) >= 7 {
		f.Wrong(name, "Enter a number that reaches you without an extension: we cannot dial "+
			strings.Trim(s[len(short):], " ,;"))
		return ""
	}
	abroad := strings.HasPrefix(s, "+")
	if abroad {
		s = trunk.ReplaceAllString(s, "")
	}
	digits := dialed.Replace(strings.TrimPrefix(s, "+"))
	for _, prefix := range []string{"011", "00"} { // how a country is dialed from here, and from elsewhere
		if rest, ok := strings.CutPrefix(digits, prefix); ok && !abroad && len(rest) >= 8 {
			abroad, digits = true, rest
		}
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		f.Wrong(name, likeMobile)
		return ""
	}
	if abroad && digits[0] != '1' {
		return f.abroad(name, digits)
	}
	if len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	if len(digits) != 10 || digits[0] < '2' || digits[3] < '2' {
		f.Wrong(name, likeMobile)
		return ""
	}
	return "+1" + digits
}

func (f *Form) abroad(name, digits string) string {
	if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
		f.Wrong(name, likeMobile)
		return ""
	}
	return "+" + digits
}
