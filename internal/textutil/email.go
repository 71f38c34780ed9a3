package textutil

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// Email is an address in the form in which accounts are found: ASCII, lower case, its domain as the DNS knows it. The
// name that an address book puts before it is left out. false: it is none.
func Email(typed string) (string, bool) {
	s := strings.TrimSpace(typed)
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if _, bracketed, ok := strings.Cut(s, "<"); ok && strings.HasSuffix(s, ">") {
		s = strings.TrimSuffix(bracketed, ">")
	}
	s = strings.ToLower(s)
	local, domain, _ := strings.Cut(s, "@")
	ascii, err := idna.Lookup.ToASCII(domain)
	s = local + "@" + ascii
	parsed, bad := mail.ParseAddress(s)
	plain := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
	if err != nil || bad != nil || parsed.Address != s || !plain || len(s) > 254 || strings.HasSuffix(ascii, ".") ||
		!strings.Contains(ascii, ".") || strings.ContainsAny(ascii, "[]@\"") {
		return "", false
	}
	return s, true
}
