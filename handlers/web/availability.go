package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/availability"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/views/ui"
)

// Explained is the listing and the day that a page of availability explains; none if nobody offers it.
type Explained struct {
	Listing  *search.Listing
	Offering booking.Offering
	Day      civil.Date
	Times    []availability.Time
}

// Availability reads which listing of an organization and which day somebody asks about, and explains it as patients
// see it now.
func Availability(c echo.Context, m *search.Market, t tenancy.Tenant, action string) (p ui.Availability, e Explained,
	err error) {
	f, err := ReadForm(c)
	if err != nil {
		return p, e, err
	}
	listings := m.OfTenant(t.ID)
	if len(listings) == 0 {
		p.Empty = "Patients can book nothing here: no listing is published."
		return p, e, nil
	}
	p = chooseListing(f, listings)
	p.Action = action
	today := civil.Today(civil.ZoneOrUTC(t.Zone), Now(c))
	if e.Day, err = civil.ParseDate(cmp.Or(f.Raw("day"), today.String())); err != nil || e.Day.Year < 2000 ||
		e.Day.Year > 2200 {
		f.Wrong("day", "Enter a day, like "+today.String())
	}
	minute, ok := civil.ParseMinute(f.Raw("at"))
	if p.At = f.Raw("at"); p.At != "" && !ok {
		f.Wrong("at", "Enter a time of the day, like 9:30 am")
	}
	p.Date = cmp.Or(f.Raw("day"), today.String())
	if p.Problems = f.Problems; !f.OK() {
		return p, e, nil
	}
	id := listingOf(p, listings)
	o, listing, offered := m.Offering(id)
	if !offered {
		p.Verdict = "Patients cannot book this: nobody offers it so. Choose another service, person or location."
		return p, e, nil
	}
	e.Listing, e.Offering = listing, o
	return explain(c, m, p, e, minute)
}

func explain(c echo.Context, m *search.Market, p ui.Availability, e Explained, minute int16) (ui.Availability,
	Explained, error) {
	now, s := Now(c), e.Offering.Schedule
	taken, err := m.Busy().Calendar(c.Request().Context(), []booking.Offering{e.Offering}, e.Day.AddDays(-1),
		e.Day.AddDays(1), now)
	if err != nil {
		return p, e, err
	}
	pool := taken.Pool(e.Offering)
	answer := availability.Explain(s, pool, e.Day, now)
	p.Verdict, e.Times = e.Day.Dated()+": "+answer.Verdict, answer.Times
	for _, t := range answer.Times {
		p.Times = append(p.Times, ui.AvailableTime{Clock: t.Clock, Free: t.Free, Why: t.Why})
	}
	if p.At != "" {
		p.AtVerdict = civil.Minute(minute) + ": " + availability.At(s, pool, e.Day, minute, now)
	}
	p.Rules = DecidingRules(availability.Rules(s, e.Day, nil))
	p.Zone = "Times are those of " + s.Location().String() + ", as of " + civil.Dated(now.In(s.Location())) + "."
	p.Earlier = ui.Way{Text: "The day before", Href: sameListing(p, e.Day.AddDays(-1))}
	p.Later = ui.Way{Text: "The day after", Href: sameListing(p, e.Day.AddDays(1))}
	return p, e, nil
}

// StatusOf is that of a page with problems, or without.
func StatusOf(problems ui.Problems) int {
	if len(problems) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// sameListing is the address of another day of what is explained.
func sameListing(p ui.Availability, day civil.Date) string {
	return p.Action + "?" + url.Values{"service": {p.Service}, "with": {p.With}, "location": {p.Where},
		"day": {day.String()}}.Encode()
}

// chooseListing are the services, people and locations of listings to choose from, and which of them are chosen: those
// of the first listing if none is asked for.
func chooseListing(f *Form, listings []*search.Listing) (p ui.Availability) {
	services, withs, wheres := map[string]string{}, map[string]string{}, map[string]string{}
	for _, l := range listings {
		services[l.ServiceID.String()] = l.Service
		withs[l.PractitionerID.String()] = cmp.Or(l.Practitioner, "The team")
		wheres[l.LocationID.String()] = l.LocationName + ", " + l.Street
	}
	p.Services, p.Withs, p.Wheres = byText(services), byText(withs), byText(wheres)
	first := listings[0]
	p.Service = cmp.Or(f.Raw("service"), first.ServiceID.String())
	p.With = cmp.Or(f.Raw("with"), first.PractitionerID.String())
	p.Where = cmp.Or(f.Raw("location"), first.LocationID.String())
	return p
}

func byText(names map[string]string) (all []ui.Option) {
	for value, text := range names {
		all = append(all, ui.Option{Value: value, Text: text})
	}
	slices.SortFunc(all, func(a, b ui.Option) int {
		return cmp.Or(strings.Compare(a.Text, b.Text), strings.Compare(a.Value, b.Value))
	})
	return all
}

// listingOf is the id of the listing that was chosen; nil: nobody offers it so.
func listingOf(p ui.Availability, listings []*search.Listing) uuid.UUID {
	for _, l := range listings {
		if l.ServiceID.String() == p.Service && l.PractitionerID.String() == p.With && l.LocationID.String() == p.Where {
			return l.ID
		}
	}
	return uuid.Nil
}

// DecidingRules are rules as a page shows them.
func DecidingRules(all []availability.Rule) (out []ui.DecidingRule) {
	for _, r := range all {
		out = append(out, ui.DecidingRule{Name: r.Name, Value: r.Value, From: r.From})
	}
	return out
}
