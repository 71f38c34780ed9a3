package patient

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// ShowOrganization is an organization's public page: where it is and when, which insurance it takes, what it does and
// for how much, who works there. Of one that does much it is a part; htmx gets what is looked for, or what follows.
func (h *Handlers) ShowOrganization(c echo.Context) error {
	tenant, err := web.FindOrganization(c)
	if err != nil {
		return err
	}
	listings, q, self := h.current(c, tenant), offeringQueryOf(c), placePath(tenant.Slug)
	page := patient.OrganizationPage{Page: web.Page(c, tenant.Name), Name: tenant.Name, Kind: search.KindName(tenant.Kind),
		About: tenant.About, Tags: organizationTags(listings), Offered: h.offeredPart(c, listings, q, self)}
	page.Frame, page.Here, page.Canonical = layout.SplitEnd, layout.FindCare, self
	if q.asks() || page.Offered.Later || page.Offered.Pager.Next != nil {
		page.Action, page.Find = self, q.find
		page.Clinicians, page.Clinician = clinicianOptions(listings), c.QueryParam("clinician")
	}
	switch {
	case web.Partial(c) && q.after != "":
		page.Offered.Focus()
		return web.Render(c, http.StatusOK, patient.Organization(page), patient.OfferedLines)
	case web.Partial(c):
		page.Offered.Said = page.Offered.Pager.Shown
		return web.Render(c, http.StatusOK, patient.Organization(page), patient.Offered)
	}
	page.Insurance = h.insuranceOf(listings)
	err = h.Gateway.Within(c.Request().Context(), web.Scope(c, tenant), func(q *tenantdb.Queries) error {
		return fillOrganization(c, q, tenant, &page, listings)
	})
	if err != nil {
		return err
	}
	page.Description = describe(page)
	return web.Render(c, http.StatusOK, patient.Organization(page), "")
}

func placePath(slug string) string { return "/places/" + slug }

// current are the listings of an organization without those of clinicians whose credentials or contract have ended.
func (h *Handlers) current(c echo.Context, t tenancy.Tenant) []*search.Listing {
	return slices.DeleteFunc(h.Market.OfTenant(t.ID), func(l *search.Listing) bool {
		o, _, live := h.Market.Offering(l.ID)
		return !live || ended(o.Schedule, web.Now(c))
	})
}

// ended tells whether the last day of a schedule is over.
func ended(s *booking.Schedule, now time.Time) bool {
	return past(s.ValidUntil, s.Location(), now)
}

// past tells whether the last day of a contract or of credentials, if there is one, is over in a zone.
func past(last civil.Date, zone *time.Location, now time.Time) bool {
	return !last.IsZero() && last.Before(civil.Today(zone, now))
}

// describe is the sentence below the page's name in the lists of other search sites.
func describe(p patient.OrganizationPage) string {
	text := p.Name + ", " + patient.Lower(p.Kind)
	if len(p.Locations) > 0 {
		text += ", " + p.Locations[0].Street + ", " + p.Locations[0].Town
	}
	return text + ": services, prices and free times."
}

// What an organization's page shows of its addresses and people; each service says where it is, and all people have a
// page of their own.
const (
	locationsShown = 6
	peopleShown    = 6
)

// fillOrganization adds what the organization's own tables know.
func fillOrganization(c echo.Context, q *tenantdb.Queries, t tenancy.Tenant, page *patient.OrganizationPage,
	listings []*search.Listing) error {
	ctx := c.Request().Context()
	locations, err := q.Locations(ctx)
	if err != nil {
		return err
	}
	hours, err := q.OpeningHours(ctx)
	if err != nil {
		return err
	}
	people, err := q.Practitioners(ctx)
	if err != nil {
		return err
	}
	does := map[uuid.UUID]int{}
	for _, l := range listings {
		does[l.LocationID]++
	}
	slices.SortStableFunc(locations, func(a, b tenantdb.LocationsRow) int { return does[b.ID] - does[a.ID] })
	for _, l := range locations[:min(locationsShown, len(locations))] {
		page.Locations = append(page.Locations, locationPart(l, hours, t, web.Now(c)))
	}
	page.MoreLocations = len(locations) - len(page.Locations)
	all := peopleOf(people, listings, t, web.Now(c))
	page.People = all[:min(peopleShown, len(all))]
	if len(page.People) < len(all) {
		page.Everybody = &ui.Way{Text: "All " + patient.Count(len(all), "person", "people") + " who work here",
			Href: cliniciansPath(t.Slug)}
	}
	return nil
}

