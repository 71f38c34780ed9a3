package patient

import (
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/tenancy"
)

// ExtendHold gives the visitor booking.MoreTime more, once.
func (h *Handlers) ExtendHold(c echo.Context) error {
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return h.notHere(c, tenant, err)
	}
	until, err := booking.Extend(c.Request().Context(), h.Gateway.In(web.Scope(c, tenant)), id, holder)
	switch {
	case err == nil:
		h.prolonged(c, tenant.ID, id, until)
		err = prolongHold(c, id, until)
	case errors.Is(err, booking.ErrGone): // extended before, or over; the page shows which
		h.changed(tenant.ID, openHoldOf(c, id).Listing)
		err = nil
	case errors.Is(err, tenancy.ErrUnknown):
		return web.LookAt(c, holdPath(tenant.Slug, id), err)
	}
	if err != nil {
		return err
	}
	if web.Partial(c) { // the page stays as it is, but for the clock
		return h.ShowHold(c)
	}
	if err := keepTypedOf(c, id, ""); err != nil {
		return err
	}
	return web.Redirect(c, web.SentFrom(c, holdPath(tenant.Slug, id)))
}

// ReleaseHold lets the time go and leads back to the times.
func (h *Handlers) ReleaseHold(c echo.Context) error {
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return h.notHere(c, tenant, err)
	}
	err = booking.Release(c.Request().Context(), h.Gateway.In(web.Scope(c, tenant)), id, holder)
	own := openHoldOf(c, id)
	h.changed(tenant.ID, own.Listing)
	switch {
	case errors.Is(err, tenancy.ErrUnknown):
		return web.LookAt(c, holdPath(tenant.Slug, id), err)
	case err != nil && !errors.Is(err, booking.ErrGone):
		return err
	}
	back := "/places/" + tenant.Slug
	if own.ID == id {
		back = timesPath(tenant.Slug, own.Listing) + "?week=" + own.Start.UTC().Format(time.DateOnly)
	}
	if err := endHold(c, id); err != nil {
		return err
	}
	return web.Redirect(c, back)
}
