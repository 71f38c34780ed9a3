package patient

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// ListBookings is "my appointments": what is to come, then what is past or canceled.
func (h *Handlers) ListBookings(c echo.Context) error {
	account, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	visits, silent, err := h.visits(c, account.ID)
	if err != nil {
		return err
	}
	page := patient.BookingsPage{Page: web.Page(c, "My appointments"), Heading: "You have no appointments to come"}
	page.Here, page.OnPaper = layout.Bookings, web.OnPaper(c, "Kindward", time.UTC)
	if len(silent) > 0 {
		page.Heading, page.Missing = "Your appointments", strings.Join(silent, ", ")
	}
	for _, v := range visits {
		if v.Status == booking.StatusBooked && v.StartsAt.After(web.Now(c)) {
			page.Upcoming = append(page.Upcoming, visitPart(v, h.times(c)))
			page.Heading = "Your next appointment is on " + v.times(h.times(c)).Sentence(v.StartsAt)
		} else {
			page.Past = append(page.Past, visitPart(v, h.times(c)))
		}
	}
	slices.Reverse(page.Upcoming)
	h.tellHeld(c, &page.Page)
	return web.Render(c, http.StatusOK, patient.Bookings(page), "")
}

// visitOf is an appointment with its organization; its start is in the location's zone.
type visitOf struct {
	tenantdb.AccountAppointmentsRow
	tenant tenancy.Tenant
}

