package ops

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
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
	"kindward/views/ui"
)

// shortestQuestion keeps anybody from paging through everybody.
const shortestQuestion = 3

// peopleSorts are the orders in which people come; the empty one is by name.
var peopleSorts = []ui.Option{{Value: "", Text: "Name"}, {Value: "seen", Text: "Last seen first"},
	{Value: "since", Text: "Newest first"}}

// peopleSearch is what somebody of the staff asks for, and in which order.
type peopleSearch struct{ Typed, Sort string }

var peopleSearches = web.NewSearches[peopleSearch]("people_searches")

// ListPeople asks whom somebody looks for, or shows a page of who was found for a search of theirs. That somebody
// looked is kept.
func (h *Handlers) ListPeople(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	search, named, known := peopleSearches.Asked(c)
	if !known {
		var p view.PeoplePage
		if named {
			p.Count = "That search is not kept any more. Find them once more."
		}
		return h.people(c, http.StatusOK, p)
	}
	ask := identity.PeopleQuestion{Asked: web.Sought(search.Typed), Sort: search.Sort}
	if at, err := time.Parse(time.RFC3339Nano, f.Raw("seen")); err == nil && ask.Sort == "seen" {
		ask.SeenAt = &at
	}
	if ask.After, err = f.OptionalID("after"); err != nil {
		return err
	}
	return h.listFound(c, c.QueryParam(web.SearchField), search, ask)
}

// FindPeople finds people by address, name, phone number or booking reference. It is a POST: none of them stands in an
// address.
func (h *Handlers) FindPeople(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	search, asked := peopleSearch{Typed: f.Raw("q")}, f.Sought("q")
	if n := utf8.RuneCountInString(asked); n < shortestQuestion || n > 120 {
		f.Wrong("q", "Type 3 characters or more of an address, a name, a phone number or a reference")
	}
	if s := f.Raw("sort"); slices.ContainsFunc(peopleSorts, func(o ui.Option) bool { return o.Value == s }) {
		search.Sort = s
	}
	if !f.OK() {
		p := view.PeoplePage{Problems: f.Problems, Sort: search.Sort}
		p.Find, p.Wrong = search.Typed, true
		return h.people(c, http.StatusUnprocessableEntity, p)
	}
	key, err := peopleSearches.Keep(c, search)
	if err != nil {
		return err
	}
	return web.ShowFound(c, peoplePath(key, search.Sort, nil), func() error {
		return h.listFound(c, key, search, identity.PeopleQuestion{Asked: asked, Sort: search.Sort})
	})
}

// listFound shows a page of who is found for a search.
func (h *Handlers) listFound(c echo.Context, key string, search peopleSearch, ask identity.PeopleQuestion) (err error) {
	var is foundPeople
	if ask.IDs, is.bookings, is.silent, err = h.byReference(c, ask.Asked); err != nil {
		return err
	}
	is.people, err = identity.FindPeople(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)),
		web.SiteOf(c).Keys, ask)
	if err != nil {
		return err
	}
	p := view.PeoplePage{Asked: true, Bookings: is.bookings, Count: is.verdict(ask), Sort: search.Sort,
		Missing: strings.Join(is.silent, ", ")}
	p.Find = search.Typed
	if ask.After != nil {
		p.Pages.First = peoplePath(key, ask.Sort, nil)
	}
	if n := len(is.people); n == identity.PeoplePage {
		p.Pages.Next = peoplePath(key, ask.Sort, &is.people[n-1])
	}
	for _, a := range is.people {
		p.Found = append(p.Found, view.Found{Href: personPath(a.ID), Name: a.Name, Email: a.Email,
			Since: h.day(a.CreatedAt), Seen: h.seen(a.LastSeenAt), About: aboutFound(a)})
	}
	return h.people(c, http.StatusOK, p)
}

// peoplePath is the address of a page of a search: behind somebody or from the beginning.
func peoplePath(key, sort string, behind *shareddb.FindAccountsRow) string {
	values := url.Values{web.SearchField: {key}}
	if behind != nil {
		values.Set("after", behind.ID.String())
	}
	if behind != nil && sort == "seen" {
		values.Set("seen", behind.LastSeenAt.UTC().Format(time.RFC3339Nano))
	}
	return "/ops/people?" + values.Encode()
}

// foundPeople is what a search has found.
type foundPeople struct {
	people   []shareddb.FindAccountsRow
	bookings []view.FoundBooking
	silent   []string // organizations that could not be asked
}

// verdict is how many there are, and in which order if there are more.
func (is foundPeople) verdict(ask identity.PeopleQuestion) string {
	n := len(is.people)
	switch {
	case n == 0 && ask.After != nil:
		return "These were all who fit."
	case ask.After != nil:
		return count(int64(n), "more person fits.", "more people fit.")
	case n == 0 && len(is.bookings) > 0:
		return "Nobody with an account has this booking."
	case n == 0:
		return "Nobody was found for that."
	case n == identity.PeoplePage:
		return fmt.Sprintf("%d people or more fit, %s.", n, map[string]string{"seen": "the last seen first",
			"since": "the newest first", "": "by name"}[ask.Sort])
	}
	return count(int64(n), "person fits.", "people fit.")
}

// people is the page with the field.
func (h *Handlers) people(c echo.Context, status int, p view.PeoplePage) error {
	find, wrong := p.Find, p.Wrong
	p.Page, p.Console = h.page(c, "/ops/people", "People", "Whom are you looking for?")
	p.Find, p.Wrong, p.Sorts = find, wrong, peopleSorts
	return web.Render(c, status, view.PeopleFound(p), view.People)
}

// seen is when somebody was last seen, as long as their sessions are kept.
func (h *Handlers) seen(at time.Time) string {
	if at.Unix() == 0 {
		return "Not lately"
	}
	return h.when(at)
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

// byReference asks the organization in which a booking has this reference for it. One that is behind this program is
// named instead.
func (h *Handlers) byReference(c echo.Context, asked string) (ids []uuid.UUID, bookings []view.FoundBooking,
	silent []string, err error) {
	ref, ok := booking.ReadRef(asked)
	if !ok {
		return nil, nil, nil, nil
	}
	places, err := h.havingReference(c, ref)
	if err != nil {
		return nil, nil, nil, err
	}
	silent, err = h.askEach(c, places, func(scope tenancy.Scope, at tenancy.Tenant) error {
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
