package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// NewCancellation asks whether a visit is to be canceled, and why: for a patient who calls, past the time until which
// they may themselves too.
func (h *Handlers) NewCancellation(c echo.Context) error {
	visit, err := h.visitToCancel(c)
	if err != nil {
		return err
	}
	if words := notToCancel(visit, web.Now(c)); words != "" {
		return h.backToVisit(c, visit, words)
	}
	return h.showCancellation(c, http.StatusOK, visit, view.CancellationPage{Key: uuid.NewString()})
}

// CreateCancellation cancels a visit; its time is free at once, and whoever has an address on file is told by email.
// The same request again is answered as the first one was.
func (h *Handlers) CreateCancellation(c echo.Context) error {
	visit, err := h.visitToCancel(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := view.CancellationPage{Key: f.Raw("key"),
		Why: f.OneOf("why", "Choose why the visit is canceled", booking.Codes(booking.OrganizationReasons)...)}
	key, readable := web.RequestKey(c, p.Key)
	sequence, err := strconv.ParseInt(f.Raw("sequence"), 10, 32)
	if err != nil || !readable {
		return web.ErrUnreadable
	}
	if p.Problems = f.Problems; !f.OK() {
		return h.showCancellation(c, http.StatusUnprocessableEntity, visit, p)
	}
	organization := web.Organization(c)
	who, _ := web.Account(c)
	resource, err := booking.CancelVisit(c.Request().Context(), h.Gateway.In(web.Scope(c, organization)),
		booking.Cancellation{Visit: visit.ID, Sequence: int32(sequence), Why: p.Why, By: who.ID, Key: key,
			Answer: visitPath(organization, visit), Now: web.Now(c)})
	h.Busy.Forget(organization.ID, resource)
	if err != nil && !errors.Is(err, booking.ErrAnswered) {
		return h.notCanceled(c, visit, err)
	}
	h.notify()
	web.Flash(c, ui.Notice{Done: true, Text: canceledWords(visit)})
	return web.Redirect(c, visitPath(organization, visit))
}

// notCanceled answers why a visit is not canceled, with how it stands now.
func (h *Handlers) notCanceled(c echo.Context, shown tenantdb.VisitToCancelRow, err error) error {
	switch {
	case errors.Is(err, booking.ErrNotHere):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, tenancy.ErrUnknown):
		web.Flash(c, ui.Notice{Warn: true, Text: "We lost a connection while the visit was canceled. " +
			"Look at how it stands before you cancel it again."})
		return web.LookAt(c, visitRow(web.Organization(c), shown), err)
	case !errors.Is(err, booking.ErrGone) && !errors.Is(err, booking.ErrTooLate) && !errors.Is(err, booking.ErrOtherUse):
		return err
	}
	visit, err := h.visitToCancel(c)
	if err != nil {
		return err
	}
	if words := notToCancel(visit, web.Now(c)); words != "" {
		return h.backToVisit(c, visit, words)
	}
	return h.showCancellation(c, http.StatusConflict, visit, view.CancellationPage{Key: uuid.NewString(),
		Problems: ui.Problems{{Message: "The visit was changed meanwhile. This is how it stands now"}}})
}

// visitToCancel reads the visit that the address names, and keeps that it was looked at.
func (h *Handlers) visitToCancel(c echo.Context) (visit tenantdb.VisitToCancelRow, err error) {
	id, err := web.ID(c, "appointment")
	if err != nil {
		return visit, err
	}
	ctx := c.Request().Context()
	err = h.Gateway.Within(ctx, web.Scope(c, web.Organization(c)), func(q *tenantdb.Queries) (err error) {
		if visit, err = web.Found(q.VisitToCancel(ctx, id)); err != nil {
			return err
		}
		return q.AuditAppointment(ctx, tenantdb.AuditAppointmentParams{Patient: visit.AccountID, Purpose: purpose(c),
			ID: &id, Action: "read", Fields: booking.VisitFields(visit.AccountID, visit.PatientID)})
	})
	return visit, err
}

