package handlers

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/account"
	"kindward/handlers/api"
	"kindward/handlers/demo"
	"kindward/handlers/join"
	"kindward/handlers/ops"
	"kindward/handlers/patient"
	"kindward/handlers/provider"
	"kindward/handlers/styleguide"
	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/document"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/ratelimit"
	"kindward/internal/search"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
)

// Dependencies are what the product asks of the process that serves it.
type Dependencies struct {
	Site            *web.Site // its gateway, keys, base URL, log and clock are everybody's
	Market          *search.Market
	Passwords       *identity.Passwords
	LookupTXT       identity.TXT   // nil = the DNS
	Zone            *time.Location // in which people read times that are no place's
	Notify          func()         // wakes who waits for events; nil = nobody does
	HoldLimit       ratelimit.Limit
	HoldLimits      booking.HoldLimits
	Store           storage.Store  // where files lie that people send
	IdentitySecrets []string       // that sign webhooks of whoever verifies identities
	Help            patient.Help   // where somebody is reached; its mail is the product's
	Demo            *demo.Handlers // nil outside a demonstration
}

// Mail puts emails about accounts where they wait to be sent.
func (d Dependencies) Mail() identity.Mail {
	return identity.Mail{Gateway: d.Site.Gateway, Keys: d.Site.Keys, Log: d.Site.Log, Notify: d.Notify}
}

// APIKeys finds and makes the keys of API clients.
func (d Dependencies) APIKeys() identity.APIKeys {
	return identity.APIKeys{Gateway: d.Site.Gateway, Keys: d.Site.Keys, Now: d.Site.Now, Log: d.Site.Log}
}

// SSO asks the organizations' own providers.
func (d Dependencies) SSO() identity.SSOClient {
	return identity.SSOClient{Base: d.Site.BaseURL, Keys: d.Site.Keys, LookupTXT: d.LookupTXT,
		Limiter: identity.AttemptLimiter{Gateway: d.Site.Gateway, Keys: d.Site.Keys, Now: d.Site.Now,
			Log: d.Site.Log}}
}

// New is the whole product: its pages with what each of them needs, what they ask of each other and of the site, and
// the table of routes, which it adds to e. The program and the tests of its pages both make it here.
func New(e *echo.Echo, d Dependencies) ([]Route, error) {
	if d.Site.Now == nil {
		d.Site.Now = time.Now
	}
	pages := d.pages()
	d.Site.FindKey, d.Site.FindStaffAccess = api.Finder(d.APIKeys()), pages.Ops.FindStaffAccess
	d.Site.Demo = d.Demo != nil
	if d.Site.SignedIn == nil {
		d.Site.SignedIn = d.SeeBrowser
	}
	table := Routes(pages)
	lines := make([]web.Route, len(table))
	for i, r := range table {
		if lines[i] = web.Route(r); r.Action == policy.Demo {
			lines[i].Handler = pages.Demo.Here(r.Handler)
		}
	}
	return table, d.Site.Mount(e, lines)
}

// pages gives each family of handlers what it needs.
func (d Dependencies) pages() Pages {
	gateway, mail, sso := d.Site.Gateway, d.Mail(), d.SSO()
	files := document.Files{Store: d.Store, Gateway: gateway}
	d.Help.Mail = mail
	console := &ops.Handlers{Gateway: gateway, Mail: mail, Market: d.Market, Zone: d.Zone, Files: files,
		Notify: d.Notify}
	patients := &patient.Handlers{Gateway: gateway, Market: d.Market, Notify: d.Notify, HoldLimit: d.HoldLimit,
		HoldLimits: d.HoldLimits, Help: d.Help}
	return Pages{
		Patient: patients,
		Account: &account.Handlers{Mail: mail, Passwords: d.Passwords, SSO: sso, Market: d.Market, Zone: d.Zone,
			Held: patients.HeldFor, TakeHolds: patients.TakeHolds, LeaveHolds: patient.LeaveHolds,
			EnterWorkplace: provider.EnterWorkplace, EndActing: console.EndActing},
		Provider: &provider.Handlers{Gateway: gateway, Mail: mail, SSO: sso, Keys: d.APIKeys(), Market: d.Market,
			Busy: d.Market.Busy(), Notify: d.Notify},
		Join: &join.Handlers{Gateway: gateway, Mail: mail, Zone: d.Zone, Files: files,
			IdentitySecrets: d.IdentitySecrets},
		API:        &api.Handlers{Gateway: gateway, Market: d.Market, Notify: d.Notify},
		Ops:        console,
		Demo:       d.Demo,
		Styleguide: &styleguide.Handlers{},
	}
}

// SeeBrowser hears of every sign-in.
func (d Dependencies) SeeBrowser(ctx context.Context, by tenancy.Caller, who identity.Account,
	from identity.Browser) error {
	return identity.SeeBrowser(ctx, d.Mail(), by, who, from, d.Site.Now())
}
