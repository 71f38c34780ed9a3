package patient

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

func cliniciansPath(slug string) string { return placePath(slug) + "/clinicians" }

func clinicianPath(slug string, id uuid.UUID) string { return cliniciansPath(slug) + "/" + id.String() }

// cliniciansShown is how many people a page of an organization's people has.
const cliniciansShown = 40

// ListClinicians are all people of an organization, in order of name.
func (h *Handlers) ListClinicians(c echo.Context) error {
	tenant, err := web.FindOrganization(c)
	if err != nil {
		return err
	}
	rows, err := h.Gateway.Once(web.Scope(c, tenant)).Practitioners(c.Request().Context())
	if err != nil {
		return err
	}
	all := peopleOf(rows, h.current(c, tenant), tenant, web.Now(c))
	key := func(p patient.Person) string { return p.Name + "~" + p.ID }
	shown, first, next := after(all, key, c.QueryParam("after"), cliniciansShown)
	page := patient.CliniciansPage{Page: web.Page(c, "Who works at "+tenant.Name), People: shown,
		Back: ui.Way{Text: tenant.Name, Href: placePath(tenant.Slug)}}
	page.Heading = "Who works at " + tenant.Name
	page.Here, page.Description = layout.FindCare, page.Heading+", and what each of them does."
	page.Canonical = cliniciansPath(tenant.Slug)
	page.Pager.Shown = patient.Count(len(all), "person", "people")
	if len(shown) < len(all) {
		page.Pager.Shown = strconv.Itoa(first+1) + " to " + strconv.Itoa(first+len(shown)) + " of " + page.Pager.Shown
	}
	if next != "" {
		page.Pager.Next = &ui.Way{Text: "Show more people",
			Href: cliniciansPath(tenant.Slug) + "?" + url.Values{"after": {next}}.Encode()}
	}
	return web.Render(c, http.StatusOK, patient.Clinicians(page), "")
}

// peopleOf are the people of an organization whose credentials or contract go on. Who can be booked by name has a page.
func peopleOf(rows []tenantdb.PractitionersRow, listings []*search.Listing, t tenancy.Tenant,
	now time.Time) (all []patient.Person) {
	booked := map[uuid.UUID]bool{}
	for _, l := range listings {
		booked[l.PractitionerID] = true
	}
	for _, r := range rows {
		if r.ValidUntil != nil && past(civil.DateOf(*r.ValidUntil), civil.ZoneOrUTC(t.Zone), now) {
			continue
		}
		p := patient.Person{ID: r.ID.String(), Name: r.Name, Specialty: r.Specialty,
			Line: "Speaks " + languages(r.Languages) + ". Sees " + search.AgesOf(r.AgeFrom, r.AgeTo).Text() + "."}
		if booked[r.ID] {
			p.Href = clinicianPath(t.Slug, r.ID)
		}
		all = append(all, p)
	}
	return all
}

// ShowClinician is the page of somebody who can be booked by name at an organization: whom they see and where, and the
// times of one of their services. Whoever cannot be booked there, or not any more, has no page.
func (h *Handlers) ShowClinician(c echo.Context) error {
	tenant, err := web.FindOrganization(c)
	if err != nil {
		return err
	}
	id, _ := uuid.Parse(c.Param("clinician")) // what is no id is nobody's
	does := slices.DeleteFunc(h.current(c, tenant), func(l *search.Listing) bool {
		return id == uuid.Nil || l.PractitionerID != id
	})
	if len(does) == 0 {
		return noClinician(c, tenant)
	}
	slices.SortFunc(does, func(a, b *search.Listing) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.LocationName, b.LocationName))
	})
	about, err := web.Found(h.Gateway.Once(web.Scope(c, tenant)).AboutPractitioner(c.Request().Context(), id))
	if err != nil {
		return err
	}
	page := h.clinicianPage(c, tenant, does)
	page.About = about
	if page.Times, err = h.timesOfOne(c, tenant, does); err != nil {
		return err
	}
	if err := offerHolder(c); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, patient.Clinician(page), "")
}

// noClinician says that nobody of this address works at an organization, and leads to those who do.
func noClinician(c echo.Context, t tenancy.Tenant) error {
	page := patient.NoClinicianPage{Page: web.Page(c, "Nobody by this address"), Organization: t.Name, Ways: []ui.Way{
		{Text: "Who works at " + t.Name, Href: cliniciansPath(t.Slug)},
		{Text: "What " + t.Name + " does", Href: placePath(t.Slug)}, {Text: "Find care", Href: "/"}}}
	page.Here = layout.FindCare
	return web.Render(c, http.StatusNotFound, patient.NoClinician(page), "")
}

