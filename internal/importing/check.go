package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// States of a row.
const (
	Unread = "read"
	Wrong  = "wrong"
	Ready  = "ready"
	Same   = "same" // was there before, or stands in the file twice
	Added  = "added"
	Undone = "undone"
	Kept   = "kept" // not undone, for something needs it
)

// RowStates are all states of a row.
func RowStates() []string { return []string{Unread, Wrong, Ready, Same, Added, Undone, Kept} }

// States of an import.
const (
	Mapping = "read" // it is to be said which field each column is
	Checked = "checked"
	Running = "running"
	Done    = "done"
	Ended   = "undone"
)

// ErrNotNow means that an import stands otherwise than what is asked of it needs.
var ErrNotNow = errors.New("importing: not as the import stands")

// ErrNeeded means that something came to need a record while it was being removed.
var ErrNeeded = errors.New("importing: needed meanwhile")

// Checked rows are written, and rows are added, in parts of so many.
const part = 1000

// Verdict is what a check says of a row.
type Verdict struct {
	Line     int               `json:"line"`
	Cells    []string          `json:"cells"`
	State    string            `json:"state"`
	Problem  string            `json:"problem"`
	Proposal string            `json:"proposal"`
	Fix      map[string]string `json:"fix"` // by number of the column
	Record   map[string]any    `json:"record"`
	RecordID *uuid.UUID        `json:"record_id"`

	apart bool // somebody has said that it is nobody who is there
}

// checker judges the rows of one file, in their order.
type checker struct {
	kind   Kind
	fields []string
	tenant uuid.UUID
	known  *Known
	there  map[string]uuid.UUID // what was there before, by its key
	lines  map[string]int       // of this file, by key
	prices map[string]*int64    // of services that were there before, by key
	hours  weeks                // when who is where, of an import of hours
	read   map[string]reading   // of cells that were compared with many words, by field and cell
	over   bool                 // the import has been brought in: what was there before is changed no more
}

// row judges one row. The first thing that is wrong is said, with what would mend it.
func (c *checker) row(line int, cells []string, apart bool) Verdict {
	v := Verdict{Line: line, Cells: cells, State: Ready, Fix: map[string]string{}, Record: map[string]any{}, apart: apart}
	columns := map[string]int{}
	if len(cells) > len(c.fields) {
		return v.refuse("The row", -1, reading{wrong: "has more cells than there are headings. Put quotation marks round text " +
			"with commas in it, and a heading over each column"})
	}
	for i, name := range c.fields {
		f, ok := c.kind.field(name)
		if !ok || i >= len(cells) {
			continue
		}
		columns[name] = i
		if cells[i] == "" {
			continue
		}
		if spreadsheetErrors.MatchString(cells[i]) {
			return v.refuse(f.Label+" “"+cells[i]+"”", -1, reading{wrong: "is an error of a spreadsheet"})
		}
		r := c.reading(f, cells[i])
		if r.wrong != "" {
			return v.refuse(f.Label+" “"+cells[i]+"”", i, r)
		}
		v.Record[name] = r.value
	}
	for _, f := range c.kind.Fields {
		if _, ok := v.Record[f.Name]; f.Required && !ok {
			return v.refuse(f.Label, -1, reading{wrong: "is missing"})
		}
	}
	if c.kind.mend != nil {
		if name, r := c.kind.mend(v.Record, c.known); r.wrong != "" {
			f, _ := c.kind.field(name)
			at, ok := columns[name]
			if !ok {
				at, r.proposal = -1, ""
			}
			return v.refuse(f.Label, at, r)
		}
	}
	return c.identify(v)
}

// mostRead is of how many cells it is kept what they say.
const mostRead = 2000

// reading reads a cell. What was compared with many words is not compared again where a file repeats it.
func (c *checker) reading(f Field, cell string) reading {
	key, before := f.Name+" "+cell, c.known.compared
	r, ok := c.read[key]
	if !ok {
		r = f.read(cell, c.known)
	}
	if c.known.compared > before && len(c.read) < mostRead {
		c.read[key] = r
	}
	return r
}

func (v Verdict) refuse(label string, column int, r reading) Verdict {
	v.State, v.Problem, v.Proposal, v.Record = Wrong, sentence(label, r.wrong), r.proposal, map[string]any{}
	if r.proposal != "" && column >= 0 {
		v.Fix[strconv.Itoa(column)] = r.fix
	}
	return v
}

