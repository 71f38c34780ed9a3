package importing

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/offering"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// imported is what a row makes.
type imported struct {
	line   int32
	id     uuid.UUID
	record map[string]any
}

// target is what rows of an import are brought into, in one transaction.
type target struct {
	q     *tenantdb.Queries
	t     tenancy.Tenant
	batch uuid.UUID
	by    uuid.UUID // who brought the file along
	now   time.Time
}

// writer adds and removes what rows of a kind make: both give the ids of those that were. Kept is why one stays.
// Some are the first rows of a part that are added together, where rows differ in what they make.
type writer struct {
	add, remove func(context.Context, target, []imported) ([]uuid.UUID, error)
	kept        string
	some        func([]tenantdb.ImportRowsRow) ([]tenantdb.ImportRowsRow, error)
}

const needed = "Stays, for hours or appointments need it."

var writers = map[string]writer{
	"practitioners": {adds("Practitioner", (*tenantdb.Queries).ImportPractitioners),
		removes((*tenantdb.Queries).RemovePractitioners), needed, nil},
	"locations": {addLocations,
		removes((*tenantdb.Queries).RemoveLocations), needed, nil},
	"services": {addServices, removeServices, "Stays, for it is offered, or its price is another by now.", nil},
	Patients: {addPatients, removePatients,
		"Stays, for there is a visit or a consent, or it is somebody's account by now.", nil},
	"hours": {addHours, removeHours, "Stays, for a visit is booked in it.", someHours},
}

// adds is how records are added that are rows of one table. offering.ErrMany: there is no room for all of them.
func adds(kind string, query func(*tenantdb.Queries, context.Context, []byte) ([]uuid.UUID, error)) func(
	context.Context, target, []imported) ([]uuid.UUID, error) {
	return func(ctx context.Context, to target, rows []imported) ([]uuid.UUID, error) {
		ids, err := query(to.q, ctx, records(rows))
		if err == nil && len(ids) > 0 {
			err = offering.RequireFit(ctx, to.q, kind)
		}
		return ids, err
	}
}

// addLocations adds locations, each bounded by the license of the first one.
func addLocations(ctx context.Context, to target, rows []imported) ([]uuid.UUID, error) {
	first, err := offering.ValidityOfFirst(ctx, to.q, to.t)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		maps.Copy(r.record, first)
	}
	return adds("Location", (*tenantdb.Queries).ImportLocations)(ctx, to, rows)
}

func removes(query func(*tenantdb.Queries, context.Context, []uuid.UUID) ([]uuid.UUID, error)) func(context.Context,
	target, []imported) ([]uuid.UUID, error) {
	return func(ctx context.Context, from target, rows []imported) ([]uuid.UUID, error) {
		return query(from.q, ctx, idsOf(rows))
	}
}

// records are the records of rows with their ids, as an Import query of many rows takes them.
func records(rows []imported) []byte {
	all := make([]map[string]any, 0, len(rows))
	for _, r := range rows {
		r.record["id"] = r.id
		all = append(all, r.record)
	}
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err) // what was read from JSON has JSON
	}
	return raw
}

// idsOf are the ids of rows in their order, so that those who lock several do not wait for each other.
func idsOf(rows []imported) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return ids
}

// add adds what rows make, and says of each whether it did.
func (to target) add(ctx context.Context, kind string, rows []tenantdb.ImportRowsRow) error {
	if some := writers[kind].some; some != nil {
		var err error
		if rows, err = some(rows); err != nil {
			return err
		}
	}
	all, err := importedOf(rows)
	if err != nil {
		return err
	}
	added, err := writers[kind].add(ctx, to, all)
	if err != nil {
		return err
	}
	return to.mark(ctx, all, added, Added, Same, "Was here already, or is another by now.")
}

// remove removes what rows have made, and says of each whether it did.
func (to target) remove(ctx context.Context, kind string, rows []tenantdb.ImportRowsRow) error {
	all, err := importedOf(rows)
	if err != nil {
		return err
	}
	gone, err := writers[kind].remove(ctx, to, all)
	if err != nil {
		return err
	}
	return to.mark(ctx, all, gone, Undone, Kept, writers[kind].kept)
}

func importedOf(rows []tenantdb.ImportRowsRow) ([]imported, error) {
	all := make([]imported, 0, len(rows))
	for _, r := range rows {
		one := imported{line: r.Line}
		if err := json.Unmarshal(r.Record, &one.record); err != nil {
			return nil, fmt.Errorf("the record of line %d: %w", r.Line, err)
		}
		if r.RecordID != nil {
			one.id = *r.RecordID
		}
		all = append(all, one)
	}
	return all, nil
}

// mark says of rows whose ids are among some that they are one thing, of the others that they are another.
func (to target) mark(ctx context.Context, rows []imported, among []uuid.UUID, are, others, why string) error {
	in := make(map[uuid.UUID]bool, len(among))
	for _, id := range among {
		in[id] = true
	}
	var yes, no []int32
	for _, r := range rows {
		if in[r.id] {
			yes = append(yes, r.line)
		} else {
			no = append(no, r.line)
		}
	}
	err := to.q.MarkImportRows(ctx, tenantdb.MarkImportRowsParams{State: are, BatchID: to.batch, Lines: yes})
	if err == nil && len(no) > 0 {
		err = to.q.MarkImportRows(ctx, tenantdb.MarkImportRowsParams{State: others, Problem: why, BatchID: to.batch,
			Lines: no})
	}
	return err
}
