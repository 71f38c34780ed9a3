package provider

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// dayQuestion is of which day a list is, and by what it is narrowed.
type dayQuestion struct {
	date     civil.Date
	with     *uuid.UUID // practitioner, room or team
	location *uuid.UUID
	status   string // empty: every one
}

var errNoDay = fmt.Errorf("no day: %w", web.ErrNotFound)

// dayQuestion reads what is asked. Ids and states that the page did not offer are nowhere, as a day is that is none.
func (h *Handlers) dayQuestion(c echo.Context, f *web.Form) (q dayQuestion, err error) {
	if q.date, err = h.date(c, f.Raw("day")); err != nil {
		return q, err
	}
	if err := f.OptionalIDs(map[string]**uuid.UUID{"with": &q.with, "location": &q.location}); err != nil {
		return q, err
	}
	if q.status = f.Raw("state"); q.status != "" && !slices.Contains(booking.VisitStatuses(), q.status) {
		return q, fmt.Errorf("no state: %w", web.ErrNotFound)
	}
	return q, nil
}

// date reads a day of the address or the form; none is today, and what is no day is nowhere.
func (h *Handlers) date(c echo.Context, raw string) (civil.Date, error) {
	if raw == "" {
		return today(c, web.Organization(c)), nil
	}
	date, err := civil.ParseDate(raw)
	if err != nil || date.Year < 2000 || date.Year > 2200 {
		return civil.Date{}, errNoDay
	}
	return date, nil
}

func (q dayQuestion) start() time.Time { return q.date.Start(time.UTC) }

// on is the same question of another day.
func (q dayQuestion) on(date civil.Date) dayQuestion { q.date = date; return q }

// in is the same question of another state.
func (q dayQuestion) in(status string) dayQuestion { q.status = status; return q }

func (q dayQuestion) appointments(purpose string) tenantdb.DayAppointmentsParams {
	ask := tenantdb.DayAppointmentsParams{Day: q.start(), Most: dayLimit, Purpose: purpose, With: q.with,
		Location: q.location}
	if q.status != "" {
		ask.Status = &q.status
	}
	return ask
}

func (q dayQuestion) counts(now time.Time) tenantdb.DayCountsParams {
	return tenantdb.DayCountsParams{Day: q.start(), Now: now, With: q.with, Location: q.location}
}

// values are the question as addresses and forms carry it, with more pairs.
func (q dayQuestion) values(more ...string) url.Values {
	values := url.Values{"day": {q.date.String()}}
	if q.with != nil {
		values.Set("with", q.with.String())
	}
	if q.location != nil {
		values.Set("location", q.location.String())
	}
	if q.status != "" {
		values.Set("state", q.status)
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return values
}

func (q dayQuestion) path(home string) string { return home + "/appointments?" + q.values().Encode() }

// row leads back to one visit of the list.
func (q dayQuestion) row(home string, visit uuid.UUID) string {
	return q.path(home) + "#visit-" + visit.String()
}

// kept is what the forms of the list carry along.
func (q dayQuestion) kept() (all []ui.Hidden) {
	values := q.values()
	for _, name := range []string{"day", "with", "location", "state"} {
		if values.Has(name) {
			all = append(all, ui.Hidden{Name: name, Value: values.Get(name)})
		}
	}
	return all
}

// options are what the list can be narrowed by; what leaves no choice is not offered.
func (q dayQuestion) options(all []tenantdb.DayChoicesRow) (with, locations view.DayChoice) {
	with, locations = view.DayChoice{{Text: "Everybody"}}, view.DayChoice{{Text: "Everywhere"}}
	for _, one := range all {
		chosen := q.with
		to := &with
		if one.Kind == "location" {
			chosen, to = q.location, &locations
		}
		*to = append(*to, view.DayOption{Value: one.ID.String(), Text: one.Name, Chosen: chosen != nil && *chosen == one.ID})
	}
	return with, locations
}

// weekOf are the seven days of the week that a day is in, each with how many visits it has.
func weekOf(q dayQuestion, counts []tenantdb.WeekCountsRow, now civil.Date, home string) (week []view.WeekDay) {
	for n := range 7 {
		date := q.date.Monday().AddDays(n)
		one := view.WeekDay{Name: date.ShortWeekday(), Date: date.Short(), Href: q.on(date).path(home),
			Here: date == q.date, Today: date == now, Visits: "No visits"}
		for _, r := range counts {
			if civil.DateOf(r.Day) == date {
				one.Visits = count(r.Visits, "visit", "visits")
			}
		}
		week = append(week, one)
	}
	return week
}

// stateCount is how many visits of a day are in one state.
type stateCount struct {
	status, words string
	n             int64
}

func counted(s tenantdb.DayCountsRow) []stateCount {
	return []stateCount{{booking.StatusBooked, "Expected", s.Expected}, {booking.StatusArrived, "Here", s.Here},
		{booking.StatusFulfilled, "Done", s.Done}, {booking.StatusNoShow, "Missed", s.Missed},
		{booking.StatusCancelled, "Canceled", s.Canceled}}
}

// chips are the states of a day as links that show those visits alone.
func chips(q dayQuestion, s tenantdb.DayCountsRow, home string) (all []view.Chip) {
	total := int64(0)
	for _, one := range counted(s) {
		if total += one.n; one.n > 0 || q.status == one.status {
			all = append(all, view.Chip{Text: fmt.Sprintf("%s %d", one.words, one.n), Href: q.in(one.status).path(home),
				Here: q.status == one.status})
		}
	}
	if len(all) < 2 && q.status == "" {
		return nil
	}
	every := view.Chip{Text: fmt.Sprintf("All %d", total), Href: q.in("").path(home), Here: q.status == ""}
	return append([]view.Chip{every}, all...)
}

// visit is what is booked from the list: on its day, and with whom it is narrowed to.
func (q dayQuestion) visit() visitQuestion {
	v := visitQuestion{Asked: true, Day: q.date}
	if q.with != nil {
		v.With = *q.with
	}
	return v
}

// zoneWords names the zone where there is one: " (EST)".
func zoneWords(rows []tenantdb.DayAppointmentsRow, zone string, date civil.Date) string {
	for _, r := range rows {
		if r.Zone != rows[0].Zone {
			return ""
		}
		zone = r.Zone
	}
	return " (" + civil.ZoneName(date.Start(civil.ZoneOrUTC(zone)).Add(12*time.Hour)) + ")"
}
