package web

import (
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/views/layout"
)

// sessionSeconds is the header that says with every answer to whom works how long their session lasts if nothing else
// is asked for. What is Polled is told the same, and makes it no longer.
const sessionSeconds = "Kindward-Session-Seconds"

// workSeconds is how many seconds are left of a session in which somebody works; false: nobody does.
func (state *requestState) workSeconds(c echo.Context) (int, bool) {
	if !state.sessionLoaded || state.account.ID == uuid.Nil || state.loaded.ID == uuid.Nil ||
		!state.site.session(c.Request().Context()).Work {
		return 0, false
	}
	ends := state.loaded.WorkEnds()
	if !state.ssoUntil.IsZero() && state.ssoUntil.Before(ends) {
		ends = state.ssoUntil
	}
	return max(0, int(ends.Sub(Now(c)).Seconds())), true
}

// signOff is how the work ends that a page belongs to, or nil. All pages of a session of work say it, those of a
// person's own as well: what staff see as somebody else is among them.
func (state *requestState) signOff(c echo.Context) *layout.SignOff {
	seconds, works := state.workSeconds(c)
	if !works {
		return nil
	}
	return &layout.SignOff{Session: state.loaded.ID.String(), Seconds: seconds, Without: SessionPath(openedPage(c))}
}
