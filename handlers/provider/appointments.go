package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// dayLimit is more than any one organization sees in a day.
const dayLimit = 1000

// ListAppointments is the list of one day, today's without being asked for another.
func (h *Handlers) ListAppointments(c echo.Context) error {
	date, err := h.date(c, c.QueryParam("day"))
	if err != nil {
		return err
	}
	return h.showDay(c, http.StatusOK, date, nil)
}

// UpdateStatus marks what became of a visit. What is marked so already is shown; what was changed in another way
// meanwhile is 409 with the list as it is now.
func (h *Handlers) UpdateStatus(c echo.Context) error {
	organization := web.Organization(c)
	id, err := web.ID(c, "appointment")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	status := f.OneOf("status", "Choose a state", booking.StatusArrived, booking.StatusFulfilled, booking.StatusNoShow,
		booking.StatusBooked)
	was := f.OneOf("was", "Choose a state", booking.VisitStatuses()...)
	date, err := h.date(c, f.Raw("day"))
	if err != nil {
		return err
	}
	if !f.OK() {
		return h.showDay(c, http.StatusUnprocessableEntity, date,
			ui.Problems{{Message: "Choose arrived, done, missed or undo in the row of the visit"}})
	}
	err = booking.Mark(c.Request().Context(), h.Gateway.In(web.Scope(c, organization)),
		booking.Marking{Visit: id, Status: status, Was: was, Now: web.Now(c)})
	if err != nil {
		return h.notMarked(c, date, id, status, err)
	}
	h.notify()
	if web.Partial(c) {
		return h.showMarked(c, date, id)
	}
	return web.Redirect(c, dayPath(home(organization), date))
}

// notMarked answers why a visit is not marked, as far as that is known.
func (h *Handlers) notMarked(c echo.Context, date civil.Date, id uuid.UUID, status string, err error) error {
	switch {
	case errors.Is(err, booking.ErrNotHere):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, booking.ErrEarly):
		return h.showDay(c, http.StatusConflict, date,
			ui.Problems{{Message: "That visit is on a day to come. It can be marked then"}})
	case errors.Is(err, tenancy.ErrUnknown):
		web.Flash(c, ui.Notice{Warn: true, Text: "The connection to our database was lost while the visit was marked. " +
			"Look at its row before you mark it again."})
		return web.LookAt(c, dayPath(home(web.Organization(c)), date), err)
	case errors.Is(err, booking.ErrMarked):
		return h.showAsMarked(c, date, id, status)
	case errors.Is(err, booking.ErrGone):
		return h.showDay(c, http.StatusConflict, date,
			ui.Problems{{Message: "That visit was changed meanwhile. This is how it stands now"}})
	}
	return err
}

// showAsMarked answers the second press, which does nothing, like the first, and says so on a whole page.
func (h *Handlers) showAsMarked(c echo.Context, date civil.Date, id uuid.UUID, status string) error {
	if web.Partial(c) {
		return h.showMarked(c, date, id)
	}
	web.Flash(c, ui.Notice{Text: "That visit was marked already: " +
		web.Named(states, status, unclear).text + ". This is how the day stands."})
	return web.Redirect(c, dayPath(home(web.Organization(c)), date))
}

// showMarked answers with the one row that was marked and the new counts, so that the others are not looked at again.
func (h *Handlers) showMarked(c echo.Context, date civil.Date, id uuid.UUID) error {
	organization, ctx, q := web.Organization(c), c.Request().Context(), h.Gateway.Once(web.Scope(c, web.Organization(c)))
	rows, err := q.DayAppointments(ctx, tenantdb.DayAppointmentsParams{Day: date.Start(time.UTC), Most: 1, Only: &id,
		Purpose: purpose(c)})
	if err != nil {
		return err
	}
	if len(rows) == 0 { // marked from the list of another day
		return web.Redirect(c, dayPath(home(organization), date))
	}
	sum, err := q.DayCounts(ctx, web.Now(c), date.Start(time.UTC))
	if err != nil {
		return err
	}
	p := view.DayPage{Date: date.String(), Line: lineOf(sum), Where: c.Request().PostForm.Get("where") != ""}
	return web.Render(c, http.StatusOK, view.MarkedVisit(p, reachOn(c, date).listed(rows[0])), view.Marked)
}

// date reads a day of the address or the form; none is today, and what is no day is nowhere.
func (h *Handlers) date(c echo.Context, raw string) (civil.Date, error) {
	if raw == "" {
		return today(c, web.Organization(c)), nil
	}
	date, err := civil.ParseDate(raw)
	if err != nil || date.Year < 2000 || date.Year > 2200 {
		return civil.Date{}, fmt.Errorf("no day: %w", web.ErrNotFound)
	}
	return date, nil
}

func dayPath(home string, date civil.Date) string {
	return home + "/appointments?day=" + date.String()
}

