package ops

import (
	"errors"
	"math"
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
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// endOfTime is later than any event.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// auditQuestion is what the audit is asked.
type auditQuestion struct {
	ask     shareddb.SearchAuditParams
	values  url.Values // as links carry it: whose record by its id, once it is found
	records []record   // that fit; of two and more one is to be chosen first
	silent  []string   // organizations that could not be asked
}

// auditQuestion reads what is asked. An address that has no account, a record that is none, or an organization that is
// none, is a problem of its field.
func (h *Handlers) auditQuestion(c echo.Context, f *web.Form) (q auditQuestion, err error) {
	q.values = f.Values(auditFields...)
	q.values.Del("person") // whom they mean is known by its id later
	q.values.Del("patient")
	ask := &q.ask
	ask.Before, ask.BeforeSeq, ask.Most = endOfTime, math.MaxInt64, auditPage
	if at, seq, found := strings.Cut(f.Raw("before"), "."); found {
		micro, err1 := strconv.ParseInt(at, 10, 64)
		n, err2 := strconv.ParseInt(seq, 10, 64)
		if err1 == nil && err2 == nil && n > 0 && micro > 0 && micro < endOfTime.UnixMicro() {
			ask.Before, ask.BeforeSeq = time.UnixMicro(micro), n
		}
	}
	at, err := h.chosen(c, f, "organization")
	if err != nil {
		return q, err
	}
	if at.Slug != "" {
		ask.TenantID = &at.ID
		q.values.Set("organization", at.Slug)
	}
	h.auditWords(f, ask)
	if f.OK() { // who has an account is told only by a question that is kept in the audit itself
		ask.Actor, err = h.accountOf(c, f, "person")
	}
	if err != nil || !f.OK() {
		return q, err
	}
	if ask.Actor != nil {
		q.values.Set("person", ask.Actor.String())
	}
	return q, h.findRecord(c, f, at, &q)
}

// auditWords reads what needs nothing from the database.
func (h *Handlers) auditWords(f *web.Form, ask *shareddb.SearchAuditParams) {
	if f.Raw("access") != "" {
		id := f.ID("access")
		ask.StaffAccess = &id
	}
	ask.Since, ask.Until = f.Days("from", "to", h.zone())
	if f.Raw("purpose") != "" {
		ask.Purpose = new(f.OneOf("purpose", "Choose a purpose from the list", purposes()...))
	}
	if action := strings.ToLower(f.Optional("action", 60, "The action")); action != "" {
		if ask.Action = &action; !slices.Contains(audit.Actions(), action) && !isPolicyAction(action) {
			f.Wrong("action", "No event is called so. Choose an action from the list")
		}
	}
	switch how := f.Raw("how"); how {
	case "":
	case howOthers:
		ask.Others = true
	default:
		ask.Under = new(f.OneOf("how", "Choose from the list how it was done", tenancy.Impersonation,
			tenancy.EmergencyAccess))
	}
	if f.Raw("outcome") != "" {
		ask.Outcome = new(f.OneOf("outcome", "Choose an outcome from the list", audit.Outcomes()...))
	}
}

// isPolicyAction tells that refusals are kept under this name.
func isPolicyAction(action string) bool {
	_, known := policy.SpecOf(policy.Action(action))
	return known
}

// accountOf is an account by its address or id.
func (h *Handlers) accountOf(c echo.Context, f *web.Form, name string) (*uuid.UUID, error) {
	typed := strings.ToLower(f.Sought(name))
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

// asFields are the words for what is asked by, in the order of the form.
var asFields = []struct{ name, words string }{{"person", "done by"}, {"patient", "whose record"},
	{"organization", "at"}, {"from", "from"}, {"to", "to"}, {"purpose", "purpose"}, {"action", "action"},
	{"outcome", "outcome"}, {"how", "how"},
	{"access", "staff access"}}

// sentence is what was asked, as it was typed.
func (q auditQuestion) sentence(f *web.Form) string {
	var parts []string
	for _, field := range asFields {
		if typed := f.Sought(field.name); typed != "" {
			parts = append(parts, field.words+" "+typed)
		}
	}
	if len(parts) == 0 {
		return "nothing in particular"
	}
	return strings.Join(parts, ", ")
}
