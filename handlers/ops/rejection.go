package ops

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	view "kindward/views/ops"
)

// NewRejection asks once more, with the reason that the applicant reads. Where there is nothing to reject it leads
// back.
func (h *Handlers) NewRejection(c echo.Context) error {
	r, err := h.openApplication(c)
	if err != nil {
		return err
	}
	if r.MayDecide(r.who) != nil {
		return web.Redirect(c, r.path())
	}
	return h.rejection(c, http.StatusOK, r, &web.Form{})
}

func (h *Handlers) rejection(c echo.Context, status int, r reviewed, f *web.Form) error {
	p := view.RejectionPage{Back: r.path(), Name: named(r.Name()), Problems: f.Problems, Reason: f.Raw("reason")}
	p.Page, p.Console = h.page(c, "/ops/onboarding", "Reject "+p.Name, "Reject "+p.Name+"?")
	p.Wrong = !f.OK()
	return web.Render(c, status, view.Rejection(p), view.RejectionForm)
}

// CreateRejection ends an application with a reason.
func (h *Handlers) CreateRejection(c echo.Context) error {
	r, f, err := h.openDecision(c)
	if err != nil {
		return err
	}
	if err := r.MayDecide(r.who); err != nil {
		return h.refuse(c, r, err)
	}
	reason := sentence(f, "reason", "Say in a sentence why")
	if !f.OK() {
		return h.rejection(c, http.StatusUnprocessableEntity, r, f)
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Rejection, Data: onboarding.Data{Reason: reason}},
		"It is rejected, and they read why.")
}
