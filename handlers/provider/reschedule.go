package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// NewVisitReschedule shows the times to which a visit can move, or asks about the one that was chosen: for a patient
// who calls, past the time until which they may themselves too.
func (h *Handlers) NewVisitReschedule(c echo.Context) error {
	visit, err := h.visitToCancel(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := readVisitQuestion(f)
	if err != nil {
		return err
	}
	at, words := h.movable(c, visit)
	if words != "" {
		return h.backToVisit(c, visit, words)
	}
	if q.Start == 0 {
		return h.showReschedule(c, http.StatusOK, visit, at, q, nil)
	}
	free, err := h.isFree(c, at, q.Start)
	if err != nil {
		return err
	}
	if !free {
		return h.lostMove(c, visit, at, q.Start)
	}
	return h.askReschedule(c, visit, at, q.Start)
}

// movable is what a visit is of, or why it cannot move.
func (h *Handlers) movable(c echo.Context, visit tenantdb.VisitToCancelRow) (at offered, words string) {
	at, live := h.offeredHere(web.Organization(c), visit.OfferingID)
	switch {
	case visit.Status != booking.StatusBooked || !web.Now(c).Before(visit.StartsAt):
		words = whoseVisit(visit) + " is not to come any more, so it does not move."
	case !live:
		words = "No other times of this are offered any more: cancel the visit, and book another one."
	}
	return at, words
}

// CreateVisitReschedule moves a visit; the time that it had is free at once. A time that is gone answers 409 with
// others; the same request again is answered as the first one was.
func (h *Handlers) CreateVisitReschedule(c echo.Context) error {
	visit, err := h.visitToCancel(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	start := f.Instant("start")
	sequence, bad := strconv.ParseInt(f.Raw("sequence"), 10, 32)
	if bad != nil || !f.OK() {
		return web.ErrUnreadable
	}
	if visit.Status == booking.StatusBooked && visit.StartsAt.Equal(start) && visit.Sequence == int32(sequence)+1 {
		return h.movedTo(c, visit, start) // the same form again
	}
	at, words := h.movable(c, visit)
	if words != "" {
		return h.backToVisit(c, visit, words)
	}
	organization := web.Organization(c)
	resource, err := booking.DeskMove{Visit: visit.ID, Sequence: int32(sequence), Offering: at.Offering, Start: start,
		Now: web.Now(c)}.Move(c.Request().Context(), h.Gateway.In(web.Scope(c, organization)))
	h.Busy.Forget(organization.ID, append(at.Resources, resource)...)
	switch {
	case err == nil:
		h.notify()
		return h.movedTo(c, visit, start)
	case errors.Is(err, booking.ErrTaken), errors.Is(err, booking.ErrChanged):
		return h.lostMove(c, visit, at, start.Unix())
	case errors.Is(err, booking.ErrGone), errors.Is(err, booking.ErrTooLate):
		return h.backToVisit(c, visit, whoseVisit(visit)+" was changed meanwhile. This is how the day stands now.")
	case errors.Is(err, booking.ErrNotHere):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, tenancy.ErrUnknown):
		web.Flash(c, ui.Notice{Warn: true, Text: "We lost a connection while the visit was moved. " +
			"Look at how it stands before you move it again."})
		return web.LookAt(c, appointmentPath(home(organization), visit.ID), err)
	}
	return err
}

func (h *Handlers) movedTo(c echo.Context, visit tenantdb.VisitToCancelRow, start time.Time) error {
	web.Flash(c, ui.Notice{Done: true, Text: "Moved to " + civil.Dated(start.In(civil.ZoneOrUTC(visit.Zone))) +
		". The time that it had is free for others."})
	return web.Redirect(c, appointmentPath(home(web.Organization(c)), visit.ID))
}

// lostMove says that a time is gone, and shows others of its days.
func (h *Handlers) lostMove(c echo.Context, visit tenantdb.VisitToCancelRow, at offered, start int64) error {
	local := at.Schedule.Local(start)
	return h.showReschedule(c, http.StatusConflict, visit, at, visitQuestion{Day: civil.DateOf(local)},
		ui.Problems{{Message: civil.Dated(local) +
			" is not free any more. The visit stands as it was. Choose another time"}})
}

func (h *Handlers) showReschedule(c echo.Context, status int, visit tenantdb.VisitToCancelRow, at offered,
	q visitQuestion, problems ui.Problems) (err error) {
	p := h.reschedulePage(c, visit)
	p.Problems, p.Heading = problems, "When does "+visitor(visit.Patient)+" come instead?"
	if p.Days, p.Earlier, p.Later, err = h.visitDays(c, p.Action, q, []offered{at}); err != nil {
		return err
	}
	return h.renderReschedule(c, status, p)
}

// askReschedule asks once before a visit moves.
func (h *Handlers) askReschedule(c echo.Context, visit tenantdb.VisitToCancelRow, at offered, start int64) error {
	p := h.reschedulePage(c, visit)
	to := civil.Dated(at.Schedule.Local(start))
	p.Heading, p.Button = "Move it to "+to+"?", "Move it to "+to
	p.Line += " That time is free for others as soon as you move it. " + toldWords(visit, "is told by email",
		"They have no email address on file: tell them yourself")
	p.Hidden = []ui.Hidden{{Name: "sequence", Value: strconv.Itoa(int(visit.Sequence))},
		{Name: "start", Value: instant(start)}}
	return h.renderReschedule(c, http.StatusOK, p)
}

func (h *Handlers) reschedulePage(c echo.Context, visit tenantdb.VisitToCancelRow) view.ReschedulePage {
	start := visit.StartsAt.In(civil.ZoneOrUTC(visit.Zone))
	self := appointmentPath(home(web.Organization(c)), visit.ID)
	p := view.ReschedulePage{Action: self + "/reschedule", Keep: self,
		Line: visitor(visit.Patient) + " has " + civil.Dated(start) + ": " + visit.Service + " with " +
			visit.Practitioner + "."}
	b := booking.Booked{Start: start, MoveCutoff: time.Duration(visit.MoveCutoffMinutes) * time.Minute}
	if until, may := b.MayMove(web.Now(c)); !may {
		p.Line += " They themselves could move it until " + civil.Dated(until) + "; you still can."
	}
	return p
}

func (h *Handlers) renderReschedule(c echo.Context, status int, p view.ReschedulePage) (err error) {
	if p.Page, p.Work, err = h.frame(c, "Move a visit", "/appointments", p.Problems); err != nil {
		return err
	}
	return web.Render(c, status, view.Reschedule(p), view.ReschedulePart)
}
