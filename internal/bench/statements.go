package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// sent is one statement as the product sends it.
type sent struct {
	sql  string
	args []any
}

// recorder listens to what a gateway sends.
type recorder struct{ batches [][]sent }

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	r.batches = append(r.batches, nil)
	return ctx
}
func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	last := len(r.batches) - 1
	r.batches[last] = append(r.batches[last], sent{d.SQL, d.Args})
}
func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// far is where the bench books with bare SQL: beyond every horizon, so that it takes no time that a page would offer.
var far = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)

// bareBooking is hold and confirmation as parameters, the same that booking.Hold and booking.Confirm send.
func bareBooking(o offering, account uuid.UUID, start time.Time) (tenantdb.PlaceHoldParams,
	tenantdb.ConfirmHoldParams) {
	consent := sha256.Sum256([]byte("consent"))
	body := sha256.Sum256([]byte("body"))
	born := time.Date(1988, 3, 27, 0, 0, 0, 0, time.UTC)
	visit := time.Duration(o.published.Schedule.VisitMinutes) * time.Minute
	place := tenantdb.PlaceHoldParams{OfferingID: o.published.ID, ScheduleVersion: o.published.ScheduleVersion,
		ResourceID: o.published.Resources[0], ClaimID: uuid.Must(uuid.NewV7()),
		AppointmentID: uuid.New(), ClaimStartsAt: start.Add(-time.Second), ClaimEndsAt: start.Add(visit + time.Second),
		HoldSeconds: 600, Ref: "KW-" + uuid.NewString()[:13],
		Holder: uuid.New(), StartsAt: start, EndsAt: start.Add(visit),
		CancelCutoffMinutes: o.published.Schedule.CancelCutoffMinutes,
		MoveCutoffMinutes:   o.published.Schedule.MoveCutoffMinutes}
	return place, tenantdb.ConfirmHoldParams{RequestKey: uuid.NewString(), BodyHash: body[:], AccountID: account,
		Answer:    "/bookings/" + place.AppointmentID.String(),
		PatientID: uuid.Must(uuid.NewV7()), Name: "Bench Visitor", Born: &born, Phone: "+14015550134",
		Email: "bench@example.test", Note: "", PayerID: "self",
		ID: place.AppointmentID, Holder: place.Holder, ConsentID: uuid.Must(uuid.NewV7()), ConsentVersion: "bench",
		ConsentHash: consent[:]}
}

// record books one time with bare SQL through a gateway that is listened to: what pgbench is to send is what the
// product sends.
func record(ctx context.Context, h Target, o offering, account uuid.UUID) (hold, confirm []sent,
	p tenantdb.PlaceHoldParams, c tenantdb.ConfirmHoldParams, err error) {
	r := &recorder{}
	gateway, err := tenancy.Open(ctx, h.AppURL, h.Keys, tenancy.Options{MaxConns: 1, Tracer: r})
	if err != nil {
		return nil, nil, p, c, err
	}
	defer gateway.Close()
	p, c = bareBooking(o, account, far.Add(-24*time.Hour))
	scope := gateway.Admit(o.tenant, tenancy.Caller{Subject: account, RequestID: "bench"})
	r.batches = nil
	if _, err = gateway.Once(scope).PlaceHold(ctx, p); err != nil {
		return nil, nil, p, c, fmt.Errorf("hold: %w", err)
	}
	if _, err = gateway.Once(scope).ConfirmHold(ctx, c); err != nil {
		return nil, nil, p, c, fmt.Errorf("confirmation: %w", err)
	}
	if len(r.batches) != 2 || len(r.batches[0]) != 2 || len(r.batches[1]) != 2 {
		return nil, nil, p, c, fmt.Errorf(
			"hold and confirmation are no longer one round trip of context and statement each: %d batches", len(r.batches))
	}
	return r.batches[0], r.batches[1], p, c, nil
}

// recordBusy is the statement that reads what is taken.
func recordBusy(ctx context.Context, h Target) (string, error) {
	r := &recorder{}
	gateway, err := tenancy.Open(ctx, h.AppURL, h.Keys, tenancy.Options{MaxConns: 1, Tracer: r})
	if err != nil {
		return "", err
	}
	defer gateway.Close()
	r.batches = nil
	if _, err := gateway.Public().BusyRanges(ctx, []uuid.UUID{account(0)}, far, far); err != nil {
		return "", err
	}
	last := r.batches[len(r.batches)-1]
	return last[len(last)-1].sql, nil
}

var placeholder = regexp.MustCompile(`\$\d+`)

// inline puts expressions into the places of a statement's parameters. The comment that sqlc leaves goes: pgbench would
// read its ":one" as a variable.
func inline(sql string, expressions []string) string {
	if strings.HasPrefix(sql, "--") {
		_, sql, _ = strings.Cut(sql, "\n")
	}
	sql = placeholder.ReplaceAllStringFunc(sql, func(p string) string {
		n, _ := strconv.Atoi(p[1:])
		if n < 1 || n > len(expressions) {
			return p
		}
		return "(" + expressions[n-1] + ")"
	})
	return strings.TrimSpace(sql) + ";\n"
}

// literal writes a value into SQL, without a colon outside of casts.
func literal(v any) string {
	quote := func(s, kind string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'::" + kind }
	switch v := v.(type) {
	case uuid.UUID:
		return quote(v.String(), "uuid")
	case string:
		return quote(v, "text")
	case int32, int64:
		return fmt.Sprint(v)
	case []byte:
		return "decode('" + hex.EncodeToString(v) + "', 'hex')"
	case time.Time:
		return fmt.Sprintf("to_timestamp(%d)", v.Unix())
	case *time.Time:
		if v == nil {
			return "null::date"
		}
		return quote(v.Format(time.DateOnly), "date")
	case []uuid.UUID:
		ids := make([]string, len(v))
		for i, id := range v {
			ids[i] = id.String()
		}
		return quote("{"+strings.Join(ids, ",")+"}", "uuid[]")
	}
	panic(fmt.Sprintf("bench: no literal for %T", v)) // a statement has got a parameter of another type
}

// expressions are the literals of a statement, with those in vary replaced by what changes from one transaction to the
// next.
func expressions(s sent, vary map[any]string) []string {
	out := make([]string, len(s.args))
	for i, arg := range s.args {
		key := arg
		switch arg.(type) {
		case []byte, []uuid.UUID, *time.Time:
			key = nil
		}
		if e, ok := vary[key]; ok && key != nil {
			out[i] = e
			continue
		}
		out[i] = literal(arg)
	}
	return out
}
