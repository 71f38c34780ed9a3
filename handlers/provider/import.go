package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/importing"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ShowImport is where an import stands and what it needs.
func (h *Handlers) ShowImport(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showImport(c, http.StatusOK, f)
}

// ShowImportProgress is what an open page asks again and again while an import is under way.
func (h *Handlers) ShowImportProgress(c echo.Context) error {
	if !web.Partial(c) {
		if _, err := h.importState(c); err != nil {
			return err
		}
		return web.Redirect(c, strings.TrimSuffix(c.Request().URL.Path, "/progress"))
	}
	return h.ShowImport(c)
}

// importState is an import with the numbers of its rows by state.
type importState struct {
	tenantdb.ImportByIDRow
	kind   importing.Kind
	counts map[string]int
	prices int    // rows that are ready and change the price of a service
	at     string // its address
}

func (h *Handlers) importState(c echo.Context) (s importState, err error) {
	if s.ImportByIDRow, err = h.importRow(c); err != nil {
		return s, err
	}
	q, id := h.Gateway.Once(web.Scope(c, web.Organization(c))), s.ID
	counts, err := q.ImportCounts(c.Request().Context(), id)
	s.kind, _ = importing.Find(s.Kind)
	s.counts, s.at = map[string]int{}, home(web.Organization(c))+"/imports/"+id.String()
	for _, n := range counts {
		if s.counts[n.State] = int(n.Rows); n.State == importing.Ready {
			s.prices = int(n.Changes)
		}
	}
	return s, err
}

func (h *Handlers) showImport(c echo.Context, status int, f *web.Form) error {
	s, err := h.importState(c)
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, s.kind.Title, "/imports", f.Problems)
	if err != nil {
		return err
	}
	p := view.ImportPage{Page: page, Work: work, Problems: f.Problems, At: s.at, State: s.State, File: s.FileName,
		Heading: s.heading(), Back: ui.Way{Text: "Imports", Href: work.Home + "/imports"}, Ready: s.counts[importing.Ready],
		Wrong: s.counts[importing.Wrong], Added: s.counts[importing.Added], Kind: s.kind.Title,
		Changes: s.changes(), Columns: f.Raw("columns") != "" && (s.State == importing.Checked)}
	p.Columns = p.Columns || s.State == importing.Mapping
	switch {
	case len(s.Sheets) > 0:
		p.Sheets = sheetChoices(s.Sheets, f.Raw("sheet"))
	case p.Columns:
		err = h.importColumns(c, s, f, &p)
	default:
		err = h.importRows(c, s, f, &p)
	}
	if err != nil {
		return err
	}
	return web.Render(c, status, view.Import(p), view.ImportPart)
}

func (s importState) all() (n int) {
	for _, rows := range s.counts {
		n += rows
	}
	return n
}

// changes says how many rows change what was there before, and leads to them.
func (s importState) changes() ui.Way {
	if s.prices == 0 || s.State == importing.Running {
		return ui.Way{}
	}
	return ui.Way{Text: count(int64(s.prices), "row changes a price", "rows change a price"),
		Href: s.at + "?rows=" + importing.Ready}
}

func (s importState) heading() string {
	in := s.counts[importing.Added] + s.counts[importing.Same]
	switch s.State {
	case importing.Mapping:
		if len(s.Sheets) > 0 {
			return "Which sheet?"
		}
		return "What is in each column?"
	case importing.Checked:
		return fmt.Sprintf("%d of %d rows are ready", s.counts[importing.Ready], s.all())
	case importing.Running:
		return fmt.Sprintf("%d of %d rows are in", in, in+s.counts[importing.Ready])
	case importing.Ended:
		return "The import is undone"
	}
	return count(int64(s.counts[importing.Added]), "row is in", "rows are in")
}

var rowStates = []struct{ state, text string }{
	{importing.Wrong, "Need you"}, {importing.Ready, "Ready"}, {importing.Added, "In"}, {importing.Same, "Left out"},
	{importing.Kept, "Stay"}, {importing.Undone, "Taken back"},
}

// countWays lead to the rows of each state.
func (s importState) countWays(shown string) (all []view.RowsWay) {
	for _, r := range rowStates {
		if n := s.counts[r.state]; n > 0 {
			all = append(all, view.RowsWay{Way: ui.Way{Text: r.text + ": " + strconv.Itoa(n), Href: s.at + "?rows=" + r.state},
				Here: r.state == shown})
		}
	}
	return all
}

func sheetChoices(sheets []string, chosen string) (all []ui.Choice) {
	for _, name := range sheets {
		all = append(all, ui.Choice{Value: name, Label: name, Checked: name == chosen})
	}
	return all
}

