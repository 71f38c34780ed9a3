// Package styleguide shows every part of the design in every state.
package styleguide

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/views/styleguide"
)

// Handlers is the one page.
type Handlers struct{}

// Show is the living page of the design language.
func (*Handlers) Show(c echo.Context) error {
	return web.Render(c, http.StatusOK, styleguide.Styleguide(web.Page(c, "Styleguide")), "")
}
