package provider

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/importing"
	"kindward/queries/tenantdb"
)

// UpdateImportColumns says which field each column is, and has the rows checked.
func (h *Handlers) UpdateImportColumns(c echo.Context) error {
	s, err := h.importState(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	fields := make([]string, len(s.Header))
	at := map[string]int{}
	for i := range s.Header {
		name := "column" + strconv.Itoa(i)
		fields[i] = f.Raw(name)
		first, twice := at[fields[i]]
		switch {
		case fields[i] == "":
			continue
		case !s.kind.Has(fields[i]):
			f.Wrong(name, "Choose one of the fields")
		case s.kind.RefusedColumn(s.Header[i]) != "":
			f.Wrong(name, s.kind.RefusedColumn(s.Header[i])+". Leave it out")
		case twice:
			f.Wrong(name, "Column “"+s.Header[first]+"” is that already. Leave one of them out")
		}
		at[fields[i]] = i
	}
	if missing := s.kind.Missing(fields); missing != "" {
		f.Wrong("column0", "Say which column is the "+missing+": every row needs it")
	}
	if !f.OK() {
		f.Set("columns", "again")
		return h.showImport(c, http.StatusUnprocessableEntity, f)
	}
	return h.checkImport(c, s.ID, fields, nil)
}

// ChooseSheet says which sheet of a workbook is meant.
func (h *Handlers) ChooseSheet(c echo.Context) error {
	id, err := h.importID(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Raw("sheet") == "" {
		f.Wrong("sheet", "Choose one of the sheets")
		return h.showImport(c, http.StatusUnprocessableEntity, f)
	}
	err = importing.ChooseSheet(c.Request().Context(), h.Gateway, web.Scope(c, web.Organization(c)), id, f.Raw("sheet"))
	if bad, ok := errors.AsType[*importing.UnreadableError](err); ok {
		f.Wrong("sheet", bad.Reason)
		return h.showImport(c, http.StatusUnprocessableEntity, f)
	}
	return h.importDone(c, id, err)
}

// AcceptProposals takes what is proposed: for one line, or for all rows of one kind of proposal.
func (h *Handlers) AcceptProposals(c echo.Context) error {
	id, err := h.importID(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	line, proposal := f.Raw("line"), f.Raw("proposal")
	return h.checkImport(c, id, nil, func(r tenantdb.ImportRowsRow) bool {
		return strconv.Itoa(int(r.Line)) == line || proposal != "" && r.Proposal == proposal
	})
}

func (h *Handlers) checkImport(c echo.Context, id uuid.UUID, fields []string,
	accept func(tenantdb.ImportRowsRow) bool) error {
	organization := web.Organization(c)
	return h.importDone(c, id, importing.Check(c.Request().Context(), h.Gateway, web.Scope(c, organization), organization,
		id, fields, accept))
}

// BeginImport has what is ready brought in.
func (h *Handlers) BeginImport(c echo.Context) error {
	id, err := h.importID(c)
	if err != nil {
		return err
	}
	err = importing.Begin(c.Request().Context(), h.Gateway, web.Scope(c, web.Organization(c)), id, "")
	if err == nil {
		h.notify()
	}
	return h.importDone(c, id, err)
}

// RetryImport checks the rows that need somebody once more, and has those that are ready now brought in.
func (h *Handlers) RetryImport(c echo.Context) error {
	id, err := h.importID(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	err = importing.Check(c.Request().Context(), h.Gateway, web.Scope(c, organization), organization, id, nil, nil)
	if err != nil {
		return h.importDone(c, id, err)
	}
	return h.BeginImport(c)
}

// UndoImport takes back what an import has brought in.
func (h *Handlers) UndoImport(c echo.Context) error {
	id, err := h.importID(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	err = importing.Undo(c.Request().Context(), h.Gateway, web.Scope(c, organization), organization, id, web.Now(c))
	if err == nil {
		h.notify()
	}
	return h.importDone(c, id, err)
}

// ExportImportRows is the file back, with the rows that need somebody and what is wrong with each.
func (h *Handlers) ExportImportRows(c echo.Context) error {
	s, err := h.importState(c)
	if err != nil {
		return err
	}
	return web.SendFile(c, web.CSV, s.Kind+"-to-correct.csv", func(w io.Writer) error {
		return h.writeWrongRows(c, s, audit.CSV{W: w})
	})
}

// writeWrongRows writes the rows that need somebody, as they stand in the file, behind why. What begins like a
// formula is none there (A23).
func (h *Handlers) writeWrongRows(c echo.Context, s importState, out audit.CSV) error {
	q, ctx := h.Gateway.Once(web.Scope(c, web.Organization(c))), c.Request().Context()
	if err := out.Begin(slices.Concat([]string{"Line", "What is wrong", "Proposed"}, s.Header)...); err != nil {
		return err
	}
	for after := int32(0); ; {
		rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: s.ID, States: []string{importing.Wrong},
			After: after, Most: 1000})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			row := s.row(r)
			if err := out.Row(slices.Concat([]string{row.Line, row.Problem, row.Fix}, r.Cells)...); err != nil {
				return err
			}
			after = r.Line
		}
	}
}
