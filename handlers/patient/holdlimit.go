package patient

import (
	"cmp"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/ratelimit"
)

// usualHoldLimit is how fast one asker takes times (A13): faster than people do is refused.
var usualHoldLimit = ratelimit.Limit{Burst: 30, Every: 2 * time.Second}

// refusedHoldShare is how many refusals count like one time that was taken: a time that is gone was nobody's wish.
const refusedHoldShare = 4

// holdAskers is how many askers are remembered, about 6 MB for each of the two limiters.
const holdAskers = 20_000

// holdLimits is how fast each asker takes times, and how fast they may try.
type holdLimits struct{ taken, tried *ratelimit.Limiter }

// mayHold refuses askers that take times faster than people do (A13).
func (h *Handlers) mayHold(c echo.Context) error {
	limits, asker, now := h.holdLimits(), holdAsker(c), web.Now(c)
	wait := limits.tried.Allow(asker, now)
	if wait == 0 {
		wait = limits.taken.Allow(asker, now)
	}
	if wait > 0 {
		return web.TooMany(wait)
	}
	return nil
}

// notTaken takes back what mayHold has counted of a time that was refused. That it was tried stays counted.
func (h *Handlers) notTaken(c echo.Context) { h.holdLimits().taken.Return(holdAsker(c), web.Now(c)) }

// holdAsker is who counts: an account by itself, so that no visitor of its network uses up what is its own (A43); any
// other as web.AskerOf has it.
func holdAsker(c echo.Context) string {
	if account, ok := web.OwnAccount(c); ok {
		return "account " + account.ID.String()
	}
	return web.AskerOf(c)
}

func (h *Handlers) holdLimits() holdLimits {
	h.limitOnce.Do(func() {
		taken := cmp.Or(h.HoldLimit, usualHoldLimit)
		tried := ratelimit.Limit{Burst: taken.Burst * refusedHoldShare, Every: taken.Every / refusedHoldShare}
		h.limits = holdLimits{ratelimit.New(taken, holdAskers), ratelimit.New(tried, holdAskers)}
	})
	return h.limits
}
