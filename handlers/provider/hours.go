package provider

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/offering"
	"kindward/internal/search"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// NewHours asks when patients can book.
func (h *Handlers) NewHours(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	b, err := h.bookable(c)
	if err != nil {
		return err
	}
	return h.showHours(c, http.StatusOK, f, b)
}

func (h *Handlers) showHours(c echo.Context, status int, f *web.Form, b bookable) error {
	page, work, err := h.frame(c, "Add hours", "/listings", f.Problems)
	if err != nil {
		return err
	}
	p := view.HoursPage{Page: page, Work: work, Problems: f.Problems, Form: formNumber(f), Action: work.Home + "/hours",
		Practitioner: f.Raw("practitioner"), Location: f.Raw("location"), From: f.Raw("from"), To: f.Raw("to"),
		Practitioners: teamOption(web.Organization(c).Kind)}
	if f.Raw("form") == "" {
		p.From, p.To = "540", "1020"
	}
	for _, one := range b.practitioners {
		p.Practitioners = append(p.Practitioners, ui.Option{Value: one.ID.String(), Text: one.Name})
	}
	for _, one := range b.locations {
		p.Locations = append(p.Locations, ui.Option{Value: one.ID.String(), Text: one.Name + ", " + one.Street})
	}
	chosen := f.Values("service", "day")
	for _, one := range b.services {
		p.Services = append(p.Services, ui.Choice{Value: one.ID.String(), Label: one.Name, Small: serviceLine(one),
			Checked: slices.Contains(chosen["service"], one.ID.String())})
	}
	for n := range 7 {
		day := strconv.Itoa((n + 1) % 7)
		p.Days = append(p.Days, ui.Choice{Value: day, Label: time.Weekday((n + 1) % 7).String(),
			Checked: slices.Contains(chosen["day"], day) || f.Raw("form") == "" && n < 5})
	}
	p.Minutes = halfHours()
	return web.Render(c, status, view.NewHours(p), view.HoursForm)
}

// teamOption is that nobody is named: a clinic's visits are with somebody.
func teamOption(kind string) []ui.Option {
	if kind == "clinic" {
		return []ui.Option{{Text: "Choose"}}
	}
	return []ui.Option{{Value: "", Text: "The team, one visit at a time"}}
}

// halfHours are the minutes of a day at which hours begin and end.
func halfHours() (all []ui.Option) {
	for minute := int16(0); minute <= 24*60; minute += 30 {
		all = append(all, ui.Option{Value: strconv.Itoa(int(minute)), Text: civil.Minute(minute)})
	}
	return all
}

// CreateHours adds hours in which patients can book services, and publishes them.
func (h *Handlers) CreateHours(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	b, err := h.bookable(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	hours := readHours(f, b, organization.Kind)
	if !f.OK() {
		return h.showHours(c, http.StatusUnprocessableEntity, f, b)
	}
	err = h.Gateway.Within(c.Request().Context(), web.Scope(c, organization), func(q *tenantdb.Queries) error {
		return offering.AddHours(c.Request().Context(), q, organization, hours, web.Now(c))
	})
	return h.added(c, "What you offer in these hours", err)
}

// readHours reads what is offered when. Only what the organization has counts.
func readHours(f *web.Form, b bookable, kind string) (hours offering.Hours) {
	for _, one := range b.locations {
		if one.ID.String() == f.Raw("location") {
			hours.Location = one.ID
		}
	}
	if hours.Location == uuid.Nil {
		f.Wrong("location", "Choose where")
	}
	for _, one := range b.practitioners {
		if one.ID.String() == f.Raw("practitioner") {
			hours.Practitioner = &one.ID
		}
	}
	if hours.Practitioner == nil && (kind == "clinic" || f.Raw("practitioner") != "") {
		f.Wrong("practitioner", "Choose who gives the services")
	}
	chosen := f.Values("service", "day")
	for _, one := range b.services {
		if slices.Contains(chosen["service"], one.ID.String()) {
			hours.Services = append(hours.Services, one.ID)
		}
	}
	if len(hours.Services) == 0 {
		f.Wrong("service", "Choose at least one service")
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if slices.Contains(chosen["day"], strconv.Itoa(int(day))) {
			hours.Weekdays = append(hours.Weekdays, day)
		}
	}
	if len(hours.Weekdays) == 0 {
		f.Wrong("day", "Choose at least one day")
	}
	hours.From, hours.To = minute(f, "from", "Choose when the hours begin"), minute(f, "to", "Choose when they end")
	if f.OK() && hours.To <= hours.From {
		f.Wrong("to", "The hours end before they begin. Choose a later end; hours over midnight are two")
	}
	return hours
}

func minute(f *web.Form, name, missing string) int16 {
	n, err := strconv.ParseInt(f.Raw(name), 10, 16)
	if err != nil || n < 0 || n > 24*60 || n%30 != 0 {
		f.Wrong(name, missing)
	}
	return int16(n)
}

// RemoveHours takes all hours of a schedule away. Visits that are booked stay.
func (h *Handlers) RemoveHours(c echo.Context) error {
	id, err := web.ID(c, "schedule")
	if err != nil {
		return err
	}
	organization, ctx := web.Organization(c), c.Request().Context()
	err = h.Gateway.Within(ctx, web.Scope(c, organization), func(q *tenantdb.Queries) error {
		n, err := q.DropScheduleRules(ctx, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return web.ErrNotFound
		}
		if err := q.ChangeSchedule(ctx, id); err != nil {
			return err
		}
		if err := q.AuditClosed(ctx, &id); err != nil {
			return err
		}
		return search.Publish(ctx, q, organization, web.Now(c))
	})
	if err != nil {
		return err
	}
	h.notify()
	web.Flash(c, ui.Notice{Text: "These hours can be booked no more. Visits that are booked stay.", Done: true})
	return web.Redirect(c, home(organization)+"/listings")
}
