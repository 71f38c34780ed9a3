package importing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"kindward/internal/offering"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// Begin lets the worker bring in what is ready, by the key of an API client or by whoever asks. ErrNotNow: it is under
// way, or over.
func Begin(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, id uuid.UUID, key string) error {
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
		if err := q.AuditImport(ctx, key, &id, "run"); err != nil {
			return err
		}
		return q.WriteImportEvent(ctx, id)
	})
}

// Runner brings imports in.
type Runner struct {
	Gateway *tenancy.Gateway
	Now     func() time.Time
	Long    time.Duration // after which no other part is begun; 0: all are

	stop func(at string) error // of tests: what ends it within a part
}

// ErrMore means that an import is not over when its time is.
var ErrMore = errors.New("importing: there are more rows")

// Run brings in what is ready, part by part, each in a transaction: whoever runs it again goes on behind the last part.
// Of a part for which there is no room, half is tried; where there is none for one row, all that follow are left out.
func (r Runner) Run(ctx context.Context, s tenancy.Scope, t tenancy.Tenant, id uuid.UUID) error {
	began := time.Now()
	for rows := int32(part); ; {
		if r.Long > 0 && time.Since(began) > r.Long {
			return ErrMore
		}
		over, err := r.runPart(ctx, s, t, id, rows)
		if errors.Is(err, offering.ErrMany) {
			if rows /= 2; rows > 0 {
				continue
			}
			rows, err = part, r.leaveOut(ctx, s, t, id)
		}
		if over || err != nil {
			return err
		}
	}
}

// leaveOut says of all rows that are ready that there is no room for them.
func (r Runner) leaveOut(ctx context.Context, s tenancy.Scope, t tenancy.Tenant, id uuid.UUID) error {
	return r.Gateway.Within(ctx, s, func(q *tenantdb.Queries) error {
		batch, err := q.LockImport(ctx, id)
		if err != nil {
			return err
		}
		for {
			rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: id, States: []string{Ready}, Most: part})
			if err != nil || len(rows) == 0 {
				return err
			}
			all, err := importedOf(rows)
			if err != nil {
				return err
			}
			err = target{q, t, id, batch.CreatedBy, r.Now()}.mark(ctx, all, nil, Added, Wrong,
				"There is no room for it: the organization has as many as it may have.")
			if err != nil {
				return err
			}
		}
	})
}

func (r Runner) runPart(ctx context.Context, s tenancy.Scope, t tenancy.Tenant, id uuid.UUID, most int32) (over bool,
	err error) {
	err = r.Gateway.Within(ctx, s, func(q *tenantdb.Queries) error {
		batch, err := q.LockImport(ctx, id)
		if err != nil {
			return err
		}
		if over = batch.State != Running; over {
			return nil
		}
		rows, err := q.ImportRows(ctx, tenantdb.ImportRowsParams{BatchID: id, States: []string{Ready}, Most: most})
		if err != nil {
			return err
		}
		if over = len(rows) == 0; over {
			if err := search.Publish(ctx, q, t, r.Now()); err != nil {
				return err
			}
			return q.SetImportState(ctx, Done, id)
		}
		if err := (target{q, t, id, batch.CreatedBy, r.Now()}).add(ctx, batch.Kind, rows); err != nil {
			return err
		}
		if r.stop != nil {
			return r.stop("added")
		}
		return nil
	})
	return over, err
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
			if err := (target{q, t, id, batch.CreatedBy, now}).remove(ctx, batch.Kind, rows); err != nil {
				return err
			}
		}
		if err := q.SetImportState(ctx, Ended, id); err != nil {
			return err
		}
		if err := q.AuditImport(ctx, "", &id, "undo"); err != nil {
			return err
		}
		return search.Publish(ctx, q, t, now)
	})
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23503" { // foreign_key_violation
		return ErrNeeded
	}
	return err
}
