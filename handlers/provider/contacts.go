package provider

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ShowContact is how a patient is reached, when they come next and when they came, without the record. Another
// organization's people are not found.
func (h *Handlers) ShowContact(c echo.Context) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	id, err := web.ID(c, "patient")
	if err != nil {
		return err
	}
	var who tenantdb.PatientContactRow
	var visits []tenantdb.NextVisitsRow
	var others []tenantdb.OtherVisitsRow
	var where map[uuid.UUID]ui.VisitPlace
	err = h.Gateway.Within(ctx, web.Scope(c, organization), func(q *tenantdb.Queries) (err error) {
		if who, err = web.Found(q.PatientContact(ctx, id)); err != nil {
			return err
		}
		if visits, err = q.NextVisits(ctx, &id, web.Now(c)); err != nil {
			return err
		}
		if others, err = q.OtherVisits(ctx, &id, web.Now(c)); err != nil {
			return err
		}
		modes := modesOfNext(visits)
		if where, err = places(ctx, q, modes); err != nil {
			return err
		}
		return q.AuditPatientContact(ctx, tenantdb.AuditPatientContactParams{Patient: who.AccountID, Purpose: purpose(c),
			Chart: id, WithAddress: hasHome(modes)})
	})
	if err != nil {
		return err
	}
	p := view.ContactPage{Name: who.Name, Email: who.Email, Dial: who.Phone, Phone: web.Phone(who.Phone),
		Back: ui.Way{Text: "Find another patient", Href: home(organization) + "/patients"}}
	if who.Born != nil {
		p.Born = day(*who.Born)
	}
	for _, v := range visits {
		at, mode := v.StartsAt.In(civil.ZoneOrUTC(v.Zone)), venue.Mode(v.VisitMode)
		next := view.NextVisit{When: civil.Dated(at), Ref: v.Ref, Location: v.Location,
			Service: v.Service, With: v.Practitioner, Where: where[v.ID], Before: before(mode, v.Prep, v.Bring),
			Day: dayQuestion{date: civil.DateOf(at)}.row(home(organization), v.ID)}
		if next.Where.Text == "" {
			next.Where.Text = v.Street + ", " + v.City + ", " + v.State + " " + v.ZIP
		}
		if web.May(c, policy.CancelAppointments) && v.StartsAt.After(web.Now(c)) {
			next.Cancel = cancelPath(home(organization), v.ID)
		}
		p.Next = append(p.Next, next)
	}
	p.Others = otherVisits(others, home(organization))
	if web.May(c, policy.BookAppointments) {
		p.Book = newVisitPath(organization, id)
	}
	if web.May(c, policy.ReadPatients) {
		p.Record = patientPath(home(organization), id, true)
	}
	if p.Page, p.Work, err = h.frame(c, "Patient", "/patients", nil); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Contact(p), "")
}

// otherVisits are the past and the canceled ones.
func otherVisits(rows []tenantdb.OtherVisitsRow, home string) (all []view.OtherVisit) {
	for _, v := range rows {
		at, state := v.StartsAt.In(civil.ZoneOrUTC(v.Zone)), web.Named(states, v.Status, unclear)
		all = append(all, view.OtherVisit{When: civil.Dated(at), Ref: v.Ref,
			Location: venue.AtDesk(venue.Mode(v.VisitMode), v.Location), Service: v.Service, With: v.Practitioner,
			State: state.text, Tone: state.tone, Day: dayQuestion{date: civil.DateOf(at)}.row(home, v.ID)})
	}
	return all
}

// before is what somebody does before a visit and brings along, as far as the organization says so. Where nobody goes
// anywhere, both are to be ready when it begins.
func before(mode venue.Mode, prep, bring string) (lines []string) {
	does, brings := "Before you go: ", "Bring: "
	if !mode.Travels() {
		does, brings = "Before it begins: ", "Have ready: "
	}
	if prep != "" {
		lines = append(lines, does+prep)
	}
	if bring != "" {
		lines = append(lines, brings+bring)
	}
	return lines
}
