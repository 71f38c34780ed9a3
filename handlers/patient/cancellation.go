package patient

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/tenancy"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// NewCancellation asks why, and says what follows.
func (h *Handlers) NewCancellation(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	if _, ok := o.booked.MayCancel(web.Now(c)); !ok || o.Status != booking.StatusBooked {
		return h.notChangeable(c, o)
	}
	return web.Render(c, http.StatusOK, patient.Cancellation(cancellationPage(c, o, "")), "")
}

// CreateCancellation cancels; the time is free for others at once. An appointment that has changed meanwhile is shown
// as it is now.
func (h *Handlers) CreateCancellation(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	sequence, err := strconv.ParseInt(f.Raw("sequence"), 10, 32)
	if err != nil {
		return web.ErrUnreadable
	}
	if o.Sequence != int32(sequence) || o.Status != booking.StatusBooked { // what is asked on the page is over
		return h.changedBefore(c, asCanceled)
	}
	why := f.OneOf("why", "Choose one of these, or say nothing", append(booking.Codes(booking.CancelReasons), unsaid)...)
	if !f.OK() {
		page := cancellationPage(c, o, f.Raw("why"))
		page.Problems, page.Wrong = f.Problems, true
		return web.Render(c, http.StatusUnprocessableEntity, patient.Cancellation(page), "")
	}
	err = booking.Cancel(c.Request().Context(), h.Gateway.In(web.Scope(c, o.tenant)), o.booked, why, web.Now(c))
	switch {
	case err == nil:
		h.Market.Busy().Forget(o.tenant.ID, o.ResourceID)
		h.changed(o.tenant.ID, o.OfferingID)
		web.Flash(c, ui.Notice{Done: true, Text: "Canceled. The time is free for somebody else, and " + o.tenant.Name +
			" sees it in its list of that day at once.", Link: "Look whether you can have it back",
			Href: h.againPath(c, o)})
	case errors.Is(err, booking.ErrGone):
		return h.changedBefore(c, asCanceled)
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

// asCanceled tells whether an appointment is as somebody wanted it who cancels.
func asCanceled(now opened) bool { return now.Status == booking.StatusCancelled }

// unsaid is the reason of whoever gives none.
const unsaid = ""

func cancellationPage(c echo.Context, o opened, chosen string) patient.CancellationPage {
	page := patient.CancellationPage{Page: web.Page(c, "Cancel your appointment"),
		Heading:  "Cancel " + o.times.Sentence(o.start) + "?",
		Text:     o.tenant.Name + " gives the time to someone else. It costs you nothing.",
		Action:   bookingPath(o.ID) + "/cancellation",
		Sequence: strconv.Itoa(int(o.Sequence)), Button: "Cancel " + o.start.Weekday().String() + " at " +
			o.times.Clock(o.start), Keep: bookingPath(o.ID),
		Summary: o.facts().summary()}
	page.Here, page.Frame = layout.Bookings, layout.SplitEnd
	page.Reasons = []ui.Choice{{Value: unsaid, Label: "I would rather not say", Checked: chosen == unsaid}}
	for _, r := range booking.CancelReasons {
		page.Reasons = append(page.Reasons, ui.Choice{Value: r.Code, Label: r.Text, Checked: chosen == r.Code})
	}
	return page
}

// canceled says who canceled it, and that it costs nothing.
func (o opened) canceled() string {
	const free = " It costs you nothing."
	switch by := o.CancelledBy; {
	case by == nil:
		return strings.TrimSpace(free)
	case *by == booking.CancelledByPatient:
		return "You canceled it." + free
	case *by == booking.CancelledBySupport:
		return "Our support canceled it for you." + free
	case o.CancelledWhy != nil && *o.CancelledWhy == booking.Asked:
		return o.tenant.Name + " canceled it for you, as you asked by phone." + free
	}
	return o.tenant.Name + " had to cancel it." + free + " You can book another time."
}
