package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

// checkPath refuses addresses that two readers could read differently (A15): encoded slashes and dots, backslashes,
// empty and dot segments, path parameters, control characters. None of our own has any of these.
func checkPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !plainPath(c.Request().URL) {
			return fmt.Errorf("the address is ambiguous: %w", ErrNotFound)
		}
		return next(c)
	}
}

func plainPath(u *url.URL) bool {
	if !strings.HasPrefix(u.Path, "/") || strings.Contains(u.Path, "//") || strings.ContainsAny(u.Path, "\\;%") ||
		!utf8.ValidString(u.Path) {
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

// checkQuery refuses what is no text, which no database takes: bytes that are not UTF-8, and NUL. No handler has to ask
// for it, whatever it reads of a query.
func checkQuery(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if raw := c.Request().URL.RawQuery; !isText(raw) || strings.Contains(raw, "%") && !textual(raw) {
			return fmt.Errorf("a query that is no text: %w", ErrUnreadable)
		}
		return next(c)
	}
}

// textual tells whether all names and values of a query that can be read are text.
func textual(query string) bool {
	values, _ := url.ParseQuery(query) // what is not read here is read nowhere else
	for name, all := range values {
		if !isText(name) || slices.ContainsFunc(all, func(v string) bool { return !isText(v) }) {
			return false
		}
	}
	return true
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// headAsGet lets HEAD be routed and answered like GET. The server must read HEAD again before the header leaves: then
// it keeps the body to itself.
func headAsGet(c echo.Context) {
	r := c.Request()
	if r.Method != http.MethodHead {
		return
	}
	r.Method = http.MethodGet
	c.Response().Before(func() { r.Method = http.MethodHead })
}

// safe tells whether a method only reads.
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
