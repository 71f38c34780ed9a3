package join

import (
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	"kindward/views/ui"
)

// moves are how often an application is withdrawn and opened again: each time all who take part are told.
var moves = identity.AttemptLimit{Name: "applications moved", Attempts: 10, Window: 24 * time.Hour,
	Windows: identity.Sliding}

// CreateWithdrawal ends an application that has not been decided. What was answered is kept.
func (h *Handlers) CreateWithdrawal(c echo.Context) error {
	return h.move(c, onboarding.Withdrew, "The application is withdrawn. What you answered is kept.")
}

// CreateReopening goes on with an application that was withdrawn, or closed because nobody went on.
func (h *Handlers) CreateReopening(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	said, err := h.manyOpen(c)
	if err != nil {
		return err
	}
	if said != "" {
		web.Flash(c, ui.Notice{Text: said + ".", Warn: true})
		return web.Redirect(c, o.path())
	}
	return h.move(c, onboarding.Reopened, "The application is open again.")
}

// move lets the applicant end or open their application.
func (h *Handlers) move(c echo.Context, kind onboarding.EventKind, text string) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	if _, err := web.AttemptLimiter(c).Reserve(c.Request().Context(), moves.For(o.id.String())); err != nil {
		return err
	}
	if _, err := h.act(c, o, onboarding.Event{Kind: kind}); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: text, Done: true})
	return web.Redirect(c, o.path())
}
