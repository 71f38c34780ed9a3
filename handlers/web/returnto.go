package web

import (
	"cmp"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// returnTo reads an address that a visitor may be sent back to: one of our own pages, by the table of routes (A21).
// Other addresses are "".
func (s *Site) returnTo(next string, from ...Return) string {
	u, ok := localURL(next)
	if !ok {
		return ""
	}
	line, found := s.routes.find(http.MethodGet, u.Path)
	if !found || !slices.Contains(from, line.Options.Return) {
		return ""
	}
	return u.RequestURI()
}

// localURL reads an address without a host that every reader reads alike.
func localURL(next string) (*url.URL, bool) {
	if next == "" || len(next) > 2000 || next[0] != '/' {
		return nil, false
	}
	for _, b := range []byte(next) {
		if b <= ' ' || b >= 0x7f || b == '\\' {
			return nil, false
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!plainPath(u) || strings.Contains(u.EscapedPath(), "%") {
		return nil, false
	}
	return u, path.Clean(u.Path) == u.Path
}

// themeReturn is the page that the switch of colors comes back to, or "" for one that cannot be opened again.
func (s *Site) themeReturn(uri string) string {
	return s.returnTo(uri, ReturnAfterward, ReturnFromTheme)
}

// Next is where the visitor wants to go on afterward, from the field of that name, or fallback.
func (f *Form) Next(fallback string) string {
	if f.site == nil {
		return fallback
	}
	if next := f.site.returnTo(f.Raw("next"), ReturnAfterward); next != "" {
		return next
	}
	return fallback
}

// openedPage is the page that a visitor has open: this one if it can be opened, else the one that sent the form. It is
// "" if they cannot be sent back to it.
func openedPage(c echo.Context) string {
	r, s := c.Request(), SiteOf(c)
	if r.Method == http.MethodGet && !Partial(c) {
		return s.returnTo(r.URL.RequestURI(), ReturnAfterward)
	}
	from := r.Header.Get("HX-Current-URL")
	if from == "" {
		from = r.Referer()
	}
	if u, err := url.Parse(from); err == nil && u.Host == r.Host {
		if page := s.returnTo(u.RequestURI(), ReturnAfterward); page != "" {
			return page
		}
	}
	if from != "" {
		return ""
	}
	return s.pageAbove(r)
}

// pageAbove is for a form whose sender does not say from which page: that of its address, or the next above it.
func (s *Site) pageAbove(r *http.Request) string {
	if r.Method != http.MethodPost {
		return ""
	}
	for at := r.URL.Path; at != "/" && at != "."; at = path.Dir(at) {
		if page := s.returnTo(at, ReturnAfterward); page != "" {
			return page
		}
	}
	return ""
}

// SentFrom is the page that a visitor has open, also one of signing in; fallback if it cannot be opened again.
func SentFrom(c echo.Context, fallback string) string {
	from := c.Request().Header.Get("HX-Current-URL")
	if from == "" {
		from = c.Request().Referer()
	}
	if u, err := url.Parse(from); err == nil && u.Host == c.Request().Host {
		return cmp.Or(SiteOf(c).themeReturn(u.RequestURI()), fallback)
	}
	return fallback
}

// SignInPath is the address for signing in, and coming back to next. These addresses take next from Form.Next or from
// the program itself: whoever follows one is asked again where it may lead.
func SignInPath(next string) string { return withNext("/sign-in", next) }

// SignUpPath is the address for a new account, and coming back to next.
func SignUpPath(next string) string { return withNext("/sign-up", next) }

// ConfirmPath is the address for showing once more who one is, and going on to next.
func ConfirmPath(next string) string { return withNext("/account/confirm", next) }

// SecondFactorPath is the address for a second factor, and going on to next.
func SecondFactorPath(next string) string { return withNext("/account/second-factor", next) }

// NewPasskeyPath is the address for a new passkey, and going on to next.
func NewPasskeyPath(next string) string { return withNext("/account/passkeys/new", next) }

// SingleSignOnPath is the address for an organization's own sign-in, and going on to next.
func SingleSignOnPath(organization, next string) string { return withNext("/sso/"+organization, next) }

// ResetPath is the address for a new password, and coming back to next.
func ResetPath(next string) string { return withNext("/password-reset", next) }

// SessionPath is the address that shows whether one is signed in still, and leads back to next.
func SessionPath(next string) string { return withNext("/session", next) }

func withNext(address, next string) string {
	if _, ok := localURL(next); !ok || next == "/" {
		return address
	}
	return address + "?next=" + url.QueryEscape(next)
}
