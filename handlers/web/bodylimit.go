package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// checkBody refuses a body that the route does not take before any of it is read: one that is announced as too large,
// or of another type. Of what was not announced it reads no more than the limit. A body that may change something is
// read whole before anybody is asked who sends it: session, roles and permission are never older than the last byte,
// however slowly it comes. Of a Streamed route that is the handler's to see to. How long it may take is the server's
// ReadTimeout.
func checkBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, takes := c.Request(), stateOf(c).options
		if r.ContentLength > takes.BodyLimit {
			c.Response().Header().Set("Connection", "close") // or the server would read the rest
			return fmt.Errorf("%d bytes announced: %w", r.ContentLength, ErrTooLarge)
		}
		r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, takes.BodyLimit)
		if safe(r.Method) {
			return next(c)
		}
		if header := r.Header.Get(echo.HeaderContentType); header != "" {
			kind, _, err := mime.ParseMediaType(header)
			if err != nil || !slices.Contains(takes.Accepts, kind) {
				return fmt.Errorf("a body of a type that the route does not take: %w", ErrContentType)
			}
		}
		if takes.Streamed {
			return next(c)
		}
		if err := readBody(r); err != nil {
			return err
		}
		return next(c)
	}
}

// readBody puts what has arrived in place of what is arriving.
func readBody(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return err
		}
		return fmt.Errorf("body: %w", ErrUnreadable)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}