// identify says whether a row is another one, or there already, and else under which id its record will be.
func (c *checker) identify(v Verdict) Verdict {
	key := c.kind.key(v.Record)
	own, _ := v.Record["external_id"].(string)
	npi, _ := v.Record["npi"].(string)
	name := key
	if own != "" && !c.kind.sure {
		name = "id " + own
	}
	for _, k := range slices.Compact([]string{name, "npi " + npi}) {
		if at, twice := c.lines[k]; twice && k != "npi " {
			if k != name {
				return v.refuse("NPI", -1, reading{wrong: "is on line " + strconv.Itoa(at) + " too, for somebody else"})
			}
			v.State, v.Problem = Same, "The same as line "+strconv.Itoa(at)+"."
			return v
		}
	}
	c.lines[name], c.lines["npi "+npi] = v.Line, v.Line
	id := tenancy.FirstID(c.tenant, "import "+c.kind.Name+" "+name)
	if there, ok := c.there[key]; ok && (own == "" || npi != "" || c.kind.sure) {
		id = there
		v.State, v.Problem = Same, "Was here already."
		v = c.otherPrice(v, c.prices[key])
	}
	v.RecordID = &id
	if c.kind.judge != nil {
		return c.kind.judge(c, v)
	}
	return v
}

// checks bounds how many imports of an organization are checked at a time: each keeps a connection for as long as all
// of its rows take.
var checks = ratelimit.KeyedSemaphore[uuid.UUID]{Most: 1}

// Check says of each row that is not brought in yet what is wrong with it. The fields say what each column is. Rows of
// which something proposed is accepted are changed so first. ErrNotNow: the import is under way or over, or has brought
// rows in and is told other fields.
func Check(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, t tenancy.Tenant, id uuid.UUID, fields []string,
	accept func(tenantdb.ImportRowsRow) bool) error {
	waiting, cancel := context.WithTimeout(ctx, turnWait)
	defer cancel()
	if err := checks.Acquire(waiting, t.ID); err != nil {
		return err
	}
	defer checks.Release(t.ID)
	end, err := turn(ctx)
	if err != nil {
		return err
	}
	defer end()
	return g.Within(ctx, s, func(q *tenantdb.Queries) error {
		batch, err := q.LockImport(ctx, id)
		if err != nil {
			return err
		}
		if len(batch.Sheets) > 0 || batch.State == Running || batch.State == Ended || batch.State == Done && fields != nil {
			return ErrNotNow
		}
		if fields == nil {
			fields = batch.Fields
		}
		kind, _ := Find(batch.Kind)
		c, err := newChecker(ctx, q, g, t, kind, fields)
		if err != nil {
			return err
		}
		c.over, c.known.Today = batch.State == Done, civil.Today(civil.ZoneOrUTC(t.Zone), batch.CreatedAt)
		if err := c.all(ctx, q, id, accept); err != nil {
			return err
		}
		if batch.State == Done {
			return nil
		}
		return q.SetImportFields(ctx, fields, id)
	})
}

// all judges all rows that are not brought in.
func (c *checker) all(ctx context.Context, q *tenantdb.Queries, id uuid.UUID,
	accept func(tenantdb.ImportRowsRow) bool) error {
	for after := int32(0); ; {
		rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: id, States: []string{Unread, Wrong, Ready, Same},
			After: after, Most: part})
		if err != nil || len(rows) == 0 {
			return err
		}
		verdicts := make([]Verdict, 0, len(rows))
		for _, r := range rows {
			cells, accepted := r.Cells, accept != nil && r.State == Wrong && accept(r)
			if accepted {
				if cells, err = mended(r); err != nil {
					return err
				}
			}
			verdicts = append(verdicts, c.row(int(r.Line), cells, saidApart(r, accepted)))
		}
		if c.kind.compare != nil {
			if err := c.kind.compare(ctx, q, verdicts); err != nil {
				return err
			}
		}
		raw, err := json.Marshal(verdicts)
		if err != nil {
			return err
		}
		if err := q.WriteImportRows(ctx, id, raw); err != nil {
			return err
		}
		after = rows[len(rows)-1].Line
	}
}

// mended are the cells of a row with what is proposed in place of what is wrong.
func mended(r tenantdb.ImportRowsRow) ([]string, error) {
	var fix map[string]string
	if err := json.Unmarshal(r.Fix, &fix); err != nil {
		return nil, fmt.Errorf("the proposal of line %d: %w", r.Line, err)
	}
	cells := slices.Clone(r.Cells)
	for at, text := range fix {
		if i, err := strconv.Atoi(at); err == nil && i >= 0 && i < len(cells) {
			cells[i] = text
		}
	}
	return cells, nil
}
