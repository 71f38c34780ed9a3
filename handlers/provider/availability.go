package provider

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/availability"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ShowAvailability says of each time of a day why patients can book it or not, what stands against it, and where the
// rules come from.
func (h *Handlers) ShowAvailability(c echo.Context) error {
	organization := web.Organization(c)
	shown, e, err := web.Availability(c, h.Market, organization, home(organization)+"/availability")
	if err == nil && e.Listing != nil {
		err = h.addReasons(c, organization, &shown, e)
	}
	if err != nil {
		return err
	}
	p := view.AvailabilityPage{Availability: shown}
	if p.Page, p.Work, err = h.frame(c, "Why is there no time?", "/appointments", shown.Problems); err != nil {
		return err
	}
	return web.Render(c, web.StatusOf(shown.Problems), view.ShowAvailability(p), ui.AvailabilityPart)
}

// addReasons adds what takes each time that is taken, and who says the rules.
func (h *Handlers) addReasons(c echo.Context, organization tenancy.Tenant, p *ui.Availability, e web.Explained) error {
	ctx, q := c.Request().Context(), h.Gateway.Once(web.Scope(c, organization))
	s := e.Offering.Schedule
	span := s.Span(e.Day, e.Day)
	claims, err := q.ClaimsOfResources(ctx, e.Offering.Resources, time.Unix(span.Start, 0), time.Unix(span.End, 0))
	if err != nil {
		return err
	}
	rules, err := q.BookingRules(ctx)
	if err != nil {
		return err
	}
	for i, t := range e.Times {
		if t.Taken {
			p.Times[i].Taking = taking(claims, s.Claim(t.Start.Unix()), s.Location(), home(organization))
		}
	}
	from := originsOf(rules, e.Listing.ServiceID, e.Listing.PractitionerID)
	p.Rules = web.DecidingRules(availability.Rules(s, e.Day, &from))
	return nil
}

// taking are the claims that overlap one that a visit would need.
func taking(claims []tenantdb.ClaimsOfResourcesRow, needed booking.Range, zone *time.Location, home string) (
	all []ui.Way) {
	for _, c := range claims {
		if !needed.Overlaps(booking.Range{Start: c.StartsAt.Unix(), End: c.EndsAt.Unix()}) {
			continue
		}
		from, to := c.StartsAt.In(zone), c.EndsAt.In(zone)
		way := ui.Way{Text: c.Resource + ", " + civil.Clock(from) + " to " + civil.Clock(to) + ": "}
		if c.State == "held" {
			way.Text += "held while somebody books"
		} else {
			way.Text += "visit " + c.Ref
			way.Href = dayQuestion{date: civil.DateOf(c.VisitAt.In(zone))}.row(home, c.AppointmentID)
		}
		all = append(all, way)
	}
	return all
}

// originsOf are who says the rules of a service and a practitioner.
func originsOf(rows []tenantdb.BookingRule, service, practitioner uuid.UUID) booking.Origins {
	sets := map[string]booking.RuleSet{}
	for _, r := range rows {
		if r.Scope == "service" && r.ScopeID != service || r.Scope == "practitioner" && r.ScopeID != practitioner {
			continue
		}
		sets[r.Scope] = booking.RuleSet{BeforeMinutes: r.BeforeMinutes, AfterMinutes: r.AfterMinutes,
			StepMinutes: r.StepMinutes, LeadMinutes: r.LeadMinutes, HorizonDays: r.HorizonDays,
			CancelCutoffMinutes: r.CancelCutoffMinutes, MoveCutoffMinutes: r.MoveCutoffMinutes}
	}
	_, from := booking.Resolve(sets["organization"], sets["service"], sets["practitioner"])
	return from
}
