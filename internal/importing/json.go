package importing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// RecordError is what is wrong with a record of JSON: which one, counted from 1, and which of its fields, if it is one.
type RecordError struct {
	Row           int
	Field, Reason string
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record %d: %s %s", e.Row, e.Field, e.Reason)
}

// APIName is what a field is called in JSON.
func (f Field) APIName() string {
	if f.api != "" {
		return f.api
	}
	return f.Name
}

// readJSON reads records of a kind, in an array or one behind the other, as rows with a cell for each field.
func (k Kind) readJSON(body []byte) (t table, err error) {
	records := json.NewDecoder(bytes.NewReader(body))
	records.UseNumber()
	t.header = make([]string, len(k.Fields))
	for i, f := range k.Fields {
		t.header[i] = f.APIName()
	}
	r := &reader{header: t.header, take: func(row Row) error { t.rows = append(t.rows, row); return nil }}
	array := bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n\ufeff"), []byte("["))
	if array {
		_, err = records.Token()
	}
	for n := 1; err == nil && (!array || records.More()); n++ {
		record := map[string]any{}
		if err := records.Decode(&record); err != nil {
			if errors.Is(err, io.EOF) && !array {
				break
			}
			return t, &RecordError{Row: n, Reason: "is no JSON object"}
		}
		cells, err := k.cells(n, record)
		if err != nil {
			return t, err
		}
		if err := r.row(n, cells); err != nil {
			return t, err
		}
	}
	if err == nil && array {
		_, err = records.Token()
	}
	switch {
	case err != nil:
		return t, unreadable("The array of records ends in the middle.")
	case len(t.rows) == 0:
		return t, unreadable("There is no record.")
	}
	return t, nil
}

// readRecords is readJSON when it is its turn.
func (k Kind) readRecords(ctx context.Context, body []byte) (table, error) {
	end, err := turn(ctx)
	if err != nil {
		return table{}, err
	}
	defer end()
	return k.readJSON(body)
}

// cells are the fields of a record as a file would have them.
func (k Kind) cells(n int, record map[string]any) ([]string, error) {
	cells := make([]string, len(k.Fields))
	for i, f := range k.Fields {
		value, ok := record[f.APIName()]
		delete(record, f.APIName())
		if !ok {
			continue
		}
		text, ok := f.text(value)
		if !ok {
			return nil, &RecordError{Row: n, Field: f.APIName(), Reason: "is of another type"}
		}
		cells[i] = text
	}
	for _, name := range slices.Sorted(maps.Keys(record)) {
		return nil, &RecordError{Row: n, Field: name, Reason: "is no field of " + k.Name}
	}
	return cells, nil
}

// text is a value of JSON as a cell of a file: several apart by semicolons, an amount of money in dollars.
func (f Field) text(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), f.Name != "price_cents"
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v], true
	case []any:
		words := make([]string, 0, len(v))
		for _, one := range v {
			word, ok := one.(string)
			if !ok {
				return "", false
			}
			words = append(words, word)
		}
		return strings.Join(words, "; "), true
	case map[string]any:
		number, _ := v["amount"].(json.Number)
		cents, err := strconv.ParseInt(number.String(), 10, 64)
		ok := f.Name == "price_cents" && len(v) == 2 && v["currency"] == "USD" && err == nil && cents >= 0
		return fmt.Sprintf("%d.%02d", cents/100, cents%100), ok
	}
	return "", false
}

// Request is what an API client sends: a key for the request, by which it is told again what it was told before.
type Request struct {
	Batch  tenantdb.AddImportParams
	APIKey string // its id
	Key    string // of the request
	DryRun bool
	Body   []byte
}

// ErrOtherBody means that the key of a request came before with another request.
var ErrOtherBody = errors.New("importing: the key came with another request")

// subject is whose keys of requests are told apart.
func (r Request) subject(t tenancy.Tenant) uuid.UUID {
	return uuid.NewSHA1(t.ID, []byte("API key "+r.APIKey))
}

func (r Request) hash() []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %t %s\n%s", r.Batch.Kind, r.DryRun, r.Batch.FileName, r.Body))
	return sum[:]
}

// Take keeps records that an API client sends, checks them and, unless it is a dry run, lets the worker bring in those
// that are ready. The same request again gives the same import, and goes on where the first was cut off.
func Take(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, t tenancy.Tenant, r Request) (uuid.UUID, error) {
	kind, _ := Find(r.Batch.Kind)
	rows, err := kind.readRecords(ctx, r.Body)
	if err != nil {
		return uuid.Nil, err
	}
	id, err := r.stage(ctx, g, s, t, kind, rows)
	if err != nil {
		return uuid.Nil, err
	}
	batch, err := g.Once(s).ImportByID(ctx, id)
	if err == nil && batch.State == Mapping {
		if err = Check(ctx, g, s, t, id, batch.Fields, nil); err == nil && !r.DryRun {
			err = Begin(ctx, g, s, id, r.APIKey)
		}
	} else if err == nil && batch.State == Checked && !r.DryRun {
		err = Begin(ctx, g, s, id, r.APIKey)
	}
	if errors.Is(err, ErrNotNow) { // the same request is being answered beside this one
		err = nil
	}
	return id, err
}

// stage keeps the rows under a new import, or gives that of the same request.
func (r Request) stage(ctx context.Context, g *tenancy.Gateway, s tenancy.Scope, t tenancy.Tenant, kind Kind,
	rows table) (uuid.UUID, error) {
	batch := r.Batch
	batch.Header, batch.Sheets = rows.header, []string{}
	for _, f := range kind.Fields {
		batch.Fields = append(batch.Fields, f.Name)
	}
	err := g.Within(ctx, s, func(q *tenantdb.Queries) error {
		err := q.InsertRequestKey(ctx, tenantdb.InsertRequestKeyParams{Key: r.Key, BodyHash: r.hash(),
			Subject: r.subject(t), Location: batch.ID.String()})
		if err == nil {
			err = q.AddImport(ctx, batch)
		}
		if err == nil {
			err = rows.keep(ctx, q, batch.ID)
		}
		if err != nil {
			return err
		}
		return q.AuditImport(ctx, r.APIKey, &batch.ID, "create")
	})
	if tenancy.Code(err) != "23505" { // unique_violation
		return batch.ID, err
	}
	before, err := g.Once(s).StoredAnswer(ctx, r.subject(t), r.Key)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && !bytes.Equal(before.BodyHash, r.hash()):
		return uuid.Nil, ErrOtherBody
	case err != nil:
		return uuid.Nil, err
	}
	return uuid.Parse(before.Location)
}
