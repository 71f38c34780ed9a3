package provider

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// surely stands before the status in a button that answers a question.
const surely = "sure:"

// UpdateStatus marks what became of a visit and leads back to its row. What is marked so already is shown; what was
// changed in another way meanwhile is 409 with the list as it is now.
func (h *Handlers) UpdateStatus(c echo.Context) error {
	id, err := web.ID(c, "appointment")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := h.dayQuestion(c, f)
	if err != nil {
		return err
	}
	status, sure := strings.CutPrefix(f.Raw("status"), surely)
	if status == booking.StatusCancelled || !slices.Contains(booking.VisitStatuses(), status) ||
		!slices.Contains(booking.VisitStatuses(), f.Raw("was")) {
		return h.showDay(c, http.StatusUnprocessableEntity, q,
			&trouble{words: "Choose arrived, done, missed or undo in the row of the visit"})
	}
	err = booking.Mark(c.Request().Context(), h.Gateway.In(web.Scope(c, web.Organization(c))),
		booking.Marking{Visit: id, Status: status, Was: f.Raw("was"), Now: web.Now(c), Sure: sure})
	if err != nil {
		return h.notMarked(c, q, id, status, err)
	}
	h.notify()
	if web.Partial(c) {
		return h.showMarked(c, q, id)
	}
	return web.Redirect(c, q.row(home(web.Organization(c)), id))
}

// notMarked answers why a visit is not marked, as far as that is known, with its time and whose it is.
func (h *Handlers) notMarked(c echo.Context, q dayQuestion, id uuid.UUID, status string, err error) error {
	refused := func(words string) error { // it may be in another state than those that are shown
		return h.showDay(c, http.StatusConflict, q.in(""), &trouble{id.String(), words})
	}
	switch {
	case errors.Is(err, booking.ErrNotHere):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, booking.ErrEarly):
		return refused("%s is on a day to come. It can be marked then")
	case errors.Is(err, booking.ErrBeforehand):
		return refused("%s is still to come, so nothing was marked. Press the same button again and say that you are sure")
	case errors.Is(err, tenancy.ErrUnknown):
		web.Flash(c, ui.Notice{Warn: true, Text: "We lost a connection while the visit was marked. " +
			"Look at its row before you mark it again."})
		return web.LookAt(c, q.row(home(web.Organization(c)), id), err)
	case errors.Is(err, booking.ErrMarked):
		return h.showAsMarked(c, q, id, status)
	case errors.Is(err, booking.ErrGone):
		return refused("%s was changed meanwhile. This is how it stands now")
	}
	return err
}

// showAsMarked answers the second press, which does nothing, like the first, and says so on a whole page.
func (h *Handlers) showAsMarked(c echo.Context, q dayQuestion, id uuid.UUID, status string) error {
	if web.Partial(c) {
		return h.showMarked(c, q, id)
	}
	web.Flash(c, ui.Notice{Text: "That visit was marked already: " +
		web.Named(states, status, unclear).text + ". This is how the day stands."})
	return web.Redirect(c, q.row(home(web.Organization(c)), id))
}

// showMarked answers with the one row that was marked and the new counts, so that the others are not looked at again.
func (h *Handlers) showMarked(c echo.Context, q dayQuestion, id uuid.UUID) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	one := tenantdb.DayAppointmentsParams{Day: q.start(), Most: 1, Only: &id, Purpose: purpose(c)}
	var rows []tenantdb.DayAppointmentsRow
	var where map[uuid.UUID]ui.VisitPlace
	err := h.Gateway.Within(ctx, web.Scope(c, organization), func(from *tenantdb.Queries) (err error) {
		if rows, err = from.DayAppointments(ctx, one); err != nil {
			return err
		}
		where, err = places(ctx, from, modesOf(rows))
		return err
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 { // marked from the list of another day
		return web.Redirect(c, q.path(home(organization)))
	}
	sum, err := h.Gateway.Once(web.Scope(c, organization)).DayCounts(ctx, q.counts(web.Now(c)))
	if err != nil {
		return err
	}
	p := view.DayPage{Date: q.date.String(), Keep: q.kept(), Line: lineOf(sum), Chips: chips(q, sum, home(organization)),
		Where: web.Field(c, "where") != "", Apart: true}
	line := reachOn(c, q.date).listed(rows[0])
	line.Place = where[id]
	return web.Render(c, http.StatusOK, view.MarkedVisit(p, line), view.Marked)
}

// state is how a visit stands, in a word.
type state struct {
	text string
	tone ui.Tone
}

var (
	states = map[string]state{booking.StatusBooked: {"Expected", ui.Good},
		booking.StatusArrived:   {"Here", ui.Warn}, // somebody waits
		booking.StatusFulfilled: {"Done", ui.Quiet}, booking.StatusNoShow: {"Missed", ui.Bad},
		booking.StatusCancelled: {"Canceled", ui.Bad}}
	unclear = state{"Unclear", ui.Quiet}
)

type verb struct{ status, text, question string }

// verbs are what can be said of a visit, in the order in which they stand in its row, each always in its own place: a
// second press where the first one was never says something else.
var verbs = []verb{
	{booking.StatusArrived, "Arrived", "Has %s come for a visit at %t?"},
	{booking.StatusFulfilled, "Done", "The visit of %s begins at %t. Is it done already?"},
	{booking.StatusNoShow, "Missed", "The visit of %s begins at %t. Will it be missed?"},
}

// marks are the verbs of a visit, and the way back.
func marks(r tenantdb.DayAppointmentsRow, now time.Time) (all []view.Mark) {
	undone := booking.Undone(r.Status, r.ArrivedAt != nil)
	for _, verb := range verbs {
		one := view.Mark{Status: verb.status, Text: verb.text, Pressed: r.Status == verb.status,
			Off: !slices.Contains(booking.NextStatuses(r.Status), verb.status) || verb.status == undone}
		one.UndoFirst = one.Off && !one.Pressed
		if !one.Off && booking.AsksFirst(verb.status, r.StartsAt, now) {
			one.Status = surely + verb.status
			one.Ask = strings.NewReplacer("%s", nameOf(r), "%t",
				civil.Clock(r.StartsAt.In(civil.ZoneOrUTC(r.Zone)))).Replace(verb.question)
		}
		all = append(all, one)
	}
	undo := view.Mark{Status: undone, Text: "Undo"}
	undo.Off = undone == ""
	return append(all, undo)
}