func (h *Handlers) showDay(c echo.Context, status int, date civil.Date, problems ui.Problems) error {
	organization := web.Organization(c)
	c.Response().Header().Set("HX-Retarget", "#"+view.Day) // the row that asked is a part of the list
	c.Response().Header().Set("HX-Reswap", "outerHTML")
	rows, err := h.Gateway.Once(web.Scope(c, organization)).DayAppointments(c.Request().Context(),
		tenantdb.DayAppointmentsParams{Day: date.Start(time.UTC), Most: dayLimit, Purpose: purpose(c)})
	if err != nil {
		return err
	}
	held, err := h.Gateway.Once(web.Scope(c, organization)).DayHolds(c.Request().Context(), date.Start(time.UTC))
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, "Appointments", "/appointments", problems)
	if err != nil {
		return err
	}
	now := today(c, organization)
	p := view.DayPage{Page: page, Work: work, Problems: problems, Date: date.String(),
		Earlier: ui.Way{Text: "The day before", Href: dayPath(work.Home, date.AddDays(-1))},
		Later:   ui.Way{Text: "The day after", Href: dayPath(work.Home, date.AddDays(1))}}
	if date != now {
		p.Today = work.Home + "/appointments"
	}
	locations, may := map[string]bool{}, reachOn(c, date)
	for _, r := range rows {
		locations[r.Location+r.Zone] = true
		p.Visits = append(p.Visits, may.listed(r))
	}
	for _, r := range held {
		p.Held = append(p.Held, may.held(r))
	}
	p.Where = len(locations) > 1
	p.Heading, p.Line = dayWords(rows, date, now)
	p.Zone = "Times are those of the location" + zoneWords(rows, organization.Zone, date) +
		". Every look at this list is kept in the access log."
	return web.Render(c, status, view.ShowDay(p), view.Day)
}

// reach is what whoever looks at a day may do about its visits. The policies are asked once for all of them.
type reach struct {
	home       string
	open, mark bool
	free       bool // times that are held
}

func reachOn(c echo.Context, date civil.Date) reach {
	organization := web.Organization(c)
	change := web.May(c, policy.ChangeAppointments)
	return reach{home(organization), web.May(c, policy.ReadPatients), change && !date.After(today(c, organization)),
		change}
}

// listed is a line of the list.
func (may reach) listed(r tenantdb.DayAppointmentsRow) view.Visit {
	v := visit(r)
	if r.PatientID != nil && may.open {
		v.Chart = may.home + "/patients/" + r.PatientID.String()
	}
	if v.Marks = marks(r.Status); len(v.Marks) > 0 && may.mark {
		v.Action = may.home + "/appointments/" + v.ID + "/status"
	}
	return v
}

func visit(r tenantdb.DayAppointmentsRow) view.Visit {
	v := view.Visit{ID: r.ID.String(), Time: r.StartsAt.In(civil.ZoneOrUTC(r.Zone)).Format("3:04 pm"), Patient: r.Patient,
		Ref: r.Ref, Service: r.Service,
		Practitioner: r.Practitioner, Location: r.Location, Was: r.Status}
	state := web.Named(states, r.Status, unclear)
	v.State, v.Tone = state.text, state.tone
	if r.IsNew != nil && *r.IsNew {
		v.Small = "First visit"
	}
	return v
}

// state is how a visit stands, in a word.
type state struct {
	text string
	tone ui.Tone
}

var (
	states = map[string]state{booking.StatusBooked: {"Expected", ui.Good},
		booking.StatusArrived:   {"Here", ui.Warn}, // somebody waits
		booking.StatusFulfilled: {"Done", ui.Quiet}, booking.StatusNoShow: {"Missed", ui.Bad},
		booking.StatusCancelled: {"Canceled", ui.Bad}}
	unclear = state{"Unclear", ui.Quiet}
)

// marks are what a visit can become; each but the last can be taken back.
func marks(status string) (all []view.Mark) {
	for _, next := range booking.NextStatuses(status) {
		all = append(all, view.Mark{Status: next, Text: web.Named(markWords, next, "Change")})
	}
	return all
}

var markWords = map[string]string{booking.StatusArrived: "Arrived", booking.StatusFulfilled: "Done",
	booking.StatusNoShow: "Missed", booking.StatusBooked: "Undo"}

// dayWords are the finding on top: "14 visits on Tuesday 24 November", "3 are here, 5 are done."
func dayWords(rows []tenantdb.DayAppointmentsRow, date, now civil.Date) (heading, line string) {
	var sum tenantdb.DayCountsRow
	for _, r := range rows {
		switch r.Status {
		case booking.StatusArrived:
			sum.Here++
		case booking.StatusFulfilled:
			sum.Done++
		case booking.StatusNoShow:
			sum.Missed++
		case booking.StatusCancelled:
			sum.Canceled++
		case booking.StatusBooked:
			sum.Expected++
		}
	}
	when := "on " + date.Start(time.UTC).Format("Monday 2 January 2006")
	if date == now {
		when = "today, " + date.Start(time.UTC).Format("Monday 2 January")
	}
	if visits(sum) == 0 {
		return "No visits " + when, lineOf(sum)
	}
	return count(visits(sum), "visit", "visits") + " " + when, lineOf(sum)
}

// lineOf says how the day's visits stand.
func lineOf(s tenantdb.DayCountsRow) string {
	var parts []string
	for _, one := range []struct {
		n     int64
		words string
	}{{s.Expected, "expected"}, {s.Here, "here"}, {s.Done, "done"}, {s.Missed, "missed"}, {s.Canceled, "canceled"}} {
		if one.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.n, one.words))
		}
	}
	if len(parts) == 0 {
		return "Nothing is booked on this day."
	}
	return strings.Join(parts, ", ") + "."
}

// zoneWords names the zone where there is one: " (EST)".
func zoneWords(rows []tenantdb.DayAppointmentsRow, zone string, date civil.Date) string {
	for _, r := range rows {
		if r.Zone != rows[0].Zone {
			return ""
		}
		zone = r.Zone
	}
	return " (" + date.Start(civil.ZoneOrUTC(zone)).Add(12*time.Hour).Format("MST") + ")"
}
