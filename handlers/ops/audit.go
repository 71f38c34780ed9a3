package ops

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// auditPage is how many events a page of the browser shows.
const auditPage = 50

// auditFields are what the audit may be asked by, and nothing else.
var auditFields = []string{"person", "patient", "organization", "from", "to", "purpose", "action", "outcome", "access"}

// purposes that can be asked for: those of new events, and what old ones say.
func purposes() []string { return append(audit.Purposes(), audit.PurposeOfOld) }

// ListAudit finds events by person, patient, organization, time, purpose, action and outcome. The search itself is
// kept.
func (h *Handlers) ListAudit(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ask, err := h.auditQuestion(c, f)
	if err != nil {
		return err
	}
	status, rows := http.StatusOK, []shareddb.SearchAuditRow{}
	if !f.OK() {
		status = http.StatusUnprocessableEntity
	} else if rows, err = h.searchAudit(c, ask, f, "search", nil); err != nil {
		return err
	}
	p := view.AuditPage{Problems: f.Problems, Fields: map[string]string{}, Purposes: options("Any", purposes()),
		Outcomes: options("Any", audit.Outcomes()),
		Later:    f.Raw("before") != "", Asked: f.OK()}
	values := f.Values(auditFields...)
	for _, name := range auditFields {
		p.Fields[name] = f.Raw(name)
	}
	for _, r := range rows {
		p.Events = append(p.Events, h.auditEvent(r))
	}
	if len(rows) == auditPage {
		p.Earlier = auditPath("", values, "before", positionOf(rows[len(rows)-1]))
	}
	if web.May(c, policy.ExportAudit) && f.OK() {
		p.CSV, p.JSON = auditPath("/export.csv", values), auditPath("/export.jsonl", values)
	}
	p.Latest = auditPath("", values)
	p.Page, p.Console = h.page(c, "/ops/audit", "Access log", auditVerdict(len(rows), values, f.OK()))
	if p.Line, err = h.sealedLine(c); err != nil {
		return err
	}
	p.Wrong = !f.OK()
	return web.Render(c, status, view.Audit(p), view.AuditPart)
}

func auditVerdict(n int, asked url.Values, ok bool) string {
	switch {
	case !ok:
		return "That cannot be looked for as it stands."
	case n == 0:
		return "No event fits."
	case len(asked) == 0:
		return "What was done, the latest first"
	case n < auditPage:
		return count(int64(n), "event fits, the latest first", "events fit, the latest first")
	}
	return fmt.Sprintf("More than %d events fit, the latest first", auditPage-1)
}

func options(first string, values []string) []ui.Option {
	all := []ui.Option{{Value: "", Text: first}}
	for _, v := range values {
		all = append(all, ui.Option{Value: v, Text: v})
	}
	return all
}