// visits asks each organization in which the account has appointments, latest first. Those that are behind this program
// are named instead.
func (h *Handlers) visits(c echo.Context, account uuid.UUID) (out []visitOf, silent []string, err error) {
	ctx := c.Request().Context()
	tenants, err := h.Gateway.Shared(web.PublicScope(c)).AppointmentTenants(ctx, account)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range tenants {
		tenant, err := h.Gateway.TenantByID(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		rows, err := h.Gateway.Once(web.Scope(c, tenant)).AccountAppointments(ctx, account)
		if errors.Is(err, tenancy.ErrTenantBehind) {
			silent = append(silent, tenant.Name)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			r.StartsAt = inZone(r.StartsAt, r.Zone)
			out = append(out, visitOf{r, tenant})
		}
	}
	slices.SortStableFunc(out, func(a, b visitOf) int { return b.StartsAt.Compare(a.StartsAt) })
	return out, silent, nil
}

// where is where it happens.
func (v visitOf) where() venue.Where {
	return venue.Where{Mode: venue.Mode(v.VisitMode), Organization: v.tenant.Name, Street: v.Street,
		Town: v.City + ", " + v.State + " " + v.ZIP}
}

func (v visitOf) times(f civil.TimeFormat) civil.TimeFormat { return venue.Mode(v.VisitMode).Times(f) }

func visitPart(v visitOf, f civil.TimeFormat) ui.Visit {
	state := web.Named(states, v.Status, unclear)
	if v.CancelledBy == booking.CancelledByProvider {
		state.tone, state.text = ui.Warn, "Canceled by "+v.tenant.Name
	}
	where := v.where()
	line := where.Line()
	if v.Practitioner != "" {
		if !where.Mode.Travels() { // then it begins with no name
			line = patient.Lower(line)
		}
		line = "With " + v.Practitioner + ", " + line
	}
	f = v.times(f)
	day := civil.DateOf(v.StartsAt)
	month := day.ShortMonth()
	if f.Now.In(v.StartsAt.Location()).Year() != v.StartsAt.Year() {
		month += " " + strconv.Itoa(int(day.Year))
	}
	return ui.Visit{Weekday: day.ShortWeekday(), Day: strconv.Itoa(int(day.Day)), Month: month,
		Time:  f.Clock(v.StartsAt),
		Title: v.Service, Href: bookingPath(v.ID), Line: line, Tone: state.tone, State: state.text}
}

// state is how an appointment stands, in a word.
type state struct {
	tone ui.Tone
	text string
}

var (
	states = map[string]state{booking.StatusBooked: {ui.Good, "Booked"}, booking.StatusCancelled: {ui.Quiet, "Canceled"},
		booking.StatusArrived: {ui.Quiet, "Visited"}, booking.StatusFulfilled: {ui.Quiet, "Visited"},
		booking.StatusNoShow: {ui.Warn, "Missed"}}
	unclear = state{ui.Quiet, "Ask the organization"}
)

// opened is one of the account's own appointments.
type opened struct {
	tenantdb.AppointmentPageRow
	tenant tenancy.Tenant
	start  time.Time // in the location's zone
	booked booking.Booked
	where  venue.Where
	times  civil.TimeFormat
}

// open reads an appointment of the signed-in person; anybody else's is not found.
func (h *Handlers) open(c echo.Context) (opened, error) {
	account, err := web.RequireAccount(c)
	if err != nil {
		return opened{}, err
	}
	id, err := web.ID(c, "booking")
	if err != nil {
		return opened{}, err
	}
	ctx := c.Request().Context()
	tenantID, err := web.Found(h.Gateway.Shared(web.PublicScope(c)).AppointmentTenant(ctx, id, account.ID))
	if err != nil {
		return opened{}, err
	}
	tenant, err := h.Gateway.TenantByID(ctx, tenantID)
	if err != nil {
		return opened{}, err
	}
	row, err := web.Found(h.Gateway.Once(web.Scope(c, tenant)).AppointmentPage(ctx, id, &account.ID))
	o := opened{row, tenant, inZone(row.StartsAt, row.Zone), booking.Booked{}, venue.Where{},
		venue.Mode(row.VisitMode).Times(h.times(c))}
	o.booked = bookedAt(o.start, row.CancelCutoffMinutes, row.MoveCutoffMinutes)
	o.booked.ID, o.booked.Account, o.booked.Sequence = id, account.ID, row.Sequence
	o.where = venue.Where{Mode: venue.Mode(row.VisitMode), Organization: tenant.Name, Street: row.Street,
		Town: row.City + ", " + row.State + " " + row.ZIP, Directions: row.Directions}
	if err == nil && o.where.Mode == venue.AtHome {
		o.where.Home, err = booking.VisitedHome(ctx, h.Gateway.Once(web.Scope(c, tenant)), id, account.ID)
	}
	return o, err
}

// bookedAt is a visit that is or will be booked, as far as its changes ask; start is in the location's zone.
func bookedAt(start time.Time, cancelCutoff, moveCutoff int32) booking.Booked {
	return booking.Booked{Start: start, CancelCutoff: time.Duration(cancelCutoff) * time.Minute,
		MoveCutoff: time.Duration(moveCutoff) * time.Minute}
}

// changeLine says until when it may be changed here, and whom to call if it is too late.
func (o opened) changeLine(now time.Time) (line string, late bool) {
	return o.booked.ChangeLine(now, o.tenant.Name, o.phone())
}

// phone is the number to call about it.
func (o opened) phone() string { return cmp.Or(o.LocationPhone, o.tenant.Phone) }

func (o opened) facts() facts {
	return facts{service: o.Service, practitioner: o.Practitioner, minutes: o.Minutes, start: o.start,
		end: inZone(o.EndsAt, o.Zone), where: o.where, phone: o.phone(), times: o.times, prep: o.Prep, bring: o.Bring}
}

// ShowBooking is one appointment: the confirmation after booking, later the place to move or cancel it.
func (h *Handlers) ShowBooking(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	page := patient.BookingPage{Page: web.Page(c, "Your appointment"), Ref: o.Ref,
		Again: ui.Way{Text: "Book again", Href: h.againPath(c, o)}}
	page.Here, page.Frame = layout.Bookings, layout.SplitEnd
	state := web.Named(states, o.Status, unclear)
	page.Tone, page.State = state.tone, state.text
	v, when, coming := o.facts(), o.times.Sentence(o.start), o.coming(web.Now(c))
	page.Paper = o.paper()
	if coming {
		page.Heading = "You are booked for " + when
		page.Sent = "We send this to " + o.PatientEmail + "."
		page.Overlap = h.overlap(c, taking{o.ID, o.start, o.EndsAt})
		h.offerChanges(c, o, &page)
		if page.Intake, err = h.intakeWay(c, o); err != nil {
			return err
		}
	} else {
		page.Heading = "Your visit on " + when
		v.prep, v.bring = "", ""
	}
	says := network{o.tenant.Name, o.PayersAccepted, o.PayersRefused, o.PayersConfirmed}
	v.about = h.aboutClinician(c, o)
	page.Summary = append(v.summary(), ui.Row{Name: "For", Value: o.Patient, Small: knownAs(o.IsNew)})
	if o.Note != "" {
		page.Summary = append(page.Summary, ui.Row{Name: "Your note", Value: o.Note})
	}
	if o.Status == booking.StatusCancelled { // it costs nothing
		page.Heading, page.Canceled = "Your appointment on "+when+" is canceled", o.canceled()
	} else {
		page.Prices = prices(o.Service, priceOf(o.PriceCents, o.Currency), o.PayerID, o.where)
		page.Summary = append(page.Summary, h.payment(o.PayerID, says, h.times(c)))
	}
	if o.mayChangeAddress(c) {
		page.Address = bookingPath(o.ID) + "/address"
	}
	return web.Render(c, http.StatusOK, patient.Booking(page), "")
}

// coming tells whether it is still to come.
func (o opened) coming(now time.Time) bool {
	return o.Status == booking.StatusBooked && !o.start.Before(now)
}

// againPath leads to more times of the same, or to the place if that is not offered any more.
func (h *Handlers) againPath(c echo.Context, o opened) string {
	at, live := h.listed(o.tenant, o.OfferingID)
	if !live {
		return "/places/" + o.tenant.Slug
	}
	path := timesPath(o.tenant.Slug, at.listing.ID)
	if o.start.After(web.Now(c)) { // what was canceled may be free still
		path += "?week=" + civil.DateOf(o.start).String()
	}
	return path
}

// paper is the line on top of a printed page: who is visited, and the number to call.
func (o opened) paper() string {
	if phone := o.phone(); phone != "" {
		return o.where.Line() + ", " + phone
	}
	return o.where.Line()
}

// offerChanges adds what may still be done, until when, and says so when nothing may.
func (h *Handlers) offerChanges(c echo.Context, o opened, page *patient.BookingPage) {
	self := bookingPath(o.ID)
	page.Calendars = h.calendars(c, o)
	if _, ok := o.booked.MayMove(web.Now(c)); ok {
		page.Move = self + "/reschedule"
	}
	if _, ok := o.booked.MayCancel(web.Now(c)); ok {
		page.Cancel = self + "/cancellation"
	}
	line, late := o.changeLine(web.Now(c))
	if late {
		page.Late = line + " Quote the reference."
	} else {
		page.Policy = line
	}
}

// knownAs says whether the place has seen this person before (1.8), as the place's own history has it.
func knownAs(isNew *bool) string {
	if isNew != nil && *isNew {
		return "First visit to this place"
	}
	return ""
}

// inZone is an instant on the location's clock; zones were checked when they were written.
func inZone(t time.Time, zone string) time.Time {
	return t.In(civil.ZoneOrUTC(zone))
}
