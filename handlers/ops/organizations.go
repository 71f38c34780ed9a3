package ops

import (
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/views/ui"
)

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

// eachOrganization asks one organization, or each if it is the zero one: what it looks for is in their own schemas, and
// no index that staff could read has it. One short question to each; those that are behind this program are silent.
func (h *Handlers) eachOrganization(c echo.Context, only tenancy.Tenant,
	ask func(tenancy.Scope, shareddb.TenantsRow) error) (silent []string, err error) {
	all, err := h.Gateway.Public().Tenants(c.Request().Context())
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if only.ID != t.ID && only.Slug != "" {
			continue
		}
		scope := h.Gateway.Admit(tenancy.Tenant{ID: t.ID, Schema: t.SchemaName, Version: int(t.SchemaVersion)},
			web.Caller(c))
		switch err := ask(scope, t); {
		case errors.Is(err, tenancy.ErrTenantBehind):
			silent = append(silent, t.Name)
		case err != nil:
			return nil, err
		}
	}
	return silent, nil
}
