package importing

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/semaphore"

	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// remembered is of how many files it is known what their columns were said to be.
const remembered = 20

// turns bounds how many files are read at a time: each takes some 60 MB and, at worst, as many seconds as a workbook
// may take.
var turns = semaphore.NewWeighted(2)

// Stage keeps a file as it stands. What cannot be read leaves nothing behind, and no transaction is open while it is
// read.
func Stage(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, batch tenantdb.AddImportParams,
	body []byte) error {
	if err := turns.Acquire(ctx, 1); err != nil {
		return err
	}
	defer turns.Release(1)
	var rows []Row
	err := Read(body, func(header []string) error { batch.Header = header; return nil },
		func(r Row) error { rows = append(rows, r); return nil })
	if err != nil {
		return err
	}
	return g.Within(ctx, s, func(q *tenantdb.Queries) error {
		latest, err := q.ImportedColumns(ctx, batch.Kind, remembered)
		if err != nil {
			return err
		}
		said := map[string]string{}
		for _, file := range latest {
			for i, field := range file.Fields {
				said[folded(file.Header[i])] = field
			}
		}
		kind, _ := Find(batch.Kind)
		batch.Fields = kind.GuessColumns(batch.Header, said)
		if err := q.AddImport(ctx, batch); err != nil {
			return err
		}
		for some := range slices.Chunk(rows, part) {
			raw, err := json.Marshal(some)
			if err != nil {
				return err
			}
			if err := q.AddImportRows(ctx, batch.ID, raw); err != nil {
				return err
			}
		}
		return q.AuditImport(ctx, &batch.ID, "create")
	})
}

// Begin lets the worker bring in what is ready. ErrNotNow: it is under way, or over.
func Begin(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, id uuid.UUID) error {
	return g.Within(ctx, s, func(q *tenantdb.Queries) error {
		batch, err := q.LockImport(ctx, id)
		if err != nil {
			return err
		}
		if batch.State != Checked && batch.State != Done {
			return ErrNotNow
		}
		if err := q.SetImportState(ctx, Running, id); err != nil {
			return err
		}
		if err := q.AuditImport(ctx, &id, "run"); err != nil {
			return err
		}
		return q.WriteImportEvent(ctx, id)
	})
}

// Runner brings imports in.
type Runner struct {
	Gateway *tenancy.Gateway
	Now     func() time.Time

	stop func(at string) error // of tests: what ends it within a part
}

// Run brings in what is ready, part by part, each in a transaction: whoever runs it again goes on behind the last part.
func (r Runner) Run(ctx context.Context, s tenancy.Scope, t tenancy.Tenant, id uuid.UUID) error {
	for {
		over, err := r.runPart(ctx, s, t, id)
		if over || err != nil {
			return err
		}
	}
}

func (r Runner) runPart(ctx context.Context, s tenancy.Scope, t tenancy.Tenant, id uuid.UUID) (over bool, err error) {
	err = r.Gateway.Within(ctx, s, func(q *tenantdb.Queries) error {
		batch, err := q.LockImport(ctx, id)
		if err != nil {
			return err
		}
		if over = batch.State != Running; over {
			return nil
		}
		rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: id, States: []string{Ready}, Most: part})
		if err != nil {
			return err
		}
		if over = len(rows) == 0; over {
			if err := search.Publish(ctx, q, t, r.Now()); err != nil {
				return err
			}
			return q.SetImportState(ctx, Done, id)
		}
		if err := add(ctx, q, batch.Kind, id, rows); err != nil {
			return err
		}
		if r.stop != nil {
			return r.stop("added")
		}
		return nil
	})
	return over, err
}

// add adds the records of rows, and says of each whether it did.
func add(ctx context.Context, q *tenantdb.Queries, kind string, batch uuid.UUID, rows []tenantdb.ImportRowsRow) error {
	records := make([]map[string]any, 0, len(rows))
	for _, r := range rows {
		record := map[string]any{}
		if err := json.Unmarshal(r.Record, &record); err != nil {
			return err
		}
		record["id"] = r.RecordID
		records = append(records, record)
	}
	raw, err := json.Marshal(records)
	if err != nil {
		return err
	}
	added, err := tables[kind].add(q, ctx, raw)
	if err != nil {
		return err
	}
	return markRows(ctx, q, batch, rows, added, Added, Same, "Was here already.")
}

func set(ids []uuid.UUID) map[uuid.UUID]bool {
	in := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		in[id] = true
	}
	return in
}

// tables are how records of each kind are added and removed: both give the ids of those that were.
var tables = map[string]struct {
	add    func(*tenantdb.Queries, context.Context, []byte) ([]uuid.UUID, error)
	remove func(*tenantdb.Queries, context.Context, []uuid.UUID) ([]uuid.UUID, error)
}{
	"practitioners": {(*tenantdb.Queries).ImportPractitioners, (*tenantdb.Queries).RemovePractitioners},
	"locations":     {(*tenantdb.Queries).ImportLocations, (*tenantdb.Queries).RemoveLocations},
	"services":      {(*tenantdb.Queries).ImportServices, (*tenantdb.Queries).RemoveServices},
}

// markRows says of rows whose ids are among some that they are one thing, of the others that they are another.
func markRows(ctx context.Context, q *tenantdb.Queries, batch uuid.UUID, rows []tenantdb.ImportRowsRow,
	among []uuid.UUID, are, others, why string) error {
	in := set(among)
	var yes, no []int32
	for _, r := range rows {
		if r.RecordID != nil && in[*r.RecordID] {
			yes = append(yes, r.Line)
		} else {
			no = append(no, r.Line)
		}
	}
	err := q.MarkImportRows(ctx, tenantdb.MarkImportRowsParams{State: are, BatchID: batch, Lines: yes})
	if err == nil && len(no) > 0 {
		err = q.MarkImportRows(ctx, tenantdb.MarkImportRowsParams{State: others, Problem: why, BatchID: batch, Lines: no})
	}
	return err
}

// Undo removes what an import has added. What something needs by now stays, and its row says so. ErrNotNow: it is not
// over. ErrNeeded: nothing is removed, for something came to need it meanwhile.
func Undo(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, t tenancy.Tenant, id uuid.UUID,
	now time.Time) error {
	err := g.Within(ctx, s, func(q *tenantdb.Queries) error {
		batch, err := q.LockImport(ctx, id)
		if err != nil {
			return err
		}
		if batch.State != Done {
			return ErrNotNow
		}
		for {
			rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: id, States: []string{Added}, Most: part})
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			ids := make([]uuid.UUID, 0, len(rows))
			for _, r := range rows {
				ids = append(ids, *r.RecordID)
			}
			slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
			gone, err := tables[batch.Kind].remove(q, ctx, ids)
			if err != nil {
				return err
			}
			if err := markRows(ctx, q, id, rows, gone, Undone, Kept, "Stays, for hours or appointments need it."); err != nil {
				return err
			}
		}
		if err := q.SetImportState(ctx, Ended, id); err != nil {
			return err
		}
		if err := q.AuditImport(ctx, &id, "undo"); err != nil {
			return err
		}
		return search.Publish(ctx, q, t, now)
	})
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23503" { // foreign_key_violation
		return ErrNeeded
	}
	return err
}
