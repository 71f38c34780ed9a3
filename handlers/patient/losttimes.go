package patient

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/views/patient"
	"kindward/views/ui"
)

// lostParam names the time that somebody wanted and did not get, in the address of the page that says so.
const lostParam = "lost"

// lost is the page of times again, first saying that this one is gone and what is nearest.
func (h *Handlers) lost(c echo.Context, o listed, start time.Time) error {
	h.Market.Busy().Forget(o.tenant.ID, o.offering.Resources...) // the page is to show what the refusal has just seen
	local := o.offering.Schedule.Local(start.Unix())
	c.QueryParams().Set("week", civil.DateOf(local).String())
	page, err := h.holdingPage(c, o)
	if err != nil {
		return err
	}
	if page.Lost, err = h.taken(c, o, start); err != nil {
		return err
	}
	page.Path = timesPath(o.tenant.Slug, o.listing.ID) + "?" + url.Values{"week": {civil.DateOf(local).String()},
		lostParam: {start.UTC().Format(time.RFC3339)}}.Encode()
	return web.Render(c, http.StatusConflict, patient.ChooseTime(page), "")
}

// alternatives are the three free times nearest to one that is lost.
func (h *Handlers) alternatives(c echo.Context, o listed, lost time.Time) (ui.HoldEnded, error) {
	ended := ui.HoldEnded{Text: "The nearest free times:", All: timesPath(o.tenant.Slug, o.listing.ID),
		Times: ui.Times{Action: holdsPath(o.tenant.Slug), Hidden: hiddenListing(o.listing.ID)}}
	near, err := booking.Nearest(c.Request().Context(), h.Market.Busy(), o.offering, lost, 3, web.Now(c))
	f := h.timesOf(c, o.listing)
	for _, t := range near {
		slot := slotOf(f, civil.ClockLayout, t, o.listing.OrgName)
		slot.Text = f.ShortDay(t) + ", " + f.Clock(t)
		slot.Label = slot.Text + ", " + o.listing.OrgName
		ended.Times.Slots = append(ended.Times.Slots, slot)
	}
	if len(near) == 0 {
		ended.Text = "Nothing else is free within a week of it."
	}
	return ended, err
}

// taken says that a time is gone, and offers what is nearest.
func (h *Handlers) taken(c echo.Context, o listed, start time.Time) (*ui.HoldEnded, error) {
	ended, err := h.alternatives(c, o, start)
	ended.Title = "Someone else has just taken " + h.timesOf(c, o.listing).Clock(o.offering.Schedule.Local(start.Unix()))
	return &ended, err
}

// lostBefore is what was said of the time that the address names as lost: the page is opened again, by a reload, by
// "back", after a change of colors. Nothing, if it is free now or never was one.
func (h *Handlers) lostBefore(c echo.Context, o listed) (*ui.HoldEnded, error) {
	start, bad := time.Parse(time.RFC3339, c.QueryParam(lostParam))
	now := web.Now(c)
	if bad != nil || web.Partial(c) || o.offering.Schedule.ReasonAt(start.Unix(), now.Unix()) != booking.Free {
		return nil, nil
	}
	near, err := booking.Nearest(c.Request().Context(), h.Market.Busy(), o.offering, start, 1, now)
	if err != nil || len(near) > 0 && near[0].Equal(start) {
		return nil, err
	}
	return h.taken(c, o, start)
}
