package web

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// csrf refuses requests that another site made in a visitor's name.
type csrf struct {
	protection *http.CrossOriginProtection
	cookie     string
}

func newCSRF(base *url.URL, cookie string) (csrf, error) {
	p := csrf{protection: http.NewCrossOriginProtection(), cookie: cookie}
	if err := p.protection.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return p, fmt.Errorf("the base address %q is not an origin: %w", base, err)
	}
	return p, nil
}

// check asks the standard protection, and refuses what it lets pass for the sake of API clients if it carries a
// session: a request that changes something must name the origin it comes from.
func (p csrf) check(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if err := p.protection.Check(r); err != nil {
			return fmt.Errorf("%w: %w", err, ErrForbidden)
		}
		silent := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == ""
		if _, err := r.Cookie(p.cookie); err == nil && silent && !safe(r.Method) {
			return fmt.Errorf("a session without an origin: %w", ErrForbidden)
		}
		return next(c)
	}
}
