package provider

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/money"
	"kindward/internal/offering"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// bookable is what an organization has of what patients need to book.
type bookable struct {
	locations     []tenantdb.LocationsRow
	practitioners []tenantdb.PractitionersRow
	services      []tenantdb.ServicesRow
	schedules     []tenantdb.SchedulesRow
	rules         []tenantdb.ScheduleRulesRow
	risks         []tenantdb.VisitsAtRiskRow
}

func (h *Handlers) bookable(c echo.Context) (b bookable, err error) {
	q, ctx := h.Gateway.Once(web.Scope(c, web.Organization(c))), c.Request().Context()
	if b.locations, err = q.Locations(ctx); err != nil {
		return b, err
	}
	if b.practitioners, err = q.Practitioners(ctx); err != nil {
		return b, err
	}
	if b.services, err = q.Services(ctx); err != nil {
		return b, err
	}
	if b.schedules, err = q.Schedules(ctx); err != nil {
		return b, err
	}
	if b.rules, err = q.ScheduleRules(ctx); err != nil {
		return b, err
	}
	b.risks, err = q.VisitsAtRisk(ctx)
	return b, err
}

// open are the schedules that have hours.
func (b bookable) open() (open []tenantdb.SchedulesRow) {
	for _, s := range b.schedules {
		if slices.ContainsFunc(b.rules, func(r tenantdb.ScheduleRulesRow) bool { return r.ScheduleID == s.ID }) {
			open = append(open, s)
		}
	}
	return open
}

func (b bookable) parts(kind string) []offering.Standing {
	return offering.Parts(kind, offering.Counts{Locations: len(b.locations), Practitioners: len(b.practitioners),
		Services: len(b.services), Hours: len(b.open())})
}

// ShowListings says what is left until patients can book, and what they can book.
func (h *Handlers) ShowListings(c echo.Context) error {
	b, err := h.bookable(c)
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, "What patients can book", "/listings", nil)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	p := view.ListingsPage{Page: page, Work: work, Public: "/places/" + organization.Slug, Heading: "Patients can book"}
	parts := b.parts(organization.Kind)
	if offering.LeftOf(parts) > 0 {
		p.Heading = "What is left until patients can book"
	}
	for _, s := range parts {
		p.Parts = append(p.Parts, partOf(c, s, work.Home, b))
	}
	asked, err := h.changes(c)
	if err != nil {
		return err
	}
	for _, r := range asked {
		p.Changes = append(p.Changes, changed(c, r))
	}
	p.Risks, p.AtRisk = risks(b.risks, work.Home, web.Now(c)), count(int64(len(b.risks)), "visit", "visits")
	return web.Render(c, http.StatusOK, view.Listings(p), "")
}

// partWords are what each part is called: the heading, one of it, several, and what adds one.
var partWords = map[offering.Part][4]string{
	offering.LocationPart:     {"Locations", "location", "locations", "Add a location"},
	offering.PractitionerPart: {"Practitioners", "practitioner", "practitioners", "Add a practitioner"},
	offering.ServicePart:      {"Services", "service", "services", "Add a service"},
	offering.HoursPart:        {"Hours", "schedule", "schedules", "Add hours"},
}

func partOf(c echo.Context, s offering.Standing, home string, b bookable) view.Part {
	organization := web.Organization(c)
	words := partWords[s.Part]
	p := view.Part{Name: words[0], Add: home + "/" + string(s.Part) + "/new", AddText: words[3], Left: s.Left(),
		State: count(int64(s.Has), words[1], words[2])}
	switch {
	case s.Left():
		p.State = "Left to do"
	case s.Has == 0:
		p.State = "None, and none is needed"
	}
	switch s.Part {
	case offering.LocationPart:
		for _, l := range b.locations {
			what, until := offering.First(l.ValidUntil, l.InsuredUntil)
			license := offering.ValidityOf(l.Name, what, until, today(c, organization))
			p.Rows = append(p.Rows, view.PartRow{Name: l.Name, Small: l.Street + ", " + l.City + ", " + l.State + " " + l.ZIP,
				Edit: home + "/locations/" + l.ID.String(), License: license.Text, EndsSoon: license.Soon})
		}
	case offering.PractitionerPart:
		for _, one := range b.practitioners {
			license := offering.ValidityOf(one.Name, "license", one.ValidUntil, today(c, organization))
			p.Rows = append(p.Rows, view.PartRow{Name: one.Name, Small: one.Specialty,
				Edit: home + "/practitioners/" + one.ID.String(), License: license.Text, EndsSoon: license.Soon})
		}
	case offering.ServicePart:
		for _, one := range b.services {
			p.Rows = append(p.Rows, view.PartRow{Name: one.Name, Small: serviceLine(one),
				Edit: home + "/services/" + one.ID.String()})
		}
	case offering.HoursPart:
		if s.Left() && (len(b.locations) == 0 || len(b.services) == 0 ||
			organization.Kind == "clinic" && len(b.practitioners) == 0) {
			p.Add, p.State = "", "Left to do, when all above is there"
		}
		for _, one := range b.open() {
			p.Rows = append(p.Rows, hoursRow(one, b.rules, home))
		}
	}
	return p
}

// serviceLine is how long a service takes, where, and what it costs.
func serviceLine(s tenantdb.ServicesRow) string {
	line := civil.Duration(time.Duration(s.Minutes)*time.Minute) + ", " + modeWords[venue.Mode(s.VisitMode)]
	if s.PriceCents != nil {
		line += ", " + money.Of(*s.PriceCents, money.Currency(s.Currency)).String()
	}
	return line
}

// hoursRow is a schedule with its week.
func hoursRow(s tenantdb.SchedulesRow, rules []tenantdb.ScheduleRulesRow, home string) view.PartRow {
	who := s.Practitioner
	if who == "" {
		who = "The team"
	}
	row := view.PartRow{Name: who + " at " + s.Location, Small: strings.Join(s.Services, ", "),
		Remove: home + "/hours/" + s.ID.String() + "/removal"}
	rules = slices.DeleteFunc(slices.Clone(rules), func(r tenantdb.ScheduleRulesRow) bool { return r.ScheduleID != s.ID })
	row.Lines = offering.Week(rules)
	return row
}

// added answers that something is there now, or that the same form had added it before.
func (h *Handlers) added(c echo.Context, what string, err error) error {
	if errors.Is(err, offering.ErrMany) {
		web.Flash(c, ui.Notice{Warn: true, Text: what + " was not added: you have as many as an organization may have. " +
			"Write to us if you need more."})
		return web.Redirect(c, home(web.Organization(c))+"/listings")
	}
	if err != nil && !errors.Is(err, offering.ErrAdded) {
		return err
	}
	h.notify()
	web.Flash(c, ui.Notice{Text: fmt.Sprintf("%s is there now.", what), Done: true})
	return web.Redirect(c, home(web.Organization(c))+"/listings")
}

// addedID is the id of what a form adds. The same form adds the same once, and with other words it adds something else.
// It follows from the organization too: nobody adds what has the id of something of another's.
func addedID(organization tenancy.Tenant, f *web.Form, words ...any) uuid.UUID {
	return uuid.NewSHA1(organization.ID, fmt.Appendf(nil, "%s %#v", formNumber(f), words))
}
