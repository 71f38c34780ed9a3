package web

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/ratelimit"
)

// newVisitors is how many visitors without an account each range of addresses may have a session begun for: what it
// costs is a row for half an hour.
var newVisitors = ratelimit.Limit{Burst: 60, Every: 5 * time.Second}

// newVisitorRanges is how many ranges are remembered, about 6 MB.
const newVisitorRanges = 20_000

// mayBegin refuses a visitor's session to a range of addresses that begins too many.
func (state *requestState) mayBegin(c echo.Context, data sessionData) error {
	if data.Account != uuid.Nil || state.loaded.ID != uuid.Nil || state.begun {
		return nil
	}
	if wait := state.site.visitors.Allow(identity.Range(Caller(c).IP), Now(c)); wait > 0 {
		return TooMany(wait)
	}
	state.begun = true
	return nil
}
