package patient

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// NewReschedule shows the times that the appointment can move to.
func (h *Handlers) NewReschedule(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	at, live := h.listed(o.tenant, o.OfferingID)
	if _, ok := o.booked.MayMove(web.Now(c)); !ok || o.Status != booking.StatusBooked || !live {
		return h.notChangeable(c, o)
	}
	page, err := h.reschedulePage(c, o, at)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, patient.ChooseTime(page), patient.Times)
}

// askMove is where ConfirmReschedule asks about a time, of an appointment that the page showed at a sequence.
func askMove(id uuid.UUID, sequence int32, start time.Time) string {
	return bookingPath(id) + "/reschedule/confirmation?" + url.Values{"sequence": {strconv.Itoa(int(sequence))},
		"start": {start.UTC().Format(time.RFC3339)}}.Encode()
}

// ConfirmReschedule asks once before a press on another time moves the appointment. It changes nothing itself.
func (h *Handlers) ConfirmReschedule(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	if c.QueryParam("start") == "" { // none was pressed: they are there
		return web.Redirect(c, bookingPath(o.ID)+"/reschedule")
	}
	start, bad := time.Parse(time.RFC3339, c.QueryParam("start"))
	sequence, worse := strconv.ParseInt(c.QueryParam("sequence"), 10, 32)
	if bad != nil || worse != nil {
		return web.ErrUnreadable
	}
	if o.Sequence != int32(sequence) {
		return h.changedBefore(c, func(now opened) bool { return now.start.Equal(start) })
	}
	at, live := h.listed(o.tenant, o.OfferingID)
	if _, ok := o.booked.MayMove(web.Now(c)); !ok || o.Status != booking.StatusBooked || !live {
		return h.notChangeable(c, o)
	}
	near, err := booking.Nearest(c.Request().Context(), h.Market.Busy(), at.offering, start, 1, web.Now(c))
	if err != nil {
		return err
	}
	if len(near) == 0 || !near[0].Equal(start) {
		return h.stillThere(c, o, at, start)
	}
	return web.Render(c, http.StatusOK, patient.ConfirmReschedule(h.movePage(c, o, at, start.In(o.start.Location()))), "")
}

func (h *Handlers) movePage(c echo.Context, o opened, at listed, start time.Time) patient.MovePage {
	self, v := bookingPath(o.ID), o.facts()
	v.start, v.end, v.was = start, start.Add(v.end.Sub(v.start)), v.start
	page := patient.MovePage{Page: web.Page(c, "Change the time"), Action: self + "/reschedule", Keep: self,
		Other: self + "/reschedule", Heading: "Move it to " + o.times.Sentence(start) + "?",
		Text: "You have " + o.times.Sentence(o.start) + ". It is free for others as soon as you move.",
		Hidden: []ui.Hidden{{Name: "sequence", Value: strconv.Itoa(int(o.Sequence))},
			{Name: "start", Value: start.UTC().Format(time.RFC3339)}},
		Summary: v.summary(), Overlap: h.overlap(c, taking{o.ID, start, start.Add(at.visit())})}
	page.Hidden = append(page.Hidden, ui.Hidden{Name: seenField, Value: page.Overlap.Seen})
	page.Here, page.Frame = layout.Bookings, layout.SplitEnd
	return page
}

// CreateReschedule moves the same appointment. A time that is gone answers 409 with three alternatives; a link that was
// used before shows the appointment as it is now and moves nothing more.
func (h *Handlers) CreateReschedule(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	start := f.Instant("start")
	sequence, bad := strconv.ParseInt(f.Raw("sequence"), 10, 32)
	at, live := h.listed(o.tenant, o.OfferingID)
	if !f.OK() || bad != nil || !live {
		return web.ErrUnreadable
	}
	if h.overlapsUnseen(c, taking{o.ID, start, start.Add(at.visit())}, f.Raw(seenField)) {
		return web.Redirect(c, askMove(o.ID, int32(sequence), start))
	}
	if err := h.mayHold(c); err != nil { // moving takes a time as well
		return err
	}
	o.booked.Sequence = int32(sequence)
	err = booking.Move(c.Request().Context(), h.Gateway.In(web.Scope(c, o.tenant)), o.booked, at.offering, start,
		web.Now(c))
	if err != nil {
		h.notTaken(c)
	}
	switch {
	case err == nil:
		h.Market.Busy().Forget(o.tenant.ID, o.ResourceID)
		h.changed(o.tenant.ID, o.OfferingID)
		web.Flash(c, ui.Notice{Done: true, Text: "Moved to " + o.times.Full(start.In(o.start.Location())) +
			". You can have the old time back until somebody takes it.", Link: "Take the old time back",
			Href: askMove(o.ID, o.Sequence+1, o.start)})
	case errors.Is(err, booking.ErrTaken), errors.Is(err, booking.ErrChanged):
		return h.stillThere(c, o, at, start)
	case errors.Is(err, booking.ErrGone):
		return h.changedBefore(c, func(now opened) bool { return now.start.Equal(start) })
	case errors.Is(err, tenancy.ErrUnknown):
		h.changed(o.tenant.ID, o.OfferingID)
		return web.CheckAt(c, changeCheck(o.ID, o.booked.Sequence), err)
	case errors.Is(err, booking.ErrTooLate):
		return h.notChangeable(c, o)
	default:
		return err
	}
	return web.Redirect(c, bookingPath(o.ID))
}

