package patient

import (
	"net/url"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// listed is one listing of one organization, as its pages need it.
type listed struct {
	tenant   tenancy.Tenant
	offering booking.Offering
	listing  *search.Listing
}

// find opens the listing of the organization in the address. Another organization's listing is not found.
func (h *Handlers) find(c echo.Context, listing string) (listed, error) {
	tenant, err := web.FindOrganization(c)
	if err != nil {
		return listed{}, err
	}
	id, err := uuid.Parse(listing)
	if err != nil {
		return listed{}, web.ErrNotFound
	}
	offer, l, ok := h.Market.Offering(id)
	if !ok || l.Tenant != tenant.ID {
		return listed{}, web.ErrNotFound
	}
	return listed{tenant, offer, l}, nil
}

// listed is a listing of this organization by its id, if it is still on the market.
func (h *Handlers) listed(t tenancy.Tenant, id uuid.UUID) (listed, bool) {
	offer, l, ok := h.Market.Offering(id)
	return listed{t, offer, l}, ok
}

// ShowTimes is a month and a week of one listing's free times; taking one holds it.
func (h *Handlers) ShowTimes(c echo.Context) error {
	o, err := h.find(c, c.Param("listing"))
	if err != nil {
		return err
	}
	page, err := h.holdingPage(c, o)
	if err != nil {
		return err
	}
	if page.Lost, err = h.lostBefore(c, o); err != nil {
		return err
	}
	if err := offerHolder(c); err != nil {
		return err
	}
	return web.Render(c, 200, patient.ChooseTime(page), patient.Times)
}

// holdingPage is the calendar on which a time is taken.
func (h *Handlers) holdingPage(c echo.Context, o listed) (patient.TimesPage, error) {
	page, err := h.timesPage(c, o, timesPath(o.tenant.Slug, o.listing.ID))
	page.Heading = "When would you like to come?"
	page.Back = ui.Way{Text: o.tenant.Name, Href: "/places/" + o.tenant.Slug}
	page.Week.Action, page.Week.Hidden = holdsPath(o.tenant.Slug), hiddenListing(o.listing.ID)
	return page, err
}

// hiddenListing names the listing whose time is taken.
func hiddenListing(id uuid.UUID) []ui.Hidden {
	return []ui.Hidden{{Name: "listing", Value: id.String()}}
}

// timesPage reads one span of the calendar that covers the month and the week asked for; own times are shown among the
// free ones.
func (h *Handlers) timesPage(c echo.Context, o listed, self string, own ...ui.Slot) (patient.TimesPage, error) {
	web.NoStore(c) // times go, and one's own must be one's own after "back"
	now := web.Now(c)
	v := calendarView{offering: o.offering, self: self, today: civil.Today(o.offering.Schedule.Location(), now),
		organization: o.listing.OrgName, times: h.timesOf(c, o.listing), mine: append(h.mine(c, o), own...)}
	v.choose(c.QueryParam("month"), c.QueryParam("week"), h.firstFree(c, o))
	from, to := v.span()
	days, err := booking.FreeDays(c.Request().Context(), h.Market.Busy(), o.offering, from, to, now)
	if err != nil {
		return patient.TimesPage{}, err
	}
	v.days = days
	page := patient.TimesPage{Page: web.Page(c, "Choose a time"), Lead: lead(o.listing), Home: h.home(c, o),
		Month:  v.monthPart(),
		Week:   v.weekPart(),
		Zone:   "Times are those of " + o.listing.City + " (" + civil.ZoneName(now.In(o.offering.Schedule.Location())) + ").",
		Policy: cancelPolicy(o.offering.Schedule, o.tenant)}
	page.Here = layout.FindCare
	page.Empty = v.nothing(h.firstFree(c, o))
	return page, nil
}

// firstFree is the day of the listing's next free time, or today if it has none.
func (h *Handlers) firstFree(c echo.Context, o listed) civil.Date {
	if next := h.Market.Next(o.listing.ID); next != 0 {
		return civil.DateOf(o.offering.Schedule.Local(next))
	}
	return civil.Today(o.offering.Schedule.Location(), web.Now(c))
}

func lead(l *search.Listing) string {
	text := l.Service
	if l.Practitioner != "" {
		text += " with " + l.Practitioner
	}
	at := whereOf(l)
	if at.Mode.Travels() {
		return text + ", " + at.Line()
	}
	return text + ", " + patient.Lower(at.Line())
}

// cancelPolicy is what holds for all of a listing's times. Where some are so near that they cannot be canceled here,
// it says whom to call.
func cancelPolicy(p *booking.Schedule, at tenancy.Tenant) string {
	if p.CancelCutoffMinutes == 0 {
		return "You can cancel free of charge until it begins."
	}
	line := "You can cancel free of charge until " + patient.Notice(p.CancelCutoffMinutes) + " before."
	if p.LeadMinutes >= p.CancelCutoffMinutes || at.Phone == "" {
		return line
	}
	return line + " To cancel a visit that is nearer, call " + at.Name + ": " + ui.Unbroken(at.Phone) + "."
}

// calendarView lays days out as a month and a week (Monday first).
type calendarView struct {
	offering     booking.Offering
	self         string // address of the page; month and week are added
	organization string
	times        civil.TimeFormat
	today        civil.Date
	month        civil.Date // first of the month shown
	week         civil.Date // Monday of the week shown
	days         []booking.Day
	mine         []ui.Slot // holds of this visitor, with their starts as values
}

// choose reads the month and week asked for; what cannot be read, or is past, is the first that has something.
func (v *calendarView) choose(month, week string, first civil.Date) {
	v.week = first.Monday()
	if d, err := civil.ParseDate(week); err == nil && !d.Monday().Before(v.today.Monday()) {
		v.week = d.Monday()
	}
	v.month = v.week.AddDays(3).FirstOfMonth() // the month that most of the week lies in
	if v.month.Before(v.today.FirstOfMonth()) {
		v.month = v.today.FirstOfMonth()
	}
	if d, err := civil.ParseDate(month + "-01"); err == nil && !d.Before(v.today.FirstOfMonth()) {
		v.month = d
		if week == "" && first.FirstOfMonth() != d {
			v.week = d.Monday()
		}
	}
	if limit := v.today.AddDays(int(v.offering.Schedule.HorizonDays) + 31); v.month.After(limit) {
		v.month, v.week = v.today.FirstOfMonth(), first.Monday()
	}
}

func (v *calendarView) span() (from, to civil.Date) {
	from, to = v.week, v.week.AddDays(6)
	if v.month.Before(from) {
		from = v.month
	}
	if end := v.month.NextMonth().AddDays(-1); end.After(to) {
		to = end
	}
	return from, to
}

func (v *calendarView) day(d civil.Date) booking.Day {
	if i := d.Sub(v.days[0].Date); i >= 0 && i < len(v.days) {
		return v.days[i]
	}
	return booking.Day{Date: d, State: booking.NotYetOpen}
}

func (v *calendarView) link(month, week civil.Date) string {
	q := url.Values{}
	if !month.IsZero() {
		q.Set("month", month.String()[:7])
	}
	if !week.IsZero() {
		q.Set("week", week.String())
	}
	return v.self + "?" + q.Encode()
}
