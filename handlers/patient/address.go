package patient

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// area is to which homes an organization comes: so far around its base.
type area struct {
	organization, base string
	lat, lon, km       float64
}

func areaOf(l *search.Listing) area { return area{l.OrgName, l.City, l.Lat, l.Lon, l.AreaKm} }

func (a area) reaches(home search.Near) bool { return search.Reaches(a.lat, a.lon, a.km, home) }

func (a area) String() string {
	return a.organization + " comes to homes within " + search.DistanceText(a.km) + " of " + a.base + "."
}

// readAddress is the one reader of the fields of a ui.HomeAddress: an address in the area, or problems with its fields.
func (h *Handlers) readAddress(f *web.Form, around area) *venue.Address {
	a := venue.Address{Street: f.Text("street", 120, "Enter the house number and the street"),
		Unit:  f.Line("unit", 40, "Apartment or unit"),
		Town:  f.Text("town", 80, "Enter the town"),
		Entry: f.Line("entry", 200, "How they get in"), Opens: f.Line("opens", 120, "Who opens the door"),
		Pets: f.Line("pets", 120, "Pets in the home")}
	zip, _, _ := strings.Cut(f.Text("zip", 10, "Enter the ZIP of the home, like 02906"), "-")
	home, known := h.Market.Live().Index().Locate(zip)
	switch {
	case zip == "":
	case len(zip) != 5 || strings.Trim(zip, "0123456789") != "":
		f.Wrong("zip", "Enter the ZIP of the home, five digits like 02906")
	case !known || home.ZIP == "" || !around.reaches(home):
		f.Wrong("zip", around.String()+" "+zip+" is too far")
	}
	a.ZIP, a.State = zip, home.State
	if a.Town != "" && home.ZIP != "" {
		a.Town = f.Town("town", h.Market.Live().Index().CheckTown(home, a.Town))
	}
	return &a
}

// homeFields are the fields of an address as typed.
func homeFields(f url.Values) ui.HomeAddress {
	return ui.HomeAddress{Street: f.Get("street"), Unit: f.Get("unit"), Town: f.Get("town"), ZIP: f.Get("zip"),
		Entry: f.Get("entry"), Opens: f.Get("opens"), Pets: f.Get("pets"), KeepTown: f.Get("keep-town")}
}

// mayKeepTown tells whether the town as typed may be right though another one is listed for its ZIP.
func (h *Handlers) mayKeepTown(typed ui.HomeAddress) bool {
	zip, _, _ := strings.Cut(strings.TrimSpace(typed.ZIP), "-")
	home, known := h.Market.Live().Index().Locate(zip)
	return known && home.ZIP != "" && h.Market.Live().Index().CheckTown(home, typed.Town).MayKeep
}

// homeAsked are the questions about a home: as typed, as they were answered the last time, as the profile says, or with
// what is known of the place that somebody searched from.
func (h *Handlers) homeAsked(c echo.Context, t tenancy.Tenant, typed ui.HomeAddress, around area,
	profile shareddb.ProfileRow) (ui.HomeAddress, error) {
	index := h.Market.Live().Index()
	account, signedIn := web.OwnAccount(c)
	if signedIn && typed.Street+typed.Unit+typed.Town+typed.ZIP == "" {
		last, err := booking.HomeOf(c.Request().Context(), h.Gateway.In(web.Scope(c, t)), account.ID)
		if err != nil {
			return typed, err
		}
		if last != nil {
			typed = addressFields(*last)
		} else {
			zip, _, _ := strings.Cut(profile.ZIP, "-")
			near, _ := index.Locate(zip)
			typed = profileHome(profile, near, around)
		}
	}
	if near, ok := index.Locate(web.PreferencesOf(c).Near); ok && typed.ZIP+typed.Town == "" {
		typed.Town, typed.ZIP = near.Town, near.ZIP
	}
	typed.Legend, typed.Hint, typed.MayKeepTown = "Where should they come?", around.String(), h.mayKeepTown(typed)
	return typed, nil
}

// addressFields are those of an address that was kept: of its town nobody is asked again.
func addressFields(a venue.Address) ui.HomeAddress {
	return ui.HomeAddress{Street: a.Street, Unit: a.Unit, Town: a.Town, ZIP: a.ZIP, Entry: a.Entry, Opens: a.Opens,
		Pets: a.Pets, KeepTown: ui.KeepTown{Town: a.Town, ZIP: a.ZIP}.Value()}
}

