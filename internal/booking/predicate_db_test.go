package booking_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// overheard keeps the last statement that went to the database, with its values and the context before it.
type overheard struct {
	mu    sync.Mutex
	batch []pgx.QueuedQuery
}

// TraceQueryStart implements pgx.QueryTracer.
func (o *overheard) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (o *overheard) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (o *overheard) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.batch = o.batch[:0]
	for _, q := range d.Batch.QueuedQueries {
		o.batch = append(o.batch, *q)
	}
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (o *overheard) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (o *overheard) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// whose are the conditions that say to whom a row belongs.
var whose = regexp.MustCompile(`\b(?:\w+\.)?(?:account_id|holder) = (\$\d+)(?:::uuid)?`)

// TestA03EveryQueryOfOnesOwnRefusesAnotherAndIsSeenToLeakWithoutItsCondition asks for what is Maya's as Charlie, at the
// same organization. Each statement is then sent once more without the one condition that says whose row it is: if that
// shows nothing either, the refusal proves nothing.
func TestA03EveryQueryOfOnesOwnRefusesAnotherAndIsSeenToLeakWithoutItsCondition(t *testing.T) {
	heard := &overheard{}
	db := pgtest.Fresh(t, tenancy.Options{Tracer: heard, MaxConns: 1})
	c := db.Clinic(t)
	maya, charlie, mayas, other := db.Account(t, "Maya"), db.Account(t, "Charlie"), uuid.New(), uuid.New()
	visit, hold, patient, visitClaim, holdClaim := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	start := time.Now().Add(72 * time.Hour).Truncate(time.Hour)
	c.SQL(t, `insert into patient (id, account_id, name) values ($1, $2, 'Maya')`, patient, maya)
	c.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at) values ($1, 'A', $2, 'booked', $3, $4, $5, $6, $7, $8)`,
		visit, c.OfferingID, uuid.New(), maya, patient, c.Resources[0], start, start.Add(20*time.Minute))
	c.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at) values ($1, 'B', $2, 'held', $3, now() + interval '5 minutes', $4, $5, $6)`,
		hold, c.OfferingID, mayas, c.Resources[0], start.Add(time.Hour), start.Add(80*time.Minute))
	c.SQL(t, `insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state, expires_at)
		select case status when 'held' then $1::uuid else $2::uuid end, id, resource_id, starts_at, ends_at, status, held_until from appointment`,
		holdClaim, visitClaim)
	db.Admin(t, `insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at) values ($1, $2, $3, $4)`, visit, c.ID, maya, start)
	own := db.Gateway.Once(c.Scope(charlie))
	// no subject: the query's own condition alone
	shared := db.Gateway.Shared(db.Gateway.Admit(c.Tenant, tenancy.Caller{}))
	for name, ask := range map[string]func(account, holder uuid.UUID) (found bool, err error){
		"AppointmentPage": func(a, _ uuid.UUID) (bool, error) {
			r, err := own.AppointmentPage(t.Context(), visit, &a)
			return r.ID == visit, err
		},
		"AccountAppointments": func(a, _ uuid.UUID) (bool, error) {
			r, err := own.AccountAppointments(t.Context(), a)
			return len(r) > 0, err
		},
		"LiveClaim": func(a, _ uuid.UUID) (bool, error) {
			r, err := own.LiveClaim(t.Context(), visit, &a)
			return r.ID == visitClaim, err
		},
		"LockBooking": func(a, _ uuid.UUID) (bool, error) {
			err := own.LockBooking(t.Context(), tenantdb.LockBookingParams{ClaimID: visitClaim, ID: visit, AccountID: &a})
			return err == nil, err
		},
		"HoldPage": func(_, h uuid.UUID) (bool, error) {
			r, err := own.HoldPage(t.Context(), hold, h)
			return r.ID == hold, err
		},
		"HoldFacts": func(_, h uuid.UUID) (bool, error) {
			r, err := own.HoldFacts(t.Context(), hold, h)
			return r.ID == hold, err
		},
		"LockHold": func(_, h uuid.UUID) (bool, error) {
			err := own.LockHold(t.Context(), tenantdb.LockHoldParams{ClaimID: holdClaim, ID: hold, Ref: "B", Holder: h,
				StartsAt: start.Add(time.Hour), ResourceID: c.Resources[0]})
			return err == nil, err
		},
		"LockEndingHold": func(_, h uuid.UUID) (bool, error) {
			err := own.LockEndingHold(t.Context(), holdClaim, hold, &h)
			return err == nil, err
		},
		"AppointmentTenant": func(a, _ uuid.UUID) (bool, error) {
			r, err := shared.AppointmentTenant(t.Context(), visit, a)
			return r != uuid.Nil, err
		},
		"AppointmentsBetween": func(a, _ uuid.UUID) (bool, error) {
			r, err := shared.AppointmentsBetween(t.Context(), a, start.Add(-time.Hour), start.Add(time.Hour))
			return len(r) > 0, err
		},
		"OverlappingAppointments": func(a, _ uuid.UUID) (bool, error) {
			r, err := own.OverlappingAppointments(t.Context(), tenantdb.OverlappingAppointmentsParams{AccountID: &a,
				Ids: []uuid.UUID{visit}, StartsAt: start.Add(10 * time.Minute), EndsAt: start.Add(time.Hour)})
			return len(r) > 0, err
		},
		"AppointmentTenants": func(a, _ uuid.UUID) (bool, error) {
			r, err := shared.AppointmentTenants(t.Context(), a)
			return len(r) > 0, err
		},
	} {
		found, err := ask(charlie, other)
		if found || err != nil && !errors.Is(err, pgx.ErrNoRows) && tenancy.Code(err) != "KW410" &&
			tenancy.Code(err) != "KW409" {
			t.Errorf("%s: Charlie finds it: %v %v", name, found, err)
		}
		sent := heard.batch
		statement := sent[len(sent)-1]
		if n := len(whose.FindAllString(statement.SQL, -1)); n != 1 {
			t.Errorf("%s has %d conditions of whose it is", name, n)
		}
		if again := replay(t, db, sent, statement.SQL); again {
			t.Errorf("%s: the same statement leaks when it is sent again", name)
		}
		if leaks := replay(t, db, sent, whose.ReplaceAllString(statement.SQL, "$1::uuid is not null")); !leaks {
			t.Errorf("%s: control: without its condition it shows nothing either", name)
		}
	}
}

// replay sends a statement once more with its context, on the same connection that its ticket is good for, and takes it
// back. It tells whether anything came or was done.
func replay(t *testing.T, db *pgtest.DB, sent []pgx.QueuedQuery, sql string) bool {
	t.Helper()
	conn := db.Connect(t, db.AdminURL())
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	// The administrator steps past the wall between organizations: what is asked here is the condition, not the wall.
	for _, arg := range sent[0].Arguments {
		if schema, ok := arg.(string); ok && strings.HasPrefix(schema, "t_") {
			if _, err := tx.Exec(t.Context(), "select set_config('search_path', $1, true)", schema); err != nil {
				t.Fatal(err)
			}
		}
	}
	rows, err := tx.Query(t.Context(), sql, sent[len(sent)-1].Arguments...)
	if err != nil {
		return false
	}
	defer rows.Close()
	some := rows.Next()
	rows.Close()
	if strings.Contains(sql, "ctx.refuse") { // it says nothing unless it refuses
		return rows.Err() == nil
	}
	return rows.Err() == nil && some
}
