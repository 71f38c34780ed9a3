package provider

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// NewSSODomain asks for a domain.
func (h *Handlers) NewSSODomain(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showNewSSODomain(c, http.StatusOK, f)
}

func (h *Handlers) showNewSSODomain(c echo.Context, status int, f *web.Form) error {
	page, work, err := h.frame(c, "Single sign-on", ssoTab, f.Problems)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	return web.Render(c, status,
		view.NewSSODomain(view.NewSSODomainPage{Page: page, Work: work, Problems: f.Problems, Domain: f.Raw("domain"),
			Action: ssoHome(organization) + "/domains",
			Back:   ui.Way{Text: "Single sign-on", Href: ssoHome(organization)}}), view.SSODomainForm)
}

// CreateSSODomain names a domain whose addresses are those of the organization's people, to be proved.
func (h *Handlers) CreateSSODomain(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	domain, wrong := identity.ReadDomain(f.Raw("domain"))
	if errors.Is(wrong, identity.ErrLookAlike) {
		f.Wrong("domain", "This domain has letters that look like those of another. Enter one that is written in one script")
	} else if wrong != nil {
		f.Wrong("domain", "Enter the domain of your work addresses, like example.org")
	}
	if !f.OK() {
		return h.showNewSSODomain(c, http.StatusUnprocessableEntity, f)
	}
	err = identity.AddSSODomain(c.Request().Context(), h.Gateway, web.Scope(c, organization), domain)
	if errors.Is(err, identity.ErrDomains) {
		f.Wrong("domain", "You have 20 domains. Remove one first")
		return h.showNewSSODomain(c, http.StatusConflict, f)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "Put the record of " + identity.DomainText(domain) +
		" into its DNS, then check it here."})
	return web.Redirect(c, ssoHome(organization))
}

// VerifySSODomain looks for the proof in the domain's DNS.
func (h *Handlers) VerifySSODomain(c echo.Context) error {
	organization, domain := web.Organization(c), c.Param("domain")
	name := identity.DomainText(domain)
	err := identity.VerifySSODomain(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)), h.SSO,
		organization.ID, domain,
		web.Now(c))
	switch {
	case errors.Is(err, identity.ErrDomain):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, identity.ErrNoProof):
		return h.showSSO(c, http.StatusUnprocessableEntity,
			ui.Problems{{Message: "We do not see the record at " + name + " yet. It can take an hour after you put it there"}})
	case errors.Is(err, identity.ErrElsewhere):
		return h.showSSO(c, http.StatusConflict,
			ui.Problems{{Message: "Another organization has proved " + name + ". Write to us if that is wrong"}})
	case err != nil:
		return err
	}
	web.Flash(c, ui.Notice{Text: "Addresses of " + name + " are sent to your sign-in from now on.", Done: true})
	return web.Redirect(c, ssoHome(organization))
}

// DeleteSSODomain forgets a domain.
func (h *Handlers) DeleteSSODomain(c echo.Context) error {
	organization, domain := web.Organization(c), c.Param("domain")
	name := identity.DomainText(domain)
	err := identity.RemoveSSODomain(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)), domain)
	if errors.Is(err, identity.ErrDomain) {
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "Addresses of " + name + " are no longer sent to your sign-in.", Done: true})
	return web.Redirect(c, ssoHome(organization))
}
