package join

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// ListApplications says what joining is, begins with a number, and leads back to what one has begun.
func (h *Handlers) ListApplications(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.listApplications(c, http.StatusOK, f)
}

func (h *Handlers) listApplications(c echo.Context, status int, f *web.Form) error {
	p := view.ApplicationsPage{Page: web.Page(c, "Join Kindward"), Problems: f.Problems, Kind: f.Raw("kind"),
		State: f.Raw("state"), Number: f.Raw("number"), Key: f.Raw("key")}
	p.Frame, p.Wrong = layout.Column, len(f.Problems) > 0
	if p.Key == "" {
		p.Key = uuid.NewString()
	}
	p.Known = status == http.StatusConflict
	_, p.SignedIn = web.OwnAccount(c)
	mine, err := h.mine(c)
	if err != nil {
		return err
	}
	for _, m := range mine {
		p.Mine = append(p.Mine, view.Mine{Href: path(m.TenantID), Name: nameOf(m.Application),
			Small: ui.KindName(m.Kind) + ", " + ui.StateName(m.State) + ". " + statusOf(m.Application)})
	}
	return web.Render(c, status, view.Applications(p), view.BeginForm)
}

func nameOf(a onboarding.Application) string {
	if a.Name() == "" {
		return "Your application"
	}
	return a.Name()
}

func statusOf(a onboarding.Application) string {
	switch a.Status {
	case onboarding.Submitted:
		return "With us."
	case onboarding.Approved:
		return "Approved."
	case onboarding.Live:
		return "On Kindward."
	case onboarding.Rejected:
		return "Rejected."
	case onboarding.Withdrawn:
		return "Withdrawn."
	}
	return "Open."
}

// beginning reads what an application begins with: a number of the organization, or how whoever asks is reached.
func beginning(f *web.Form, who identity.Account) onboarding.Event {
	kind := f.OneOf("kind", "Choose what kind of provider you are", onboarding.Kinds...)
	state := f.OneOf("state", "Choose your state", onboarding.States...)
	e := onboarding.Event{Kind: onboarding.Began, Data: onboarding.Data{Kind: kind, State: state,
		Definition: onboarding.Latest}}
	if f.Raw("by") == "email" {
		e.Data.Answers = map[string]string{"email": who.Email, "contact": who.Name}
		return e
	}
	d, err := onboarding.Find(kind, state, onboarding.Latest)
	if err != nil { // what is wrong with kind or state is said; of a number all that can be said is whether it is one
		d = &onboarding.Definition{}
	}
	answers, wrong := d.ByNumber(f.Sought("number"))
	if e.Data.Answers = answers; wrong != "" {
		f.Wrong("number", wrong)
	}
	return e
}

// signUp is where somebody shows who they are before they begin: a visitor signs in or up, and whom an organization's
// sign-in alone let in shows us who they are (A41).
func (h *Handlers) signUp(c echo.Context, back string) string {
	if _, in := web.Account(c); in {
		return web.ConfirmPath(back)
	}
	return web.SignUpPath(back)
}

// CreateApplication begins one. A visitor signs in or up first, and comes back with what they chose. Pressed twice it
// is one: its id follows from who asks, the number of the page and what they chose, so nobody chooses it, and another
// choice on the same page begins another one.
func (h *Handlers) CreateApplication(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	who, in := web.OwnAccount(c)
	e := beginning(f, who)
	if !f.OK() {
		return h.listApplications(c, http.StatusUnprocessableEntity, f)
	}
	if !in {
		return web.Redirect(c, h.signUp(c, "/join?"+f.Values("kind", "state", "number", "by").Encode()))
	}
	if _, other := web.StaffAccessOf(c); other {
		return fmt.Errorf("begun for somebody else: %w", web.ErrForbidden)
	}
	e.By, e.At = who.ID, web.Now(c)
	id := uuid.NewSHA1(who.ID, append([]byte(f.Raw("key")), e.Data.JSON()...))
	_, err = h.Gateway.Shared(web.PublicScope(c)).TakesPart(c.Request().Context(), id)
	if err == nil {
		return web.Redirect(c, path(id))
	}
	if err := web.NotFound(err); !errors.Is(err, web.ErrNotFound) {
		return err
	}
	if refused, err := h.refusedToBegin(c, f, who, e); err != nil {
		return err
	} else if refused != 0 {
		return h.listApplications(c, refused, f)
	}
	err = onboarding.Begin(c.Request().Context(), h.Gateway, web.Caller(c), id, who.Name, e)
	if err != nil && !errors.Is(err, onboarding.ErrBegun) {
		return err
	}
	return web.Redirect(c, path(id))
}
