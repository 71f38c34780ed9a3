package patient

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// ShowOrganization is an organization's public page: services and prices, addresses with directions, hours, access,
// people. Of one with many services it is a part of them, with the addresses and people of that part.
func (h *Handlers) ShowOrganization(c echo.Context) error {
	tenant, err := web.FindOrganization(c)
	if err != nil {
		return err
	}
	page := patient.OrganizationPage{Page: web.Page(c, tenant.Name), Name: tenant.Name, Kind: search.KindName(tenant.Kind),
		About: tenant.About, Phone: tenant.Phone}
	page.Frame, page.Here = layout.SplitEnd, layout.FindCare
	listings := h.Market.OfTenant(tenant.ID)
	page.Tags = organizationTags(listings)
	find := c.QueryParam("find")
	part, more := h.pageOfOfferings(listings, find, c.QueryParam("after")), len(listings) > offeringsShown
	part.fill(&page, "/places/"+tenant.Slug, find, more)
	for _, l := range part.shown {
		page.Offerings = append(page.Offerings, h.offeringPart(l, web.Now(c)))
	}
	err = h.Gateway.Within(c.Request().Context(), web.Scope(c, tenant), func(q *tenantdb.Queries) error {
		return fillOrganization(c, q, tenant, &page, part, more)
	})
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, patient.Organization(page), "")
}

// fillOrganization adds what the organization's own tables know.
func fillOrganization(c echo.Context, q *tenantdb.Queries, t tenancy.Tenant, page *patient.OrganizationPage,
	part offeringsPage, more bool) error {
	places, names := part.places()
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
	for _, l := range locations {
		if more && !places[l.ID] {
			continue
		}
		page.Locations = append(page.Locations, locationPart(l, hours, t, web.Now(c)))
	}
	for _, p := range people {
		if more && !names[p.Name] {
			continue
		}
		page.People = append(page.People, patient.Person{Name: p.Name, Specialty: p.Specialty,
			Speaks: "Speaks " + languages(p.Languages), About: p.About})
	}
	return nil
}

func (h *Handlers) offeringPart(l *search.Listing, now time.Time) ui.Offering {
	o, _, _ := h.Market.Offering(l.ID)
	small := patient.Minutes(int(o.Schedule.VisitMinutes))
	if l.Practitioner != "" {
		small += ", with " + l.Practitioner
	}
	offering := ui.Offering{Name: l.Service, Small: small + ", " + l.LocationName, Price: "Price not stated",
		Next: "No free time in the next four weeks",
		Href: "/places/" + l.Slug + "/listings/" + l.ID.String() + "/times", Link: "See times"}
	if price, stated := l.Price(); stated {
		offering.Price = price.String()
	}
	if n := h.plansOf(l); n > 0 {
		offering.Cover = "In network with " + patient.Count(n, "plan", "plans")
	}
	if next := h.Market.Next(l.ID); next > now.Unix() {
		f := civil.TimeFormat{Now: now, Zone: h.Market.Now().Location()}
		offering.Next = "Next free " + l.Mode.Times(f).Full(o.Schedule.Local(next))
	}
	return offering
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
	if len(listings) > 0 && listings[0].ResponseMinutes > 0 {
		tags = append(tags, ui.Tag{Icon: "check", Text: "Replies in " + patient.Minutes(listings[0].ResponseMinutes)})
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
	today := int16(inZone(now, l.Zone).Weekday())
	for i := range 7 {
		weekday := int16(i+1) % 7 // Monday first
		row := ui.HoursRow{Day: time.Weekday(weekday).String(), Text: "Closed", Today: weekday == today}
		for _, h := range hours {
			if h.LocationID == l.ID && h.Weekday == weekday {
				row.Text = patient.Wall(h.FromMinute) + " to " + patient.Wall(h.ToMinute)
			}
		}
		out.Hours = append(out.Hours, row)
	}
	return out
}

// spoken writes the day at the end of a sentence as people say it.
func spoken(evidence string) string {
	at := strings.LastIndexByte(evidence, ' ') + 1
	day, err := civil.ParseDate(evidence[at:])
	if err != nil {
		return evidence
	}
	return evidence[:at] + day.Format("2 January 2006")
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
