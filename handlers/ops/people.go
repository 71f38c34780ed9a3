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

// ListPeople finds people by address, name or booking reference. That somebody looked is kept.
func (h *Handlers) ListPeople(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ask, err := askPeople(f)
	if err != nil {
		return err
	}
	if ask.Asked == "" || !f.OK() {
		return h.people(c, f, ask, foundPeople{})
	}
	var is foundPeople
	if ask.IDs, is.bookings, is.silent, err = h.byReference(c, ask.Asked); err != nil {
		return err
	}
	is.people, err = identity.FindPeople(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)),
		web.SiteOf(c).Keys, ask)
	if err != nil {
		return err
	}
	return h.people(c, f, ask, is)
}

func askPeople(f *web.Form) (ask identity.PeopleQuestion, err error) {
	ask.Asked = f.Sought("q")
	if n := utf8.RuneCountInString(ask.Asked); n > 0 && n < shortestQuestion || n > 120 {
		f.Wrong("q", "Type 3 characters or more of an address, a name, a phone number or a reference")
	}
	if s := f.Raw("sort"); slices.ContainsFunc(peopleSorts, func(o ui.Option) bool { return o.Value == s }) {
		ask.Sort = s
	}
	if at, err := time.Parse(time.RFC3339Nano, f.Raw("seen")); err == nil && ask.Sort == "seen" {
		ask.SeenAt = &at
	}
	ask.After, err = f.OptionalID("after")
	return ask, err
}

// peoplePath is the address of a page of people: the same question, behind somebody or from the beginning.
func peoplePath(ask identity.PeopleQuestion, behind *shareddb.FindAccountsRow) string {
	values := url.Values{"q": {ask.Asked}}
	if ask.Sort != "" {
		values.Set("sort", ask.Sort)
	}
	if behind != nil {
		values.Set("after", behind.ID.String())
	}
	if behind != nil && ask.Sort == "seen" {
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

func (h *Handlers) people(c echo.Context, f *web.Form, ask identity.PeopleQuestion, is foundPeople) error {
	status := http.StatusOK
	if !f.OK() {
		status = http.StatusUnprocessableEntity
	}
	p := view.PeoplePage{Problems: f.Problems, Asked: ask.Asked != "" && f.OK(), Bookings: is.bookings,
		Count: is.verdict(ask), Sort: ask.Sort, Sorts: peopleSorts}
	p.Page, p.Console = h.page(c, "/ops/people", "People", "Whom are you looking for?")
	p.Find, p.Wrong, p.Missing = ask.Asked, !f.OK(), strings.Join(is.silent, ", ")
	if ask.After != nil {
		p.Pages.First = peoplePath(ask, nil)
	}
	if n := len(is.people); n == identity.PeoplePage {
		p.Pages.Next = peoplePath(ask, &is.people[n-1])
	}
	for _, a := range is.people {
		p.Found = append(p.Found, view.Found{Href: personPath(a.ID), Name: a.Name, Email: a.Email,
			Since: h.day(a.CreatedAt), Seen: h.seen(a.LastSeenAt), About: aboutFound(a)})
	}
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
