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
	"kindward/internal/role"
	"kindward/internal/tenancy"
	"kindward/views/layout"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// NewInvitation asks whom to invite.
func (h *Handlers) NewInvitation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showInvite(c, http.StatusOK, f)
}

func (h *Handlers) showInvite(c echo.Context, status int, f *web.Form) error {
	page, work, err := h.frame(c, "Team", "/members", f.Problems)
	if err != nil {
		return err
	}
	return web.Render(c, status,
		view.Invite(view.InvitePage{Page: page, Work: work, ID: uuid.NewString(), Problems: f.Problems, Email: f.Raw("email"),
			Roles: roleChoices(c, f.Raw("role")), Lasts: civil.Duration(identity.InvitationLife),
			Action: work.Home + "/invitations", Back: ui.Way{Text: "The team", Href: work.Home + "/members"}}), view.InviteForm)
}

// CreateInvitation sends an invitation to an address. Whether the address has an account, nobody here learns.
func (h *Handlers) CreateInvitation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	email, offered := f.TheirEmail("email"), f.OneOf("role", "Choose what they may do here", role.Words(roles(c))...)
	id, bad := uuid.Parse(f.Raw("id"))
	if bad != nil {
		id = uuid.New()
	}
	if !f.OK() {
		return h.showInvite(c, http.StatusUnprocessableEntity, f)
	}
	organization := web.Organization(c)
	err = identity.Invite(c.Request().Context(), h.Mail, web.AttemptLimiter(c), web.Scope(c, organization),
		organization, id, email, offered, web.Now(c))
	var many *identity.TooManyError
	switch {
	case errors.Is(err, identity.ErrMember):
		f.Wrong("email", email+" works here already. Change their role under Team")
		return h.showInvite(c, http.StatusConflict, f)
	case errors.Is(err, identity.ErrNotYours):
		return fmt.Errorf("%w: %w", err, web.ErrForbidden)
	case errors.As(err, &many):
		f.Wrong("email", "We sent many invitations today. Try again tomorrow")
		return h.showInvite(c, http.StatusTooManyRequests, f)
	case err != nil:
		return err
	}
	web.Flash(c, ui.Notice{Text: "An invitation is on its way to " + email + ". It works for " +
		civil.Duration(identity.InvitationLife) + ".", Done: true})
	return web.Redirect(c, home(organization)+"/members")
}

// ResendInvitation sends a new link; the one before is void.
func (h *Handlers) ResendInvitation(c echo.Context) error {
	id, err := web.ID(c, "invitation")
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	email, err := identity.InviteAgain(c.Request().Context(), h.Mail, web.AttemptLimiter(c),
		web.Scope(c, organization), organization, id, web.Now(c))
	switch {
	case errors.Is(err, identity.ErrMembershipGone):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, identity.ErrNotYours):
		return fmt.Errorf("%w: %w", err, web.ErrForbidden)
	case errors.Is(err, identity.ErrMember):
		return fmt.Errorf("%w: %w", err, web.ErrConflict)
	case err != nil:
		return err
	}
	web.Flash(c, ui.Notice{Text: "A new link is on its way to " + email + ". The one before no longer works.", Done: true})
	return web.Redirect(c, home(organization)+"/members")
}

// RevokeInvitation takes an offer back.
func (h *Handlers) RevokeInvitation(c echo.Context) error {
	id, err := web.ID(c, "invitation")
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	email, err := web.Found(h.Gateway.Identity(web.Scope(c, organization)).RevokeInvitation(c.Request().Context(),
		web.Now(c), id))
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "The invitation of " + email + " is taken back.", Done: true})
	return web.Redirect(c, home(organization)+"/members")
}

// ShowInvitation shows an offer to whoever has its link. It changes nothing, whoever looks.
func (h *Handlers) ShowInvitation(c echo.Context) error {
	organization, offer, err := h.pendingInvitation(c)
	if err != nil {
		return err
	}
	label, err := role.Label(offer.Role)
	if err != nil {
		return err
	}
	page := web.Page(c, "Invitation")
	page.Frame, page.Here = layout.Narrow, layout.Account
	here := c.Request().URL.Path
	p := view.InvitationPage{Page: page, Heading: organization.Name + " invites you to work there as " + label,
		Until: "You can accept until " +
			civil.TimeFormat{Now: web.Now(c)}.Full(offer.Until.In(civil.ZoneOrUTC(organization.Zone))) +
			".", SignIn: web.SignInPath(here), SignUp: web.SignUpPath(here),
		Line: "Sign in with the address that the invitation was sent to. Without an account, create one with that address."}
	who, known := web.Account(c)
	_, other := web.StaffAccessOf(c)
	first, err := identity.SSOOrganization(c.Request().Context(), h.Gateway, web.Caller(c), offer.Email)
	if err != nil {
		return err
	}
	switch {
	case !known && first == organization.Slug:
		p.SSO, p.Next, p.SignUp = "/sso/"+organization.Slug, here, ""
		p.Line = "It is for " + identity.Masked(offer.Email) + ". Go on at the sign-in of " + organization.Name +
			": that accepts the invitation, and you need no other password. If you have a Kindward account with this address, " +
			"sign in as usual."
	case known && !other && strings.EqualFold(who.Email, offer.Email):
		p.Accept, p.Line = here, invitationLine(offer)+
			"You use the account you have. Work there needs a second step at sign-in; we ask you to set it up if you have none."
	case known:
		p.Other, p.Line = true, "It is for "+identity.Masked(offer.Email)+", another address than "+who.Email+
			", as which you are signed in. Sign out, then open the link in the email again."
	}
	return web.Render(c, http.StatusOK, view.Invitation(p), "")
}

func invitationLine(o identity.PendingInvitation) string {
	if o.InvitedBy == "" {
		return ""
	}
	return o.InvitedBy + " invited you. "
}

func (h *Handlers) pendingInvitation(c echo.Context) (tenancy.Tenant, identity.PendingInvitation, error) {
	web.NoStore(c)
	organization, err := web.FindOrganization(c)
	if err != nil {
		return organization, identity.PendingInvitation{}, err
	}
	offer, err := identity.InvitationPending(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)),
		c.Param("token"), web.Now(c))
	if errors.Is(err, identity.ErrRunOut) {
		err = fmt.Errorf("invitation: %w: %w", err, web.ErrGone)
	}
	return organization, offer, err
}

// AcceptInvitation makes the signed-in person a member, if the invitation was sent to their address: otherwise it is
// gone for them.
func (h *Handlers) AcceptInvitation(c echo.Context) error {
	if _, err := web.RequireAccount(c); err != nil {
		return err
	}
	organization, _, err := h.pendingInvitation(c)
	if err != nil {
		return err
	}
	given, err := identity.AcceptInvitation(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)),
		c.Param("token"),
		web.Now(c))
	if errors.Is(err, identity.ErrRunOut) {
		return fmt.Errorf("not theirs to accept: %w: %w", err, web.ErrForbidden)
	}
	if err != nil {
		return err
	}
	label, err := role.Label(given)
	if err != nil {
		return err
	}
	if err := EnterWorkplace(c, organization.Slug); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "You work at " + organization.Name + " now, as " + label + ".", Done: true})
	return web.Redirect(c, home(organization))
}
