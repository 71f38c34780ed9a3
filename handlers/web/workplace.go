package web

import "github.com/labstack/echo/v4"

// EnterWorkplace notes at which organization somebody works now. The session's token changes: what could be done with it changes too.
func EnterWorkplace(c echo.Context, place string) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	if err := state.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	return state.editSession(c, func(now *content) { now.Workplace = place })
}

// LastWorkplace is the organization at which somebody worked last in this session, by its word in addresses, or "".
func LastWorkplace(c echo.Context) string {
	state := stateOf(c)
	if !state.sessionLoaded {
		return ""
	}
	return state.site.content(c.Request().Context()).Workplace
}