// clinicianPage says who somebody is, by what they do.
func (h *Handlers) clinicianPage(c echo.Context, t tenancy.Tenant, does []*search.Listing) patient.ClinicianPage {
	l := does[0]
	page := patient.ClinicianPage{Page: web.Page(c, l.Practitioner+", "+t.Name), Name: l.Practitioner,
		Specialty: l.Specialty, Back: ui.Way{Text: t.Name, Href: placePath(t.Slug)}}
	page.Here, page.Canonical = layout.FindCare, clinicianPath(t.Slug, l.PractitionerID)
	page.Description = inLine(l.Practitioner, patient.Lower(l.Specialty)) + " at " + t.Name + ", " + l.City +
		": services, prices and free times."
	page.Facts = ui.Summary{{Name: "Speaks", Value: languages(l.Languages)},
		{Name: "Sees", Value: textutil.Capital(l.Ages.Text())},
		{Name: "New patients", Value: newPatients(does)}}
	seen := map[uuid.UUID]bool{}
	for _, l := range does {
		if at := whereOf(l); !seen[l.LocationID] && l.Mode.Travels() {
			seen[l.LocationID] = true
			at.Town = l.City + ", " + l.State + " " + l.ZIP
			page.Facts = append(page.Facts, ui.Row{Name: "At", Value: l.LocationName, Small: at.Street + ", " + at.Town,
				Ways: []ui.Way{{Text: "Map", Href: at.Map()}}})
		}
	}
	if says := h.insuranceOf(does); says.Summary != "" {
		page.Facts = append(page.Facts, ui.Row{Name: "Insurance", Value: says.Summary, Small: says.Names(),
			Lines: []string{says.Confirmed}})
	}
	q := offeringQuery{alone: oneLocation(does)}
	for _, l := range does {
		q.service = l.ServiceID
		line := h.lineOf(c, offeringLine{name: l.Service, listings: []*search.Listing{l}}, q, placePath(t.Slug))
		line.Href = clinicianPath(t.Slug, l.PractitionerID) + "?listing=" + l.ID.String() + "#times"
		page.Offered = append(page.Offered, line)
	}
	return page
}

// newPatients says whether somebody takes people they have not seen before.
func newPatients(does []*search.Listing) string {
	takes := 0
	for _, l := range does {
		if l.AcceptsNew {
			takes++
		}
	}
	switch takes {
	case len(does):
		return "Welcome"
	case 0:
		return "None at the moment; whoever was here before can book"
	}
	return "Welcome for some services"
}

// timesOfOne are the next times of one of a clinician's services, to take at once: the one asked for, or the one that
// is free soonest.
func (h *Handlers) timesOfOne(c echo.Context, t tenancy.Tenant, does []*search.Listing) (part patient.ClinicianTimes,
	err error) {
	chosen, _ := h.soonest(does, web.Now(c).Unix())
	for _, l := range does {
		if l.ID.String() == c.QueryParam("listing") {
			chosen = l
		}
	}
	o, live := h.listed(t, chosen.ID)
	if !live {
		return part, web.ErrNotFound
	}
	times, err := h.holdingPage(c, o)
	times.Week.Attrs = nil // other weeks are on the page of all times
	return patient.ClinicianTimes{Heading: "Times for " + patient.Lower(chosen.Service), Where: textutil.Capital(whereAll(
		[]*search.Listing{chosen})), Week: times.Week, Empty: times.Empty, Home: times.Home, Zone: times.Zone,
		Policy: times.Policy, All: ui.Way{Text: "All times", Href: timesPath(t.Slug, chosen.ID)}}, err
}

// aboutClinician leads to the page of who is booked, as long as they have one.
func (h *Handlers) aboutClinician(c echo.Context, o opened) []ui.Way {
	at, live := h.listed(o.tenant, o.OfferingID)
	if !live || at.listing.PractitionerID == uuid.Nil || ended(at.offering.Schedule, web.Now(c)) {
		return nil
	}
	return []ui.Way{{Text: "About " + at.listing.Practitioner, Href: clinicianPath(o.tenant.Slug,
		at.listing.PractitionerID)}}
}
