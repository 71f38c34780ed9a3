package provider

import (
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// FreeHold ends somebody's hold, so that everybody can have its time, and leads back to the day. Who did it is in the
// audit.
func (h *Handlers) FreeHold(c echo.Context) error {
	organization := web.Organization(c)
	id, err := web.ID(c, "hold")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := h.dayQuestion(c, f)
	if err != nil {
		return err
	}
	freed, err := booking.FreeHold(c.Request().Context(), h.Gateway.In(web.Scope(c, organization)), id)
	which := "The time at " + civil.Clock(freed.StartsAt.In(civil.ZoneOrUTC(freed.Zone))) + " is "
	notice := ui.Notice{Text: which + "free again.", Done: true}
	h.Busy.Forget(organization.ID, freed.Resource) // whoever asks this process now is not to wait for the event
	switch {
	case errors.Is(err, booking.ErrNotHere):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, booking.ErrGone):
		notice, err = ui.Notice{Text: which + "not held any more: it was booked, or let go."}, nil
	case err != nil:
		return err
	}
	h.notify()
	web.Flash(c, notice)
	return web.Redirect(c, q.path(home(organization)))
}

// holders are the kinds of people who hold times, in words.
var holders = map[string]string{booking.HeldByVisitor: "A visitor without an account",
	booking.HeldByPatient: "A patient", booking.HeldByStaff: "Staff for a patient"}

// held is a line of the times that are held on a day.
func (may reach) held(r tenantdb.DayHoldsRow) view.Held {
	zone := civil.ZoneOrUTC(r.Zone)
	line := view.Held{ID: r.ID.String(), Time: civil.Clock(r.StartsAt.In(zone)), Service: r.Service,
		Practitioner: r.Practitioner, By: web.Named(holders, r.HeldBy, "Somebody"),
		Since: civil.Clock(r.CreatedAt.In(zone))}
	if r.HeldUntil != nil {
		line.Until = civil.Clock(r.HeldUntil.In(zone))
	}
	if may.free {
		line.Action = may.home + "/holds/" + line.ID + "/release"
	}
	return line
}
