package web

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// maxBody is what a form may send.
const maxBody = 64 << 10

// limitBody refuses what is announced as too large before any of it is read, and stops reading what was not announced.
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
