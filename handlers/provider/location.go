package provider

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/offering"
	"kindward/internal/search"
	"kindward/queries/tenantdb"
)

func (h *Handlers) location(c echo.Context) (of tenantdb.LocationRow, err error) {
	id, err := web.ID(c, "location")
	if err != nil {
		return of, err
	}
	return web.Found(h.Gateway.Once(web.Scope(c, web.Organization(c))).Location(c.Request().Context(), id))
}

// ShowLocation is what an organization says of a location, to be changed, and what of it waits for review.
func (h *Handlers) ShowLocation(c echo.Context) error {
	of, err := h.location(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Raw("form") == "" {
		setAll(f, "name", of.Name, "street", of.Street, "zip", of.ZIP, "town", of.City, "phone", of.Phone, "directions",
			of.Directions, offering.LastDay, dayOf(of.ValidUntil), offering.InsuredDay, dayOf(of.InsuredUntil))
	}
	return h.showLocation(c, http.StatusOK, f, &of)
}

// UpdateLocation changes a location: what it is called, its phone and the way in at once; its address and the last day
// of its license when they are reviewed.
func (h *Handlers) UpdateLocation(c echo.Context) error {
	of, err := h.location(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	l := readLocation(f)
	l.City, l.State, l.Lat, l.Lon = of.City, of.State, of.Lat, of.Lon
	if l.ZIP != of.ZIP {
		if err := h.findPlace(c, f, &l); err != nil {
			return err
		}
	}
	directions := f.Optional("directions", 600, "The way in")
	change := offering.Change{Kind: offering.OfLocation, Subject: of.ID, Name: of.Name, State: l.State}
	change.Was, change.Becomes = offering.Between(place(of.Street, of.ZIP, of.City, of.State, of.Lat, of.Lon),
		place(l.Street, l.ZIP, l.City, l.State, l.Lat, l.Lon))
	readProof(f, &change)
	readLastDay(f, &change, offering.LastDay, of.ValidUntil)
	readLastDay(f, &change, offering.InsuredDay, of.InsuredUntil)
	readNothing(f, &change)
	if err := limitChange(c, f, change); err != nil {
		return err
	}
	if !f.OK() {
		return h.showLocation(c, http.StatusUnprocessableEntity, f, &of)
	}
	return h.update(c, "Location", l.Name, change, func(q *tenantdb.Queries) error {
		return q.UpdateLocation(c.Request().Context(), tenantdb.UpdateLocationParams{ID: of.ID, Name: l.Name,
			Phone: l.Phone, Directions: directions})
	})
}

// place is an address with where it lies.
func place(street, zip, city, state string, lat, lon float64) offering.Values {
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	return offering.Values{"street": street, "zip": zip, "city": city, "state": state, "lat": number(lat),
		"lon": number(lon)}
}

// update changes at once what may be, asks for the rest, and publishes.
func (h *Handlers) update(c echo.Context, resource, name string, change offering.Change,
	write func(*tenantdb.Queries) error) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	who, _ := web.Actor(c)
	err := h.Gateway.Within(ctx, web.Scope(c, organization), func(q *tenantdb.Queries) error {
		if err := write(q); err != nil {
			return err
		}
		if err := q.ChangeOfferings(ctx, change.Subject); err != nil {
			return err
		}
		if err := q.AuditUpdated(ctx, resource, &change.Subject); err != nil {
			return err
		}
		if len(change.Becomes) > 0 {
			if err := offering.Ask(ctx, q, change, who.ID, web.Now(c)); err != nil {
				return err
			}
		}
		return search.Publish(ctx, q, organization, web.Now(c))
	})
	if err != nil {
		return err
	}
	h.notify()
	saved(c, name, change)
	return web.Redirect(c, home(organization)+"/listings")
}
