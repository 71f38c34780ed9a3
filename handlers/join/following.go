package join

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	view "kindward/views/join"
)

// showFollowing shows which questions come and go with a choice, and saves nothing.
func (h *Handlers) showFollowing(c echo.Context, o opened, s *onboarding.Step, f *web.Form) error {
	if !web.Partial(c) {
		return h.showStep(c, http.StatusOK, o, s, f)
	}
	return renderFollowing(c, stepForm(o, s, f, o.stepPath(s.Key)), f)
}

// renderFollowing leaves out what the page has as it should be.
func renderFollowing(c echo.Context, form view.Form, f *web.Form) error {
	had := strings.Fields(f.Raw("asked"))
	form.Following = true
	form.Questions = slices.DeleteFunc(form.Questions, func(q view.Question) bool {
		return !q.Because || q.Off != slices.Contains(had, q.Key)
	})
	return web.Render(c, http.StatusOK, view.Following(form), view.Asked)
}
