package provider

import (
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

const (
	daysOffered = 7  // on one page
	mostTimes   = 8  // of a line, before it says how many more there are
	mostOffered = 40 // lines of a day
)

// whom is somebody on file for whom a visit is to be booked.
type whom struct {
	tenantdb.PatientContactRow
	shares bool // they have agreed before
	next   []tenantdb.NextVisitsRow
}

// whom reads the person that the address names, and keeps that they were looked at.
func (h *Handlers) whom(c echo.Context) (who whom, err error) {
	id, err := web.ID(c, "patient")
	if err != nil {
		return who, err
	}
	ctx := c.Request().Context()
	err = h.Gateway.Within(ctx, web.Scope(c, web.Organization(c)), func(q *tenantdb.Queries) (err error) {
		if who.PatientContactRow, err = web.Found(q.PatientContact(ctx, id)); err != nil {
			return err
		}
		if who.shares, err = q.SharesDetails(ctx, id); err != nil {
			return err
		}
		if who.next, err = q.NextVisits(ctx, &id, web.Now(c)); err != nil {
			return err
		}
		return q.AuditPatientContact(ctx, tenantdb.AuditPatientContactParams{Patient: who.AccountID, Purpose: purpose(c),
			Chart: id})
	})
	return who, err
}

// NewVisit shows the times at which somebody on file can come, or asks what else is needed for the one that was chosen.
// It holds none: a caller is answered in a minute, and whoever was faster is said.
func (h *Handlers) NewVisit(c echo.Context) error {
	who, err := h.whom(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := readVisitQuestion(f)
	if err != nil {
		return err
	}
	if q.Offering == uuid.Nil || q.Start == 0 {
		return h.showTimes(c, http.StatusOK, who, q, nil)
	}
	at, live := h.offeredHere(web.Organization(c), q.Offering)
	if !live {
		return h.showTimes(c, http.StatusConflict, who, q.on(q.Day, false),
			ui.Problems{{Message: "That cannot be booked here any more. Choose again"}})
	}
	free, err := h.isFree(c, at, q.Start)
	if err != nil {
		return err
	}
	if !free {
		q.Service = at.listing.ServiceID
		return h.showTimes(c, http.StatusConflict, who, q.on(civil.DateOf(at.Schedule.Local(q.Start)), false),
			ui.Problems{{Message: at.clock(q.Start) + " is not free any more. Choose another time"}})
	}
	return h.showVisitForm(c, http.StatusOK,
		visitForm{who: who, at: at, start: time.Unix(q.Start, 0), Key: uuid.NewString()})
}

// showTimes is the page of free times.
func (h *Handlers) showTimes(c echo.Context, status int, who whom, q visitQuestion, problems ui.Problems) (err error) {
	organization := web.Organization(c)
	all := h.offeredAll(organization)
	p := view.NewVisitPage{Problems: problems, Name: who.Name, Self: newVisitPath(organization, who.ID),
		Back: ui.Way{Text: who.Name, Href: patientPath(home(organization), who.ID, false)}}
	p.Services, p.With, p.Locations = visitChoices(all, q)
	if len(p.Services) == 2 && q.Service == uuid.Nil { // "Choose" is one of them
		q.Service = all[0].listing.ServiceID
	}
	chosen := q.choose(all)
	switch {
	case len(all) == 0:
		p.Line = "Nothing can be booked here yet. What patients can book is said under Listings."
	case q.Start != 0:
		err = h.atThatTime(c, &p, q, chosen)
	case q.Service == uuid.Nil:
		p.Line = "Choose what the visit is for."
	default:
		p.Days, p.Earlier, p.Later, err = h.visitDays(c, p.Self, q, chosen)
	}
	if err != nil {
		return err
	}
	if p.Page, p.Work, err = h.frame(c, "Book a visit", "/patients", problems); err != nil {
		return err
	}
	return web.Render(c, status, view.NewVisit(p), view.VisitTimes)
}

// visitDays lists the free times of some days, each with whom and where it is, with the ways to other days.
func (h *Handlers) visitDays(c echo.Context, self string, q visitQuestion, chosen []offered) (all []view.VisitDay,
	earlier, later *ui.Way, err error) {
	now := today(c, web.Organization(c))
	if q.Day.IsZero() || q.Day.Before(now) {
		q.Day = h.firstFree(chosen, now)
	}
	last := q.Day.AddDays(daysOffered - 1)
	if q.Whole {
		last = q.Day
	}
	days, err := h.freeDays(c.Request().Context(), chosen, q.Day, last, web.Now(c))
	if err != nil {
		return nil, nil, nil, err
	}
	for n := range last.Sub(q.Day) + 1 {
		day := view.VisitDay{Date: q.Day.AddDays(n).Dated()}
		for i, o := range chosen {
			if line, ok := lineOfTimes(self, q, o, days[i][n].Times); ok && len(day.Lines) < mostOffered {
				day.Lines = append(day.Lines, line)
			}
		}
		all = append(all, day)
	}
	way := func(text string, days int) *ui.Way {
		return &ui.Way{Text: text, Href: self + "?" + q.on(q.Day.AddDays(days), false).values().Encode()}
	}
	if q.Day.After(now) {
		earlier = way("Earlier", -daysOffered)
	}
	return all, earlier, way("Later", daysOffered), nil
}

// lineOfTimes are the first times of an offering on a day, with the way to the others. false: it has none.
func lineOfTimes(self string, q visitQuestion, o offered, times []int64) (line view.VisitLine, any bool) {
	shown := times
	if !q.Whole {
		shown = times[:min(mostTimes, len(times))]
	}
	line.Text = o.withWhom()
	line.Times = ui.Times{Action: self, Ask: true, Hidden: []ui.Hidden{{Name: "offering", Value: o.ID.String()},
		{Name: bookField, Value: "on"}}}
	for _, s := range shown {
		line.Times.Slots = append(line.Times.Slots, slotAt(o, s))
	}
	if more := len(times) - len(shown); more > 0 {
		day := civil.DateOf(o.Schedule.Local(times[0]))
		line.More = &ui.Way{Text: count(int64(more), "more time", "more times"),
			Href: self + "?" + q.on(day, true).values().Encode()}
	}
	return line, len(times) > 0
}

func slotAt(o offered, start int64) ui.Slot {
	local := o.Schedule.Local(start)
	return ui.Slot{Value: instant(start), Text: civil.Clock(local),
		Label: civil.Dated(local) + ", " + o.words()}
}

// atThatTime asks what for, where a time was chosen on the calendar: what can begin just then.
func (h *Handlers) atThatTime(c echo.Context, p *view.NewVisitPage, q visitQuestion, chosen []offered) error {
	for _, o := range chosen {
		free, err := h.isFree(c, o, q.Start)
		if err != nil {
			return err
		}
		if !free {
			continue
		}
		p.When = civil.Dated(o.Schedule.Local(q.Start))
		only := visitQuestion{Offering: o.ID, Start: q.Start}
		p.Kinds = append(p.Kinds, ui.Way{Text: o.words() + ", " + count(int64(o.Schedule.VisitMinutes), "minute", "minutes"),
			Href: p.Self + "?" + only.values().Encode()})
	}
	if len(p.Kinds) == 0 {
		p.Line = "Nothing can begin at that time any more. Choose what the visit is for."
	}
	return nil
}

// visitChoices are what the times can be narrowed by, of what can be booked here.
func visitChoices(all []offered, q visitQuestion) (services, with, locations view.DayChoice) {
	services, with = view.DayChoice{{Text: "Choose"}}, view.DayChoice{{Text: "Anybody"}}
	locations = view.DayChoice{{Text: "Everywhere"}}
	seen := map[uuid.UUID]bool{uuid.Nil: true}
	add := func(to *view.DayChoice, id uuid.UUID, text string, chosen uuid.UUID) {
		if !seen[id] {
			seen[id] = true
			*to = append(*to, view.DayOption{Value: id.String(), Text: text, Chosen: chosen == id})
		}
	}
	for _, o := range all {
		add(&services, o.listing.ServiceID, o.listing.Service, q.Service)
		add(&with, o.listing.PractitionerID, o.listing.Practitioner, q.With)
		add(&locations, o.listing.LocationID, o.listing.LocationName, q.Location)
	}
	return services, with, locations
}

// newVisitPath is where a visit is booked for somebody on file.
func newVisitPath(organization tenancy.Tenant, patient uuid.UUID) string {
	return home(organization) + "/patients/" + patient.String() + "/visits/new"
}
