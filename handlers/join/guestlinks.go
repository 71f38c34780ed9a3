package join

import (
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

func (h *Handlers) guestLinks() onboarding.GuestLinks {
	return onboarding.GuestLinks{Gateway: h.Gateway, Keys: h.Mail.Keys, Log: h.Mail.Log}
}

// ListGuestLinks is which links open a step to a guest, and the form that makes one.
func (h *Handlers) ListGuestLinks(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.open(c)
	if err != nil {
		return err
	}
	return h.listGuestLinks(c, http.StatusOK, o, f, "")
}

func (h *Handlers) listGuestLinks(c echo.Context, status int, o opened, f *web.Form, made string) error {
	rows, err := h.Gateway.Identity(o.scope).GuestLinks(c.Request().Context(), web.Now(c))
	if err != nil {
		return err
	}
	p := view.GuestLinksPage{Page: web.Page(c, "Guests"), Problems: f.Problems, Step: f.Raw("step"), Email: f.Raw("email"),
		Made: made, ID: uuid.NewString(), Lasts: civil.Duration(onboarding.GuestLinkLife), Action: o.path() + "/guest-links",
		Back: ui.Way{Text: "All steps", Href: o.path()}, Steps: []ui.Option{{Text: "Choose"}}}
	p.Frame, p.Wrong = layout.Column, len(f.Problems) > 0
	for _, s := range guestSteps(o) {
		p.Signed = p.Signed || s.Contract != 0
		p.Steps = append(p.Steps, ui.Option{Value: s.Key, Text: s.Name})
	}
	for _, r := range rows {
		l := view.GuestLink{Step: r.Step, By: r.MadeBy, Until: h.day(c, r.ExpiresAt),
			End: p.Action + "/" + r.ID.String() + "/end"}
		if s, ok := o.definition.Step(r.Step); ok {
			l.Step = s.Name
		}
		if r.Email != "" {
			l.Step += ", for " + r.Email
		}
		p.Links = append(p.Links, l)
	}
	return web.Render(c, status, view.GuestLinks(p), view.GuestLinkForm)
}

// guestSteps are those that a guest may answer: all of the applicant's but the one that sends the whole, which they do
// not see.
func guestSteps(o opened) []*onboarding.Step {
	return slices.DeleteFunc(o.definition.Turns(o.Application), func(s *onboarding.Step) bool {
		return s.By != onboarding.Applicant || o.definition.Sends(s)
	})
}

// CreateGuestLink makes a link to one step and shows it, this once.
func (h *Handlers) CreateGuestLink(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.open(c)
	if err != nil {
		return err
	}
	var keys []string
	for _, s := range guestSteps(o) {
		keys = append(keys, s.Key)
	}
	step := f.OneOf("step", "Choose the step that the guest answers", keys...)
	email := signerEmail(o, step, f)
	if !f.OK() {
		return h.listGuestLinks(c, http.StatusUnprocessableEntity, o, f, "")
	}
	secret, err := h.guestLinks().Create(c.Request().Context(), o.scope, o.id, step, email, formID(f), web.Now(c))
	switch {
	case errors.Is(err, onboarding.ErrManyGuestLinks):
		f.Wrong("step", "Many links are open. End one first")
		return h.listGuestLinks(c, http.StatusConflict, o, f, "")
	case errors.Is(err, onboarding.ErrGuestLinkMade):
		web.Flash(c, ui.Notice{Warn: true, Text: "That form has made its link, which is not shown again. End it and make another."})
		return web.Redirect(c, o.path()+"/guest-links")
	case err != nil:
		return err
	}
	return h.listGuestLinks(c, http.StatusOK, o, f,
		web.SiteOf(c).BaseURL.JoinPath(guestPath(o.id, secret)).String())
}

// signerEmail is whose mailbox a code goes to where a step is signed: whoever makes the link says who may sign, and the
// link alone, which can be handed on, signs nothing.
func signerEmail(o opened, step string, f *web.Form) string {
	if s, ok := o.definition.Step(step); !ok || s.Contract == 0 {
		return ""
	}
	return f.TheirEmail("email")
}

// EndGuestLink lets a link open nothing any more.
func (h *Handlers) EndGuestLink(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "link")
	if err != nil {
		return err
	}
	if _, err := web.Found(h.Gateway.Identity(o.scope).EndGuestLink(c.Request().Context(), web.Now(c), id)); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "The link is ended. What its guest answered stays.", Done: true})
	return web.Redirect(c, o.path()+"/guest-links")
}
