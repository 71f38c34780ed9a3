package ops

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/intake"
	view "kindward/views/ops"
)

// ShowIntakeVersion is what a version asks before visits, and what it changed.
func (h *Handlers) ShowIntakeVersion(c echo.Context) error {
	versions, err := intake.Load(c.Request().Context(), h.Gateway.Public())
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(c.Param("version"))
	d, found := versions.Definition(number)
	if number == 0 || found != number {
		return web.ErrNotFound
	}
	p := view.IntakeVersionPage{Sections: sectionsOf(d), Text: d.Text, Back: intakeFormPath}
	if before, ok := versions.Before(number); ok {
		p.Changes, p.Changed = changesOf(before, d), true
	}
	p.Page, p.Console = h.page(c, formsPath, "Version "+strconv.Itoa(number), "Version "+strconv.Itoa(number)+
		" of what is asked before a visit")
	return web.Render(c, http.StatusOK, view.IntakeVersion(p), "")
}
