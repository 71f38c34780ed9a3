package ops

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// auditPage is how many events a page of the browser shows.
const auditPage = 200

// auditFields are what the audit may be asked by, and nothing else.
var auditFields = []string{"person", "patient", "organization", "from", "to", "purpose", "action", "outcome", "how",
	"access"}

// purposes that can be asked for: those of new events, and what old ones say.
func purposes() []string { return append(audit.Purposes(), audit.PurposeOfOld) }

func (h *Handlers) showAudit(c echo.Context, f *web.Form) error {
	q, err := h.auditQuestion(c, f)
	if err != nil {
		return err
	}
	status, rows := http.StatusOK, []shareddb.SearchAuditRow{}
	if !f.OK() {
		status = http.StatusUnprocessableEntity
	} else if len(q.records) < 2 {
		if rows, err = h.searchAudit(c, q.ask, f, "search", nil); err != nil {
			return err
		}
	}
	p, err := h.auditAnswer(c, f, q, rows)
	if err != nil {
		return err
	}
	return web.Render(c, status, view.Audit(p), view.AuditPart)
}

func (h *Handlers) auditAnswer(c echo.Context, f *web.Form, q auditQuestion,
	rows []shareddb.SearchAuditRow) (p view.AuditPage, err error) {
	p = view.AuditPage{Problems: f.Problems, Fields: map[string]string{}, Purposes: options("Any", purposes()),
		Outcomes: options("Any", audit.Outcomes()), Actions: audit.Actions(), Later: f.Raw("before") != "",
		Silent: strings.Join(q.silent, ", ")}
	for _, name := range auditFields {
		p.Fields[name] = f.Raw(name)
	}
	p.Groups, p.How, p.Apart = h.groups(rows), howOptions(), web.Partial(c)
	if len(rows) == auditPage {
		p.Earlier = auditPath("", q.values, "before", positionOf(rows[len(rows)-1].AuditEventRow))
	}
	switch {
	case !f.OK():
	case len(q.records) > 1:
		p.Records = recordsToChoose(q)
	default:
		if p.Asked = q.sentence(f); web.May(c, policy.ExportAudit) {
			p.CSV, p.JSON = auditPath("/export.csv", q.values), auditPath("/export.jsonl", q.values)
		}
	}
	p.Latest = auditPath("", q.values)
	p.Page, p.Console = h.page(c, "/ops/audit", "Access log", auditVerdict(len(rows), len(p.Records), q.values, f.OK()))
	if p.Known, err = h.organizations(c); err != nil {
		return p, err
	}
	p.Wrong = !f.OK()
	p.Line, err = h.sealedLine(c)
	return p, err
}

func auditVerdict(n, records int, asked url.Values, ok bool) string {
	switch {
	case !ok:
		return "That cannot be looked for as it stands."
	case records > 0:
		return "Whose record do you mean?"
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

// positionOf is where the next page goes on.
func positionOf(r shareddb.AuditEventRow) string {
	return fmt.Sprintf("%d.%d", r.At.UnixMicro(), r.Seq)
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

func (h *Handlers) auditEvent(row shareddb.SearchAuditRow) view.AuditEvent {
	r := row.AuditEventRow
	e := view.AuditEvent{ID: r.ID.String(), Seq: r.Seq, When: civil.Second(r.At.In(h.zone())),
		Actor: row.ActorName, Organization: row.Organization,
		Purpose: r.Purpose, What: r.Resource + ", " + r.Action, Fields: strings.Join(r.Fields, ", "), Outcome: r.Outcome,
		Policy: r.PolicyID, Sealed: row.Leaf >= 0, Address: strings.TrimSuffix(r.IP, "/32"), Request: r.RequestID}
	if r.Actor == nil {
		e.Actor = "Nobody signed in"
	} else {
		e.ActorHref = auditPath("", nil, "person", r.Actor.String())
	}
	if r.Patient != nil {
		e.Patient, e.PatientHref = r.Patient.String()[24:], auditPath("", nil, "patient", r.Patient.String())
	}
	if chart := chartOf(r); chart != uuid.Nil {
		e.Patient = "chart " + chart.String()[24:]
		e.PatientHref = auditPath("", nil, "patient", chart.String(), "organization", row.Slug)
	}
	if r.StaffAccessID != nil {
		e.StaffAccess = web.Named(howWords, row.StaffAccessKind, "For somebody else")
		e.StaffAccessHref = auditPath("", nil, "access", r.StaffAccessID.String())
	}
	return e
}
