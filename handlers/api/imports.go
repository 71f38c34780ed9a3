package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/importing"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
)

// mostImportRows is how many rows one answer has.
const mostImportRows = 1000

// importReport is where an import stands.
type importReport struct {
	ID      uuid.UUID        `json:"id"`
	Kind    string           `json:"kind"`
	Name    string           `json:"name"`
	State   string           `json:"state"`
	Created string           `json:"created"`
	Rows    map[string]int64 `json:"rows"`
	RowsAt  string           `json:"rows_at"` // the address of the rows themselves
}

type importRows struct {
	Rows []importRow `json:"rows"`
	Next string      `json:"next,omitempty"` // the address of those that follow
}

type importRow struct {
	Row      int32           `json:"row"`
	State    string          `json:"state"`
	ID       *uuid.UUID      `json:"id"` // of what the row makes
	Problem  string          `json:"problem,omitempty"`
	Proposal *importProposal `json:"proposal,omitempty"`
}

type importProposal struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// CreateImport takes records, checks them, and lets the worker bring in those that are ready: 202 with where the report
// is. The same request key with the same records is told of the same import.
func (h *Handlers) CreateImport(c echo.Context) error {
	if err := h.admit(c); err != nil {
		return err
	}
	r, bad, err := readImport(c)
	if err != nil || len(bad) > 0 {
		return errors.Join(err, wrongIf(c, bad))
	}
	organization := web.Organization(c)
	if may, err := web.MayImport(c, organization); err != nil {
		return err
	} else if !may {
		return web.TooMany(10 * time.Minute)
	}
	id, err := importing.Take(c.Request().Context(), h.Gateway, web.Scope(c, organization), organization, r)
	record, isRecord := errors.AsType[*importing.RecordError](err)
	file, isFile := errors.AsType[*importing.UnreadableError](err)
	switch {
	case isRecord:
		return wrong(c, web.ProblemField{Field: strings.Trim(fmt.Sprintf("%d.%s", record.Row, record.Field), "."),
			Detail: record.Reason})
	case isFile:
		return wrong(c, web.ProblemField{Field: "body", Detail: file.Reason})
	case errors.Is(err, importing.ErrOtherBody):
		return wrong(c, web.ProblemField{Field: "Idempotency-Key", Detail: "came before with another request"})
	case err != nil:
		return err
	}
	if h.Notify != nil {
		h.Notify()
	}
	return h.reportImport(c, http.StatusAccepted, id)
}

func wrongIf(c echo.Context, bad []web.ProblemField) error {
	if len(bad) == 0 {
		return nil
	}
	return wrong(c, bad...)
}

// readImport reads what is to be imported, or says what is wrong with it.
func readImport(c echo.Context) (r importing.Request, bad []web.ProblemField, err error) {
	r.Batch = tenantdb.AddImportParams{ID: uuid.Must(uuid.NewV7()), Kind: c.QueryParam("kind"), CreatedAt: web.Now(c),
		FileName: textutil.Line(c.QueryParam("name"), 120)}
	if r.Batch.Kind == importing.Patients {
		bad = append(bad, web.ProblemField{Field: "kind",
			Detail: "patients come in files on the page Imports: no scope of keys is about them"})
	} else if !slices.Contains(importKinds(), r.Batch.Kind) {
		bad = append(bad, web.ProblemField{Field: "kind", Detail: "is one of " + strings.Join(importKinds(), ", ")})
	}
	if dry := c.QueryParam("dry_run"); dry != "" {
		if r.DryRun, err = strconv.ParseBool(dry); err != nil {
			bad = append(bad, web.ProblemField{Field: "dry_run", Detail: "is true or false"})
		}
	}
	ok := false
	if r.Key, ok = web.RequestKey(c, ""); !ok {
		bad = append(bad, web.ProblemField{Field: "Idempotency-Key",
			Detail: "is a header of 1 to 200 characters, another one for each import"})
	}
	r.APIKey = web.KeyOf(c).ID
	r.Body, err = io.ReadAll(c.Request().Body)
	return r, bad, err
}

// importKinds are what API clients bring along.
func importKinds() (names []string) {
	for _, k := range importing.Kinds() {
		if k.Name != importing.Patients {
			names = append(names, k.Name)
		}
	}
	return names
}

// ShowImport is where an import stands.
func (h *Handlers) ShowImport(c echo.Context) error {
	if err := h.admit(c); err != nil {
		return err
	}
	id, err := web.ID(c, "import")
	if err != nil {
		return err
	}
	return h.reportImport(c, http.StatusOK, id)
}

func (h *Handlers) reportImport(c echo.Context, status int, id uuid.UUID) error {
	q, ctx := h.Gateway.Once(web.Scope(c, web.Organization(c))), c.Request().Context()
	one, err := web.Found(q.ImportByID(ctx, id))
	if err != nil || one.Kind == importing.Patients {
		return cmp.Or(err, web.ErrNotFound)
	}
	counts, err := q.ImportCounts(ctx, id)
	if err != nil {
		return err
	}
	at := "/api/v1/organizations/" + web.Organization(c).Slug + "/imports/" + id.String()
	out := importReport{ID: id, Kind: one.Kind, Name: one.FileName, State: one.State,
		Created: stamp(one.CreatedAt, time.UTC), Rows: map[string]int64{}, RowsAt: at + "/rows"}
	for _, n := range counts {
		out.Rows[n.State] = n.Rows
	}
	c.Response().Header().Set(echo.HeaderLocation, at)
	return answerAs(c, status, out)
}

// ListImportRows are the rows of an import in their order, those of one state if it is given, behind a row.
func (h *Handlers) ListImportRows(c echo.Context) error {
	if err := h.admit(c); err != nil {
		return err
	}
	id, err := web.ID(c, "import")
	if err != nil {
		return err
	}
	q, ctx := h.Gateway.Once(web.Scope(c, web.Organization(c))), c.Request().Context()
	if one, err := web.Found(q.ImportByID(ctx, id)); err != nil || one.Kind == importing.Patients {
		return cmp.Or(err, web.ErrNotFound)
	}
	var bad []web.ProblemField
	states := importing.RowStates()
	if one := c.QueryParam("state"); one != "" {
		if !slices.Contains(states, one) {
			bad = append(bad, web.ProblemField{Field: "state", Detail: "is one of " + strings.Join(states, ", ")})
		}
		states = []string{one}
	}
	after, err := strconv.ParseInt("0"+c.QueryParam("after"), 10, 32)
	if err != nil {
		bad = append(bad, web.ProblemField{Field: "after", Detail: "must be as it stands in next"})
	}
	if len(bad) > 0 {
		return wrong(c, bad...)
	}
	rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: id, States: states, After: int32(after),
		Most: mostImportRows})
	if err != nil {
		return err
	}
	out := importRows{Rows: []importRow{}}
	for _, r := range rows {
		out.Rows = append(out.Rows, importRowOf(r))
	}
	if n := len(rows); n == mostImportRows {
		out.Next = fmt.Sprintf("%s?state=%s&after=%d", c.Request().URL.Path, c.QueryParam("state"), rows[n-1].Line)
	}
	return answer(c, out)
}

func importRowOf(r tenantdb.ImportRowsRow) importRow {
	out := importRow{Row: r.Line, State: r.State, ID: r.RecordID, Problem: r.Problem}
	var fix map[string]string
	if r.Proposal != "" && json.Unmarshal(r.Fix, &fix) == nil {
		out.Proposal = &importProposal{Kind: r.Proposal}
		for _, value := range fix {
			out.Proposal.Value = value
		}
	}
	return out
}
