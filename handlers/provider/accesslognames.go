package provider

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/queries/tenantdb"
	"kindward/views/ui"
)

// mostColleagues is how many people the log can be narrowed to by a list.
const mostColleagues = 500

// nameAt asks what somebody was called at an instant, in microseconds.
type nameAt struct {
	who uuid.UUID
	at  int64
}

// namesAtWork are what those who work or worked at an organization were called when the events of its log happened.
type namesAtWork map[nameAt]string

// namesAtWork asks for those alone whom the rows name, so that it does not matter how many worked here.
func (h *Handlers) namesAtWork(c echo.Context, rows []tenantdb.OrganizationLogRow) (namesAtWork, error) {
	var people []uuid.UUID
	var times []time.Time
	for _, r := range rows {
		for _, who := range []*uuid.UUID{r.Actor, r.Colleague} {
			if who != nil {
				people, times = append(people, *who), append(times, r.At)
			}
		}
	}
	all := namesAtWork{}
	if len(people) == 0 {
		return all, nil
	}
	shared, organization := h.Gateway.Identity(web.Scope(c, web.Organization(c))), web.Organization(c)
	found, err := shared.NamesAtWork(c.Request().Context(), people, times, organization.ID)
	for _, one := range found {
		all[nameAt{one.ID, one.At.UnixMicro()}] = one.Name
	}
	return all, err
}

// colleagues are whom the log can be narrowed to, whoever is asked for among them. Where there are more than the list
// has, cut says so.
func (h *Handlers) colleagues(c echo.Context, asked *uuid.UUID) (all []ui.Option, cut string, err error) {
	organization, ctx := web.Organization(c), c.Request().Context()
	shared := h.Gateway.Identity(web.Scope(c, organization))
	people, err := shared.OrganizationPeople(ctx, organization.ID, mostColleagues+1)
	if err != nil {
		return nil, "", err
	}
	if len(people) > mostColleagues {
		people = people[:mostColleagues]
		cut = fmt.Sprintf("The list has the first %d by name. The log has all.", mostColleagues)
	}
	all = []ui.Option{{Value: "", Text: "Everybody"}}
	for _, one := range people {
		if all = append(all, ui.Option{Value: one.ID.String(), Text: one.Name}); asked != nil && one.ID == *asked {
			asked = nil
		}
	}
	if asked == nil {
		return all, cut, nil
	}
	behind, err := shared.NamesAtWork(ctx, []uuid.UUID{*asked}, []time.Time{web.Now(c)}, organization.ID)
	for _, one := range behind {
		all = append(all, ui.Option{Value: one.ID.String(), Text: one.Name})
	}
	return all, cut, err
}
