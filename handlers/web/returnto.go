package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// ways are the pages that somebody may be sent back to, by the first part of their address (A21).
var ways = map[string]bool{"": true, "search": true, "places": true, "bookings": true, "account": true, "how-we-rank": true,
	"privacy": true, "accessibility": true, "help": true, "styleguide": true, "organizations": true, "invitations": true, "ops": true, "sso": true}

// formWays are further pages that the switch of colors returns to; a sign-in must not lead back to them.
var formWays = map[string]bool{"sign-in": true, "sign-up": true, "password-reset": true, "demo": true}

// Local reads an address to return to and lets only our own pages through.
func Local(next string) (string, bool) { return local(next, ways) }

func local(next string, allowed map[string]bool) (string, bool) {
	if next == "" || len(next) > 2000 || next[0] != '/' {
		return "", false
	}
	for _, b := range []byte(next) {
		if b <= ' ' || b >= 0x7f || b == '\\' {
			return "", false
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || !plainPath(u) || strings.Contains(u.EscapedPath(), "%") {
		return "", false
	}
	if path.Clean(u.Path) != u.Path {
		return "", false
	}
	first, _, _ := strings.Cut(u.Path[1:], "/")
	if !allowed[first] {
		return "", false
	}
	return u.RequestURI(), true
}

// Next is where the visitor wants to go on afterwards, from the field of that name, or fallback.
func (f *Form) Next(fallback string) string {
	if next, ok := Local(f.Raw("next")); ok {
		return next
	}
	return fallback
}

// SignInPath is the way to sign in and come back to next.
func SignInPath(next string) string { return withNext("/sign-in", next) }

// SignUpPath is the way to an account and back to next.
func SignUpPath(next string) string { return withNext("/sign-up", next) }

func withNext(way, next string) string {
	if next, ok := Local(next); ok && next != "/" {
		return way + "?next=" + url.QueryEscape(next)
	}
	return way
}

// comeBack is the page that a visitor stood on: this one if it can be opened, else the one that sent the form.
func comeBack(c echo.Context) string {
	r := c.Request()
	if r.Method == http.MethodGet && !Partial(c) {
		return r.URL.RequestURI()
	}
	from := r.Header.Get("HX-Current-URL")
	if from == "" {
		from = r.Referer()
	}
	if u, err := url.Parse(from); err == nil && u.Host == r.Host {
		return u.RequestURI()
	}
	return "/"
}

// ConfirmPath is the way to showing once more who one is, and on to next.
func ConfirmPath(next string) string { return withNext("/account/confirm", next) }

// SecondFactorPath is the way to a second factor, and on to next.
func SecondFactorPath(next string) string { return withNext("/account/second-factor", next) }

// SingleSignOnPath is the way to an organization's own sign-in, and on to next.
func SingleSignOnPath(place, next string) string { return withNext("/sso/"+place, next) }

// ResetPath is the way to a new password and back to next.
func ResetPath(next string) string { return withNext("/password-reset", next) }

// themeReturn is the page that the switch of colors comes back to, or "" for one that cannot be opened again.
func themeReturn(uri string) string {
	if here, ok := Local(uri); ok {
		return here
	}
	here, _ := local(uri, formWays)
	return here
}
