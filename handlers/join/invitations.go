package join

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// CreateInvitation asks an address to take part. Whether the address has an account, nobody here learns.
func (h *Handlers) CreateInvitation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.open(c)
	if err != nil {
		return err
	}
	me, _ := web.Account(c)
	email := f.TheirEmail("email")
	if !f.OK() {
		return h.listParticipants(c, http.StatusUnprocessableEntity, o, f)
	}
	err = identity.InviteApplicant(c.Request().Context(), h.Mail, web.AttemptLimiter(c), o.scope, o.id, me, formID(f),
		email, web.Now(c))
	if status, ok := refusedInvitation(f, email, err); ok {
		return h.listParticipants(c, status, o, f)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "An invitation is on its way to " + email + ".", Done: true})
	return web.Redirect(c, o.path()+"/participants")
}

// refusedInvitation says at the field why nobody is invited.
func refusedInvitation(f *web.Form, email string, err error) (status int, refused bool) {
	_, many := errors.AsType[*identity.TooManyError](err)
	switch {
	case errors.Is(err, identity.ErrTakesPart):
		f.Wrong("email", email+" takes part already")
		return http.StatusConflict, true
	case errors.Is(err, identity.ErrManyInvited):
		f.Wrong("email", "Many invitations are open. Take one back first")
		return http.StatusConflict, true
	case many:
		f.Wrong("email", "We sent many invitations today. Try again tomorrow")
		return http.StatusTooManyRequests, true
	}
	return 0, false
}

// RevokeInvitation takes an offer back.
func (h *Handlers) RevokeInvitation(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "invitation")
	if err != nil {
		return err
	}
	email, err := web.Found(h.Gateway.Identity(o.scope).RevokeApplicantInvitation(c.Request().Context(), web.Now(c), id))
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "The invitation of " + email + " is taken back.", Done: true})
	return web.Redirect(c, o.path()+"/participants")
}

// ShowInvitation shows an offer to whoever has its link, and nothing of the application. It changes nothing.
func (h *Handlers) ShowInvitation(c echo.Context) error {
	id, _, offer, err := h.pendingInvitation(c)
	if err != nil {
		return err
	}
	here := c.Request().URL.Path
	p := view.InvitationPage{Page: web.Page(c, "Invitation"), SignIn: web.SignInPath(here), SignUp: web.SignUpPath(here),
		Heading: offer.InvitedBy + " asks you to fill in an application together",
		Until:   "You can accept until " + h.moment(c, offer.Until) + ".",
		Line:    "Sign in with the address that the invitation was sent to. Without an account, create one with that address."}
	p.Frame = layout.Narrow
	who, known := web.Account(c)
	_, other := web.StaffAccessOf(c)
	switch {
	case known && !other && strings.EqualFold(who.Email, offer.Email):
		p.Accept, p.Line = path(id)+"/invitations/"+c.Param("token"),
			"You see and answer all of their organization's application to join Kindward."
	case known:
		p.Other, p.Line = true, "It is for "+identity.Masked(offer.Email)+", another address than "+who.Email+
			", as which you are signed in. Sign out, then open the link in the email again."
	}
	return web.Render(c, http.StatusOK, view.Invitation(p), "")
}

func (h *Handlers) pendingInvitation(c echo.Context) (id uuid.UUID, s tenancy.Scope, offer identity.PendingInvitation,
	err error) {
	web.NoStore(c)
	if id, err = web.ID(c, "application"); err != nil {
		return id, s, offer, err
	}
	s = web.Scope(c, tenancy.Tenant{ID: id})
	offer, err = onboarding.ApplicantInvitationPending(c.Request().Context(), h.Gateway.Shared(s), c.Param("token"),
		web.Now(c))
	if errors.Is(err, identity.ErrRunOut) {
		err = fmt.Errorf("invitation: %w: %w", err, web.ErrGone)
	}
	return id, s, offer, err
}

// AcceptInvitation lets whoever is signed in take part, if the invitation was sent to their address. Pressed twice it
// is once.
func (h *Handlers) AcceptInvitation(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "application")
	if err != nil {
		return err
	}
	err = onboarding.Accept(c.Request().Context(), h.Gateway, web.Scope(c, tenancy.Tenant{ID: id}), c.Param("token"), who,
		onboarding.Event{At: web.Now(c)})
	switch {
	case errors.Is(err, onboarding.ErrTakesPart) || errors.Is(err, identity.ErrRunOut) && h.takesPart(c, id):
		return web.Redirect(c, path(id))
	case errors.Is(err, identity.ErrRunOut):
		return fmt.Errorf("not theirs to accept: %w: %w", err, web.ErrGone)
	case errors.Is(err, onboarding.ErrNotNow):
		return errors.Join(err, web.ErrConflict)
	case err != nil:
		return err
	}
	web.Flash(c, ui.Notice{Text: "You take part now. What you save is seen by all who do.", Done: true})
	return web.Redirect(c, path(id))
}

// takesPart tells whether whoever asks takes part in an application.
func (h *Handlers) takesPart(c echo.Context, id uuid.UUID) bool {
	_, err := h.Gateway.Shared(web.PublicScope(c)).TakesPart(c.Request().Context(), id)
	return err == nil
}
