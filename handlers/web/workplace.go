package web

import "github.com/labstack/echo/v4"

// EnterWorkplace notes at which organization somebody works now. The session's token changes: what could be done with it changes too.
func EnterWorkplace(c echo.Context, place string) error {
	v := visitOf(c)
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	return v.change(c, func(now *content) { now.Workplace = place })
}

// LastWorkplace is the organization at which somebody worked last in this session, by its word in addresses, or "".
func LastWorkplace(c echo.Context) string {
	v := visitOf(c)
	if !v.known {
		return ""
	}
	return v.site.content(c.Request().Context()).Workplace
}
