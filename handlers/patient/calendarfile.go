package patient

import (
	"io"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/notify"
	"kindward/views/ui"
)

// ShowCalendar is the appointment as a file for a calendar: the same entry as the emails bring.
func (h *Handlers) ShowCalendar(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	return web.SendFile(c, "text/calendar; charset=utf-8", "appointment-"+o.Ref+".ics", func(w io.Writer) error {
		_, err := w.Write(notify.Calendar(h.event(c, o), notify.Publish))
		return err
	})
}

// event is the appointment's calendar entry.
func (h *Handlers) event(c echo.Context, o opened) notify.Event {
	a := notify.Appointment{ID: o.ID, Ref: o.Ref, Sequence: int(o.Sequence), Start: o.start,
		End: inZone(o.EndsAt, o.Zone), Changed: o.UpdatedAt, Cancelled: o.Status == booking.StatusCancelled,
		Where: o.where, Practitioner: o.Practitioner, Phone: o.phone()}
	a.Changes, _ = o.changeLine(web.Now(c))
	return notify.Composer{Base: web.SiteOf(c).BaseURL, Zone: h.Market.Now().Location()}.Event(a)
}

// calendars are the ways to put it into a calendar: a file, which all read, and two that have pages for it.
func (h *Handlers) calendars(c echo.Context, o opened) []ui.Way {
	e := h.event(c, o)
	return []ui.Way{{Text: "Add to calendar (.ics)", Href: bookingPath(o.ID) + "/calendar.ics"},
		{Text: "Google Calendar", Href: e.Google()}, {Text: "Outlook", Href: e.Outlook()}}
}
