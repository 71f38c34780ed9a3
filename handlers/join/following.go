package join

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
)

// showFollowing shows which questions come and go with a choice, and saves nothing.
func (h *Handlers) showFollowing(c echo.Context, o opened, s *onboarding.Step, f *web.Form) error {
	if !web.Partial(c) {
		return h.showStep(c, http.StatusOK, o, s, f)
	}
	return web.Following(c, stepForm(o, s, f, o.stepPath(s.Key)).Questions, f)
}
