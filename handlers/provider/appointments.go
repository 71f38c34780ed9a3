package provider

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/policy"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// dayLimit is more than any one place sees in a day.
const dayLimit = 1000

// ListAppointments is the list of one day, today's without being asked for another.
func (h *Handlers) ListAppointments(c echo.Context) error {
	date, err := h.date(c, c.QueryParam("day"))
	if err != nil {
		return err
	}
	return h.showDay(c, http.StatusOK, date, nil)
}

// UpdateStatus marks what became of a visit. What was changed meanwhile is 409 with the list as it is now.
func (h *Handlers) UpdateStatus(c echo.Context) error {
	place := web.Organization(c)
	id, err := web.ID(c, "appointment")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	status, was := f.OneOf("status", "Choose a state", "arrived", "fulfilled", "noshow", "booked"), f.OneOf("was", "Choose a state", statuses...)
	date, err := h.date(c, f.Raw("day"))
	if err != nil {
		return err
	}
	if !f.OK() {
		return h.showDay(c, http.StatusUnprocessableEntity, date, ui.Problems{{Message: "Choose arrived, done, missed or undo in the row of the visit"}})
	}
	word, err := h.Door.Once(web.Scope(c, place)).MarkVisit(c.Request().Context(), tenantdb.MarkVisitParams{ID: id, Status: status, Was: was, Now: web.Now(c)})
	if err != nil {
		return err
	}
	switch word {
	case "gone":
		return fmt.Errorf("no such visit here: %w", web.ErrNotFound)
	case "early":
		return h.showDay(c, http.StatusConflict, date, ui.Problems{{Message: "That visit is on a day to come. It can be marked then"}})
	case "changed":
		return h.showDay(c, http.StatusConflict, date, ui.Problems{{Message: "That visit was changed meanwhile. This is how it stands now"}})
	}
	h.ring()
	if web.Partial(c) {
		return h.showDay(c, http.StatusOK, date, nil)
	}
	return web.See(c, dayPath(home(place), date))
}

var statuses = []string{"booked", "arrived", "fulfilled", "noshow", "cancelled"}

// date reads a day of the address or the form; none is today, and what is no day is nowhere.
func (h *Handlers) date(c echo.Context, raw string) (booking.Date, error) {
	if raw == "" {
		return today(c, web.Organization(c)), nil
	}
	date, err := booking.ParseDate(raw)
	if err != nil || date.Year < 2000 || date.Year > 2200 {
		return booking.Date{}, fmt.Errorf("no day: %w", web.ErrNotFound)
	}
	return date, nil
}

func dayPath(home string, date booking.Date) string {
	return home + "/appointments?day=" + date.String()
}

func (h *Handlers) showDay(c echo.Context, status int, date booking.Date, problems ui.Problems) error {
	place := web.Organization(c)
	rows, err := h.Door.Once(web.Scope(c, place)).ListDay(c.Request().Context(), tenantdb.ListDayParams{Day: date.Start(time.UTC), Most: dayLimit, Purpose: purpose(c)})
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, "Appointments", "/appointments", problems)
	if err != nil {
		return err
	}
	now := today(c, place)
	p := view.DayPage{Page: page, Work: work, Problems: problems, Date: date.String(),
		Earlier: ui.Way{Text: "The day before", Href: dayPath(work.Home, date.AddDays(-1))}, Later: ui.Way{Text: "The day after", Href: dayPath(work.Home, date.AddDays(1))}}
	if date != now {
		p.Today = work.Home + "/appointments"
	}
	mayMark, mayOpen := web.May(c, policy.ChangeAppointments) && !date.After(now), web.May(c, policy.ReadPatients)
	places := map[string]bool{}
	for _, r := range rows {
		v := visit(r)
		if mayOpen && r.PatientID != nil {
			v.Chart = work.Home + "/patients/" + r.PatientID.String()
		}
		if v.Marks = marks(r.Status); mayMark && len(v.Marks) > 0 {
			v.Action = work.Home + "/appointments/" + v.ID + "/status"
		}
		places[r.Location+r.Zone] = true
		p.Visits = append(p.Visits, v)
	}
	p.Where = len(places) > 1
	p.Heading, p.Line = dayWords(rows, date, now)
	p.Zone = "Times are those of the location" + zoneWords(rows, place.Zone, date) + ". Every look at this list is kept in the access log."
	return web.Render(c, status, view.ShowDay(p), view.Day)
}

func visit(r tenantdb.ListDayRow) view.Visit {
	v := view.Visit{ID: r.ID.String(), Time: r.StartsAt.In(zoneOf(r.Zone)).Format("3:04 pm"), Patient: r.Patient, Ref: r.Ref, Service: r.Service,
		Practitioner: r.Practitioner, Location: r.Location, Was: r.Status}
	v.State, v.Tone = stateOf(r.Status)
	if r.IsNew != nil && *r.IsNew {
		v.Small = "First visit"
	}
	return v
}

// stateOf is how a visit stands, in a word.
func stateOf(status string) (string, ui.Tone) {
	switch status {
	case "arrived":
		return "Here", ui.Good
	case "fulfilled":
		return "Done", ui.Quiet
	case "noshow":
		return "Missed", ui.Bad
	case "cancelled":
		return "Canceled", ui.Bad
	}
	return "Expected", ui.Yours
}

// marks are what a visit can become; each but the last can be taken back.
func marks(status string) []view.Mark {
	switch status {
	case "booked":
		return []view.Mark{{Status: "arrived", Text: "Arrived"}, {Status: "fulfilled", Text: "Done"}, {Status: "noshow", Text: "Missed"}}
	case "arrived":
		return []view.Mark{{Status: "fulfilled", Text: "Done"}, {Status: "booked", Text: "Undo"}}
	case "fulfilled", "noshow":
		return []view.Mark{{Status: "booked", Text: "Undo"}}
	}
	return nil
}

// dayWords are the finding on top: "14 visits on Tuesday 24 November", "3 are here, 5 are done."
func dayWords(rows []tenantdb.ListDayRow, date, now booking.Date) (heading, line string) {
	n := map[string]int64{}
	for _, r := range rows {
		n[r.Status]++
	}
	when := "on " + date.Start(time.UTC).Format("Monday 2 January 2006")
	if date == now {
		when = "today, " + date.Start(time.UTC).Format("Monday 2 January")
	}
	visits := int64(len(rows)) - n["cancelled"]
	heading = count(visits, "visit", "visits") + " " + when
	if visits == 0 {
		heading = "No visits " + when
	}
	var parts []string
	for _, s := range []struct{ status, words string }{{"booked", "expected"}, {"arrived", "here"}, {"fulfilled", "done"}, {"noshow", "missed"}, {"cancelled", "canceled"}} {
		if n[s.status] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s.status], s.words))
		}
	}
	if len(parts) == 0 {
		return heading, "Nothing is booked on this day."
	}
	return heading, strings.Join(parts, ", ") + "."
}

// zoneWords names the zone where there is one: " (EST)".
func zoneWords(rows []tenantdb.ListDayRow, zone string, date booking.Date) string {
	for _, r := range rows {
		if r.Zone != rows[0].Zone {
			return ""
		}
		zone = r.Zone
	}
	return " (" + date.Start(zoneOf(zone)).Add(12*time.Hour).Format("MST") + ")"
}
