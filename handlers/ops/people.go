package ops

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
)

// shortestQuestion keeps anybody from paging through everybody.
const shortestQuestion = 3

// ListPeople finds people by address, name or booking reference. That somebody looked is kept.
func (h *Handlers) ListPeople(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	asked := f.Sought("q")
	if asked == "" {
		return h.people(c, http.StatusOK, f, asked, foundPeople{})
	}
	if utf8.RuneCountInString(asked) < shortestQuestion || utf8.RuneCountInString(asked) > 120 {
		f.Wrong("q", "Type 3 characters or more of an address, a name, a phone number or a reference")
		return h.people(c, http.StatusUnprocessableEntity, f, asked, foundPeople{})
	}
	after, err := f.OptionalID("after")
	if err != nil {
		return err
	}
	ids, bookings, silent, err := h.byReference(c, asked)
	if err != nil {
		return err
	}
	found, err := identity.FindPeople(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)), web.SiteOf(c).Keys,
		asked, ids, after)
	if err != nil {
		return err
	}
	return h.people(c, http.StatusOK, f, asked, foundPeople{found, bookings, silent, after != nil})
}

// foundPeople is what a search has found.
type foundPeople struct {
	people   []shareddb.FindAccountsRow
	bookings []view.FoundBooking
	silent   []string // organizations that could not be asked
	later    bool     // not the first page
}

func (h *Handlers) people(c echo.Context, status int, f *web.Form, asked string,
	is foundPeople) error {
	found, silent := is.people, is.silent
	p := view.PeoplePage{Problems: f.Problems, Asked: asked != "" && f.OK()}
	p.Bookings = is.bookings
	switch {
	case len(found) == 0 && is.later:
		p.Count = "These were all who fit."
	case is.later:
		p.Count = count(int64(len(found)), "more person fits.", "more people fit.")
	case len(found) == 0 && len(is.bookings) > 0:
		p.Count = "Nobody with an account has this booking."
	case len(found) == 0:
		p.Count = "Nobody was found for that."
	case len(found) == identity.PeoplePage:
		p.Count = fmt.Sprintf("%d people or more fit, by name.", len(found))
	default:
		p.Count = count(int64(len(found)), "person fits.", "people fit.")
	}
	p.Page, p.Console = h.page(c, "/ops/people", "People", "Whom are you looking for?")
	p.Find, p.Wrong, p.Missing = asked, !f.OK(), strings.Join(silent, ", ")
	self := "/ops/people?" + url.Values{"q": {asked}}.Encode()
	if is.later {
		p.Pages.First = self
	}
	if len(found) == identity.PeoplePage {
		p.Pages.Next = self + "&after=" + found[len(found)-1].ID.String()
	}
	for _, a := range found {
		p.Found = append(p.Found, view.Found{Href: personPath(a.ID), Name: a.Name, Email: a.Email,
			Since: a.CreatedAt.Format("2 January 2006"), About: aboutFound(a)})
	}
	return web.Render(c, status, view.PeopleFound(p), view.People)
}

func aboutFound(a shareddb.FindAccountsRow) string {
	var about []string
	if a.DisabledAt != nil {
		about = append(about, "Account is closed")
	}
	if a.IsStaff {
		about = append(about, "Staff")
	}
	if a.Workplaces > 0 {
		about = append(about, "Works at "+count(a.Workplaces, "organization", "organizations"))
	}
	return strings.Join(about, ", ")
}

func personPath(id uuid.UUID) string { return "/ops/people/" + id.String() }

// byReference asks each organization for the booking that a reference names. Those that are behind this program are
// named instead.
func (h *Handlers) byReference(c echo.Context, asked string) (ids []uuid.UUID, bookings []view.FoundBooking,
	silent []string, err error) {
	ref, ok := booking.ReadRef(asked)
	if !ok {
		return nil, nil, nil, nil
	}
	silent, err = h.eachOrganization(c, tenancy.Tenant{}, func(scope tenancy.Scope, at shareddb.TenantsRow) error {
		found, err := h.Gateway.Once(scope).AccountByReference(c.Request().Context(), ref)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if found.AccountID != nil {
			ids = append(ids, *found.AccountID)
		}
		bookings = append(bookings, view.FoundBooking{Ref: ref, Organization: at.Name, Href: bookingPath(at.Slug, found.ID)})
		return nil
	})
	return ids, bookings, silent, err
}
