package api

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
)

// mostDays is how many days one request may span.
const mostDays = 31

type slots struct {
	Listing uuid.UUID `json:"listing"`
	Service string    `json:"service"`
	Zone    string    `json:"zone"`
	Minutes int32     `json:"minutes"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Slots   []slot    `json:"slots"`
}

type slot struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// ListSlots are the free times of one listing of the key's organization, from one day to another, both included.
func (h *Handlers) ListSlots(c echo.Context) error {
	if err := h.admit(c); err != nil {
		return err
	}
	organization, ctx, now := web.Organization(c), c.Request().Context(), web.Now(c)
	var bad []web.ProblemField
	from, to := date(c, "from", &bad), date(c, "to", &bad)
	if len(bad) == 0 && (to.Before(from) || to.Sub(from) >= mostDays) {
		bad = append(bad, web.ProblemField{Field: "to", Detail: "must be from 0 to 30 days after from"})
	}
	id, err := uuid.Parse(c.QueryParam("listing"))
	if err != nil {
		bad = append(bad, web.ProblemField{Field: "listing", Detail: "the id of a listing is needed"})
	}
	if len(bad) > 0 {
		return wrong(c, bad...)
	}
	offer, listing, ok := h.Market.Offering(id)
	if !ok || listing.Tenant != organization.ID {
		return web.ErrNotFound
	}
	days, err := booking.FreeDays(ctx, h.Market.Busy(), offer, from, to, now)
	if err != nil {
		return err
	}
	if err := h.Gateway.Shared(web.Scope(c, organization)).WriteAPIKeyUse(ctx, "Slot", &id, web.KeyOf(c).ID); err != nil {
		return err
	}
	zone := offer.Schedule.Location()
	out := slots{Listing: id, Service: listing.Service, Zone: zone.String(), Minutes: offer.Schedule.VisitMinutes,
		From: from.String(), To: to.String(), Slots: []slot{}}
	visit := time.Duration(offer.Schedule.VisitMinutes) * time.Minute
	for _, d := range days {
		for _, start := range d.Times {
			at := time.Unix(start, 0)
			out.Slots = append(out.Slots, slot{stamp(at, zone), stamp(at.Add(visit), zone)})
		}
	}
	return answer(c, out)
}
