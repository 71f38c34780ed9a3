// Package provider answers people who work at an organization: its day, its patients, its team, its keys.
package provider

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/views/layout"
	"kindward/views/ui"
)

// Handlers are the pages of a workplace.
type Handlers struct {
	Gateway *tenancy.Gateway
	Mail    identity.Mail
	SSO     identity.SSOClient
	Keys    identity.APIKeys
	Market  *search.Market
	Busy    *booking.BusyCache
	Notify  func() // tells the consumers of events that there are some; called after the commit
}

func (h *Handlers) notify() {
	if h.Notify != nil {
		h.Notify()
	}
}

// The pages of a workplace as its navigation and its first page name them: what follows the workplace's own address,
// and who sees the link.
var tabs = []struct {
	at, text, way string
	action        policy.Action
}{
	{"", "Today", "", policy.ReadOrganization},
	{"/appointments", "Appointments", "See the day and mark who has come", policy.ReadAppointments},
	{"/patients", "Patients", "Find a patient", policy.FindPatients},
	{"/members", "Team", "See who works here", policy.ReadMembers},
	{"/listings", "Listings", "Say what patients can book: locations, practitioners, services, hours", policy.ChangeListings},
	{"/imports", "Imports", "Bring practitioners, places and patients along in a file", policy.ChangeListings},
	{"/api-keys", "API keys", "Make and revoke keys of API clients", policy.ReadKeys},
	{"/single-sign-on", "Single sign-on", "Let your own sign-in open this workplace", policy.ReadSSO},
	{"/access-log", "Access log", "See who looked at what", policy.ReadAccessLog},
}

// home is the address of a workplace.
func home(t tenancy.Tenant) string { return "/organizations/" + t.Slug }

// frame is what stands round a page of the workplace that the address names. at is the tab that the page belongs to.
func (h *Handlers) frame(c echo.Context, title, at string, problems ui.Problems) (layout.Page, layout.Workplace,
	error) {
	web.NoStore(c)
	organization := web.Organization(c)
	p := web.Page(c, title)
	p.Wrong = len(problems) > 0
	whose := organization.Name + " on Kindward"
	if organization.Phone != "" {
		whose += ", " + web.Phone(organization.Phone)
	}
	p.OnPaper = web.OnPaper(c, whose, civil.ZoneOrUTC(organization.Zone))
	w := layout.Workplace{Name: organization.Name, Home: home(organization)}
	for _, t := range tabs {
		if web.May(c, t.action) {
			w.Entries = append(w.Entries, layout.Entry{Href: w.Home + t.at, Text: t.text, Here: t.at == at})
		}
	}
	who, _ := web.Account(c)
	elsewhere, err := h.Gateway.Identity(web.Scope(c, organization)).Workplaces(c.Request().Context(), who.ID)
	w.Others = len(elsewhere) > 1
	return p, w, err
}

// today is the date at an organization now.
func today(c echo.Context, organization tenancy.Tenant) civil.Date {
	return civil.Today(civil.ZoneOrUTC(organization.Zone), web.Now(c))
}

// purpose is why somebody looks, as the audit keeps it.
func purpose(c echo.Context) string {
	if act, ok := web.StaffAccessOf(c); ok && act.Organization != uuid.Nil {
		return "emergency"
	}
	return "care"
}

func day(t time.Time) string { return civil.DateOf(t).Text() }
