package provider

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/role"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ListOrganizations shows where somebody works. Whoever works at one goes straight there.
func (h *Handlers) ListOrganizations(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	all, err := h.Gateway.Identity(web.PublicScope(c)).Workplaces(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return web.Redirect(c, "/organizations/"+all[0].Slug)
	}
	p := view.WorkplacesPage{Page: web.Page(c, "Where you work"),
		Heading: fmt.Sprintf("You work at %d organizations", len(all))}
	if p.All, err = workplaces(all, lastWorkplace(c)); err != nil {
		return err
	}
	if len(all) == 0 {
		p.Heading = "You work at no organization on Kindward"
	}
	return web.Render(c, http.StatusOK, view.Workplaces(p), "")
}

// workplaces puts the last one first.
func workplaces(all []shareddb.WorkplacesRow, last string) (out []view.Workplace, err error) {
	for _, w := range all {
		title, err := role.Title(w.Role)
		if err != nil {
			return nil, err
		}
		one := view.Workplace{Name: w.Name, Role: title, Switch: "/organizations/" + w.Slug + "/switch",
			Last: w.Slug == last}
		if one.Last {
			out = append([]view.Workplace{one}, out...)
			continue
		}
		out = append(out, one)
	}
	return out, nil
}

// SwitchOrganization goes on at another organization.
func (h *Handlers) SwitchOrganization(c echo.Context) error {
	organization := web.Organization(c)
	if err := EnterWorkplace(c, organization.Slug); err != nil {
		return err
	}
	return web.Redirect(c, home(organization))
}

// shown is how many visits the first page shows.
const shown = 5

// ShowOrganization says in one sentence what today looks like, and what comes next.
func (h *Handlers) ShowOrganization(c echo.Context) error {
	organization, ctx, now := web.Organization(c), c.Request().Context(), web.Now(c)
	date := today(c, organization)
	page, work, err := h.frame(c, organization.Name, "", nil)
	if err != nil {
		return err
	}
	p := view.HomePage{Page: page, Work: work, Heading: organization.Name}
	if p.Line, err = line(c); err != nil {
		return err
	}
	if web.May(c, policy.ReadAppointments) {
		q := h.Gateway.Once(web.Scope(c, organization))
		sum, err := q.DayCounts(ctx, tenantdb.DayCountsParams{Now: now, Day: date.Start(time.UTC)})
		if err != nil {
			return err
		}
		rows, err := q.DayAppointments(ctx, tenantdb.DayAppointmentsParams{Day: date.Start(time.UTC), Since: now, Most: shown,
			Purpose: purpose(c)})
		if err != nil {
			return err
		}
		p.Heading, p.Day = sentence(sum, civil.ZoneOrUTC(organization.Zone)), home(organization)+"/appointments"
		for _, r := range rows {
			p.Coming = append(p.Coming, visit(r))
		}
		p.More = max(0, int(visits(sum))-len(rows))
		if p.Missing, err = h.missing(c, len(rows)); err != nil {
			return err
		}
	}
	if p.Missing != "" && web.May(c, policy.ChangeListings) {
		p.Listing = home(organization) + "/listings"
	}
	for _, t := range tabs[1:] {
		if web.May(c, t.action) {
			p.Ways = append(p.Ways, ui.Way{Text: t.way, Href: home(organization) + t.at})
		}
	}
	if err := h.contractStanding(c, &p); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Home(p), "")
}

// missing says why patients do not find an organization, where nobody is expected and nothing is listed.
func (h *Handlers) missing(c echo.Context, coming int) (string, error) {
	if coming > 0 {
		return "", nil
	}
	listed, err := h.Gateway.Shared(web.Scope(c, web.Organization(c))).HasListings(c.Request().Context())
	if err != nil || listed {
		return "", err
	}
	return "Patients do not find you yet: none of your services is listed, with who gives it and when.", nil
}

// sentence is what today looks like: "14 visits today. The next is at 9:20 am."
func sentence(s tenantdb.DayCountsRow, zone *time.Location) string {
	line := count(visits(s), "visit", "visits") + " today"
	if s.Canceled > 0 {
		line += fmt.Sprintf(", %d canceled", s.Canceled)
	}
	switch {
	case visits(s) == 0 && s.Canceled > 0:
		return "Nobody is expected today, " + count(s.Canceled, "visit was", "visits were") + " canceled"
	case visits(s) == 0:
		return "Nobody is expected today"
	case s.NextAt.Unix() > 0:
		return line + ". The next is at " + civil.Clock(s.NextAt.In(zone))
	case s.Expected > 0:
		return line + fmt.Sprintf(". %d %s late", s.Expected, plural(s.Expected, "is", "are"))
	case s.Here > 0:
		return line + fmt.Sprintf(". No more are to come, %d %s here", s.Here, plural(s.Here, "is", "are"))
	}
	return line + ". No more are to come"
}

func visits(s tenantdb.DayCountsRow) int64 { return s.Expected + s.Here + s.Done + s.Missed }

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// line says as what somebody is here.
func line(c echo.Context) (string, error) {
	labels, err := role.Labels(web.Roles(c))
	if err != nil {
		return "", err
	}
	if len(labels) == 0 {
		return "You see this organization because of emergency access.", nil
	}
	return "Your role here: " + strings.Join(labels, ", ") + ".", nil
}
