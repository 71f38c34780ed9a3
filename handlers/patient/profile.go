package patient

import (
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/search"
	"kindward/queries/shareddb"
	"kindward/views/patient"
	"kindward/views/ui"
)

// profile is what whoever is signed in has told of themself, for a form into which nothing was typed yet.
func (h *Handlers) profile(c echo.Context, form patient.DetailsForm) (row shareddb.ProfileRow, err error) {
	account, ok := web.OwnAccount(c)
	if !ok || form.Payer != "" {
		return row, nil
	}
	return web.Found(h.Gateway.Identity(web.PublicScope(c)).Profile(c.Request().Context(), account.ID))
}

// profileHome is the address of a profile, if a visit can be there.
func profileHome(p shareddb.ProfileRow, zip search.Near, around area) (home ui.HomeAddress) {
	if p.Street == "" || zip.ZIP == "" || !around.reaches(zip) {
		return home
	}
	return ui.HomeAddress{Street: p.Street, Town: p.City, ZIP: p.ZIP}
}
