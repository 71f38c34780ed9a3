package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

// maxBody is what a form may send; routes that take files set a limit of their own.
const maxBody = 64 << 10

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers stand on every answer, errors and files included.
func (s *Site) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // not no-referrer: that makes browsers send "Origin: null" with forms
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		if s.secure() {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		return next(c)
	}
}

// checkPath refuses addresses that two readers could read in two ways (A15): encoded slashes and dots, backslashes, empty and dot
// segments, path parameters, control characters. None of our own has any of these.
func checkPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !plainPath(c.Request().URL) {
			return fmt.Errorf("the address can be read in two ways: %w", ErrNotFound)
		}
		return next(c)
	}
}

func plainPath(u *url.URL) bool {
	if !strings.HasPrefix(u.Path, "/") || !utf8.ValidString(u.Path) || strings.ContainsAny(u.Path, "\\;%") || strings.Contains(u.Path, "//") {
		return false
	}
	for _, r := range u.Path {
		if r < 0x20 || r == 0x7f {
			return false
		}
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	raw := strings.ToLower(u.EscapedPath())
	return !strings.Contains(raw, "%2f") && !strings.Contains(raw, "%2e") && !strings.Contains(raw, "%5c")
}

// asGet lets HEAD be routed and answered like GET. The server must see HEAD again before the header leaves: then it keeps the
// body to itself.
func asGet(c echo.Context) {
	r := c.Request()
	if r.Method != http.MethodHead {
		return
	}
	r.Method = http.MethodGet
	c.Response().Before(func() { r.Method = http.MethodHead })
}

// guard refuses requests that another site made in a visitor's name.
type guard struct {
	protection *http.CrossOriginProtection
	cookie     string
}

func newGuard(base *url.URL, cookie string) (guard, error) {
	g := guard{protection: http.NewCrossOriginProtection(), cookie: cookie}
	if err := g.protection.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return g, fmt.Errorf("the base address %q is not an origin: %w", base, err)
	}
	return g, nil
}

// check asks the standard protection, and refuses what it lets pass for the sake of programs if it carries a session: a
// request that changes something must say where it comes from.
func (g guard) check(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if err := g.protection.Check(r); err != nil {
			return fmt.Errorf("%w: %w", err, ErrForbidden)
		}
		silent := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == ""
		if _, err := r.Cookie(g.cookie); err == nil && silent && !safe(r.Method) {
			return fmt.Errorf("a session without an origin: %w", ErrForbidden)
		}
		return next(c)
	}
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength > maxBody {
			c.Response().Header().Set("Connection", "close") // or the server would read the rest
			return fmt.Errorf("%d bytes announced: %w", r.ContentLength, ErrTooLarge)
		}
		r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, maxBody)
		return next(c)
	}
}
