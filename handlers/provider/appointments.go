package provider

import (
	"cmp"
	"context"
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
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// dayLimit is how many visits one list shows. An organization with more on a day looks at a part of them.
const dayLimit = 1000

// ListAppointments is the list of one day, today's without being asked for another.
func (h *Handlers) ListAppointments(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := h.dayQuestion(c, f)
	if errors.Is(err, errNoDay) {
		q.date = today(c, web.Organization(c))
		return h.showDay(c, http.StatusUnprocessableEntity, q, &trouble{words: "No day is called so. This is today's list"})
	}
	if err != nil {
		return err
	}
	return h.showDay(c, http.StatusOK, q, nil)
}

// ListChanges is what an open list asks again and again: nothing while the day is as it was, else the list as it is
// now, which is a look like any other.
func (h *Handlers) ListChanges(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := h.dayQuestion(c, f)
	if err != nil {
		return err
	}
	if !web.Partial(c) {
		return web.Redirect(c, q.path(home(web.Organization(c))))
	}
	version, err := h.Gateway.Once(web.Scope(c, web.Organization(c))).DayVersion(c.Request().Context(), q.start())
	if err != nil {
		return err
	}
	if versionOf(version) == f.Raw("version") {
		return c.NoContent(http.StatusNoContent)
	}
	p, err := h.dayPage(c, q, nil)
	if err != nil {
		return err
	}
	p.Apart = true
	return web.Render(c, http.StatusOK, view.ShowDay(p), view.DayList)
}

// versionOf tells one state of a day from another.
func versionOf(r tenantdb.DayVersionRow) string {
	return fmt.Sprintf("%d.%d.%d", r.Appointments, r.Held, r.ChangedAt.UnixMicro())
}

// trouble is why a visit of the day was not marked: words about it, in which %s stands for whose it is and when.
type trouble struct{ visit, words string }

func (h *Handlers) showDay(c echo.Context, status int, q dayQuestion, why *trouble) error {
	c.Response().Header().Set("HX-Retarget", "#"+view.Day) // the row that asked is a part of the list
	c.Response().Header().Set("HX-Reswap", "outerHTML")
	p, err := h.dayPage(c, q, why)
	if err != nil {
		return err
	}
	return web.Render(c, status, view.ShowDay(p), view.Day)
}

// dayRows are what a day's page is made of, as it was at one moment.
type dayRows struct {
	visits  []tenantdb.DayAppointmentsRow
	places  map[uuid.UUID]ui.VisitPlace
	held    []tenantdb.DayHoldsRow
	sum     tenantdb.DayCountsRow
	week    []tenantdb.WeekCountsRow
	choices []tenantdb.DayChoicesRow
	version tenantdb.DayVersionRow
}

func (h *Handlers) readDay(c echo.Context, q dayQuestion) (r dayRows, err error) {
	ctx := c.Request().Context()
	err = h.Gateway.Within(ctx, web.Scope(c, web.Organization(c)), func(from *tenantdb.Queries) (err error) {
		if r.version, err = from.DayVersion(ctx, q.start()); err != nil {
			return err
		}
		if r.visits, err = from.DayAppointments(ctx, q.appointments(purpose(c))); err != nil {
			return err
		}
		if r.places, err = places(ctx, from, modesOf(r.visits)); err != nil {
			return err
		}
		if r.held, err = from.DayHolds(ctx, q.start()); err != nil {
			return err
		}
		return r.around(ctx, from, q, web.Now(c))
	})
	return r, err
}

// around reads what is nobody's record: counts, and what the list can be narrowed by.
func (r *dayRows) around(ctx context.Context, from *tenantdb.Queries, q dayQuestion, now time.Time) (err error) {
	if r.sum, err = from.DayCounts(ctx, q.counts(now)); err != nil {
		return err
	}
	if r.week, err = from.WeekCounts(ctx, q.date.Monday().Start(time.UTC), q.with, q.location); err != nil {
		return err
	}
	r.choices, err = from.DayChoices(ctx)
	return err
}

// dayPage is the list of a day with all that stands round it.
func (h *Handlers) dayPage(c echo.Context, q dayQuestion, why *trouble) (p view.DayPage, err error) {
	organization := web.Organization(c)
	r, err := h.readDay(c, q)
	if err != nil {
		return p, err
	}
	p.Problems = why.problems(r.visits)
	if p.Page, p.Work, err = h.frame(c, "Appointments", "/appointments", p.Problems); err != nil {
		return p, err
	}
	now, may := today(c, organization), reachOn(c, q.date)
	p.Date, p.Home, p.Keep = q.date.String(), p.Work.Home+"/appointments", q.kept()
	p.Why = p.Work.Home + "/availability?day=" + p.Date
	p.Earlier = ui.Way{Text: "The day before", Href: q.on(q.date.AddDays(-1)).path(p.Work.Home)}
	p.Later = ui.Way{Text: "The day after", Href: q.on(q.date.AddDays(1)).path(p.Work.Home)}
	if q.date != now {
		p.Today = q.on(now).path(p.Work.Home)
	}
	if web.May(c, policy.BookAppointments) {
		p.Book = p.Work.Home + "/patients?" + q.visit().values().Encode()
	}
	p.Week, p.Chips = weekOf(q, r.week, now, p.Work.Home), chips(q, r.sum, p.Work.Home)
	p.With, p.Locations = q.options(r.choices)
	p.Where = len(p.Locations) > 2 // "Everywhere" is one of them
	p.Poll = p.Home + "/changes?" + q.values("version", versionOf(r.version)).Encode()
	p.Visits = listed(r.visits, may, q.date == now, web.Now(c))
	for i, one := range r.visits {
		p.Visits[i].Place = r.places[one.ID]
	}
	for _, one := range r.held {
		p.Held = append(p.Held, may.held(one))
	}
	p.Heading, p.Line = dayWords(r.sum, q.date, now)
	if len(r.visits) == dayLimit {
		p.Cut = fmt.Sprintf("The list ends here, at %d visits. Choose a place, a person or a state above to see the others.",
			dayLimit)
	}
	zone := civil.ZoneOrUTC(organization.Zone)
	p.AsOf = civil.Dated(web.Now(c).In(zone))
	p.Zone = "Times are those of the location" + zoneWords(r.visits, organization.Zone, q.date) +
		". Every look at this list is kept in the access log."
	return p, nil
}

// listed are the lines of the list. On the list of today the first visit to come is where it opens.
func listed(rows []tenantdb.DayAppointmentsRow, may reach, isToday bool, now time.Time) (all []view.Visit) {
	found := !isToday
	for i, r := range rows {
		line := may.listed(r)
		if !found && r.StartsAt.After(now) {
			found = true
			line.Next = i > 0
		}
		all = append(all, line)
	}
	return all
}

// problems are what was in the way, with the name of whom it is about if the list has it.
func (t *trouble) problems(rows []tenantdb.DayAppointmentsRow) ui.Problems {
	if t == nil {
		return nil
	}
	whose := "That visit"
	for _, r := range rows {
		if r.ID.String() == t.visit {
			whose = "The visit of " + nameOf(r) + " at " + clockOf(r)
		}
	}
	return ui.Problems{{Message: strings.ReplaceAll(t.words, "%s", whose)}}
}

// reach is what whoever looks at a day may do about its visits. The policies are asked once for all of them.
type reach struct {
	home       string
	open, find bool // records; how somebody is reached
	mark       bool
	cancel     bool // visits that have not begun
	free       bool // times that are held
	now        time.Time
}

func reachOn(c echo.Context, date civil.Date) reach {
	organization := web.Organization(c)
	change := web.May(c, policy.ChangeAppointments)
	return reach{home: home(organization), open: web.May(c, policy.ReadPatients),
		find: web.May(c, policy.FindPatients), cancel: web.May(c, policy.CancelAppointments),
		mark: change && !date.After(today(c, organization)), free: change, now: web.Now(c)}
}

// listed is a line of the list.
func (may reach) listed(r tenantdb.DayAppointmentsRow) view.Visit {
	v := visit(r)
	if v.Dial = r.Phone; r.Phone != "" {
		v.Phone = web.Phone(r.Phone)
	}
	if r.PatientID != nil && may.find && r.Patient != "" {
		v.Chart = patientPath(may.home, *r.PatientID, may.open)
	}
	if r.Status == booking.StatusArrived && r.ArrivedAt != nil {
		v.Waits = "since " + civil.Clock(r.ArrivedAt.In(civil.ZoneOrUTC(r.Zone)))
	}
	if may.mark && len(booking.NextStatuses(r.Status)) > 0 {
		v.Marks, v.Action = marks(r, may.now), may.home+"/appointments/"+v.ID+"/status"
	}
	if may.cancel && r.Status == booking.StatusBooked && r.StartsAt.After(may.now) {
		v.Cancel = cancelPath(may.home, r.ID)
	}
	return v
}

func clockOf(r tenantdb.DayAppointmentsRow) string {
	return civil.Clock(r.StartsAt.In(civil.ZoneOrUTC(r.Zone)))
}

// nameOf is whose visit it is.
func nameOf(r tenantdb.DayAppointmentsRow) string { return visitor(r.Patient) }

// visitor is whose visit it is, by the name that is on file, if one still is.
func visitor(name string) string { return cmp.Or(name, "Somebody who ended their consent") }

func visit(r tenantdb.DayAppointmentsRow) view.Visit {
	v := view.Visit{ID: r.ID.String(), Time: clockOf(r), Patient: nameOf(r), Ref: r.Ref, Service: r.Service,
		Practitioner: r.Practitioner, Location: r.Location, Was: r.Status}
	state := web.Named(states, r.Status, unclear)
	v.State, v.Tone = state.text, state.tone
	if r.IsNew != nil && *r.IsNew {
		v.Small = "First visit"
	}
	return v
}

// dayWords are the finding on top: "14 visits on Tuesday 24 November", "3 are here, 5 are done."
func dayWords(sum tenantdb.DayCountsRow, date, now civil.Date) (heading, line string) {
	when := "on " + date.Dated()
	if date == now {
		when = "today, " + date.Long()
	}
	if visits(sum) == 0 {
		return "No visits " + when, lineOf(sum)
	}
	return count(visits(sum), "visit", "visits") + " " + when, lineOf(sum)
}

// lineOf says how the day's visits stand.
func lineOf(s tenantdb.DayCountsRow) string {
	var parts []string
	for _, one := range counted(s) {
		if one.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.n, strings.ToLower(one.words)))
		}
	}
	if len(parts) == 0 {
		return "Nothing is booked on this day."
	}
	return strings.Join(parts, ", ") + "."
}
