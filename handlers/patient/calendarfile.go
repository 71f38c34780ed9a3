package patient

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/notify"
)

// ShowCalendar is the appointment as a file for a calendar.
func (h *Handlers) ShowCalendar(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	about := "Reference " + o.Ref
	if o.Status == booking.StatusBooked {
		line, _ := o.changeLine(web.Now(c))
		about += "\n" + line
	}
	event := notify.Event{ID: o.ID, Sequence: int(o.Sequence), Changed: o.UpdatedAt, Start: o.StartsAt, End: o.EndsAt,
		Summary: "Appointment at " + o.tenant.Name, Location: o.Street + ", " + o.City + ", " + o.State + " " + o.ZIP,
		Description: about, URL: web.SiteOf(c).BaseURL.JoinPath(bookingPath(o.ID)).String(),
		Cancelled: o.Status == booking.StatusCancelled}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="appointment-`+o.Ref+`.ics"`)
	return web.Send(c, http.StatusOK, "text/calendar; charset=utf-8", notify.Calendar(event, notify.Publish))
}
