// Package ops is the console of the platform's own people: what needs one of them, whom they may help and how, who
// watches them.
package ops

import (
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/document"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/views/layout"
)

// Handlers answer the pages of the console.
type Handlers struct {
	Gateway *tenancy.Gateway
	Mail    identity.Mail
	Market  *search.Market // whose listings that cannot be shown are counted; nil: nobody counts
	Zone    *time.Location // in which the console tells the time; nil is UTC
	Files   document.Files
	Notify  func() // tells the consumers of events that there are some; called after the commit
}

func (h *Handlers) notify() {
	if h.Notify != nil {
		h.Notify()
	}
}

// desks are the pages of the console, in the order of their number keys.
var desks = []struct {
	href, text string
	action     policy.Action
}{
	{"/ops", "Overview", policy.ReadConsole},
	{"/ops/people", "People", policy.ReadPeople},
	{"/ops/organizations", "Organizations", policy.ReadOrganizations},
	{"/ops/onboarding", "Onboarding", policy.ReadOnboarding},
	{"/ops/forms", "Forms", policy.ReadForms},
	{"/ops/emergency-access", "Emergency access", policy.ReadConsole},
	{"/ops/alerts", "Alerts", policy.ReviewAlerts},
	{"/ops/audit", "Access log", policy.ReadAudit},
	{"/ops/staff", "Staff", policy.ReadStaff},
	{"/ops/policies", "Policies", policy.ReadPolicies},
	{"/ops/health", "Health", policy.ReadConsole},
}

// page is the frame of a page of the console: its title for the tab, and one sentence on top about what is so.
func (h *Handlers) page(c echo.Context, here, title, verdict string) (layout.Page, layout.Console) {
	web.NoStore(c)
	console := layout.Console{Verdict: verdict}
	for _, d := range desks {
		if web.May(c, d.action) {
			console.Entries = append(console.Entries, layout.Entry{Href: d.href, Text: d.text, Here: d.href == here})
		}
	}
	p := web.Page(c, title)
	p.OnPaper = web.OnPaper(c, "Kindward", h.zone())
	return p, console
}

// zone is in which the console and its emails tell the time.
func (h *Handlers) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

// when is a time as the console tells it: "Sun 22 Nov 2026, 10:33 EST".
func (h *Handlers) when(t time.Time) string { return civil.Stamp(t.In(h.zone())) }

// day is the date of an instant in the console's zone.
func (h *Handlers) day(t time.Time) string { return civil.DateOf(t.In(h.zone())).Text() }
