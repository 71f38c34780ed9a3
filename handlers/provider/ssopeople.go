package provider

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/policy"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ListSSOPeople is who comes in by the organization's own sign-in.
func (h *Handlers) ListSSOPeople(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization, part := web.Organization(c), f.Raw("name")
	rows, err := h.Gateway.Identity(web.Scope(c, organization)).SSOPeople(c.Request().Context(), part)
	if err != nil {
		return err
	}
	p := view.SSOPeoplePage{Heading: count(int64(len(rows)), "person is connected", "people are connected"), Name: part,
		At: ssoHome(organization) + "/people", Back: ui.Way{Text: "Single sign-on", Href: ssoHome(organization)}}
	if part != "" {
		p.Heading = count(int64(len(rows)), "person is found", "people are found")
	}
	if len(rows) > 0 && rows[0].Found > int64(len(rows)) {
		p.More = fmt.Sprintf("These are the first %d of %d. Look for a name.", len(rows), rows[0].Found)
	}
	for _, r := range rows {
		one := view.SSOPerson{Name: r.Name, Email: r.Email,
			Since: day(r.Since.In(civil.ZoneOrUTC(organization.Zone)))}
		if web.May(c, policy.ChangeSSO) {
			one.Disconnect = p.At + "/" + r.ID.String() + "/removal"
		}
		p.People = append(p.People, one)
	}
	if p.Page, p.Work, err = h.frame(c, "Connected people", ssoTab, nil); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.SSOPeople(p), "")
}

// DisconnectSSO takes from somebody whom the provider means by them.
func (h *Handlers) DisconnectSSO(c echo.Context) error {
	id, err := web.ID(c, "member")
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	name, err := identity.DisconnectSSO(c.Request().Context(), h.Mail, web.Scope(c, organization), organization, id,
		web.Now(c))
	if errors.Is(err, identity.ErrNotConnected) {
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: name + " is disconnected, and told by email.", Done: true})
	return web.Redirect(c, ssoHome(organization)+"/people")
}
