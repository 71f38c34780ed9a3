package ops

import (
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// ShowAvailability says of each time of a day why an organization's patients can book it or not. Whose visit takes a
// time is the organization's to know.
func (h *Handlers) ShowAvailability(c echo.Context) error {
	t, err := h.Gateway.Tenant(c.Request().Context(), c.Param("place"))
	if err != nil {
		return err
	}
	shown, _, err := web.Availability(c, h.Market, t, "/ops/organizations/"+t.Slug+"/availability")
	if err != nil {
		return err
	}
	p := view.AvailabilityPage{Availability: shown}
	p.Page, p.Console = h.page(c, "/ops/organizations", "Why is there no time?", "Why is there no time at "+t.Name+"?")
	p.Wrong = len(shown.Problems) > 0
	return web.Render(c, web.StatusOf(shown.Problems), view.ShowAvailability(p), ui.AvailabilityPart)
}
