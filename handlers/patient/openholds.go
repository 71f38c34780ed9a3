package patient

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/identity"
	"kindward/internal/ratelimit"
)

// mostHolds is how many times one visitor may keep at once.
const mostHolds = 3

// usualHoldLimit is how fast one range of addresses takes times (A13): faster than people do is refused.
var usualHoldLimit = ratelimit.Limit{Burst: 30, Every: 2 * time.Second}

// holdRanges is how many ranges of addresses are remembered, about 6 MB.
const holdRanges = 20_000

// openHold is a time that this visitor keeps somewhere.
type openHold struct {
	Organization string    `json:"place"` // the organization's word in addresses
	ID           uuid.UUID `json:"id"`
	Until        time.Time `json:"until"`

	Listing uuid.UUID `json:"listing"` // which time it is, so that calendars can show it as the visitor's own (E8)
	Start   time.Time `json:"start"`

	Claim booking.Claim `json:"claim"` // what it takes, so that confirming does not ask first
}

// heldOf is a hold as far as the session knows it; at least its id.
func heldOf(c echo.Context, id uuid.UUID) booking.Held {
	for _, own := range openHolds(c) {
		if own.ID == id {
			return booking.Held{ID: id, Until: own.Until, Start: own.Start, Claim: own.Claim}
		}
	}
	return booking.Held{ID: id}
}

// Both outlive signing in: the time that a visitor took is theirs when they have an account.
var (
	holderSlot = web.NewSlot[uuid.UUID]("holder", web.KeptAtSignIn)
	holdsSlot  = web.NewSlot[[]openHold]("holds", web.KeptAtSignIn)
)

// holderOf is who this visitor is to holds: a random id, made when it is first needed.
func holderOf(c echo.Context) (uuid.UUID, error) {
	if id, ok := knownHolder(c); ok {
		return id, nil
	}
	id := uuid.New()
	return id, holderSlot.Set(c, id)
}

// knownHolder is holderOf for pages that only look: false means that this visitor holds nothing anywhere.
func knownHolder(c echo.Context) (uuid.UUID, bool) {
	web.NoStore(c)
	return holderSlot.Get(c)
}

// openHolds are the times that this visitor keeps, as far as the session knows.
func openHolds(c echo.Context) []openHold {
	all, _ := holdsSlot.Get(c)
	now := web.Now(c)
	return slices.DeleteFunc(all, func(h openHold) bool { return !h.Until.After(now) })
}

// Holding tells whether this visitor keeps a time anywhere.
func Holding(c echo.Context) bool { return len(openHolds(c)) > 0 }

// mayHold refuses a fourth time at once, and ranges of addresses that take times faster than people do (A13).
func (h *Handlers) mayHold(c echo.Context, organization string) error {
	elsewhere := 0
	var first time.Time
	for _, own := range openHolds(c) {
		if own.Organization == organization {
			continue // this one lapses
		}
		if elsewhere++; first.IsZero() || own.Until.Before(first) {
			first = own.Until
		}
	}
	if elsewhere >= mostHolds {
		return fmt.Errorf("%d times are held: %w", elsewhere, web.TooMany(first.Sub(web.Now(c))))
	}
	if wait := h.holdLimiter().Allow(identity.Range(web.Caller(c).IP), web.Now(c)); wait > 0 {
		return web.TooMany(wait)
	}
	return nil
}

func (h *Handlers) holdLimiter() *ratelimit.Limiter {
	h.limitOnce.Do(func() {
		h.limiter = ratelimit.New(cmp.Or(h.HoldLimit, usualHoldLimit), holdRanges)
	})
	return h.limiter
}

// keepHold keeps a hold in the session, in place of the one before at the same organization.
func keepHold(c echo.Context, kept openHold) error {
	others := slices.DeleteFunc(openHolds(c), func(o openHold) bool { return o.Organization == kept.Organization })
	return holdsSlot.Set(c, append(others, kept))
}

// dropHold forgets a hold that was released or has become a booking.
func dropHold(c echo.Context, id uuid.UUID) error {
	others := slices.DeleteFunc(openHolds(c), func(o openHold) bool { return o.ID == id })
	if len(others) == 0 {
		return holdsSlot.Clear(c)
	}
	return holdsSlot.Set(c, others)
}

// prolongHold keeps a hold for longer.
func prolongHold(c echo.Context, id uuid.UUID, until time.Time) error {
	all := openHolds(c)
	for i := range all {
		if all[i].ID == id {
			all[i].Until = until
		}
	}
	return holdsSlot.Set(c, all)
}
