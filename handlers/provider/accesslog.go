package provider

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
)

// logPage is how many events are read for one page of the access log.
const logPage = 200

// ShowAccessLog shows owners and managers who looked at what in their organization. The look itself is kept.
func (h *Handlers) ShowAccessLog(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ask, err := readLogQuestion(c, f)
	if err != nil {
		return err
	}
	var rows []tenantdb.OrganizationLogRow
	var names namesAtWork
	if f.OK() {
		if rows, names, err = h.accessLog(c, ask, logPage); err != nil {
			return err
		}
	}
	keys, err := h.keyNames(c, rows)
	if err != nil {
		return err
	}
	p := logView(c, f, ask)
	if p.People, p.Cut, err = h.colleagues(c, ask.who); err != nil {
		return err
	}
	p.Patient = patientOf(rows, ask)
	p.Days = logDays(logEntries(rows, names, keys), civil.ZoneOrUTC(web.Organization(c).Zone))
	p.Heading = logHeading(rows, p.Later)
	if !f.OK() {
		p.Heading = "That cannot be looked for as it stands"
	}
	if len(rows) == logPage {
		p.Earlier = p.Action + "?" + logValues(f, rows[len(rows)-1].Seq)
	}
	if p.Page, p.Work, err = h.frame(c, "Access log", "/access-log", f.Problems); err != nil {
		return err
	}
	status := http.StatusOK
	if !f.OK() {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(c, status, view.AccessLog(p), view.AccessLogPart)
}

// logView is the page with what was asked.
func logView(c echo.Context, f *web.Form, ask logQuestion) view.AccessLogPage {
	at := home(web.Organization(c)) + "/access-log"
	return view.AccessLogPage{Problems: f.Problems, From: f.Raw("from"), To: f.Raw("to"), Chart: f.Raw("patient"),
		Done: f.Raw("action"), Actions: logChoices(), File: at + ".csv?" + f.Values(logFields...).Encode(), Action: at,
		Everybody: ask.everybody, Who: f.Raw("who"), Later: ask.before < math.MaxInt64}
}

// accessLog are the events that are asked for, and what those who work or worked here were called then.
func (h *Handlers) accessLog(c echo.Context, ask logQuestion, most int32) (rows []tenantdb.OrganizationLogRow,
	names namesAtWork, err error) {
	organization, ctx := web.Organization(c), c.Request().Context()
	rows, err = h.Gateway.Once(web.Scope(c, organization)).OrganizationLog(ctx,
		tenantdb.OrganizationLogParams{TenantID: organization.ID, Before: ask.before, Everybody: ask.everybody,
			Who: ask.who, Since: ask.since, Until: ask.until, Chart: ask.chart, What: ask.what, Most: most})
	if err != nil {
		return nil, nil, err
	}
	names, err = h.namesAtWork(c, rows)
	return rows, names, err
}

// keyID is the API key that an event says it is about, or with which it was done; or empty.
func keyID(fields []string) string {
	for _, f := range fields {
		if id, is := strings.CutPrefix(f, "key:"); is {
			return id
		}
	}
	return ""
}

// keyNames are the names of the organization's API keys by their ids, where the log tells of one: keys stay on file
// when they are revoked.
func (h *Handlers) keyNames(c echo.Context, rows []tenantdb.OrganizationLogRow) (map[string]string, error) {
	var ids []string
	for _, r := range rows {
		if id := keyID(r.Fields); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := h.Gateway.Identity(web.Scope(c, web.Organization(c))).APIKeyNames(c.Request().Context(), ids)
	names := map[string]string{}
	for _, k := range all {
		names[k.ID] = k.Name
	}
	return names, err
}

func logHeading(rows []tenantdb.OrganizationLogRow, later bool) string {
	switch {
	case later:
		return "Earlier entries of the access log"
	case len(rows) == 0:
		return "No entries for this choice"
	}
	return "Who looked at what here"
}

// logEntries are what the events of the log say. Named are those who work or worked here; whoever else came has no
// name.
func logEntries(rows []tenantdb.OrganizationLogRow, names namesAtWork, keys map[string]string) []audit.Entry {
	entries := make([]audit.Entry, len(rows))
	for i, r := range rows {
		entries[i] = audit.Entry{At: r.At, Own: r.Actor != nil && r.Patient != nil && *r.Actor == *r.Patient,
			Nobody: r.Actor == nil, Purpose: r.Purpose,
			Resource: r.Resource, Action: r.Action, Fields: r.Fields, Outcome: r.Outcome, Policy: r.PolicyID,
			StaffAccess: r.StaffAccessKind, Reason: r.Reason, Whose: r.PatientName,
			Key: keys[keyID(r.Fields)]}
		if r.Actor != nil {
			entries[i].By = names[nameAt{*r.Actor, r.At.UnixMicro()}]
		}
		if r.Colleague != nil {
			entries[i].Colleague = names[nameAt{*r.Colleague, r.At.UnixMicro()}]
		}
		if r.StaffAccessID != nil && r.StaffAccessKind == "" {
			entries[i].StaffAccess = tenancy.Impersonation // of a patient, which is not the organization's to read
		}
	}
	return entries
}

// logDays are the lines of the log.
func logDays(entries []audit.Entry, zone *time.Location) (days []view.LogDay) {
	for _, d := range audit.ByDay(entries, zone, false) {
		day := view.LogDay{Day: civil.DateOf(d.Day).Dated()}
		for _, l := range d.Groups {
			day.Lines = append(day.Lines, view.LogLine{Who: l.Who(false), What: l.What(false), Whose: whose(l),
				When: l.Clock(zone), Marked: l.Marked(), Refused: l.Outcome != "success"})
		}
		days = append(days, day)
	}
	return days
}

// whose records they were, where the line does not say it already.
func whose(l audit.EntryGroup) string {
	switch {
	case l.Own:
		return ""
	case l.People > 1:
		return fmt.Sprintf("%d people", l.People)
	}
	return l.Whose
}
