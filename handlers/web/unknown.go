package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/internal/tenancy"
)

// Unavailable tells whether an error is the database's not being there for a moment, or nobody's knowing what it did.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	code, _ := statusOf(err)
	return code == http.StatusServiceUnavailable
}

// LookAt leads on to a page that shows how things stand, because err says that nobody knows how the request ended
// (ErrUnknown). It must do without the session, whose store is the same database: nothing is written there.
func LookAt(c echo.Context, path string, err error) error {
	state := stateOf(c)
	state.cause, state.sessionLoaded = err, false
	return Redirect(c, path)
}

// CheckAt is LookAt for a page that finds out by itself how the request ended (EndedSince).
func CheckAt(c echo.Context, path string, err error) error {
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	return LookAt(c, path+join+"since="+strconv.FormatInt(Now(c).Unix(), 10), err)
}

// EndedSince tells a page that CheckAt led to whether the request that it asks about has surely ended by now: what is
// not there afterward was not done. Read it before what is asked for.
func EndedSince(c echo.Context) (bool, error) {
	since, err := strconv.ParseInt(c.QueryParam("since"), 10, 64)
	if err != nil {
		return false, ErrUnreadable
	}
	return Now(c).Sub(time.Unix(since, 0)) > tenancy.EndedAfter+time.Second, nil
}

// SessionUnread is an error where the visitor's session could not be read: what it holds is not known to be missing.
func SessionUnread(c echo.Context) error {
	if stateOf(c).sessionErr != nil {
		return ErrUnavailable
	}
	return nil
}

// Warn writes a failure into the log that changes nothing of the answer.
func Warn(c echo.Context, what string, err error) {
	state := stateOf(c)
	state.site.Log.WarnContext(c.Request().Context(), what, "request", state.requestID, "error", loggable(err))
}
