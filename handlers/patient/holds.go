package patient

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/consent"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// CreateHold keeps a time for the visitor and leads to the page where it becomes a booking. A time that is gone answers
// 409 with three alternatives; clicking one's own time again leads back to it.
func (h *Handlers) CreateHold(c echo.Context) error {
	o, err := h.find(c, c.FormValue("listing"))
	if err != nil {
		return err
	}
	start, err := time.Parse(time.RFC3339, c.FormValue("start"))
	if err != nil {
		return web.ErrUnreadable
	}
	if err := h.mayHold(c); err != nil {
		return err
	}
	if err := keepTyped(c); err != nil {
		return err
	}
	id, err := newHolderAt(c, o.tenant.Slug)
	if err != nil {
		return err
	}
	by := h.holder(c, id)
	held, err := h.hold(c, o, start, by)
	if err != nil {
		h.notTaken(c)
		return h.notHeld(c, o, start, by, err)
	}
	h.sayLetGo(c, o, held)
	if err := h.keep(c, o, id, held); err != nil {
		return err
	}
	return web.Redirect(c, holdPath(o.tenant.Slug, held.ID))
}

// sayLetGo tells whoever kept another time at the organization that it is let go for this one: perhaps another tab
// still shows it.
func (h *Handlers) sayLetGo(c echo.Context, o listed, held booking.Held) {
	before, ok := openHoldAt(c, o.tenant.Slug)
	if !ok || before.ID == held.ID {
		return
	}
	if other, live := h.listed(o.tenant, before.Listing); live {
		o = other
	}
	web.Flash(c, ui.Notice{Text: "The time you kept here before, " +
		patient.AtTime(o.offering.Schedule.Local(before.Start.Unix())) + ", has been let go."})
}

// hold takes a time, and tells what is shown here.
func (h *Handlers) hold(c echo.Context, o listed, start time.Time, by booking.Holder) (booking.Held, error) {
	busy, now := h.Market.Busy(), web.Now(c)
	by.Time = booking.HoldTimeFor(busy, o.offering, start, by, now)
	mark := busy.Mark()
	held, err := booking.Hold(c.Request().Context(), h.Gateway.In(web.Scope(c, o.tenant)), o.offering, start, by, now)
	if err == nil {
		busy.Took(mark, o.tenant.ID, held)
		h.changed(o.tenant.ID, heldAt(c, o.tenant.Slug)...)
	}
	return held, err
}

// notHeld answers why a time is not held, as far as that is known.
func (h *Handlers) notHeld(c echo.Context, o listed, start time.Time, by booking.Holder, err error) error {
	switch {
	case tooManyHeld(err):
		return h.refusedHold(c, o, start, by, err)
	case errors.Is(err, booking.ErrTaken), errors.Is(err, booking.ErrChanged):
		return h.lost(c, o, start)
	case errors.Is(err, tenancy.ErrUnknown):
		h.changed(o.tenant.ID, o.listing.ID)
		return web.CheckAt(c, holdCheck(o, start), err)
	}
	return err
}

// lost is the page of times again, first saying that this one is gone and what is nearest.
func (h *Handlers) lost(c echo.Context, o listed, start time.Time) error {
	h.Market.Busy().Forget(o.tenant.ID, o.offering.Resources...) // the page is to show what the refusal has just seen
	local := o.offering.Schedule.Local(start.Unix())
	c.QueryParams().Set("week", civil.DateOf(local).String())
	page, err := h.holdingPage(c, o)
	if err != nil {
		return err
	}
	ended, err := h.alternatives(c, o, start)
	if err != nil {
		return err
	}
	ended.Title = "Someone else has just taken " + patient.Clock(local)
	page.Lost = &ended
	return web.Render(c, http.StatusConflict, patient.ChooseTime(page), "")
}

// alternatives are the three free times nearest to one that is lost.
func (h *Handlers) alternatives(c echo.Context, o listed, lost time.Time) (ui.HoldEnded, error) {
	ended := ui.HoldEnded{Text: "The nearest free times:", All: timesPath(o.tenant.Slug, o.listing.ID),
		Times: ui.Times{Action: holdsPath(o.tenant.Slug), Hidden: hiddenListing(o.listing.ID)}}
	near, err := booking.Nearest(c.Request().Context(), h.Market.Busy(), o.offering, lost, 3, web.Now(c))
	for _, t := range near {
		slot := slotOf(t, o.listing.OrgName)
		slot.Text = t.Format("Mon 2, 3:04 pm")
		slot.Label = slot.Text + ", " + o.listing.OrgName
		ended.Times.Slots = append(ended.Times.Slots, slot)
	}
	if len(near) == 0 {
		ended.Text = "Nothing else is free within a week of it."
	}
	return ended, err
}

// ExtendHold gives the visitor booking.MoreTime more, once.
func (h *Handlers) ExtendHold(c echo.Context) error {
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return err
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
	return web.Redirect(c, holdPath(tenant.Slug, id))
}

