package web

import (
	"regexp"

	"github.com/labstack/echo/v4"
)

// RequestKey is the client's key for this request: the header of a program or the hidden field of the form. False: it
// is none that could be kept.
func RequestKey(c echo.Context, field string) (string, bool) {
	if header := c.Request().Header.Values("Idempotency-Key"); len(header) > 0 {
		return ReadKey(header[0])
	}
	return ReadKey(field)
}

var printable = regexp.MustCompile(`^[ -~]{1,200}$`)

// ReadKey is the one reader of request keys; the schema says the same (request_key_printable).
func ReadKey(raw string) (string, bool) { return raw, printable.MatchString(raw) }
