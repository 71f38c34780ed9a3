package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	view "kindward/views/provider"
	"kindward/views/ui"
)

const ssoTab = "/single-sign-on"

func ssoHome(organization tenancy.Tenant) string { return home(organization) + ssoTab }

// ShowSSO shows how an organization's own sign-in is set.
func (h *Handlers) ShowSSO(c echo.Context) error { return h.showSSO(c, http.StatusOK, nil) }

func (h *Handlers) showSSO(c echo.Context, status int, problems ui.Problems) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	scope := web.Scope(c, organization)
	set, err := identity.SSOOf(ctx, h.Gateway.Identity(scope))
	if err != nil && !errors.Is(err, identity.ErrNoSSO) {
		return err
	}
	p := view.SSOPage{Problems: problems, Heading: "Your people sign in with Kindward", On: err == nil,
		Required: set.Required, At: ssoHome(organization), Connect: web.SingleSignOnPath(organization.Slug,
			ssoHome(organization))}
	if p.Page, p.Work, err = h.frame(c, "Single sign-on", ssoTab, problems); err != nil {
		return err
	}
	if p.On {
		p.Heading = "Your own sign-in opens this workplace"
		if set.Required {
			p.Heading = "Only your own sign-in opens this workplace"
		}
		h.describeSSO(c, set, &p)
		if p.Linked, err = h.Gateway.Identity(scope).SSOLinked(ctx); err != nil {
			return err
		}
	}
	domains, err := identity.SSODomains(ctx, h.Gateway.Identity(scope))
	if err != nil {
		return err
	}
	for _, d := range domains {
		one := view.SSODomain{Name: identity.DomainText(d.Name), Record: d.Record, State: "Not proved yet", Tone: ui.Warn,
			At: ssoHome(organization) + "/domains/" + d.Name}
		if one.Name != d.Name {
			one.InDNS = d.Name
		}
		if d.VerifiedAt != nil {
			one.State = "Proved on " + day(d.VerifiedAt.In(civil.ZoneOrUTC(organization.Zone)))
			one.Tone, one.Proved = ui.Good, true
		}
		p.Domains = append(p.Domains, one)
	}
	return web.Render(c, status, view.SSO(p), view.SSOPart)
}

func by(name string) string {
	if name == "" {
		return ""
	}
	return "By " + name + "."
}

// NewSSO asks for the provider. What is set is filled in, the secret is not.
func (h *Handlers) NewSSO(c echo.Context) error {
	set, err := identity.SSOOf(c.Request().Context(), h.Gateway.Identity(web.Scope(c, web.Organization(c))))
	if err != nil && !errors.Is(err, identity.ErrNoSSO) {
		return err
	}
	return h.showNewSSO(c, http.StatusOK, view.NewSSOPage{Issuer: set.Issuer, ClientID: set.ClientID})
}

// showNewSSO shows the form as typed or kept.
func (h *Handlers) showNewSSO(c echo.Context, status int, p view.NewSSOPage) (err error) {
	if p.Page, p.Work, err = h.frame(c, "Single sign-on", ssoTab, p.Problems); err != nil {
		return err
	}
	organization := web.Organization(c)
	_, err = identity.SSOOf(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)))
	if err != nil && !errors.Is(err, identity.ErrNoSSO) {
		return err
	}
	home := ssoHome(organization)
	p.Kept, p.Redirect, p.Action = err == nil, h.SSO.Redirect(organization), home+"/provider"
	p.Back = ui.Way{Text: "Single sign-on", Href: home}
	return web.Render(c, status, view.NewSSO(p), view.SSOForm)
}

// CreateSSO keeps the provider, after it has answered as one.
func (h *Handlers) CreateSSO(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization, ctx := web.Organization(c), c.Request().Context()
	issuer, client, secret := strings.TrimSpace(f.Raw("issuer")),
		f.Text("client_id", 200, "Enter the client ID that your provider gave you"), strings.TrimSpace(f.Raw("client_secret"))
	if !h.SSO.MayAsk(issuer) {
		f.Wrong("issuer", "Enter the provider's address as it stands there, like https://login.example.org")
	}
	if len(secret) > 500 {
		f.Wrong("client_secret", "Enter the client secret, in 500 characters or fewer")
	}
	if f.OK() {
		err = identity.KeepSSO(ctx, h.Gateway.Identity(web.Scope(c, organization)), h.SSO, uuid.New(), organization.ID,
			issuer, client, secret, web.Now(c))
		if errors.Is(err, identity.ErrNoSecret) {
			f.Wrong("client_secret", "Enter the client secret that your provider gave you")
			err = nil
		}
	}
	if err != nil {
		return err
	}
	if !f.OK() {
		return h.showNewSSO(c, http.StatusUnprocessableEntity, view.NewSSOPage{Problems: f.Problems,
			Issuer: f.Raw("issuer"), ClientID: f.Raw("client_id"), Again: f.SecretAgain("client_secret", "")})
	}
	web.Flash(c, ui.Notice{Text: "Your provider is kept. Test it, then connect your own account.", Done: true})
	return web.Redirect(c, ssoHome(organization))
}

// UpdateSSORequirement makes the provider the only way in, or one of two again.
func (h *Handlers) UpdateSSORequirement(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	required := f.Raw("required") == "yes"
	err = identity.RequireSSO(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)), required, web.Now(c))
	if errors.Is(err, identity.ErrUntried) {
		return h.showSSO(c, http.StatusConflict,
			ui.Problems{{Message: "Connect your own account first, so that you know the way in works"}})
	}
	if err != nil {
		return err
	}
	said := "Passwords open this workplace again."
	if required {
		said = "Only your own sign-in opens this workplace from now on."
	}
	web.Flash(c, ui.Notice{Text: said, Done: true})
	return web.Redirect(c, ssoHome(organization))
}

// DeleteSSO ends the organization's own sign-in.
func (h *Handlers) DeleteSSO(c echo.Context) error {
	organization := web.Organization(c)
	err := identity.RemoveSSO(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)))
	if err != nil {
		return ssoGone(err)
	}
	web.Flash(c, ui.Notice{Text: "Your own sign-in is removed. Your people sign in with Kindward.", Done: true})
	return web.Redirect(c, ssoHome(organization))
}

// ssoGone is the error of a verb about a provider that is not there.
func ssoGone(err error) error {
	if errors.Is(err, identity.ErrNoSSO) {
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	}
	return err
}
