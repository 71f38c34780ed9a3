package patient

import (
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/ui"
)

// HeldFor is the time that this visitor keeps while they sign in or up on the way to next: that of next if it is the
// page of a hold, else the one that ends first. What is over is shown only on the way to it. It is read from the
// organization: a browser does not know what has ended. Where that cannot be asked nothing is shown, and so nothing
// is promised.
func (h *Handlers) HeldFor(c echo.Context, next string) *ui.HeldTime {
	own, onTheWay := heldAtPath(c, next)
	if all := openHolds(c); !onTheWay && len(all) > 0 {
		own = all[0]
	}
	if own.ID == uuid.Nil {
		return nil
	}
	held, err := h.heldTime(c, own)
	if err != nil && !errors.Is(err, web.ErrNotFound) {
		web.Warn(c, "a held time is not shown", err)
	}
	if err != nil || held.Hold == nil && !onTheWay {
		return nil
	}
	return &held
}

// heldAtPath is what the browser knows of the hold whose page has this address.
func heldAtPath(c echo.Context, path string) (own openHold, ok bool) {
	at, found := strings.CutPrefix(path, "/places/")
	slug, hold, of := strings.Cut(at, "/holds/")
	id, err := uuid.Parse(hold)
	if !found || !of || err != nil {
		return own, false
	}
	own = openHoldOf(c, id)
	return own, own.ID == id && own.Organization == slug
}

func (h *Handlers) heldTime(c echo.Context, own openHold) (held ui.HeldTime, err error) {
	tenant, hold, err := h.readHold(c, own)
	if err != nil {
		return held, err
	}
	zone, err := civil.Zone(hold.Zone)
	if err != nil {
		return held, err
	}
	start := hold.StartsAt.In(zone)
	held.Summary = h.holdSummary(c, tenant, hold, "")
	held.Hold, held.Lost, err = h.clockOrLost(c, tenant, hold, start)
	return held, err
}

func (h *Handlers) readHold(c echo.Context, own openHold) (t tenancy.Tenant, hold tenantdb.HoldPageRow, err error) {
	ctx := c.Request().Context()
	if t, err = h.Gateway.Tenant(ctx, own.Organization); err != nil {
		return t, hold, err
	}
	if t.Behind() {
		return t, hold, tenancy.ErrTenantBehind
	}
	hold, err = web.Found(h.Gateway.Once(web.Scope(c, t)).HoldPage(ctx, own.ID, own.Holder))
	return t, hold, err
}

// TakeHolds makes what this browser holds the account's that has just signed in: it counts for it and is found by it in
// every browser. What cannot be made so now becomes theirs with the hold's page, and as far as this browser goes.
func (h *Handlers) TakeHolds(c echo.Context) {
	if _, ok := web.OwnAccount(c); !ok {
		return
	}
	for _, own := range openHolds(c) {
		if own.Account != uuid.Nil {
			continue
		}
		err := h.takeHold(c, own)
		if err == nil {
			err = keepOpen(c, own)
		}
		if err != nil && !errors.Is(err, booking.ErrGone) {
			web.Warn(c, "a hold is not its account's yet", err)
		}
	}
}

func (h *Handlers) takeHold(c echo.Context, own openHold) error {
	t, err := h.Gateway.Tenant(c.Request().Context(), own.Organization)
	if err != nil {
		return err
	}
	if t.Behind() {
		return tenancy.ErrTenantBehind
	}
	return booking.TakeHold(c.Request().Context(), h.Gateway.In(web.Scope(c, t)), own.ID, h.holder(c, own.Holder))
}
