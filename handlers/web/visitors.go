package web

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/ratelimit"
)

// newVisitors is how many visitors without an account each range of addresses may have a session begun for, of each
// VisitorKind: what it costs is a row for half an hour. Browsers in which somebody has signed in before count as
// theirs, so that nobody of their network uses that up.
var newVisitors = ratelimit.Limit{Burst: 60, Every: 5 * time.Second}

// newVisitorRanges is how many ranges are remembered, about 6 MB.
const newVisitorRanges = 20_000

// VisitorKind is what a visitor's session is begun for. Whoever begins too many of one kind keeps nobody from the
// others.
type VisitorKind string

// The kinds. VisitorOfPassword is somebody whose password was right and whose second step is missing: the limits of
// signing in have let them through, and there is none here.
const (
	VisitorUsual      VisitorKind = ""
	VisitorOfPasskey  VisitorKind = "passkey"
	VisitorOfSSO      VisitorKind = "sso"
	VisitorOfPassword VisitorKind = "password"
)

// BeginFor says what this request begins a session for, if the visitor has none. It refuses before what that costs.
func BeginFor(c echo.Context, kind VisitorKind) error {
	state := stateOf(c)
	state.visitor = kind
	return state.mayBegin(c, state.site.session(c.Request().Context()))
}

// mayBegin refuses a visitor's session to a range of addresses that begins too many.
func (state *requestState) mayBegin(c echo.Context, data sessionData) error {
	if data.Account != uuid.Nil || state.loaded.ID != uuid.Nil || state.begun || state.visitor == VisitorOfPassword {
		return nil
	}
	if wait := state.site.visitors.Allow(string(state.visitor)+" of "+AskerOf(c), Now(c)); wait > 0 {
		return TooMany(wait)
	}
	state.begun = true
	return nil
}

// AskerOf is as whom a visitor counts where all of a network could: a browser in which somebody has signed in before as
// theirs, with all others of that person, any other by its range of addresses.
func AskerOf(c echo.Context) string {
	if by := askingBrowser(c).By; by != "" {
		return "browsers of " + by
	}
	return identity.Range(Caller(c).IP)
}