// home says on the calendar of visits at home whether the place that is known is in the area, and asks for another
// one. It is kept for this browser, like that of a search.
func (h *Handlers) home(c echo.Context, o listed) *patient.HomePlace {
	if o.listing.Mode != venue.AtHome {
		return nil
	}
	p := &patient.HomePlace{Self: timesPath(o.tenant.Slug, o.listing.ID), Week: c.QueryParam("week"),
		Near: web.Field(c, "near"), Area: areaOf(o.listing).String()}
	if p.Near == "" {
		p.Near = web.PreferencesOf(c).Near
	}
	near, known := h.Market.Live().Index().Locate(p.Near)
	switch {
	case p.Near == "":
		p.Ask = "Enter the town or ZIP of the home, so that we know whether they come there."
	case !known:
		p.Error = "We do not know “" + clip(p.Near) + "”. Enter the ZIP of the home, like 02906."
	case !areaOf(o.listing).reaches(near):
		p.Error = "They do not come to " + near.Text + "."
	default:
		p.Near, p.Comes = near.Text, "They come to "+near.Text+"."
		if kept := web.PreferencesOf(c); kept.Near != near.Text {
			kept.Near = near.Text
			web.SetPreferences(c, kept)
		}
	}
	return p
}

// outOfReach is the calendar again for whoever wants a visit at a home to which nobody comes. Who has not said where it
// is has made no mistake, and is asked.
func (h *Handlers) outOfReach(c echo.Context, o listed, start time.Time) (answered bool, err error) {
	home := h.home(c, o)
	switch {
	case home == nil || home.Comes != "":
		return false, nil
	case home.Error == "":
		local := o.offering.Schedule.Local(start.Unix())
		web.Flash(c, ui.Notice{Text: "Where is the home? Say its town or ZIP below, then take " +
			h.timesOf(c, o.listing).Sentence(local) + " again."})
		return true, web.Redirect(c, timesPath(o.tenant.Slug, o.listing.ID)+"?week="+civil.DateOf(local).String())
	}
	page, err := h.holdingPage(c, o)
	if err != nil {
		return true, err
	}
	page.Problems, page.Wrong = ui.Problems{{Field: "near", Message: page.Home.Error}}, true
	return true, web.Render(c, http.StatusUnprocessableEntity, patient.ChooseTime(page), "")
}

// NewAddress asks where a visit at home is to be instead.
func (h *Handlers) NewAddress(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	if !o.mayChangeAddress(c) {
		return h.notChangeable(c, o)
	}
	typed := ui.HomeAddress{}
	if o.where.Home != nil {
		typed = addressFields(*o.where.Home)
	}
	return h.askAddress(c, http.StatusOK, o, typed, nil)
}

// CreateAddress gives the visit another address until the cut-off.
func (h *Handlers) CreateAddress(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if !o.mayChangeAddress(c) {
		return h.notChangeable(c, o)
	}
	a := h.readAddress(f, o.area())
	if !f.OK() {
		return h.askAddress(c, http.StatusUnprocessableEntity, o, homeFields(f.Values(ui.HomeFields...)), f.Problems)
	}
	if often, err := web.CountDetailChange(c); err != nil {
		return err
	} else if often != "" {
		return h.askAddress(c, http.StatusTooManyRequests, o, homeFields(f.Values(ui.HomeFields...)),
			ui.Problems{{Field: "street", Message: often}})
	}
	err = booking.ChangeAddress(c.Request().Context(), h.Gateway.In(web.Scope(c, o.tenant)), o.booked, *a, web.Now(c))
	switch {
	case err == nil:
		h.notify()
		web.Flash(c, ui.Notice{Done: true, Text: o.tenant.Name + " comes to " + a.Line() + "."})
	case errors.Is(err, booking.ErrGone):
		return h.changedBefore(c, func(opened) bool { return false })
	case errors.Is(err, tenancy.ErrUnknown):
		web.Flash(c, ui.Notice{Warn: true, Text: "We lost a connection while the address was changed. " +
			"Look at it before you change it again."})
		return web.LookAt(c, bookingPath(o.ID), err)
	case errors.Is(err, booking.ErrTooLate):
		return h.notChangeable(c, o)
	default:
		return err
	}
	return web.Redirect(c, bookingPath(o.ID))
}

func (h *Handlers) askAddress(c echo.Context, status int, o opened, typed ui.HomeAddress, problems ui.Problems) error {
	page := patient.AddressPage{Page: web.Page(c, "Change the address"), Problems: problems,
		Heading: "Where should they come on " + o.times.Sentence(o.start) + "?",
		Action:  bookingPath(o.ID) + "/address", Keep: bookingPath(o.ID), Home: typed}
	page.Home.Legend, page.Home.Hint, page.Home.Problems = "The home", o.area().String(), problems
	page.Home.MayKeepTown = h.mayKeepTown(typed)
	page.Here, page.Frame, page.Wrong = layout.Bookings, layout.Column, len(problems) > 0
	return web.Render(c, status, patient.ChangeAddress(page), "")
}

func (o opened) area() area { return area{o.tenant.Name, o.City, o.Lat, o.Lon, o.AreaKm} }

func (o opened) mayChangeAddress(c echo.Context) bool {
	_, may := o.booked.MayMove(web.Now(c))
	return may && o.Status == booking.StatusBooked && o.where.Mode == venue.AtHome
}

func holdArea(t tenancy.Tenant, hold tenantdb.HoldPageRow) area {
	return area{t.Name, hold.City, hold.Lat, hold.Lon, hold.AreaKm}
}
