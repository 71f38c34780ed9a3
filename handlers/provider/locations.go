package provider

import (
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/offering"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
)

// NewLocation asks where patients are seen.
func (h *Handlers) NewLocation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showLocation(c, http.StatusOK, f)
}

func (h *Handlers) showLocation(c echo.Context, status int, f *web.Form) error {
	page, work, err := h.frame(c, "Add a location", "/listings", f.Problems)
	if err != nil {
		return err
	}
	return web.Render(c, status, view.NewLocation(view.LocationPage{Page: page, Work: work, Problems: f.Problems,
		Form: formNumber(f), Action: work.Home + "/locations", Name: f.Raw("name"), Street: f.Raw("street"),
		ZIP: f.Raw("zip"), Phone: f.Raw("phone"), Home: web.Organization(c).Kind == "home_care", Area: f.Raw("area")}),
		view.LocationForm)
}

// areas are how far a home care agency goes, in kilometers, and in the words of the page.
var areas = map[string]float64{"8": 8, "16": 16, "32": 32, "48": 48}

// CreateLocation adds a location. Its town, state and place on the map are those of its ZIP code.
func (h *Handlers) CreateLocation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	l := tenantdb.AddLocationParams{Name: f.Text("name", 100, "Enter a name for the location"),
		Street: f.Text("street", 120, "Enter the street and number"), ZIP: f.Digits("zip"), Zone: organization.Zone,
		Phone: f.Line("phone", 30, "The phone number")}
	var area float64
	if organization.Kind == "home_care" {
		area = areas[f.OneOf("area", "Choose how far you go", "8", "16", "32", "48")]
	}
	near, err := h.Gateway.Public().ZIPCode(c.Request().Context(), l.ZIP)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		f.Wrong("zip", "Enter a ZIP code of the region, like 02906")
	case err != nil:
		return err
	}
	if !f.OK() {
		return h.showLocation(c, http.StatusUnprocessableEntity, f)
	}
	l.ID = addedID(organization, f, l.Name, l.Street, l.ZIP, l.Phone, area)
	l.City, l.State, l.Lat, l.Lon = near.Town, near.State, near.Lat, near.Lon
	err = h.Gateway.Within(c.Request().Context(), web.Scope(c, organization), func(q *tenantdb.Queries) error {
		return offering.AddLocation(c.Request().Context(), q, l, area)
	})
	return h.added(c, l.Name, err)
}
