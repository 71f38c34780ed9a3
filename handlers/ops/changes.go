package ops

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/offering"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// ListChanges shows what organizations ask to change that does not go live by itself, the oldest first.
func (h *Handlers) ListChanges(c echo.Context) error {
	return h.askedChanges(c, http.StatusOK, uuid.Nil, nil)
}

// changesPage is how many changes a page has.
const changesPage = 20

// changesAt is the page of changes that an address names: behind which one, if it is not the first. A form that decides
// has it in its address too, and leads back there.
func changesAt(c echo.Context) (after *uuid.UUID, query string, err error) {
	raw := c.QueryParam("after")
	if raw == "" {
		return nil, "", nil
	}
	id, err := uuid.Parse(raw)
	if err != nil {
		return nil, "", fmt.Errorf("no such page of changes: %w", web.ErrNotFound)
	}
	return &id, "?after=" + id.String(), nil
}

func (h *Handlers) askedChanges(c echo.Context, status int, of uuid.UUID, f *web.Form) error {
	after, query, err := changesAt(c)
	if err != nil {
		return err
	}
	ctx, q := c.Request().Context(), h.Gateway.Shared(web.PublicScope(c))
	rows, err := q.WaitingChanges(ctx, after, changesPage+1)
	if err != nil {
		return err
	}
	all, err := q.CountWaitingChanges(ctx)
	if err != nil {
		return err
	}
	me, _ := web.Actor(c)
	p := view.ChangesPage{May: web.May(c, policy.ChangeOnboarding), Pages: ui.Pages{Label: "Pages of changes"}}
	if after != nil {
		p.Pages.First = "/ops/changes"
	}
	if len(rows) > changesPage {
		rows = rows[:changesPage]
		p.Pages.Next = "/ops/changes?after=" + rows[changesPage-1].ID.String()
	}
	for _, r := range rows {
		one := view.AskedChange{ID: r.ID.String(), Name: r.Name, Organization: r.Organization, When: h.when(r.At),
			Public: "/places/" + r.Slug, Own: r.By == me.ID, At: "/ops/changes/" + r.ID.String(), Page: query}
		for _, d := range offering.Differences(r.Was, r.Becomes) {
			one.Rows = append(one.Rows, ui.Row{Name: d.Field, Value: d.Becomes, Small: "now: " + d.Was})
		}
		one.Rows = append(one.Rows, shown("License", r.License+" "+r.LicenseState, r.License != ""),
			shown("Evidence", r.Evidence, r.Evidence != ""), shown("Register", r.Said, r.Said != ""))
		if f != nil && r.ID == of {
			one.Problems, one.Reason = f.Problems, f.Raw("reason-"+one.ID)
		}
		p.All = append(p.All, one)
	}
	says := "No change waits for us."
	if all > 0 {
		says = count(all, "change waits for us.", "changes wait for us.")
	}
	p.Page, p.Console = h.page(c, "/ops/onboarding", "Changes", says)
	part := ""
	if p.Wrong = f != nil; p.Wrong {
		part = view.ChangePart(of.String())
	}
	return web.Render(c, status, view.Changes(p), part)
}

// shown is a fact, or that there is none.
func shown(name, value string, there bool) ui.Row {
	if !there {
		value = "None"
	}
	return ui.Row{Name: name, Value: value}
}

// AcceptChange lets a change become what patients see.
func (h *Handlers) AcceptChange(c echo.Context) error {
	return h.decideChange(c, "It is live now.", func(q *tenantdb.Queries, t tenancy.Tenant, id, who uuid.UUID) error {
		return offering.Accept(c.Request().Context(), q, t, id, &who, "", web.Now(c))
	})
}

// RefuseChange says why a change does not become.
func (h *Handlers) RefuseChange(c echo.Context) error {
	id, err := web.ID(c, "change")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	reason := sentence(f, "reason-"+id.String(), "Say in a sentence why")
	if !f.OK() {
		return h.askedChanges(c, http.StatusUnprocessableEntity, id, f)
	}
	return h.decideChange(c, "It is refused, and they read why.",
		func(q *tenantdb.Queries, _ tenancy.Tenant, id, who uuid.UUID) error {
			return offering.Refuse(c.Request().Context(), q, id, who, reason, web.Now(c))
		})
}

// decideChange decides within the organization's own scope. Nobody decides on what they asked for themself.
func (h *Handlers) decideChange(c echo.Context, done string,
	do func(q *tenantdb.Queries, t tenancy.Tenant, id, who uuid.UUID) error) error {
	id, err := web.ID(c, "change")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	of, err := web.Found(h.Gateway.Shared(web.PublicScope(c)).ChangeOrganization(ctx, id))
	if err != nil {
		return err
	}
	t, err := h.Gateway.TenantByID(ctx, of)
	if err != nil {
		return err
	}
	who, _ := web.Actor(c)
	err = h.Gateway.Within(ctx, h.Gateway.Admit(t, web.Caller(c)), func(q *tenantdb.Queries) error {
		return do(q, t, id, who.ID)
	})
	if errors.Is(err, offering.ErrDecided) || tenancy.Code(err) == "23514" {
		return h.changeDecided(c, id)
	}
	if err != nil {
		return err
	}
	h.notify()
	web.Flash(c, ui.Notice{Text: done, Done: true})
	_, query, err := changesAt(c)
	if err != nil {
		return err
	}
	return web.Redirect(c, "/ops/changes"+query)
}

// changeDecided shows the changes that wait to somebody who could not decide on one, and says why.
func (h *Handlers) changeDecided(c echo.Context, id uuid.UUID) error {
	ended, err := web.Found(h.Gateway.Shared(web.PublicScope(c)).ChangeEnding(c.Request().Context(), id))
	if err != nil {
		return err
	}
	who := "The state's register"
	if ended.DecidedBy != nil {
		names, err := h.names(c, []uuid.UUID{*ended.DecidedBy})
		if err != nil {
			return err
		}
		who = cmp.Or(names[*ended.DecidedBy], "Somebody else")
	}
	said := map[string]string{
		offering.Accepted:  who + " has accepted this change already.",
		offering.Refused:   who + " has refused this change already.",
		offering.Withdrawn: "The organization has withdrawn this change.",
		offering.Waiting:   "You asked for this change: somebody else decides."}[ended.Status]
	web.Flash(c, ui.Notice{Text: said + " Nothing was done now.", Warn: true})
	if _, query, err := changesAt(c); err == nil && web.Partial(c) {
		return web.Redirect(c, "/ops/changes"+query) // the part of this change is no more
	}
	return h.askedChanges(c, http.StatusConflict, uuid.Nil, nil)
}
