package provider

import (
	"cmp"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ShowVisit is one visit: what it is, how it stands, what can be done about it, and what to read to a patient whom no
// message reaches.
func (h *Handlers) ShowVisit(c echo.Context) error {
	visit, err := h.visitToCancel(c)
	if err != nil {
		return err
	}
	organization, now := web.Organization(c), web.Now(c)
	start := visit.StartsAt.In(civil.ZoneOrUTC(visit.Zone))
	state := web.Named(states, visit.Status, unclear)
	p := view.VisitPage{Heading: visitor(visit.Patient) + ", " + civil.Dated(start), State: state.text, Tone: state.tone,
		Summary: ui.Summary{{Name: "When", Value: civil.Dated(start)},
			{Name: "Service", Value: visit.Service, Small: visit.Practitioner},
			{Name: "Where", Value: venue.AtDesk(venue.Mode(visit.VisitMode), visit.Location)},
			{Name: "Reference", Value: visit.Ref}},
		Day: ui.Way{Text: "The day's list", Href: visitRow(organization, visit)}}
	if visit.BookedBy != nil {
		p.Summary = append(p.Summary, ui.Row{Name: "Booked", Value: "By the team, for the patient"})
	}
	coming := visit.Status == booking.StatusBooked && visit.StartsAt.After(now)
	if coming && visit.Patient != "" {
		p.Told = toldWords(visit, "gets an email with all of this", "No message can be sent: no email address is on file")
		if !visit.ByEmail {
			p.Read = readOut(visit, cmp.Or(visit.LocationPhone, organization.Phone))
		}
	}
	if _, words := h.movable(c, visit); words == "" && web.May(c, policy.BookAppointments) {
		p.Move = appointmentPath(home(organization), visit.ID) + "/reschedule"
	}
	if coming && web.May(c, policy.CancelAppointments) {
		p.Cancel = cancelPath(home(organization), visit.ID)
	}
	if visit.PatientID != nil && visit.Patient != "" && web.May(c, policy.FindPatients) {
		p.Patient = &ui.Way{Text: visit.Patient, Href: patientPath(home(organization), *visit.PatientID, false)}
		if web.May(c, policy.BookAppointments) {
			p.Another = newVisitPath(organization, *visit.PatientID)
		}
	}
	if p.Page, p.Work, err = h.frame(c, "Visit", "/appointments", nil); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.ShowVisit(p), "")
}

// readOut are the words for somebody who is told by telephone.
func readOut(visit tenantdb.VisitToCancelRow, phone string) (lines []string) {
	mode := venue.Mode(visit.VisitMode)
	lines = append(lines, "You are booked for "+civil.Dated(visit.StartsAt.In(civil.ZoneOrUTC(visit.Zone)))+" with "+
		visit.Practitioner+".")
	if mode.Travels() {
		lines = append(lines, "Come to "+visit.Location+", "+visit.Street+", "+visit.City+".")
	}
	lines = append(lines, before(mode, visit.Prep, visit.Bring)...)
	lines = append(lines, "Your reference is "+visit.Ref+".")
	if phone != "" {
		lines = append(lines, "To move or cancel it, call "+web.Phone(phone)+".")
	}
	return lines
}
