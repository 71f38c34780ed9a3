package patient

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/patient"
	"kindward/views/ui"
)

// longestVisit is how long before a time a visit may have begun that still goes on then; the schema bounds it.
const longestVisit = 12 * time.Hour

// seenField sends back which visits the page has looked at.
const seenField = "seen"

// taking is a time that somebody is about to take, and the appointment that is to have it.
type taking struct {
	appointment uuid.UUID
	start, end  time.Time
}

func (t taking) overlaps(start, end time.Time) bool { return start.Before(t.end) && end.After(t.start) }

// overlap is what the page says of a time at which a person has something else.
func (h *Handlers) overlap(c echo.Context, t taking) patient.Overlap {
	rows, seen := h.overlappingVisits(c, t, nil)
	lines := h.overlappingHolds(c, t)
	for _, v := range rows {
		lines = append(lines, "You also have "+v.Service+" on "+v.times(h.times(c)).Sentence(v.StartsAt)+" with "+
			v.with()+".")
	}
	if len(lines) == 0 {
		return patient.Overlap{Seen: seen}
	}
	said := ui.Notice{Warn: true, Text: strings.Join(lines, " ") + " You can keep both."}
	if len(rows) > 0 {
		said.Link, said.Href = "My appointments", "/bookings"
	}
	return patient.Overlap{Notice: &said, Seen: seen}
}

// overlapsUnseen tells whether somebody has a visit at a time that the page they sent did not know of: they booked it
// meanwhile.
func (h *Handlers) overlapsUnseen(c echo.Context, t taking, seen string) bool {
	rows, _ := h.overlappingVisits(c, t, strings.Split(seen, ","))
	return len(rows) > 0
}

// overlappingVisits are the visits of whoever is signed in by a proof of their own (A41), at whatever organization,
// that share time with another that they are about to take, but for those that were seen before; and which were looked
// at. It warns and keeps nobody from anything: where an organization cannot be asked, nothing is said of it, nor to
// staff who see the site as somebody else, since no event would tell that organization of it (A36).
func (h *Handlers) overlappingVisits(c echo.Context, t taking, before []string) (all []visitOf, seen string) {
	account, ok := web.OwnAccount(c)
	if !ok || web.Caller(c).Actor != uuid.Nil {
		return nil, ""
	}
	near, err := h.Gateway.Shared(web.PublicScope(c)).AppointmentsBetween(c.Request().Context(), account.ID,
		t.start.Add(-longestVisit), t.end)
	if err != nil {
		web.Warn(c, "visits at the same time are not known", err)
		return nil, ""
	}
	var looked []string
	ids := map[uuid.UUID][]uuid.UUID{}
	for _, n := range near {
		if id := n.AppointmentID.String(); n.AppointmentID != t.appointment && !slices.Contains(before, id) {
			looked, ids[n.TenantID] = append(looked, id), append(ids[n.TenantID], n.AppointmentID)
		}
	}
	for at, some := range ids {
		rows, err := h.overlappingAt(c, at, account.ID, t, some)
		if err != nil {
			web.Warn(c, "visits at the same time are not known", err)
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(a, b visitOf) int { return a.StartsAt.Compare(b.StartsAt) })
	return all, strings.Join(looked, ",")
}

// overlappingAt are those at one organization.
func (h *Handlers) overlappingAt(c echo.Context, at, account uuid.UUID, t taking,
	ids []uuid.UUID) (all []visitOf, err error) {
	tenant, err := h.Gateway.TenantByID(c.Request().Context(), at)
	if err != nil {
		return nil, err
	}
	rows, err := h.Gateway.Once(h.Gateway.Admit(tenant, web.Caller(c))).OverlappingAppointments(c.Request().Context(),
		tenantdb.OverlappingAppointmentsParams{AccountID: &account, Ids: ids, StartsAt: t.start, EndsAt: t.end})
	for _, r := range rows {
		all = append(all, visitOf{tenantdb.AccountAppointmentsRow{ID: r.ID, StartsAt: inZone(r.StartsAt, r.Zone),
			Service: r.Service, VisitMode: r.VisitMode, Practitioner: r.Practitioner}, tenant})
	}
	return all, err
}

// with is with whom it is.
func (v visitOf) with() string {
	if v.Practitioner == "" {
		return v.tenant.Name
	}
	return v.Practitioner + ", " + v.tenant.Name
}

// overlappingHolds say which times this browser keeps at other organizations while it takes one that they overlap.
func (h *Handlers) overlappingHolds(c echo.Context, t taking) (lines []string) {
	for _, own := range openHolds(c) {
		o, live := h.listed(tenancy.Tenant{}, own.Listing)
		if !live || own.ID == t.appointment {
			continue
		}
		start := o.offering.Schedule.Local(own.Start.Unix())
		if t.overlaps(start, start.Add(o.visit())) {
			lines = append(lines, "You also keep "+h.timesOf(c, o.listing).Sentence(start)+" with "+
				visitOf{tenantdb.AccountAppointmentsRow{Practitioner: o.listing.Practitioner},
					tenancy.Tenant{Name: o.listing.OrgName}}.with()+".")
		}
	}
	return lines
}

// visit is how long a visit of the listing takes.
func (o listed) visit() time.Duration {
	return time.Duration(o.offering.Schedule.VisitMinutes) * time.Minute
}
