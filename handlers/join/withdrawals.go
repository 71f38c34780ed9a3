package join

import (
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	"kindward/views/ui"
)

// CreateWithdrawal ends an application that has not been decided. What was answered is kept.
func (h *Handlers) CreateWithdrawal(c echo.Context) error {
	return h.move(c, onboarding.Withdrew, "The application is withdrawn. What you answered is kept.")
}

// CreateReopening goes on with an application that was withdrawn, or closed because nobody went on.
func (h *Handlers) CreateReopening(c echo.Context) error {
	return h.move(c, onboarding.Reopened, "The application is open again.")
}

// move lets the applicant end or open their application. One that was rejected is not theirs to open.
func (h *Handlers) move(c echo.Context, kind onboarding.EventKind, text string) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	if kind == onboarding.Reopened && o.Status != onboarding.Withdrawn {
		return web.ErrConflict
	}
	if _, err := h.act(c, o, onboarding.Event{Kind: kind}); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: text, Done: true})
	return web.Redirect(c, o.path())
}
