package ops

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
	view "kindward/views/ops"
)

// mostOpened is how many events of one access its list tells of.
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
	ctx, rows := c.Request().Context(), []shareddb.SearchAuditRow(nil)
	err = h.Gateway.WithinIdentity(ctx, web.PublicScope(c), func(q *shareddb.Queries) (err error) {
		rows, err = q.SearchAudit(ctx, shareddb.SearchAuditParams{StaffAccess: &id, Before: endOfTime,
			BeforeSeq: math.MaxInt64, Most: mostOpened})
		if err != nil {
			return err
		}
		return q.WriteLook(ctx, shareddb.WriteLookParams{Purpose: "compliance", Action: "search", Fields: []string{"access"}})
	})
	if err != nil {
		return err
	}
	charts, err := h.chartsOf(c, tenant, rows)
	if err != nil {
		return err
	}
	p := view.OpenedRecordsPage{Log: auditPath("", nil, "access", id.String()), People: h.opened(rows, charts)}
	p.Page, p.Console = h.page(c, "/ops/emergency-access", "Opened records", openedVerdict(len(p.People)))
	return web.Render(c, http.StatusOK, view.OpenedRecords(p), "")
}

func openedVerdict(people int) string {
	if people == 0 {
		return "Nobody's record was opened."
	}
	return fmt.Sprintf("%s seen.", count(int64(people), "person was", "people were"))
}

// subjectOf is whom an event is about, by whatever it says: account, chart, or the visit on a list.
func subjectOf(r shareddb.SearchAuditRow) uuid.UUID {
	id := personOf(r)
	if id == uuid.Nil && r.Resource == "Appointment" && r.ResourceID != nil {
		return *r.ResourceID
	}
	return id
}

// chartsOf are the charts of those whom events are about, by what the events say of them.
func (h *Handlers) chartsOf(c echo.Context, at tenancy.Tenant, rows []shareddb.SearchAuditRow) (
	all map[uuid.UUID]tenantdb.ChartsOfRow, err error) {
	all = map[uuid.UUID]tenantdb.ChartsOfRow{}
	seen, people := map[uuid.UUID]bool{}, []uuid.UUID{}
	for _, r := range rows {
		if id := subjectOf(r); id != uuid.Nil && !seen[id] {
			seen[id] = true
			people = append(people, id)
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
func (h *Handlers) opened(rows []shareddb.SearchAuditRow,
	charts map[uuid.UUID]tenantdb.ChartsOfRow) []view.OpenedRecord {
	all, places := []view.OpenedRecord{}, map[uuid.UUID]int{}
	for _, r := range rows {
		id := subjectOf(r)
		if id == uuid.Nil {
			continue
		}
		name := "…" + id.String()[24:]
		if chart, known := charts[id]; known {
			id, name = chart.ID, chart.Name
		}
		at, known := places[id]
		if !known {
			at, places[id] = len(all), len(all)
			all = append(all, view.OpenedRecord{Name: name})
		}
		one := &all[at]
		one.Times++
		one.When = h.when(r.At)
		what := audit.Entry{Resource: r.Resource, Action: r.Action, Outcome: r.Outcome}.What(false)
		if !slices.Contains(one.What, what) {
			one.What = append(one.What, what)
		}
	}
	slices.SortFunc(all, func(a, b view.OpenedRecord) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