// notToCancel says why a visit cannot be canceled, if it cannot.
func notToCancel(visit tenantdb.VisitToCancelRow, now time.Time) string {
	zone := civil.ZoneOrUTC(visit.Zone)
	switch {
	case visit.Status == booking.StatusCancelled:
		return whoseVisit(visit) + " is canceled already, since " + civil.Dated(visit.UpdatedAt.In(zone)) + "."
	case visit.Status != booking.StatusBooked:
		return whoseVisit(visit) + " is marked: " + web.Named(states, visit.Status, unclear).text +
			". It is not canceled any more; take the mark back first if it is wrong."
	case !now.Before(visit.StartsAt):
		return whoseVisit(visit) + " has begun, so it is not canceled any more. Mark it as missed if nobody comes."
	}
	return ""
}

func (h *Handlers) backToVisit(c echo.Context, visit tenantdb.VisitToCancelRow, words string) error {
	web.Flash(c, ui.Notice{Warn: true, Text: words})
	return web.Redirect(c, visitRow(web.Organization(c), visit))
}

func whoseVisit(visit tenantdb.VisitToCancelRow) string {
	return "The visit of " + visitor(visit.Patient) + " on " + civil.Dated(visit.StartsAt.In(civil.ZoneOrUTC(visit.Zone)))
}

func canceledWords(visit tenantdb.VisitToCancelRow) string {
	return whoseVisit(visit) + " is canceled. The time is free for others. " + toldWords(visit, "is told by email",
		"They have no email address on file, so nobody is told by us")
}

// toldWords say whether the patient gets an email.
func toldWords(visit tenantdb.VisitToCancelRow, told, untold string) string {
	if visit.ByEmail && visit.Patient != "" {
		return visit.Patient + " " + told + "."
	}
	return untold + "."
}

// visitRow is the visit in the list of its day.
func visitRow(organization tenancy.Tenant, visit tenantdb.VisitToCancelRow) string {
	q := dayQuestion{date: civil.DateOf(visit.StartsAt.In(civil.ZoneOrUTC(visit.Zone)))}
	return q.row(home(organization), visit.ID)
}

// visitPath is where whoever canceled goes on: the person, or the day where they have no name here any more.
func visitPath(organization tenancy.Tenant, visit tenantdb.VisitToCancelRow) string {
	if visit.PatientID == nil || visit.Patient == "" {
		return visitRow(organization, visit)
	}
	return patientPath(home(organization), *visit.PatientID, false)
}

func (h *Handlers) showCancellation(c echo.Context, status int, visit tenantdb.VisitToCancelRow,
	p view.CancellationPage) (err error) {
	organization := web.Organization(c)
	start := visit.StartsAt.In(civil.ZoneOrUTC(visit.Zone))
	p.Heading = "Cancel the visit of " + visitor(visit.Patient) + "?"
	p.Action, p.Keep = cancelPath(home(organization), visit.ID), visitPath(organization, visit)
	p.Sequence, p.Button = strconv.Itoa(int(visit.Sequence)), "Cancel "+civil.Dated(start)
	p.Text = "The time is free for others at once. " + toldWords(visit, "is told by email",
		"They have no email address on file: tell them yourself")
	p.Summary = ui.Summary{{Name: "Patient", Value: visitor(visit.Patient)}, {Name: "When", Value: civil.Dated(start)},
		{Name: "Service", Value: visit.Service, Small: visit.Practitioner}, {Name: "Where",
			Value: venue.AtDesk(venue.Mode(visit.VisitMode), visit.Location)},
		{Name: "Reference", Value: visit.Ref}}
	for _, r := range booking.OrganizationReasons {
		p.Reasons = append(p.Reasons, ui.Choice{Value: r.Code, Label: r.Text, Checked: p.Why == r.Code})
	}
	if p.Page, p.Work, err = h.frame(c, "Cancel a visit", "/appointments", p.Problems); err != nil {
		return err
	}
	return web.Render(c, status, view.Cancellation(p), view.CancellationPart)
}

// cancelPath is where a visit is canceled.
func cancelPath(home string, visit uuid.UUID) string {
	return home + "/appointments/" + visit.String() + "/cancellation"
}