// auditPath is an address of the browser with what was asked, and more pairs.
func auditPath(under string, asked url.Values, more ...string) string {
	values := url.Values{}
	for name, v := range asked {
		values[name] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	if len(values) == 0 {
		return "/ops/audit" + under
	}
	return "/ops/audit" + under + "?" + values.Encode()
}

// sealedLine says how far the events are under a signed checkpoint.
func (h *Handlers) sealedLine(c echo.Context) (string, error) {
	head, err := h.Gateway.Shared(web.PublicScope(c)).Checkpoint(c.Request().Context())
	if errors.Is(err, pgx.ErrNoRows) {
		return "Nothing is sealed yet.", nil
	}
	return fmt.Sprintf("%d events are sealed, the last at %s. Each look here is kept.", head.Size, h.when(head.At)), err
}

// endOfTime is later than any event.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// positionOf is where the next page goes on.
func positionOf(r shareddb.SearchAuditRow) string {
	return fmt.Sprintf("%d.%d", r.At.UnixMicro(), r.Seq)
}

// auditQuestion reads what is asked. An address that has no account, or an organization that is none, is a problem of
// its field.
func (h *Handlers) auditQuestion(c echo.Context, f *web.Form) (ask shareddb.SearchAuditParams, err error) {
	ask.Before, ask.BeforeSeq, ask.Most = endOfTime, math.MaxInt64, auditPage
	if at, seq, found := strings.Cut(f.Raw("before"), "."); found {
		micro, err1 := strconv.ParseInt(at, 10, 64)
		n, err2 := strconv.ParseInt(seq, 10, 64)
		if err1 == nil && err2 == nil && n > 0 && micro > 0 && micro < endOfTime.UnixMicro() {
			ask.Before, ask.BeforeSeq = time.UnixMicro(micro), n
		}
	}
	if ask.Actor, err = h.accountOf(c, f, "person"); err != nil {
		return ask, err
	}
	if ask.Patient, err = h.accountOf(c, f, "patient"); err != nil {
		return ask, err
	}
	if slug := strings.TrimSpace(f.Raw("organization")); slug != "" {
		t, err := h.Gateway.Tenant(c.Request().Context(), slug)
		if errors.Is(err, tenancy.ErrNoTenant) {
			f.Wrong("organization", "Enter the organization's word in its address, like elm-clinic")
		} else if err != nil {
			return ask, err
		}
		ask.TenantID = &t.ID
	}
	if f.Raw("access") != "" {
		id := f.ID("access")
		ask.StaffAccess = &id
	}
	ask.Since, ask.Until = h.dayOf(f, "from", 0), h.dayOf(f, "to", 1)
	if f.Raw("purpose") != "" {
		ask.Purpose = new(f.OneOf("purpose", "Choose a purpose from the list", purposes()...))
	}
	if action := f.Optional("action", 60, "The action"); action != "" {
		ask.Action = &action
	}
	if f.Raw("outcome") != "" {
		ask.Outcome = new(f.OneOf("outcome", "Choose an outcome from the list", audit.Outcomes()...))
	}
	return ask, nil
}

// accountOf is an account by its address or id.
func (h *Handlers) accountOf(c echo.Context, f *web.Form, name string) (*uuid.UUID, error) {
	typed := strings.ToLower(strings.TrimSpace(f.Raw(name)))
	if typed == "" {
		return nil, nil
	}
	if id, err := uuid.Parse(typed); err == nil && len(typed) == 36 {
		return &id, nil
	}
	id, err := h.Gateway.Identity(web.PublicScope(c)).AccountIDByEmail(c.Request().Context(), typed)
	if errors.Is(err, pgx.ErrNoRows) {
		f.Wrong(name, "No account has this address or id")
		return nil, nil
	}
	return &id, err
}

// dayOf is the beginning of a day in the console's zone, so many days on.
func (h *Handlers) dayOf(f *web.Form, name string, on int) *time.Time {
	if f.Raw(name) == "" {
		return nil
	}
	day, err := civil.ParseDate(f.Raw(name))
	if err != nil {
		f.Wrong(name, "Enter a day, like 2026-11-22")
		return nil
	}
	return new(day.AddDays(on).Start(h.zone()))
}

// searchAudit reads events and keeps that somebody did, by what they asked, and what is to be said of the answer, in
// one transaction.
func (h *Handlers) searchAudit(c echo.Context, ask shareddb.SearchAuditParams, f *web.Form,
	action string, of func([]shareddb.SearchAuditRow) string) (rows []shareddb.SearchAuditRow, err error) {
	ctx := c.Request().Context()
	by := []string{}
	for name := range f.Values(auditFields...) {
		by = append(by, name)
	}
	slices.Sort(by)
	err = h.Gateway.WithinIdentity(ctx, web.PublicScope(c), func(q *shareddb.Queries) error {
		if rows, err = q.SearchAudit(ctx, ask); err != nil {
			return err
		}
		if of != nil {
			by = append(by, of(rows))
		}
		return q.WriteLook(ctx, shareddb.WriteLookParams{Purpose: "compliance", Tenant: ask.TenantID, Patient: ask.Patient,
			Action: action, Fields: by})
	})
	return rows, err
}

func (h *Handlers) auditEvent(r shareddb.SearchAuditRow) view.AuditEvent {
	e := view.AuditEvent{ID: r.ID.String(), Seq: r.Seq, When: r.At.In(h.zone()).Format("2 Jan 2006, 15:04:05"),
		Actor: r.ActorName, Organization: r.Organization,
		Purpose: r.Purpose, What: r.Resource + ", " + r.Action, Fields: strings.Join(r.Fields, ", "), Outcome: r.Outcome,
		Policy: r.PolicyID, Sealed: r.Leaf >= 0, Address: strings.TrimSuffix(r.IP, "/32"), Request: r.RequestID}
	if r.Actor == nil {
		e.Actor = "Nobody signed in"
	} else {
		e.ActorHref = auditPath("", nil, "person", r.Actor.String())
	}
	if r.Patient != nil {
		e.Patient, e.PatientHref = r.Patient.String()[24:], auditPath("", nil, "patient", r.Patient.String())
	}
	if r.Patient == nil && r.Resource == "Patient" && r.ResourceID != nil {
		e.Patient = "chart " + r.ResourceID.String()[24:]
	}
	if r.StaffAccessID != nil {
		e.StaffAccess, e.StaffAccessHref = r.StaffAccessID.String()[24:],
			auditPath("", nil, "access", r.StaffAccessID.String())
	}
	return e
}
