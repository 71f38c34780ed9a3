package account

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/consent"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/account"
	"kindward/views/layout"
	"kindward/views/ui"
)

// ListConsents shows what a person has agreed to at each organization, in which words and when, and lets them end it.
func (h Handlers) ListConsents(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	ctx, gateway := c.Request().Context(), web.SiteOf(c).Gateway
	tenants, err := gateway.Shared(web.PublicScope(c)).AppointmentTenants(ctx, who.ID)
	if err != nil {
		return err
	}
	p := view.ConsentsPage{Page: web.Page(c, "My data and consents")}
	p.Frame, p.Here, p.OnPaper = layout.Column, layout.Account, web.OnPaper(c, "Kindward", time.UTC)
	var silent []string
	living := 0
	for _, id := range tenants {
		tenant, err := gateway.TenantByID(ctx, id)
		if err != nil {
			return err
		}
		given, err := consent.Read(ctx, gateway, web.Scope(c, tenant), who.ID)
		if errors.Is(err, tenancy.ErrTenantBehind) {
			silent = append(silent, tenant.Name)
			continue
		}
		if err != nil {
			return err
		}
		if given.Lives() {
			living++
		}
		if len(given.Said) > 0 {
			p.Places = append(p.Places, h.consentAt(tenant, given))
		}
	}
	p.Heading, p.Missing = shared(living), strings.Join(silent, ", ")
	return web.Render(c, http.StatusOK, view.Consents(p), "")
}

// shared is the finding on top.
func shared(places int) string {
	switch places {
	case 0:
		return "You share your details with no place"
	case 1:
		return "You share your details with one place"
	}
	return fmt.Sprintf("You share your details with %d places", places)
}

func (h Handlers) consentAt(t tenancy.Tenant, given consent.Given) view.ConsentAt {
	last := given.Said[0]
	at := view.ConsentAt{Place: t.Name, Words: words(t, last), State: "You ended this consent on " + h.day(last.At) + "."}
	switch {
	case given.Ending():
		at.State = "You ended this consent on " + h.day(last.At) + ". It lasts until your visit there is over: they need " +
			"your details for it. Cancel the visit, and it ends at once. Booking there again asks you anew."
		at.Resume = withdrawalPath(t) + "/removal"
	case given.Stands():
		at.State, at.Coming = "You agreed to this on "+h.day(last.At)+", and it lasts until you end it.", given.Coming
		at.End = withdrawalPath(t)
	}
	for _, said := range given.Said[1:] {
		at.History = append(at.History, ui.Row{Name: h.day(said.At),
			Value: map[bool]string{true: "You agreed", false: "You ended it"}[said.State == consent.StateGranted]})
	}
	return at
}

// words are what was agreed to. Those of programs from before were not kept, but are known by their hash.
func words(t tenancy.Tenant, said tenantdb.AccountConsentsRow) string {
	if said.Text != "" {
		return said.Text
	}
	for _, one := range consent.Shares(t.Name) {
		if hash := sha256.Sum256([]byte(one.Text)); string(hash[:]) == string(said.TextHash) {
			return one.Text
		}
	}
	return ""
}

func (h Handlers) day(t time.Time) string { return civil.DateOf(t.In(h.zone())).Text() }

// afterVisits is what the field when says of an end after the visits to come.
const afterVisits = "after-visits"

// CreateWithdrawal ends a consent, with effect at the next query or after the visits to come.
func (h Handlers) CreateWithdrawal(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	tenant, err := web.FindOrganization(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	when := consent.When(f.Raw("when") == afterVisits)
	err = consent.Withdraw(c.Request().Context(), web.SiteOf(c).Gateway.In(web.Scope(c, tenant)), who.ID, when)
	switch {
	case errors.Is(err, consent.ErrNone):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, consent.ErrVisits):
		web.Flash(c, ui.Notice{Warn: true, Text: "Nothing was ended: you have a visit to come at " + tenant.Name +
			". End the consent after it, or cancel the visit first."})
	case err != nil && !errors.Is(err, consent.ErrEnded):
		return err
	case when == consent.AfterVisits:
		web.Flash(c, ui.Notice{Done: true, Text: "Your consent ends when your visit at " + tenant.Name + " is over."})
	default: // or it had ended before: the first answer was lost, or two windows asked
		web.Flash(c, ui.Notice{Done: true, Text: "Ended. " + tenant.Name + " can no longer open your record."})
	}
	return web.Redirect(c, "/account/consents")
}

// DeleteWithdrawal takes back that a consent ends after the visits to come, while one is.
func (h Handlers) DeleteWithdrawal(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	tenant, err := web.FindOrganization(c)
	if err != nil {
		return err
	}
	switch err = consent.Resume(c.Request().Context(), web.SiteOf(c).Gateway.In(web.Scope(c, tenant)), who.ID); {
	case errors.Is(err, consent.ErrNone):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, consent.ErrEnded):
		web.Flash(c, ui.Notice{Warn: true, Text: "Your consent has ended already: your visit at " + tenant.Name +
			" is over or canceled. Booking there again asks you anew."})
	case err != nil:
		return err
	default:
		web.Flash(c, ui.Notice{Done: true, Text: "Your consent for " + tenant.Name + " stays until you end it."})
	}
	return web.Redirect(c, "/account/consents")
}

func withdrawalPath(t tenancy.Tenant) string { return "/account/consents/" + t.Slug + "/withdrawal" }
