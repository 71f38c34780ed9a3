package patient

import (
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/views/layout"
	"kindward/views/ui"
)

// heldWays lead back to the times that this visitor keeps, the one that ends first before the others.
func (h *Handlers) heldWays(c echo.Context) (all []ui.Way) {
	for _, own := range openHolds(c) {
		if o, l, live := h.Market.Offering(own.Listing); live {
			all = append(all, ui.Way{Text: h.timesOf(c, l).Full(o.Schedule.Local(own.Start.Unix())) + ", " + l.OrgName,
				Href: holdPath(own.Organization, own.ID)})
		}
	}
	return all
}

// tellHeld says on a page that is none of a held time's own which time the visitor keeps, and leads back to it.
func (h *Handlers) tellHeld(c echo.Context, page *layout.Page) {
	if ways := h.heldWays(c); len(ways) > 0 && !web.Partial(c) {
		page.Flash = append(page.Flash, ui.Notice{Text: "A time is held for you: " + ways[0].Text + ".",
			Link: "Go on booking", Href: ways[0].Href})
	}
}
