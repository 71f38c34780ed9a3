package ops

import (
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/notify"
	"kindward/internal/venue"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// mostChanges is how many changes of a booking its page tells of, the latest; looks are not read, however many.
const mostChanges = 500

// bookingWords are how a booking stands, in a word for support.
var bookingWords = map[string]string{booking.StatusBooked: "Booked", booking.StatusArrived: "Arrived",
	booking.StatusFulfilled: "Done", booking.StatusNoShow: "Missed", booking.StatusCancelled: "Canceled"}

// cancelers are who canceled a booking, for support.
var cancelers = map[string]string{booking.CancelledByPatient: "The patient",
	booking.CancelledByProvider: "The organization", booking.CancelledBySupport: "Kindward support, for the patient",
	booking.CancelledBySystem: "Kindward"}

// ShowBooking shows support a booking: where, when, how it stands, who changed it and which emails went out. Nothing of
// what it is for. The organization and the patient see that it was looked up.
func (h *Handlers) ShowBooking(c echo.Context) error {
	id, err := web.ID(c, "booking")
	if err != nil {
		return err
	}
	at, err := web.FindOrganization(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	var row tenantdb.BookingForSupportRow
	var emails []tenantdb.MessagesOfBookingRow
	err = h.Gateway.Within(ctx, h.Gateway.Admit(at, web.Caller(c)), func(q *tenantdb.Queries) (err error) {
		if row, err = web.Found(q.BookingForSupport(ctx, id)); err != nil {
			return err
		}
		if emails, err = q.MessagesOfBooking(ctx, id); err != nil {
			return err
		}
		return q.AuditAppointment(ctx, tenantdb.AuditAppointmentParams{Patient: row.AccountID, Purpose: "support", ID: &id,
			Action: "find", Fields: lookedUp(row)})
	})
	if err != nil {
		return err
	}
	changes, err := h.changes(c, at.ID, id)
	if err != nil {
		return err
	}
	p := view.BookingPage{Facts: h.bookingFacts(row, at.Name, at.Slug), Emails: h.emails(emails), Changes: changes}
	if row.AccountID != nil {
		p.Person = personPath(*row.AccountID)
	}
	p.Page, p.Console = h.page(c, "/ops/people", "Booking", "Booking "+row.Ref+" at "+at.Name+" is "+
		strings.ToLower(web.Named(bookingWords, row.Status, "Unclear"))+".")
	return web.Render(c, http.StatusOK, view.Booking(p), "")
}

func bookingPath(slug string, id uuid.UUID) string {
	return "/ops/bookings/" + slug + "/" + id.String()
}

// lookedUp are what of a booking was shown, and whose it is where they have no account.
func lookedUp(row tenantdb.BookingForSupportRow) []string {
	fields := []string{"time", "state", "changes", "emails"}
	if row.AccountID == nil && row.PatientID != nil {
		fields = append(fields, "chart:"+row.PatientID.String())
	}
	return fields
}

func (h *Handlers) bookingFacts(row tenantdb.BookingForSupportRow, organization, slug string) ui.Summary {
	zone := civil.ZoneOrUTC(row.Zone)
	facts := ui.Summary{{Name: "Organization", Value: organization, Small: slug},
		{Name: "Location", Value: venue.AtDesk(venue.Mode(row.VisitMode), row.Location)},
		{Name: "When", Value: civil.Stamp(row.StartsAt.In(zone)),
			Small: "to " + civil.Clock24(row.EndsAt.In(zone))},
		{Name: "State", Value: web.Named(bookingWords, row.Status, "Unclear")}}
	if row.BookedAt != nil {
		facts = append(facts, ui.Row{Name: "Booked", Value: h.when(*row.BookedAt)})
	}
	if row.CancelledBy != "" {
		facts = append(facts, ui.Row{Name: "Canceled by", Value: web.Named(cancelers, row.CancelledBy, "Unclear")})
	}
	return facts
}

var emailWords = map[string]string{notify.MessageBooked: "Confirmation", notify.MessageMoved: "New time",
	notify.MessageCancelled: "Cancellation"}

func (h *Handlers) emails(rows []tenantdb.MessagesOfBookingRow) (all []view.Mailed) {
	for _, r := range rows {
		one := view.Mailed{What: web.Named(emailWords, r.Kind, "Email"), When: "Has not gone out yet"}
		if r.SentAt != nil {
			one.When = h.when(*r.SentAt)
		}
		all = append(all, one)
	}
	return all
}

// changes are what was done to a booking and by whom, the latest first; looks at it are the audit's to tell.
func (h *Handlers) changes(c echo.Context, tenant, id uuid.UUID) (all []view.Change, err error) {
	done := "success"
	rows, err := h.Gateway.Identity(web.PublicScope(c)).SearchAudit(c.Request().Context(), shareddb.SearchAuditParams{
		Records: []uuid.UUID{id}, TenantID: &tenant, Outcome: &done, What: audit.Changes(), Before: endOfTime,
		BeforeSeq: math.MaxInt64, Most: mostChanges})
	for _, row := range rows {
		r := row.AuditEventRow
		e := audit.Entry{At: r.At, By: row.ActorName, Own: r.Actor != nil && r.Patient != nil && *r.Actor == *r.Patient,
			Nobody: r.Actor == nil, Purpose: r.Purpose, Resource: r.Resource, Action: r.Action, Outcome: r.Outcome,
			Policy: r.PolicyID, StaffAccess: row.StaffAccessKind, Fields: r.Fields}
		all = append(all, view.Change{Who: e.Who(false), What: e.What(false), When: h.when(r.At)})
	}
	return all, err
}

// timeline is what was done with somebody's account and bookings, without where: that is asked of one booking, and told
// to the organization and the person.
func (h *Handlers) timeline(rows []shareddb.SupportTimelineRow) (all []view.Change) {
	for _, r := range rows {
		e := audit.Entry{Purpose: r.Purpose, Resource: r.Resource, Action: r.Action, Outcome: r.Outcome,
			Own: r.Actor != nil && *r.Actor == *r.Patient}
		all = append(all, view.Change{Who: whoDid(r, e.Own), What: e.What(false), When: h.when(r.At)})
	}
	return all
}

// whoDid is on whose side somebody did something.
func whoDid(r shareddb.SupportTimelineRow, own bool) string {
	switch {
	case own:
		return "They themself"
	case r.StaffAccessID != nil, r.Purpose == "support":
		return "Kindward support"
	case r.Actor == nil:
		return "Kindward"
	}
	return "The organization"
}

// bookings are a person's, the latest first: when and whether they stand. Where is on the booking's own page.
func (h *Handlers) bookings(rows []shareddb.IndexedAppointmentsRow, account uuid.UUID,
	now time.Time) (all []view.PersonBooking) {
	for _, r := range rows {
		one := view.PersonBooking{When: h.when(r.StartsAt), State: "Past",
			Href: personPath(account) + "/bookings/" + r.AppointmentID.String()}
		switch {
		case r.Cancelled:
			one.State = "Canceled"
		case r.StartsAt.After(now):
			one.State = "To come"
		}
		all = append(all, one)
	}
	return all
}

// FindBooking leads from a person's page to a booking of theirs. Where it leads tells where they go: they find in their
// record that it was asked.
func (h *Handlers) FindBooking(c echo.Context) error {
	account, err := web.ID(c, "account")
	if err != nil {
		return err
	}
	id, err := web.ID(c, "booking")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	theirs := h.Gateway.Shared(identity.StaffScope(h.Gateway, web.Caller(c), account))
	at, err := web.Found(theirs.FindAppointmentTenant(ctx, id, account))
	if err != nil {
		return err
	}
	tenant, err := h.Gateway.TenantByID(ctx, at)
	if err != nil {
		return err
	}
	return web.Redirect(c, bookingPath(tenant.Slug, id))
}
