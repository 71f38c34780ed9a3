package ops

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/ops"
)

// record is one that the audit can be asked about: all of an account, or the chart and the visits that one organization
// has of somebody without an account.
type record struct {
	id          uuid.UUID   // of the account, or of the chart
	events      []uuid.UUID // the chart and its visits; none: it is an account's
	name, about string
	at          tenancy.Tenant // whose chart it is
}

// ending is what pages show of an id.
var ending = regexp.MustCompile(`^[0-9a-f]{12}$`)

// findRecord finds whose record is asked for and makes the question one about it. Several that fit are left to choose
// from; none is a problem of the field.
func (h *Handlers) findRecord(c echo.Context, f *web.Form, at tenancy.Tenant, q *auditQuestion) (err error) {
	typed := strings.TrimPrefix(strings.ToLower(f.Sought("patient")), "chart ")
	if typed == "" {
		return nil
	}
	id, isID := uuid.Nil, false
	if parsed, wrong := uuid.Parse(typed); wrong == nil && len(typed) == 36 {
		id, isID = parsed, true
	} else if n := utf8.RuneCountInString(typed); n < shortestQuestion || n > 254 {
		f.Wrong("patient", "Type 3 characters or more of a name, an address, an id or a booking's reference")
		return nil
	}
	if err = h.findAccounts(c, typed, id, q); err != nil {
		return err
	}
	if !isID || len(q.records) == 0 {
		if err = h.findCharts(c, typed, id, at, q); err != nil {
			return err
		}
	}
	switch {
	case len(q.records) == 0 && isID: // of somebody who has neither any more
		q.records = []record{{id: id}}
	case len(q.records) == 0:
		f.Wrong("patient", "No account, chart or booking was found for “"+f.Sought("patient")+"”")
		return nil
	}
	if len(q.records) == 1 {
		q.about(q.records[0])
	}
	return nil
}

// about makes it a question about one record.
func (q *auditQuestion) about(r record) {
	q.values.Set("patient", r.id.String())
	if len(r.events) == 0 {
		q.ask.Patient = &r.id
		return
	}
	q.ask.Records, q.ask.TenantID = r.events, &r.at.ID
	q.values.Set("organization", r.at.Slug)
}

// findAccounts finds accounts by id or its end, by address, or by name, which is kept as a search for people is.
func (h *Handlers) findAccounts(c echo.Context, typed string, id uuid.UUID, q *auditQuestion) error {
	ctx, people := c.Request().Context(), h.Gateway.Identity(web.PublicScope(c))
	switch {
	case id != uuid.Nil, ending.MatchString(typed):
		all, err := people.AccountIDs(ctx, &id, &typed)
		for _, found := range all {
			q.add(record{id: found, about: "Account"})
		}
		return err
	case strings.Contains(typed, "@"):
		found, err := people.AccountIDByEmail(ctx, typed)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		q.add(record{id: found, name: typed, about: "Account"})
		return err
	}
	if _, ok := certainRef(typed); ok {
		return nil
	}
	found, err := identity.FindPeople(ctx, people, web.SiteOf(c).Keys, identity.PeopleQuestion{Asked: typed})
	for _, a := range found {
		q.add(record{id: a.ID, name: a.Name, about: "Account, " + a.Email})
	}
	return err
}

// certainRef reads a reference that cannot be a name as well, as one without a digit and its prefix could.
func certainRef(typed string) (ref string, ok bool) {
	ref, ok = booking.ReadRef(typed)
	return ref, ok && (strings.ContainsAny(typed, "23456789") || strings.HasPrefix(strings.ToUpper(typed), "KW-"))
}

// toAsk are the organizations to ask for charts: that which is named, those that gave the reference, or all.
func (h *Handlers) toAsk(c echo.Context, typed string, at tenancy.Tenant) ([]tenancy.Tenant, error) {
	if at.Slug != "" {
		return []tenancy.Tenant{at}, nil
	}
	if ref, ok := certainRef(typed); ok {
		return h.havingReference(c, ref)
	}
	return h.everyOrganization(c)
}

// findCharts finds what organizations have on file, which is kept as a look at each who was found.
func (h *Handlers) findCharts(c echo.Context, typed string, id uuid.UUID, at tenancy.Tenant, q *auditQuestion) error {
	ask := tenantdb.FindChartsParams{}
	switch ref, ok := booking.ReadRef(typed); {
	case id != uuid.Nil:
		ask.ID = &id
	case ending.MatchString(typed):
		ask.Ending = &typed
	case strings.Contains(typed, "@"):
		ask.Email = &typed
	default:
		ask.Name = &typed
		if ok {
			ask.Ref = &ref
		}
	}
	places, err := h.toAsk(c, typed, at)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	silent, err := h.askEach(c, places, func(scope tenancy.Scope, t tenancy.Tenant) error {
		return h.Gateway.Within(ctx, scope, func(there *tenantdb.Queries) error {
			charts, err := there.FindCharts(ctx, ask)
			if err != nil || len(charts) == 0 {
				return err
			}
			ids, accounts := make([]uuid.UUID, len(charts)), make([]uuid.UUID, len(charts))
			for i, chart := range charts {
				if ids[i] = chart.ID; chart.AccountID != nil {
					accounts[i] = *chart.AccountID
				}
				q.add(onFile(chart, t))
			}
			return there.AuditFoundCharts(ctx, accounts, ids)
		})
	})
	q.silent = silent
	return err
}

// onFile is the record that a chart is of: its account's, or its own.
func onFile(chart tenantdb.FindChartsRow, at tenancy.Tenant) record {
	if chart.AccountID != nil {
		return record{id: *chart.AccountID, name: chart.Name, about: "Account, on file at " + at.Name}
	}
	return record{id: chart.ID, name: chart.Name, events: append(chart.Visits, chart.ID),
		about: "Chart at " + at.Name + ", " + chart.ID.String()[24:], at: at}
}

// add is for one more that fits; an account is the same by whatever way it was found.
func (q *auditQuestion) add(r record) {
	if r.id != uuid.Nil && !slices.ContainsFunc(q.records, func(known record) bool { return known.id == r.id }) {
		q.records = append(q.records, r)
	}
}

// recordsToChoose are those that fit, by name, each with the address that asks about it.
func recordsToChoose(q auditQuestion) (all []view.Record) {
	slices.SortStableFunc(q.records, func(a, b record) int { return cmp.Compare(a.name, b.name) })
	for _, r := range q.records {
		more := []string{"patient", r.id.String()}
		if len(r.events) > 0 {
			more = append(more, "organization", r.at.Slug)
		}
		name := r.name
		if name == "" {
			name = r.id.String()
		}
		all = append(all, view.Record{Name: name, About: r.about, Href: auditPath("", q.values, more...)})
	}
	return all
}
