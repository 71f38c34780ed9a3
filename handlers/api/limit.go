package api

import (
	"fmt"
	"math"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/ratelimit"
)

// keyLimit is how often each key may ask, counted by each process of the deployment for itself.
var keyLimit = ratelimit.Limit{Burst: 120, Every: 500 * time.Millisecond}

// mostKeys is how many keys are remembered, so that memory is bounded.
const mostKeys = 20_000

// limiter is made with the first request.
func (h *Handlers) limiter() *ratelimit.Limiter {
	h.once.Do(func() { h.requests = ratelimit.New(keyLimit, mostKeys) })
	return h.requests
}

// admit counts the request of a key and says in headers how many are left, and in how many seconds all are again.
func (h *Handlers) admit(c echo.Context) error {
	web.NoStore(c)
	left, wait := h.limiter().Take(web.KeyOf(c).ID, web.Now(c))
	whole := time.Duration(keyLimit.Burst-left) * keyLimit.Every
	head := c.Response().Header()
	head.Set("RateLimit-Policy", fmt.Sprintf(`"key";q=%d;w=%d`, keyLimit.Burst, int(keyLimit.Window().Seconds())))
	head.Set("RateLimit", fmt.Sprintf(`"key";r=%d;t=%d`, left, int(math.Ceil(whole.Seconds()))))
	if wait > 0 {
		return web.TooMany(wait)
	}
	return nil
}