func (h *Handlers) importColumns(c echo.Context, s importState, f *web.Form, p *view.ImportPage) error {
	sample, err := h.Gateway.Once(web.Scope(c, web.Organization(c))).ImportRows(c.Request().Context(),
		tenantdb.ImportRowsParams{BatchID: s.ID, States: []string{importing.Unread, importing.Wrong, importing.Ready,
			importing.Same}, Most: 3})
	if err != nil {
		return err
	}
	options := []ui.Option{{Value: "", Text: "Leave it out"}}
	for _, field := range s.kind.Fields {
		options = append(options, ui.Option{Value: field.Name, Text: field.Label})
	}
	for i, head := range s.Header {
		name := "column" + strconv.Itoa(i)
		label := "Column “" + head + "”"
		if head == "" {
			label = "Column " + strconv.Itoa(i+1) + ", without a heading"
		}
		one := ui.Select{Name: name, Label: label, Value: s.Fields[i], Options: options,
			Error: f.Problems.Of(name), Width: "w-20"}
		if len(f.Values(name)[name]) > 0 {
			one.Value = f.Raw(name)
		}
		var seen []string
		for _, r := range sample {
			if r.Cells[i] != "" && !slices.Contains(seen, r.Cells[i]) {
				seen = append(seen, r.Cells[i])
			}
		}
		if one.Hint = "Empty in the first rows"; len(seen) > 0 {
			one.Hint = "Such as " + strings.Join(seen, " · ")
		}
		if why := s.kind.RefusedColumn(head); why != "" {
			one.Hint, one.Options = why+": nothing of it is kept", options[:1]
		}
		p.Choices = append(p.Choices, one)
	}
	return nil
}

func (h *Handlers) importRows(c echo.Context, s importState, f *web.Form, p *view.ImportPage) error {
	q, ctx := h.Gateway.Once(web.Scope(c, web.Organization(c))), c.Request().Context()
	after, _ := strconv.Atoi(f.Raw("after"))
	states := []string{importing.Wrong}
	for _, r := range rowStates {
		if f.Raw("rows") == r.state || f.Raw("rows") == "" && s.counts[importing.Wrong] == 0 {
			states = append(states[:0:0], r.state)
			if p.Shown = r.text; s.counts[r.state] > 0 {
				break
			}
		}
	}
	if p.Shown == "" {
		p.Shown = rowStates[0].text
	}
	if p.Counts = s.countWays(states[0]); p.Added > 0 {
		p.Next = p.Work.Home + "/listings"
	}
	rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: s.ID, States: states,
		After: int32(min(max(after, 0), 1<<30)), Most: rowsShown})
	if err != nil {
		return err
	}
	for _, r := range rows {
		p.Rows = append(p.Rows, s.row(r))
	}
	p.Pages.Label = "Pages of the rows"
	if after > 0 {
		p.Pages.First = s.at + "?rows=" + states[0]
	}
	if len(rows) == rowsShown {
		p.Pages.Next = fmt.Sprintf("%s?rows=%s&after=%d", s.at, states[0], rows[len(rows)-1].Line)
	}
	if s.State != importing.Checked && s.State != importing.Done {
		return nil
	}
	proposals, err := q.ImportProposals(ctx, s.ID)
	for _, r := range proposals {
		p.Proposals = append(p.Proposals, view.Proposal{Value: r.Proposal,
			Text: proposalWords[r.Proposal] + ": " + count(r.Rows, "row", "rows")})
	}
	return err
}

var proposalWords = map[string]string{importing.DateOrder: "Read the day before the month",
	importing.DidYouMean: "Use the nearest spelling", importing.AreaCode: "Add your area code",
	importing.LostZeros: "Put back the zero at the beginning", importing.TownOfZIP: "Use the state of the ZIP code",
	importing.DayNumber: "Use the day that the number stands for",
	importing.Afternoon: "Read early hours as the afternoon", importing.Century: "Use the latest year that fits",
	importing.AnotherPerson: "Add all who look like a patient who is here"}

// row is a row as the page shows it.
func (s importState) row(r tenantdb.ImportRowsRow) view.ImportedRow {
	out := view.ImportedRow{Line: strconv.Itoa(int(r.Line)), Problem: r.Problem}
	for i, cell := range r.Cells {
		if i < len(s.Fields) && cell != "" && s.kind.Tells(s.Fields[i]) {
			out.What = strings.TrimSpace(out.What + " " + cell)
		}
	}
	var fix map[string]string
	if json.Unmarshal(r.Fix, &fix) == nil {
		for _, text := range fix {
			out.Fix = text
		}
	}
	switch r.Proposal {
	case "":
	case importing.AnotherPerson:
		out.Fix, out.Accept = "", "Add them: it is another person"
	default:
		out.Accept = "Use “" + out.Fix + "”"
	}
	return out
}

// importDone answers an act on an import: it leads to its page, or says why it cannot be.
func (h *Handlers) importDone(c echo.Context, id uuid.UUID, err error) error {
	if errors.Is(err, importing.ErrNotNow) {
		web.Flash(c, ui.Notice{Warn: true, Text: "The import has gone on meanwhile. This is how it stands now."})
		err = nil
	}
	if errors.Is(err, importing.ErrNeeded) {
		web.Flash(c, ui.Notice{Warn: true, Text: "Something came into use just now, and nothing is undone. Undo it again."})
		err = nil
	}
	if err != nil {
		return web.NotFound(err)
	}
	return web.Redirect(c, home(web.Organization(c))+"/imports/"+id.String())
}