func organizationTags(listings []*search.Listing) []ui.Tag {
	var sum float64
	var n int
	best := map[uuid.UUID]*search.Listing{}
	for _, l := range listings {
		if best[l.LocationID] == nil || l.Ratings > best[l.LocationID].Ratings {
			best[l.LocationID] = l
		}
	}
	for _, l := range best {
		sum, n = sum+float64(l.Rating)*float64(l.Ratings), n+l.Ratings
	}
	var tags []ui.Tag
	if n > 0 {
		tags = append(tags, ui.Tag{Icon: "star", Text: rating(sum/float64(n)) + " from " +
			patient.Count(n, "visit", "visits")})
	}
	if len(listings) > 0 && listings[0].Replies() != "" {
		tags = append(tags, ui.Tag{Icon: "check", Text: listings[0].Replies()})
	}
	return tags
}

func locationPart(l tenantdb.LocationsRow, hours []tenantdb.OpeningHoursRow, t tenancy.Tenant,
	now time.Time) patient.OrganizationLocation {
	town := l.City + ", " + l.State + " " + l.ZIP
	out := patient.OrganizationLocation{Name: l.Name, Street: l.Street, Town: town, Directions: l.Directions,
		Phone: l.Phone,
		Map:   "https://www.openstreetmap.org/search?query=" + url.QueryEscape(l.Street+", "+town)}
	if t.Kind == search.KindHomeCare {
		out.Area = "Comes to homes within " + search.DistanceText(l.AreaKm) + " of here."
	}
	for i, code := range l.Access {
		out.Access = append(out.Access, patient.AccessFeature{Name: search.AccessName(code),
			Evidence: spoken(l.AccessEvidence[i])})
	}
	open, closed := "Open today, ", "Closed"
	out.Today, out.HoursTitle = "Closed today", "Opening hours"
	if t.Kind == search.KindHomeCare {
		open, closed = "Comes today, ", "Nobody comes"
		out.Today, out.HoursTitle = "Nobody comes today", "When they come"
	}
	today := inZone(now, l.Zone).Weekday()
	for i := range 7 {
		weekday := time.Weekday(i+1) % 7 // Monday first
		text := hoursOf(hours, l.ID, weekday)
		if weekday == today && text != "" {
			out.Today = open + text
		}
		out.Hours = append(out.Hours, ui.HoursRow{Day: weekday.String(), Text: cmp.Or(textutil.Capital(text), closed),
			Today: weekday == today})
	}
	return out
}

// hoursOf are the hours of a location on a weekday, empty where there are none.
func hoursOf(hours []tenantdb.OpeningHoursRow, location uuid.UUID, weekday time.Weekday) string {
	var all []string
	for _, h := range hours {
		if h.LocationID == location && time.Weekday(h.Weekday) == weekday {
			all = append(all, patient.Stretch(h.FromMinute, h.ToMinute))
		}
	}
	return strings.Join(all, ", ")
}

// spoken writes the day at the end of a sentence as people say it.
func spoken(evidence string) string {
	at := strings.LastIndexByte(evidence, ' ') + 1
	day, err := civil.ParseDate(evidence[at:])
	if err != nil {
		return evidence
	}
	return evidence[:at] + day.Text()
}

func languages(codes []string) string {
	names := make([]string, 0, len(codes))
	for _, c := range codes {
		names = append(names, search.LanguageName(c))
	}
	return joinAnd(names)
}

func joinAnd(words []string) string {
	switch n := len(words); n {
	case 0:
		return "English"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}
