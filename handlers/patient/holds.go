package patient

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
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
	o, err := h.find(c, web.Field(c, "listing"))
	if err != nil {
		return err
	}
	start, err := time.Parse(time.RFC3339, web.Field(c, "start"))
	if err != nil {
		return web.ErrUnreadable
	}
	if answered, err := h.outOfReach(c, o, start); answered {
		return err
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
		h.timesOf(c, o.listing).Sentence(o.offering.Schedule.Local(before.Start.Unix())) + ", has been let go."})
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

// openHold reads the visitor's hold; somebody else's does not exist for them.
func (h *Handlers) openHold(c echo.Context) (tenancy.Tenant, tenantdb.HoldPageRow, error) {
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return tenant, tenantdb.HoldPageRow{}, err
	}
	hold, err := web.Found(h.Gateway.Once(web.Scope(c, tenant)).HoldPage(c.Request().Context(), id, holder))
	return tenant, hold, err
}

// ShowHold is the page on which a held time becomes a booking. A hold that ran out keeps its page and offers what is
// nearest; asked for as a part, it is only the block with the clock.
func (h *Handlers) ShowHold(c echo.Context) error {
	tenant, hold, err := h.openHold(c)
	if err != nil {
		return h.notHere(c, tenant, err)
	}
	if hold.Status == booking.StatusBooked {
		return web.Redirect(c, bookingPath(hold.ID))
	}
	if hold.Status == booking.StatusHeld && hold.HeldUntil != nil {
		if err := noteHold(c, tenant, hold); err != nil {
			return err
		}
	}
	recall(c, web.Recalled)
	form, kept := details(c, hold.ID)
	form.Key = uuid.NewString()
	page, err := h.holdPage(c, tenant, hold, form)
	if err != nil {
		return err
	}
	if page.Lost != nil && !page.SignedIn && web.Partial(c) && onPage(c, holdPath(tenant.Slug, hold.ID)) {
		c.Response().Header().Set("HX-Refresh", "true") // the whole page speaks of signing in for this time
	}
	if page.SignedIn {
		page.Problems = asked(page, h.problemsAgain(c, kept, tenant, hold))
		page.Wrong = len(page.Problems) > 0
	}
	return web.Render(c, http.StatusOK, patient.Hold(page), patient.Ended)
}

// onPage tells whether the page that asks for a part of itself has this address, as far as it says.
func onPage(c echo.Context, path string) bool {
	here, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	return err != nil || here.Path == "" || here.Path == path
}

// othersHold tells that the hold in the address is somebody else's who has used this browser: so may be what was typed.
func othersHold(c echo.Context) bool {
	id, err := web.ID(c, "hold")
	own, kept := web.KeptCookie[openHold](c, holdCookie(id))
	return err == nil && kept && own.ID == id && !own.mine(c)
}

// notHere is for the address of a hold that is not this visitor's, or not any more: it says so, keeps what was sent,
// and leads to the organization's times. It tells nobody whether there ever was one.
func (h *Handlers) notHere(c echo.Context, t tenancy.Tenant, err error) error {
	if !errors.Is(err, web.ErrNotFound) || t.ID == uuid.Nil || !web.SentCookies(c) || web.Partial(c) {
		return err
	}
	if c.Request().Method == http.MethodPost && !othersHold(c) {
		if err := keepTyped(c); err != nil {
			return err
		}
	}
	recall(c, web.RecalledOwn)
	_, signedIn := web.Account(c)
	page := patient.NotHeldPage{Page: web.Page(c, "No time is held"), Lasts: civil.Duration(booking.HoldTime),
		Typed: keptDetails(c) != nil, Way: ui.Way{Text: "Choose a time at " + t.Name, Href: "/places/" + t.Slug}}
	if !signedIn {
		page.SignIn = web.SignInPath(c.Request().URL.Path)
	}
	web.NoStore(c)
	return web.Render(c, http.StatusNotFound, patient.NotHeld(page), "")
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
		SignIn: web.SignInPath(self), SignUp: web.SignUpPath(self),
		Back: ui.Way{Text: "Back to times", Href: "/places/" + t.Slug}}
	p.Frame = layout.SplitEnd
	if err := h.askFor(c, t, hold, price, &p); err != nil {
		return p, err
	}
	p.Policy, p.Late = bookedAt(start, hold.CancelCutoffMinutes, hold.MoveCutoffMinutes).ChangeLine(
		bookedBy(hold, web.Now(c)), t.Name, cmp.Or(hold.LocationPhone, t.Phone))
	_, p.SignedIn = web.Account(c)
	if live {
		p.Back.Href = timesPath(t.Slug, o.listing.ID) + "?week=" + civil.DateOf(start).String()
	}
	text := consent.Share(t.Name)
	p.Form.ShareLabel, p.Form.ShareDetail = text.Label, text.Detail
	p.Form.Button = "Book " + start.Weekday().String() + " at " + h.times(c).Clock(start)
	if p.Hold, p.Lost, err = h.clockOrLost(c, t, hold, start); err != nil {
		return p, err
	}
	if p.Hold != nil {
		p.Overlap = h.overlap(c, taking{hold.ID, hold.StartsAt, hold.EndsAt})
	}
	switch {
	case p.Hold != nil && p.SignedIn:
		p.Hold.Form = patient.DetailsID
	case p.Lost != nil && p.SignedIn:
		p.Lost.Times.Form = patient.DetailsID
		p.Lost.Text = "What you typed is kept here. " + p.Lost.Text
	}
	return p, nil
}

// clockOrLost is the clock of a hold that lives, or what is said and offered once it is over.
func (h *Handlers) clockOrLost(c echo.Context, t tenancy.Tenant, hold tenantdb.HoldPageRow,
	start time.Time) (clock *ui.Hold, lost *ui.HoldEnded, err error) {
	if hold.Status == booking.StatusHeld && hold.SecondsLeft > 0 {
		return clockOf(hold, h.times(c).Clock(hold.HeldUntil.In(start.Location())), holdPath(t.Slug, hold.ID)), nil, nil
	}
	if err := endHold(c, hold.ID); err != nil { // calendars show it no longer as the visitor's own
		return nil, nil, err
	}
	lost = &ui.HoldEnded{All: "/places/" + t.Slug}
	if o, live := h.listed(t, hold.OfferingID); live {
		if *lost, err = h.alternatives(c, o, start); err != nil {
			return nil, nil, err
		}
	}
	lost.Title = h.times(c).Clock(start) + " has gone back to everyone"
	return nil, lost, nil
}

func clockOf(hold tenantdb.HoldPageRow, until, self string) *ui.Hold {
	k := &ui.Hold{Left: int(hold.SecondsLeft), Total: int(hold.SecondsInAll),
		Until: until, Extended: hold.Extended, Ended: self}
	if !hold.Extended {
		k.Extend = self + "/extension"
	}
	return k
}

// bookedBy is the latest moment at which a hold may become a booking: what is promised before must still be so then.
func bookedBy(hold tenantdb.HoldPageRow, now time.Time) time.Time {
	left := time.Duration(hold.SecondsLeft) * time.Second
	if left > 0 && !hold.Extended {
		left += booking.MoreTime
	}
	return now.Add(left)
}
