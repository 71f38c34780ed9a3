package provider

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/importing"
	"kindward/internal/policy"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// importsShown is how many imports the list has, the latest; rowsShown how many rows a page of one has.
const (
	importsShown = 100
	rowsShown    = 50
)

// ListImports shows what was brought along in files.
func (h *Handlers) ListImports(c echo.Context) error {
	organization := web.Organization(c)
	rows, err := h.Gateway.Once(web.Scope(c, organization)).Imports(c.Request().Context(), importsShown)
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, "Imports", "/imports", nil)
	if err != nil {
		return err
	}
	p := view.ImportsPage{Page: page, Work: work, New: work.Home + "/imports/new"}
	zone := civil.ZoneOrUTC(organization.Zone)
	for _, r := range rows {
		kind, _ := importing.Find(r.Kind)
		p.All = append(p.All, view.ListedImport{Href: work.Home + "/imports/" + r.ID.String(), Kind: kind.Title,
			File: r.FileName, When: civil.TimeFormat{Now: web.Now(c)}.Full(r.CreatedAt.In(zone)),
			State: importStates[r.State], Tone: importTones[r.State], Rows: strconv.FormatInt(r.Rows, 10),
			Added: strconv.FormatInt(r.Added, 10), Wrong: strconv.FormatInt(r.Wrong, 10)})
	}
	return web.Render(c, http.StatusOK, view.Imports(p), "")
}

var importStates = map[string]string{importing.Mapping: "Waits for its columns", importing.Checked: "Checked",
	importing.Running: "Under way", importing.Done: "In", importing.Ended: "Undone"}

var importTones = map[string]ui.Tone{importing.Mapping: ui.Warn, importing.Checked: ui.Warn,
	importing.Running: ui.Quiet, importing.Done: ui.Good, importing.Ended: ui.Quiet}

// NewImport asks for a file.
func (h *Handlers) NewImport(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showNewImport(c, http.StatusOK, f)
}

func (h *Handlers) showNewImport(c echo.Context, status int, f *web.Form) error {
	page, work, err := h.frame(c, "Imports", "/imports", f.Problems)
	if err != nil {
		return err
	}
	p := view.NewImportPage{Page: page, Work: work, Problems: f.Problems, Action: work.Home + "/imports",
		Back: ui.Way{Text: "Imports", Href: work.Home + "/imports"}}
	for _, k := range importKinds(c) {
		p.Kinds = append(p.Kinds, ui.Choice{Value: k.Name, Label: k.Title, Small: k.About, Checked: f.Raw("kind") == k.Name})
		p.Samples = append(p.Samples, ui.Way{Text: "Sample file: " + strings.ToLower(k.Title),
			Href: work.Home + "/imports/sample.csv?kind=" + k.Name})
	}
	return web.Render(c, status, view.NewImport(p), "")
}

// importRow is the import that the address names. One of patients is for those who may open records.
func (h *Handlers) importRow(c echo.Context) (row tenantdb.ImportByIDRow, err error) {
	id, err := web.ID(c, "import")
	if err != nil {
		return row, err
	}
	q := h.Gateway.Once(web.Scope(c, web.Organization(c)))
	row, err = web.Found(q.ImportByID(c.Request().Context(), id))
	if err == nil && !mayImport(c, row.Kind) {
		err = web.ErrForbidden
	}
	return row, err
}

func (h *Handlers) importID(c echo.Context) (uuid.UUID, error) {
	row, err := h.importRow(c)
	return row.ID, err
}

func mayImport(c echo.Context, kind string) bool {
	return kind != importing.Patients || web.May(c, policy.ReadPatients)
}

// importKinds are what whoever asks may bring along.
func importKinds(c echo.Context) (all []importing.Kind) {
	for _, k := range importing.Kinds() {
		if mayImport(c, k.Name) {
			all = append(all, k)
		}
	}
	return all
}

// CreateImport keeps a file as it stands and asks what its columns are.
func (h *Handlers) CreateImport(c echo.Context) error {
	f, file, err := web.ReadUpload(c, importing.MaxBytes)
	if err != nil {
		return err
	}
	var kinds []string
	for _, k := range importKinds(c) {
		kinds = append(kinds, k.Name)
	}
	kind := f.OneOf("kind", "Choose what the file holds", kinds...)
	if len(file.Body) == 0 {
		f.Wrong("file", "Choose a file with something in it")
	}
	if !f.OK() {
		return h.showNewImport(c, http.StatusUnprocessableEntity, f)
	}
	organization := web.Organization(c)
	if may, err := web.MayImport(c, organization); err != nil {
		return err
	} else if !may {
		f.Wrong("file", "Many files were read within an hour. Choose this one again later")
		return h.showNewImport(c, http.StatusTooManyRequests, f)
	}
	me, _ := web.Actor(c)
	batch := tenantdb.AddImportParams{ID: uuid.Must(uuid.NewV7()), Kind: kind, FileName: textutil.Line(file.Name, 120),
		CreatedBy: me.ID, CreatedAt: web.Now(c)}
	err = importing.Stage(c.Request().Context(), h.Gateway, web.Scope(c, organization), batch, file.Body)
	if bad, ok := errors.AsType[*importing.UnreadableError](err); ok {
		f.Wrong("file", bad.Reason)
		return h.showNewImport(c, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c, home(organization)+"/imports/"+batch.ID.String())
}

// ExportSample is a file of a kind with its columns and a row.
func (h *Handlers) ExportSample(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	kind, ok := importing.Find(cmp.Or(f.Raw("kind"), importing.Kinds()[0].Name))
	if !ok {
		return web.ErrNotFound
	}
	reasons, err := h.reasons(c)
	if err != nil {
		return err
	}
	heads, cells := make([]string, len(kind.Fields)), make([]string, len(kind.Fields))
	for i, field := range kind.Fields {
		if heads[i], cells[i] = field.Label, field.Example; field.Name == "reason_code" && len(reasons) > 0 {
			cells[i] = reasons[0].Name
		}
	}
	return web.SendFile(c, web.CSV, kind.Name+"-sample.csv", func(w io.Writer) error {
		out := audit.CSV{W: w}
		if err := out.Begin(heads...); err != nil {
			return err
		}
		return out.Row(cells...)
	})
}
