package web

import (
	"fmt"
	"mime"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// checkBody refuses a body that the route does not take before any of it is read: one that is announced as too large,
// or of another type. Of what was not announced it reads no more than the limit.
func checkBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, takes := c.Request(), stateOf(c).options
		if r.ContentLength > takes.BodyLimit {
			c.Response().Header().Set("Connection", "close") // or the server would read the rest
			return fmt.Errorf("%d bytes announced: %w", r.ContentLength, ErrTooLarge)
		}
		r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, takes.BodyLimit)
		header := r.Header.Get(echo.HeaderContentType)
		if safe(r.Method) || header == "" {
			return next(c)
		}
		if kind, _, err := mime.ParseMediaType(header); err != nil || !slices.Contains(takes.Accepts, kind) {
			return fmt.Errorf("a body of a type that the route does not take: %w", ErrContentType)
		}
		return next(c)
	}
}
