package importing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// remembered is of how many files it is known what their columns were said to be.
const remembered = 20

// turns bounds how many files are read or checked at a time: each takes some 60 MB and, at worst, as many seconds as a
// workbook may take.
var turns = semaphore.NewWeighted(2)

// turnWait is how long a file waits for its turn. Then whoever sent it is asked to come back.
const turnWait = 10 * time.Second

// turn waits for a turn, which end ends.
func turn(ctx context.Context) (end func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, turnWait)
	defer cancel()
	return func() { turns.Release(1) }, turns.Acquire(ctx, 1)
}

// table is what was read of a file.
type table struct {
	sheets []string // of a workbook, those with something in them
	header []string
	rows   []Row
}

// errSeveral means that somebody has to say which sheet is meant.
var errSeveral = errors.New("importing: a workbook of several sheets")

// readTable reads a file, or a sheet of a workbook. ErrNotNow: it has no such sheet. Without a name, of a workbook of
// several it has their names, and no rows.
func readTable(ctx context.Context, body []byte, sheet string) (t table, err error) {
	end, err := turn(ctx)
	if err != nil {
		return t, err
	}
	defer end()
	choose := func(sheets []string) (string, error) {
		switch t.sheets = sheets; {
		case sheet == "" && len(sheets) > 1:
			return "", errSeveral
		case sheet != "" && !slices.Contains(sheets, sheet):
			return "", ErrNotNow
		}
		return cmp.Or(sheet, sheets[0]), nil
	}
	err = readChosen(body, choose, func(header []string) error { t.header = header; return nil },
		func(r Row) error { t.rows = append(t.rows, r); return nil })
	return t, err
}

// Stage keeps a file as it stands. What cannot be read leaves nothing behind, and no transaction is open while it is
// read. A workbook of several sheets is kept as a whole until somebody says which.
func Stage(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, batch tenantdb.AddImportParams,
	body []byte) error {
	t, err := readTable(ctx, body, "")
	kind, _ := Find(batch.Kind)
	if batch.Sheets = []string{}; errors.Is(err, errSeveral) {
		if kind.Name == Patients { // of the other sheets nothing is kept either
			return unreadable("The workbook has several sheets. Save the one with the patients as CSV and choose that.")
		}
		batch.File, batch.Sheets = body, t.sheets
		return g.Within(ctx, s, func(q *tenantdb.Queries) error {
			if err := q.AddImport(ctx, batch); err != nil {
				return err
			}
			return q.AuditImport(ctx, "", &batch.ID, "create")
		})
	}
	if err != nil {
		return err
	}
	t.forget(kind)
	batch.Header = t.header
	return g.Within(ctx, s, func(q *tenantdb.Queries) error {
		if batch.Fields, err = guess(ctx, q, batch.Kind, t.header); err != nil {
			return err
		}
		if err := q.AddImport(ctx, batch); err != nil {
			return err
		}
		if err := t.keep(ctx, q, batch.ID); err != nil {
			return err
		}
		return q.AuditImport(ctx, "", &batch.ID, "create")
	})
}

// ChooseSheet reads one of the sheets of a workbook that is kept as a whole. ErrNotNow: one has been chosen, or there
// is none of this name.
func ChooseSheet(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, id uuid.UUID, sheet string) error {
	whole, err := g.Once(s).ImportFile(ctx, id)
	if err != nil {
		return err
	}
	if sheet == "" || !slices.Contains(whole.Sheets, sheet) {
		return ErrNotNow
	}
	t, err := readTable(ctx, whole.File, sheet)
	if err != nil {
		return err
	}
	return g.Within(ctx, s, func(q *tenantdb.Queries) error {
		batch, err := q.LockImport(ctx, id)
		if err != nil {
			return err
		}
		if len(batch.Sheets) == 0 {
			return ErrNotNow
		}
		fields, err := guess(ctx, q, batch.Kind, t.header)
		if err != nil {
			return err
		}
		err = q.SetImportSheet(ctx, tenantdb.SetImportSheetParams{ID: id, Sheet: sheet, Header: t.header, Fields: fields})
		if err != nil {
			return err
		}
		return t.keep(ctx, q, id)
	})
}

// guess says which field each column is, by what was said of the latest files of a kind.
func guess(ctx context.Context, q *tenantdb.Queries, kind string, header []string) ([]string, error) {
	latest, err := q.ImportedColumns(ctx, kind, remembered)
	if err != nil {
		return nil, err
	}
	said := map[string]string{}
	for _, file := range latest {
		for i, field := range file.Fields {
			said[folded(file.Header[i])] = field
		}
	}
	k, _ := Find(kind)
	return k.GuessColumns(header, said), nil
}

// keep keeps the rows of an import, part by part.
func (t table) keep(ctx context.Context, q *tenantdb.Queries, id uuid.UUID) error {
	for some := range slices.Chunk(t.rows, part) {
		raw, err := json.Marshal(some)
		if err != nil {
			return err
		}
		if err := q.AddImportRows(ctx, id, raw); err != nil {
			return err
		}
	}
	return nil
}
