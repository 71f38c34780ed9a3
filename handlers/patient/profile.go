package patient

import (
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/consent"
	"kindward/internal/search"
	"kindward/internal/tenancy"
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

// sharesSince is the day since when whoever is signed in shares their details with an organization in the words of
// today; "" if they do not.
func (h *Handlers) sharesSince(c echo.Context, t tenancy.Tenant) (day string, err error) {
	account, ok := web.OwnAccount(c)
	if !ok {
		return "", nil
	}
	text := sha256.Sum256([]byte(consent.Share(t.Name).Text))
	at, err := h.Gateway.Once(web.Scope(c, t)).StandingConsent(c.Request().Context(), account.ID, text[:])
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return h.times(c).Day(at), nil
}

// asked are the problems with what the form asks: not with a consent that stands.
func asked(p patient.HoldPage, all ui.Problems) ui.Problems {
	if p.Form.Since == "" {
		return all
	}
	return slices.DeleteFunc(all, func(one ui.Problem) bool { return one.Field == "share" })
}
