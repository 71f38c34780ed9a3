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
	return h.showLocation(c, http.StatusOK, f, nil)
}

// showLocation is the form of a new location, or of one that is there.
func (h *Handlers) showLocation(c echo.Context, status int, f *web.Form, of *tenantdb.LocationRow) error {
	title := "Add a location"
	if of != nil {
		title = of.Name
	}
	page, work, err := h.frame(c, title, "/listings", f.Problems)
	if err != nil {
		return err
	}
	p := view.LocationPage{Page: page, Work: work, Problems: f.Problems, Form: formNumber(f),
		Action: work.Home + "/locations", Heading: "Where is it?", Button: "Add the location", Name: f.Raw("name"),
		Street: f.Raw("street"), ZIP: f.Raw("zip"), Town: f.Raw("town"), Phone: f.Raw("phone"),
		Home: of == nil && web.Organization(c).Kind == "home_care", Area: f.Raw("area")}
	if of != nil {
		p.Action, p.Heading, p.Button = p.Action+"/"+of.ID.String(), of.Name, "Save"
		p.Directions, p.Proof = f.Raw("directions"), proofOf(f)
		p.Proof.Location = true
		if p.Waiting, err = h.waiting(c, of.ID); err != nil {
			return err
		}
	}
	return web.Render(c, status, view.NewLocation(p), view.LocationForm)
}

// areas are how far a home care agency goes, in kilometers, and in the words of the page.
var areas = map[string]float64{"8": 8, "16": 16, "32": 32, "48": 48}

// CreateLocation adds a location. Its state and place on the map are those of its ZIP code.
func (h *Handlers) CreateLocation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	l := readLocation(f)
	l.Zone = organization.Zone
	var area float64
	if organization.Kind == "home_care" {
		area = areas[f.OneOf("area", "Choose how far you go", "8", "16", "32", "48")]
	}
	if err := h.findPlace(c, f, &l); err != nil {
		return err
	}
	if !f.OK() {
		return h.showLocation(c, http.StatusUnprocessableEntity, f, nil)
	}
	l.ID = addedID(organization, f, l.Name, l.Street, l.ZIP, l.Phone, area)
	err = h.Gateway.Within(c.Request().Context(), web.Scope(c, organization), func(q *tenantdb.Queries) error {
		return offering.AddLocation(c.Request().Context(), q, organization, l, area)
	})
	return h.added(c, l.Name, err)
}

func readLocation(f *web.Form) tenantdb.AddLocationParams {
	return tenantdb.AddLocationParams{Name: f.Text("name", 100, "Enter a name for the location"),
		Street: f.Text("street", 120, "Enter the street and number"), ZIP: f.Digits("zip"),
		Phone: f.Line("phone", 30, "The phone number")}
}

// findPlace finds where a location's ZIP code lies. The town of one that the region does not list is asked for.
func (h *Handlers) findPlace(c echo.Context, f *web.Form, l *tenantdb.AddLocationParams) error {
	const like = "Enter a ZIP code of the region, like 02906"
	if len(l.ZIP) != 5 {
		f.Wrong("zip", like)
		return nil
	}
	l.City = f.Line("town", 60, "The town")
	near, err := h.Gateway.Public().NearZIPCode(c.Request().Context(), l.ZIP, "", l.City)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		f.Wrong("zip", like)
		return nil
	case err != nil:
		return err
	case near.ZIP == l.ZIP:
		l.City = near.Town
	case l.City == "":
		f.Wrong("town", "We do not know this ZIP code. Look at it again; if it is right, enter the town")
	}
	l.State, l.Lat, l.Lon = near.State, near.Lat, near.Lon
	return nil
}
