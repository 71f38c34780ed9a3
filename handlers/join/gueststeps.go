package join

import (
	"errors"
	"fmt"
	"net/http"
	"time"

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

var (
	// links that open nothing, tried from one network
	guestTries = identity.AttemptLimit{Name: "guest links", Attempts: 30, Window: time.Hour, Windows: identity.Sliding}
	// forms sent by one link
	guestAnswers = identity.AttemptLimit{Name: "guest answers", Attempts: 60, Window: time.Hour, Windows: identity.Sliding}
)

func guestPath(application uuid.UUID, secret string) string {
	return path(application) + "/guest/" + secret
}

// guest is one step that is open to whoever has its link.
type guest struct {
	opened
	link onboarding.GuestLink
	step *onboarding.Step
}

// openGuest is 410 for whoever has no link that opens something. Whoever is signed in is nobody here.
func (h *Handlers) openGuest(c echo.Context) (g guest, err error) {
	web.NoStore(c)
	if g.id, err = web.ID(c, "application"); err != nil {
		return g, err
	}
	ctx, asker := c.Request().Context(), web.Caller(c)
	g.scope = h.Gateway.AdmitApplicant(g.id, tenancy.Caller{RequestID: asker.RequestID, IP: asker.IP})
	g.link, err = h.guestLinks().Open(ctx, g.scope, g.id, c.Param("token"), web.Now(c))
	if errors.Is(err, identity.ErrRunOut) {
		if _, often := web.AttemptLimiter(c).Reserve(ctx, guestTries.For(identity.Range(asker.IP))); often != nil {
			return g, often
		}
		return g, fmt.Errorf("guest: %w: %w", err, web.ErrGone)
	}
	if err != nil {
		return g, err
	}
	g.who = g.link.ID
	if g.definition, g.Application, err = onboarding.Load(ctx, h.Gateway, g.scope); err != nil {
		return g, err
	}
	if g.step, err = g.opened.step(g.link.Step); err == nil && g.definition.Sends(g.step) {
		return g, web.ErrNotFound
	}
	if err == nil && g.Status != onboarding.Open {
		err = fmt.Errorf("guest: %s: %w", g.Status, web.ErrGone)
	}
	return g, err
}

// ShowGuestStep asks what the one step asks that a guest's link opens.
func (h *Handlers) ShowGuestStep(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	g, err := h.openGuest(c)
	if err != nil {
		return err
	}
	if len(g.step.Documents) > 0 {
		return h.showGuestDocuments(c, http.StatusOK, g, f)
	}
	if g.step.Contract > 0 {
		return h.showGuestContract(c, http.StatusOK, g, f)
	}
	return h.showGuestStep(c, http.StatusOK, g, f)
}

func (h *Handlers) showGuestStep(c echo.Context, status int, g guest, f *web.Form) error {
	p := view.GuestStepPage{Page: web.Page(c, g.step.Name), Name: g.step.Name, Organization: g.Name(),
		Until: h.moment(c, g.link.Until), Guest: f.Raw("guest_name"),
		Form: stepForm(g.opened, g.step, f, guestPath(g.id, c.Param("token")))}
	if p.Guest == "" {
		p.Guest = g.Guests[g.link.ID].Name
	}
	p.Frame, p.Wrong = layout.Column, len(f.Problems) > 0
	return web.Render(c, status, view.GuestStep(p), view.StepForm)
}

// UpdateGuestStep keeps a guest's answers, under the name that they type.
func (h *Handlers) UpdateGuestStep(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	g, err := h.openGuest(c)
	if err != nil {
		return err
	}
	if len(g.step.Documents)+g.step.Contract > 0 {
		return web.ErrNotFound // files and signatures are sent to addresses of their own
	}
	if f.Ticked("follow") {
		return h.showGuestFollowing(c, g, f)
	}
	if _, err := web.AttemptLimiter(c).Reserve(c.Request().Context(), guestAnswers.For(g.link.ID.String())); err != nil {
		return err
	}
	name := f.Text("guest_name", 100, "Type your name")
	e, more := read(c, g.opened, g.step, f, false)
	if !f.OK() {
		return h.showGuestStep(c, http.StatusUnprocessableEntity, g, f)
	}
	e.Data.Later, e.Data.Guest = more, name
	_, refused, err := h.save(c, g.opened, g.step, f, e)
	if refused != 0 {
		return h.showGuestStep(c, refused, g, f)
	}
	if conflict, ok := errors.AsType[*onboarding.ConflictError](err); ok {
		return h.showGuestConflict(c, f, conflict)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: saidToGuest(more), Done: true})
	return web.Redirect(c, guestPath(g.id, c.Param("token")))
}

func (h *Handlers) showGuestFollowing(c echo.Context, g guest, f *web.Form) error {
	if !web.Partial(c) {
		return h.showGuestStep(c, http.StatusOK, g, f)
	}
	return web.Following(c, stepForm(g.opened, g.step, f, guestPath(g.id, c.Param("token"))).Questions, f)
}

func saidToGuest(more bool) string {
	if more {
		return "Saved. Your answers bring up more questions."
	}
	return "Saved. Thank you. You can change it until the link ends."
}

// showGuestConflict is showConflict without the names of others.
func (h *Handlers) showGuestConflict(c echo.Context, f *web.Form, conflict *onboarding.ConflictError) error {
	g, err := h.openGuest(c)
	if err != nil {
		return err
	}
	g.merge(f, conflict, nil)
	return h.showGuestStep(c, http.StatusConflict, g, f)
}