// notChangeable leads from a page that would cancel or move an appointment to the appointment itself, and says why: it
// is not to come any more, it is too late, or nothing more of the kind can be booked here.
func (h *Handlers) notChangeable(c echo.Context, o opened) error {
	said := o.now()
	if line, late := o.changeLine(web.Now(c)); o.Status == booking.StatusBooked && late {
		said = ui.Notice{Warn: true, Text: line}
	} else if o.Status == booking.StatusBooked {
		said = ui.Notice{Warn: true, Text: o.tenant.Name + " offers no other times of this online any more: to move it, call " +
			strings.TrimSpace("them "+o.phone()) + "."}
	}
	web.Flash(c, said)
	return web.Redirect(c, bookingPath(o.ID))
}

// changedBefore shows an appointment that had changed when something was to be done with it. Where it is as was asked
// for, the form was sent twice, and once it was done.
func (h *Handlers) changedBefore(c echo.Context, asAsked func(now opened) bool) error {
	now, err := h.open(c)
	if err != nil {
		return err
	}
	said := now.now()
	if !asAsked(now) {
		said = ui.Notice{Warn: true, Text: "This appointment has changed since you opened the page. " + said.Text}
	}
	web.Flash(c, said)
	return web.Redirect(c, bookingPath(now.ID))
}

// stillThere says that the new time is gone, that the old one stands, and what is nearest.
func (h *Handlers) stillThere(c echo.Context, o opened, at listed, lost time.Time) error {
	h.Market.Busy().Forget(o.tenant.ID, at.offering.Resources...) // the page is to show what the refusal has just seen
	c.QueryParams().Set("week", civil.DateOf(lost.In(o.start.Location())).String())
	page, err := h.reschedulePage(c, o, at)
	if err != nil {
		return err
	}
	ended, err := h.alternatives(c, at, lost)
	if err != nil {
		return err
	}
	ended.Title = "Someone else has just taken " + o.times.Clock(lost.In(o.start.Location()))
	ended.Text = "You still have " + o.times.Full(o.start) + ". " + ended.Text
	ended.All = bookingPath(o.ID) + "/reschedule"
	ended.Times.Action, ended.Times.Hidden, ended.Times.Ask = page.Week.Action, page.Week.Hidden, true
	page.Lost = &ended
	return web.Render(c, http.StatusConflict, patient.ChooseTime(page), "")
}

func (h *Handlers) reschedulePage(c echo.Context, o opened, at listed) (patient.TimesPage, error) {
	if c.QueryParam("month") == "" && c.QueryParam("week") == "" { // around the time one has
		c.QueryParams().Set("week", civil.DateOf(o.start).String())
		c.QueryParams().Set("month", civil.DateOf(o.start).YearAndMonth())
	}
	now := slotOf(o.times, civil.ClockLayout, o.start, o.tenant.Name)
	now.State, now.Href = ui.Mine, bookingPath(o.ID)
	page, err := h.timesPage(c, at, bookingPath(o.ID)+"/reschedule", now)
	page.Title, page.Heading = "Change the time", "When would you like to come instead?"
	page.Lead = "You have " + o.times.Sentence(o.start) + ". " + page.Lead
	page.Back = ui.Way{Text: "Keep the time", Href: bookingPath(o.ID)}
	page.Week.Action, page.Week.Ask = bookingPath(o.ID)+"/reschedule/confirmation", true
	page.Week.Hidden = []ui.Hidden{{Name: "sequence", Value: strconv.Itoa(int(o.Sequence))}}
	page.Here = layout.Bookings
	return page, err
}
