package provider

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ShowContact is how a patient is reached and when they come next, without the record. Another organization's people
// are not found.
func (h *Handlers) ShowContact(c echo.Context) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	id, err := web.ID(c, "patient")
	if err != nil {
		return err
	}
	var who tenantdb.PatientContactRow
	var visits []tenantdb.NextVisitsRow
	err = h.Gateway.Within(ctx, web.Scope(c, organization), func(q *tenantdb.Queries) (err error) {
		if who, err = web.Found(q.PatientContact(ctx, id)); err != nil {
			return err
		}
		if visits, err = q.NextVisits(ctx, &id, web.Now(c)); err != nil {
			return err
		}
		return q.AuditPatientContact(ctx, who.AccountID, purpose(c), id)
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
		at := v.StartsAt.In(civil.ZoneOrUTC(v.Zone))
		next := view.NextVisit{When: civil.Dated(at), Ref: v.Ref, Location: v.Location,
			Service: v.Service, With: v.Practitioner, Where: whereIs(v), Before: before(v.Prep, v.Bring),
			Day: home(organization) + "/appointments?day=" + civil.DateOf(at).String() + "#visit-" + v.ID.String()}
		if web.May(c, policy.CancelAppointments) && v.StartsAt.After(web.Now(c)) {
			next.Cancel = cancelPath(home(organization), v.ID)
		}
		p.Next = append(p.Next, next)
	}
	if web.May(c, policy.ReadPatients) {
		p.Record = patientPath(home(organization), id, true)
	}
	if p.Page, p.Work, err = h.frame(c, "Patient", "/patients", nil); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Contact(p), "")
}

// whereIs is where a visit is, as it is said on the telephone.
func whereIs(v tenantdb.NextVisitsRow) string {
	mode := venue.Mode(v.VisitMode)
	if mode == venue.AtHome {
		return "At their home"
	}
	if text, _ := venue.ForStaff(mode, nil); text != "" {
		return text
	}
	return v.Street + ", " + v.City + ", " + v.State + " " + v.ZIP
}

// before is what somebody does before a visit and brings along, as far as the organization says so.
func before(prep, bring string) (lines []string) {
	if prep != "" {
		lines = append(lines, "Before you go: "+prep)
	}
	if bring != "" {
		lines = append(lines, "Bring: "+bring)
	}
	return lines
}
