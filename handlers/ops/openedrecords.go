package ops

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
	view "kindward/views/ops"
)

// mostOpened is how many people and kinds of acts under one access its list tells of: those that were no list first.
const mostOpened = 2000

// ListOpenedRecords shows a reviewer whose records were opened under one access, what of them and when, with names as
// the organization has them on file. That the reviewer looked is kept for each whom the list names.
func (h *Handlers) ListOpenedRecords(c echo.Context) error {
	id, err := web.ID(c, "access")
	if err != nil {
		return err
	}
	tenant, err := h.organization(c, id)
	if err != nil {
		return err
	}
	ctx, rows := c.Request().Context(), []shareddb.OpenedUnderAccessRow(nil)
	err = h.Gateway.WithinIdentity(ctx, web.PublicScope(c), func(q *shareddb.Queries) (err error) {
		rows, err = q.OpenedUnderAccess(ctx, mostOpened+1, id)
		if err != nil {
			return err
		}
		return q.WriteLook(ctx, shareddb.WriteLookParams{Purpose: "compliance", Action: "search", Fields: []string{"access"}})
	})
	if err != nil {
		return err
	}
	cut := len(rows) > mostOpened
	rows = rows[:min(len(rows), mostOpened)]
	charts, err := h.chartsOf(c, tenant, rows)
	if err != nil {
		return err
	}
	p := view.OpenedRecordsPage{Log: auditPath("", nil, "access", id.String()), People: h.opened(rows, charts), Cut: cut}
	p.Page, p.Console = h.page(c, "/ops/emergency-access", "Opened records", openedVerdict(len(p.People), cut))
	return web.Render(c, http.StatusOK, view.OpenedRecords(p), "")
}

func openedVerdict(people int, cut bool) string {
	if people == 0 {
		return "Nobody's record was opened."
	}
	if cut {
		return fmt.Sprintf("More than %d people were seen.", people)
	}
	return fmt.Sprintf("%s seen.", count(int64(people), "person was", "people were"))
}

// chartsOf are the charts of those whom events are about, by what the events say of them.
func (h *Handlers) chartsOf(c echo.Context, at tenancy.Tenant, rows []shareddb.OpenedUnderAccessRow) (
	all map[uuid.UUID]tenantdb.ChartsOfRow, err error) {
	all = map[uuid.UUID]tenantdb.ChartsOfRow{}
	seen, people := map[uuid.UUID]bool{}, []uuid.UUID{}
	for _, r := range rows {
		if !seen[r.Person] {
			seen[r.Person] = true
			people = append(people, r.Person)
		}
	}
	if at.ID == uuid.Nil || len(people) == 0 {
		return all, nil
	}
	ctx := c.Request().Context()
	return all, h.Gateway.Within(ctx, h.Gateway.Admit(at, web.Caller(c)), func(q *tenantdb.Queries) error {
		found, err := q.ChartsOf(ctx, people)
		if err != nil {
			return err
		}
		charts, accounts := []uuid.UUID{}, []uuid.UUID{}
		for _, one := range found {
			if all[one.Asked] = one; slices.Contains(charts, one.ID) {
				continue
			}
			charts = append(charts, one.ID)
			account := uuid.Nil
			if one.AccountID != nil {
				account = *one.AccountID
			}
			accounts = append(accounts, account)
		}
		return q.AuditFoundCharts(ctx, accounts, charts)
	})
}

// opened are the people of an access, each once, in order of name, with what was done with their record.
func (h *Handlers) opened(rows []shareddb.OpenedUnderAccessRow,
	charts map[uuid.UUID]tenantdb.ChartsOfRow) []view.OpenedRecord {
	all, places, first := []view.OpenedRecord{}, map[uuid.UUID]int{}, map[uuid.UUID]time.Time{}
	for _, r := range rows {
		id, name := r.Person, "…"+r.Person.String()[24:]
		if chart, known := charts[id]; known {
			id, name = chart.ID, chart.Name
		}
		at, known := places[id]
		if !known {
			at, places[id] = len(all), len(all)
			all = append(all, view.OpenedRecord{Name: name})
		}
		one := &all[at]
		one.Times += int(r.Times)
		if first[id].IsZero() || r.FirstAt.Before(first[id]) {
			first[id], one.When = r.FirstAt, h.when(r.FirstAt)
		}
		what := audit.Entry{Resource: r.Resource, Action: r.Action, Outcome: r.Outcome}.What(false)
		if !slices.Contains(one.What, what) {
			one.What = append(one.What, what)
		}
	}
	slices.SortFunc(all, func(a, b view.OpenedRecord) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
