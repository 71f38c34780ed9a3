package provider

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/views/ui"
)

// visitQuestion is what is to be booked for somebody, as addresses carry it from page to page and a search keeps it.
// What is zero is not said.
type visitQuestion struct {
	Asked                             bool // a visit is to be booked
	Service, With, Location, Offering uuid.UUID
	Day                               civil.Date `json:",omitzero"` // zero: the first that has a time
	Whole                             bool       // that day alone, with all its times
	Start                             int64      // Unix seconds; zero: none is chosen
}

// bookField says in the address of a page that a visit is to be booked there.
const bookField = "book"

// readVisitQuestion reads what is asked; what no page offers is nowhere.
func readVisitQuestion(f *web.Form) (q visitQuestion, err error) {
	q.Asked = f.Ticked(bookField)
	for name, to := range q.ids() {
		id, err := f.OptionalID(name)
		if err != nil {
			return q, err
		}
		if id != nil {
			*to = *id
		}
	}
	if raw := f.Raw("day"); raw != "" {
		if q.Day, err = civil.ParseDate(raw); err != nil || q.Day.Year < 2000 || q.Day.Year > 2200 {
			return q, errNoDay
		}
	}
	if raw := f.Raw("start"); raw != "" {
		start, err := time.Parse(time.RFC3339, raw)
		if err != nil {
			return q, web.ErrUnreadable
		}
		q.Start = start.Unix()
	}
	q.Whole = f.Ticked("whole") && !q.Day.IsZero()
	return q, nil
}

func (q *visitQuestion) ids() map[string]*uuid.UUID {
	return map[string]*uuid.UUID{"service": &q.Service, "with": &q.With, "location": &q.Location, "offering": &q.Offering}
}

func (q visitQuestion) values() url.Values {
	values := url.Values{bookField: {"on"}}
	for name, id := range q.ids() {
		if *id != uuid.Nil {
			values.Set(name, id.String())
		}
	}
	if !q.Day.IsZero() {
		values.Set("day", q.Day.String())
	}
	if q.Whole {
		values.Set("whole", "on")
	}
	if q.Start != 0 {
		values.Set("start", instant(q.Start))
	}
	return values
}

// instant is a start as forms carry it.
func instant(start int64) string { return time.Unix(start, 0).UTC().Format(time.RFC3339) }

// hidden is the question as the fields of a form; none: no visit is to be booked.
func (q visitQuestion) hidden() (all []ui.Hidden) {
	values := q.values()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if q.Asked {
			all = append(all, ui.Hidden{Name: name, Value: values.Get(name)})
		}
	}
	return all
}

// path leads to the page on which the visit is booked for somebody on file.
func (q visitQuestion) path(organization tenancy.Tenant, patient uuid.UUID) string {
	return newVisitPath(organization, patient) + "?" + q.values().Encode()
}

// on is the same question of another day.
func (q visitQuestion) on(day civil.Date, whole bool) visitQuestion {
	q.Day, q.Whole, q.Start, q.Offering = day, whole, 0, uuid.Nil
	return q
}

// offered is something that patients can book here.
type offered struct {
	booking.Offering
	listing *search.Listing
}

// words are what it is, with whom and where.
func (o offered) words() string { return o.listing.Service + " " + o.withWhom() }

func (o offered) withWhom() string {
	return "with " + cmp.Or(o.listing.Practitioner, "the team") + ", " +
		venue.AtDesk(o.listing.Mode, o.listing.LocationName)
}

func (o offered) clock(start int64) string { return civil.Clock(o.Schedule.Local(start)) }

// offeredHere is one of what patients can book at an organization. Visits at home are left out: where that is, only the
// patient says.
func (h *Handlers) offeredHere(organization tenancy.Tenant, id uuid.UUID) (offered, bool) {
	offering, listing, ok := h.Market.Offering(id)
	return offered{offering, listing}, ok && listing.Tenant == organization.ID && listing.Mode != venue.AtHome
}

// offeredAll is all of it, in order of service, person and place.
func (h *Handlers) offeredAll(organization tenancy.Tenant) (all []offered) {
	for _, l := range h.Market.OfTenant(organization.ID) {
		if o, ok := h.offeredHere(organization, l.ID); ok {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b offered) int {
		return cmp.Or(strings.Compare(a.listing.Service, b.listing.Service),
			strings.Compare(a.listing.Practitioner, b.listing.Practitioner),
			strings.Compare(a.listing.LocationName, b.listing.LocationName))
	})
	return all
}

// matches tells whether something that can be booked is what was asked for.
func (q visitQuestion) matches(o offered) bool {
	is := func(asked uuid.UUID, ids ...uuid.UUID) bool { return asked == uuid.Nil || slices.Contains(ids, asked) }
	return is(q.With, append([]uuid.UUID{o.listing.PractitionerID}, o.Resources...)...) &&
		is(q.Service, o.listing.ServiceID) && is(q.Location, o.listing.LocationID) && is(q.Offering, o.ID)
}

// choose keeps what was asked for.
func (q visitQuestion) choose(all []offered) (chosen []offered) {
	for _, o := range all {
		if q.matches(o) {
			chosen = append(chosen, o)
		}
	}
	return chosen
}

// isFree tells whether patients could take a start now.
func (h *Handlers) isFree(c echo.Context, o offered, start int64) (bool, error) {
	near, err := booking.Nearest(c.Request().Context(), h.Busy, o.Offering, time.Unix(start, 0), 1, web.Now(c))
	return len(near) > 0 && near[0].Unix() == start, err
}

// freeDays are the free times of several offerings on some days, each in the zone of its location.
func (h *Handlers) freeDays(ctx context.Context, all []offered, from, to civil.Date, now time.Time) ([][]booking.Day,
	error) {
	asked := make([]booking.Offering, len(all))
	for i, o := range all {
		asked[i] = o.Offering
	}
	taken, err := h.Busy.Calendar(ctx, asked, from, to, now)
	if err != nil {
		return nil, err
	}
	days := make([][]booking.Day, len(all))
	for i, o := range asked {
		days[i] = o.Schedule.DaysBetween(from, to, taken.Pool(o), now.Unix())
	}
	return days, nil
}

// firstFree is the day of the first free time of several offerings, today where there is none.
func (h *Handlers) firstFree(all []offered, today civil.Date) civil.Date {
	var first int64
	var day civil.Date
	for _, o := range all {
		if next := h.Market.Next(o.ID); next != 0 && (first == 0 || next < first) {
			first, day = next, civil.DateOf(o.Schedule.Local(next))
		}
	}
	if first == 0 || day.Before(today) {
		return today
	}
	return day
}