// ReleaseHold lets the time go and leads back to the times.
func (h *Handlers) ReleaseHold(c echo.Context) error {
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return err
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

// held reads which hold the address names and who asks; whether it is theirs is the query's to say.
func (h *Handlers) held(c echo.Context) (tenant tenancy.Tenant, id, holder uuid.UUID, err error) {
	if tenant, err = web.FindOrganization(c); err != nil {
		return tenant, id, holder, err
	}
	if id, err = web.ID(c, "hold"); err != nil {
		return tenant, id, holder, err
	}
	holder, err = h.holderOf(c, tenant, id)
	return tenant, id, holder, err
}

// ShowHold is the page on which a held time becomes a booking. A hold that ran out keeps its page and offers what is
// nearest; asked for as a part, it is only the block with the clock.
func (h *Handlers) ShowHold(c echo.Context) error {
	tenant, hold, err := h.openHold(c)
	if err != nil {
		return err
	}
	if hold.Status == booking.StatusBooked {
		return web.Redirect(c, bookingPath(hold.ID))
	}
	if hold.Status == booking.StatusHeld && hold.HeldUntil != nil {
		if err := noteHold(c, tenant, hold); err != nil {
			return err
		}
	}
	recall(c, holdPath(tenant.Slug, hold.ID))
	form := details(c)
	form.Key = uuid.NewString()
	page, err := h.holdPage(c, tenant, hold, form)
	if err != nil {
		return err
	}
	if page.Lost != nil && !page.SignedIn && web.Partial(c) {
		c.Response().Header().Set("HX-Refresh", "true") // the whole page speaks of signing in for this time
	}
	return web.Render(c, http.StatusOK, patient.Hold(page), patient.Ended)
}

// openHold reads the visitor's hold; somebody else's does not exist for them.
func (h *Handlers) openHold(c echo.Context) (tenancy.Tenant, tenantdb.HoldPageRow, error) {
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return tenant, tenantdb.HoldPageRow{}, err
	}
	hold, err := web.Found(h.Gateway.Once(web.Scope(c, tenant)).HoldPage(c.Request().Context(), id, holder))
	return tenant, hold, err
}

func (h *Handlers) holdPage(c echo.Context, t tenancy.Tenant, hold tenantdb.HoldPageRow,
	form patient.DetailsForm) (patient.HoldPage, error) {
	zone, err := civil.Zone(hold.Zone)
	if err != nil {
		return patient.HoldPage{}, err
	}
	start := hold.StartsAt.In(zone)
	o, live := h.listed(t, hold.OfferingID)
	self, price := holdPath(t.Slug, hold.ID), priceOf(hold.PriceCents, hold.Currency)
	p := patient.HoldPage{Page: web.Page(c, "Your details"), Step: "Step 2 of 3", Form: form,
		Confirm: self + "/confirmation", Release: self + "/release",
		SignIn: web.SignInPath(self), SignUp: web.SignUpPath(self), Summary: holdSummary(t, hold, start),
		Prices: prices(hold.Service, price, form.Payer),
		Back:   ui.Way{Text: "Back to times", Href: "/places/" + t.Slug}}
	p.Frame = layout.SplitEnd
	p.Policy, p.Late = bookedAt(start, hold.CancelCutoffMinutes, hold.MoveCutoffMinutes).ChangeLine(web.Now(c), t.Name,
		cmp.Or(hold.LocationPhone, t.Phone))
	_, p.SignedIn = web.Account(c)
	if live {
		p.Back.Href = timesPath(t.Slug, o.listing.ID) + "?week=" + civil.DateOf(start).String()
	}
	p.Form.Plans, p.Form.Self = h.plans(hold), selfLabel(price)
	text := consent.Share(t.Name)
	p.Form.ShareLabel, p.Form.ShareDetail = text.Label, text.Detail
	p.Form.Button = "Book " + start.Format("Monday") + " at " + patient.Clock(start)
	if hold.Status == booking.StatusHeld && hold.SecondsLeft > 0 {
		p.Hold = clockOf(hold, zone, self)
		return p, nil
	}
	if err := endHold(c, hold.ID); err != nil { // calendars show it no longer as the visitor's own
		return p, err
	}
	p.Lost = &ui.HoldEnded{}
	if live {
		if *p.Lost, err = h.alternatives(c, o, start); err != nil {
			return p, err
		}
	}
	p.Lost.Title = patient.Clock(start) + " has gone back to everyone"
	if p.SignedIn {
		p.Lost.Times.Form = patient.DetailsID
		p.Lost.Text = "What you typed is kept here. " + p.Lost.Text
	}
	return p, nil
}

func clockOf(hold tenantdb.HoldPageRow, zone *time.Location, self string) *ui.Hold {
	k := &ui.Hold{Left: int(hold.SecondsLeft), Total: int(hold.SecondsInAll),
		Until: patient.Clock(hold.HeldUntil.In(zone)), Extended: hold.Extended, Ended: self}
	if !hold.Extended {
		k.Extend = self + "/extension"
	}
	return k
}

// listed is a listing of this organization by its id, if it is still on the market.
func (h *Handlers) listed(t tenancy.Tenant, id uuid.UUID) (listed, bool) {
	offer, l, ok := h.Market.Offering(id)
	return listed{t, offer, l}, ok
}
