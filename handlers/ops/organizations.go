package ops

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// organizationsPage is how many organizations a page of the list has.
const organizationsPage = 50

// ListOrganizations finds organizations by words of their name or the word in their address, by name, in pages.
func (h *Handlers) ListOrganizations(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	asked := f.Sought("q")
	if utf8.RuneCountInString(asked) > 120 {
		return fmt.Errorf("a name of more than 120 characters: %w", web.ErrUnreadable)
	}
	after := uuid.Nil
	if f.Raw("id") != "" {
		if after = f.ID("id"); !f.OK() {
			return fmt.Errorf("no page of organizations: %w", web.ErrNotFound)
		}
	}
	rows, err := h.Gateway.Public().FindTenants(c.Request().Context(), shareddb.FindTenantsParams{Name: asked,
		AfterName: f.Raw("after"), AfterID: after, Most: organizationsPage})
	if err != nil {
		return err
	}
	p := view.OrganizationsPage{Query: f.Raw("q")}
	for _, t := range rows {
		p.Found = append(p.Found, view.FoundOrganization{Name: t.Name, Slug: t.Slug,
			Kind: strings.ReplaceAll(t.Kind, "_", " "), Phone: web.Phone(t.Phone), Zone: t.Zone})
	}
	if len(rows) == organizationsPage {
		last := rows[len(rows)-1]
		p.Next = "/ops/organizations?" + url.Values{"q": {f.Raw("q")}, "after": {last.Name},
			"id": {last.ID.String()}}.Encode()
	}
	p.Page, p.Console = h.page(c, "/ops/organizations", "Organizations", organizationsVerdict(len(rows), asked))
	return web.Render(c, http.StatusOK, view.Organizations(p), "")
}

func organizationsVerdict(n int, asked string) string {
	switch {
	case n == 0:
		return "No organization is called so."
	case n == organizationsPage:
		return "The organizations, by name"
	case asked == "":
		return count(int64(n), "organization", "organizations") + ", by name"
	}
	return count(int64(n), "organization fits.", "organizations fit.")
}

// noSuchOrganization is said of a field in which an organization is chosen.
const noSuchOrganization = "Choose an organization from the list, or type the word in its address"

// organizations are all of them, to choose from by name; those that share a name, by the word in their address.
func (h *Handlers) organizations(c echo.Context) (all []ui.Option, err error) {
	rows, err := h.Gateway.Public().Tenants(c.Request().Context())
	named := map[string]int{}
	for _, t := range rows {
		named[strings.ToLower(t.Name)]++
	}
	for _, t := range rows {
		one := ui.Option{Value: t.Name, Text: t.Slug}
		if named[strings.ToLower(t.Name)] > 1 {
			one.Value, one.Text = t.Slug, t.Name
		}
		all = append(all, one)
	}
	return all, err
}

// chosen is the organization that a field names, by its name or the word in its address. An organization that is none,
// or a name of several, is a problem of the field; nothing typed is no organization and no problem.
func (h *Handlers) chosen(c echo.Context, f *web.Form, field string) (t tenancy.Tenant, err error) {
	typed := f.Sought(field)
	if typed == "" {
		return t, nil
	}
	rows, err := h.Gateway.Public().Tenants(c.Request().Context())
	if err != nil {
		return t, err
	}
	var slugs []string
	for _, r := range rows {
		if strings.EqualFold(r.Slug, typed) {
			return h.Gateway.Tenant(c.Request().Context(), r.Slug)
		}
		if strings.EqualFold(r.Name, typed) {
			slugs = append(slugs, r.Slug)
		}
	}
	switch len(slugs) {
	case 0:
		f.Wrong(field, noSuchOrganization)
	case 1:
		return h.Gateway.Tenant(c.Request().Context(), slugs[0])
	default:
		f.Wrong(field, "Several are called so. Type the word in the address: "+strings.Join(slugs, " or "))
	}
	return t, nil
}

// everyOrganization are all of them: for what is in their own schemas, and in no index that staff could read.
func (h *Handlers) everyOrganization(c echo.Context) (all []tenancy.Tenant, err error) {
	rows, err := h.Gateway.Public().Tenants(c.Request().Context())
	for _, t := range rows {
		all = append(all, tenancy.Tenant{ID: t.ID, Slug: t.Slug, Name: t.Name, Schema: t.SchemaName,
			Version: int(t.SchemaVersion)})
	}
	return all, err
}

// havingReference are the organizations in which an appointment has this reference: one or none, almost always.
func (h *Handlers) havingReference(c echo.Context, ref string) (all []tenancy.Tenant, err error) {
	ctx := c.Request().Context()
	rows, err := h.Gateway.Shared(web.PublicScope(c)).AppointmentsByReference(ctx, ref)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t, err := h.Gateway.TenantByID(ctx, r.TenantID)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// askEach asks one short question of each of these organizations; those that are behind this program are silent.
func (h *Handlers) askEach(c echo.Context, all []tenancy.Tenant,
	ask func(tenancy.Scope, tenancy.Tenant) error) (silent []string, err error) {
	for _, t := range all {
		switch err := ask(h.Gateway.Admit(t, web.Caller(c)), t); {
		case errors.Is(err, tenancy.ErrTenantBehind):
			silent = append(silent, t.Name)
		case err != nil:
			return nil, err
		}
	}
	return silent, nil
}
