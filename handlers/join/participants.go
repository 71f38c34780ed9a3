package join

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// ListParticipants is who fills an application in, who is invited, and the form that invites.
func (h *Handlers) ListParticipants(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.open(c)
	if err != nil {
		return err
	}
	return h.listParticipants(c, http.StatusOK, o, f)
}

func (h *Handlers) listParticipants(c echo.Context, status int, o opened, f *web.Form) error {
	ctx := c.Request().Context()
	people, err := h.Gateway.Shared(o.scope).Participants(ctx)
	if err != nil {
		return err
	}
	invited, err := h.Gateway.Shared(o.scope).ApplicantInvitations(ctx, web.Now(c))
	if err != nil {
		return err
	}
	p := view.ParticipantsPage{Page: web.Page(c, "Who fills this in"), Problems: f.Problems, Email: f.Raw("email"),
		ID: uuid.NewString(), Lasts: civil.Duration(identity.InvitationLife), Action: o.path() + "/invitations",
		Back: ui.Way{Text: "All steps", Href: o.path()}}
	p.Frame, p.Wrong = layout.Column, len(f.Problems) > 0
	for _, r := range people {
		if r.EndedAt == nil {
			one := view.Participant{Name: r.Name, Since: h.day(c, r.Since), Me: r.AccountID == o.who}
			if one.Me || r.AccountID != o.Began {
				one.Remove = o.path() + "/participants/" + r.AccountID.String() + "/removal"
			}
			p.People = append(p.People, one)
		}
	}
	for _, r := range invited {
		p.Invited = append(p.Invited, view.InvitedApplicant{Email: r.Email, By: r.InvitedBy,
			Until: h.day(c, r.ExpiresAt), Revoke: p.Action + "/" + r.ID.String() + "/revocation"})
	}
	return web.Render(c, status, view.Participants(p), view.InviteForm)
}

// RemoveParticipant takes somebody out, or oneself. What they answered stays with their name.
func (h *Handlers) RemoveParticipant(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	who, err := web.ID(c, "participant")
	if err != nil {
		return err
	}
	names, err := h.people(c, o)
	if err != nil {
		return err
	}
	_, err = h.act(c, o, onboarding.Event{Kind: onboarding.Left, Data: onboarding.Data{Who: who}})
	switch {
	case errors.Is(err, onboarding.ErrNoPart):
		return errors.Join(err, web.ErrNotFound)
	case errors.Is(err, onboarding.ErrLast), errors.Is(err, onboarding.ErrBegan):
		return errors.Join(err, web.ErrConflict)
	case err != nil:
		return err
	}
	if who == o.who {
		web.Flash(c, ui.Notice{Text: "You do not take part any more. What you answered stays.", Done: true})
		return web.Redirect(c, "/join")
	}
	web.Flash(c, ui.Notice{Text: names[who] + " does not take part any more. What they answered stays.", Done: true})
	return web.Redirect(c, o.path()+"/participants")
}
