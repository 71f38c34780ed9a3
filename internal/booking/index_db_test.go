package booking_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// statements listens to what goes to the database: each statement's text and arguments, after those that entered the
// tenant.
type statements struct {
	mu    sync.Mutex
	enter pgx.QueuedQuery
	said  map[string]pgx.QueuedQuery // by the query's name
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := strings.CutPrefix(d.SQL, "-- name: "); ok {
		name, _, _ = strings.Cut(name, " ")
		s.said[name] = pgx.QueuedQuery{SQL: d.SQL, Arguments: d.Args}
	} else if strings.Contains(d.SQL, "ctx.enter") && len(d.Args) > 1 {
		s.enter = pgx.QueuedQuery{SQL: d.SQL, Arguments: d.Args}
	}
}

// fill books 100 people of the clinic for 100 hours each, with living and dead holds here and there, among 90,000
// ranges of others.
func (p *practice) fill(t *testing.T) {
	t.Helper()
	p.SQL(t, "set session_replication_role = replica") // the foreign keys hold by construction
	p.SQL(t, `insert into patient (id, account_id, name) select md5(n::text)::uuid, gen_random_uuid(), 'One of many' from generate_series(0, 4999) n`)
	p.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, held_until, patient_id, resource_id, starts_at, ends_at)
		select gen_random_uuid(), 'KW-' || r.n || '-' || h, $1, case when h % 50 = 0 then 'held' else 'booked' end, gen_random_uuid(),
			case when h % 50 = 0 then now() + (r.n - 50) * interval '1 minute' end, md5((h * r.n % 5000)::text)::uuid, r.id, day.t + h * interval '1 hour', day.t + h * interval '1 hour' + interval '20 minutes'
		from unnest($2::uuid[]) with ordinality r (id, n), generate_series(1, 100) h, (select date_trunc('day', now()) + interval '30 minutes' as t) day`, p.OfferingID, p.Resources)
	p.SQL(t, `insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state, expires_at) select gen_random_uuid(), id, resource_id, starts_at, ends_at, status, held_until from appointment`)
	index := pgtest.Value[string](t, p.Clinic, "select pg_get_indexdef('market.busy_resource'::regclass)")
	p.SQL(t, "drop index market.busy_resource") // made again below: one sort is faster than 100,000 searches
	p.SQL(t, `insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at, expires_at) select id, $1, resource_id, starts_at, ends_at, expires_at from claim`, p.ID)
	p.SQL(t, `insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at) select gen_random_uuid(), md5('t' || n % 50)::uuid, md5((n % 400)::text)::uuid, now() + n * interval '7 minutes', now() + n * interval '7 minutes' + interval '20 minutes'
		from generate_series(1, 90000) n`)
	p.SQL(t, index)
	for _, table := range written {
		p.SQL(t, "analyze "+table)
	}
	p.SQL(t, "reset session_replication_role")
}

func TestEveryBookingStatementFindsItsRowsByIndexAmong100000(t *testing.T) {
	heard := &statements{said: map[string]pgx.QueuedQuery{}}
	db := pgtest.Fresh(t, tenancy.Options{Tracer: heard})
	p, maya := newPractice(t, db, func(c *pgtest.Clinic) { c.People = 100 }), someone(t, db)
	p.fill(t)
	p.offer.Resources = p.offer.Resources[:1]
	free := p.soon(t)
	if n := p.count(t, "market.busy"); n != 100_000 {
		t.Fatalf("%d busy ranges", n)
	}
	h := p.holds(t, maya, free[0])
	h = p.holds(t, maya, free[1]) // looks again, and replaces
	if _, err := Extend(t.Context(), p.In(maya.account), h.ID, maya.holder); err != nil {
		t.Fatal(err)
	}
	if err := p.confirm(t.Context(), maya, h, "k"); err != nil {
		t.Fatal(err)
	}
	b := Booked{ID: h.ID, Account: maya.account, Start: free[1]}
	if err := p.move(t.Context(), b, free[2]); err != nil {
		t.Fatal(err)
	}
	b.Sequence, b.Start = 1, free[2]
	if err := p.cancel(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := Release(t.Context(), p.In(maya.account), p.holds(t, maya, free[0]).ID, maya.holder); err != nil {
		t.Fatal(err)
	}
	if _, err := LapseDeadHolds(t.Context(), p.In(uuid.Nil)); err != nil {
		t.Fatal(err)
	}
	// so that the heard context is good on the connection that explains
	db.Admin(t, "update ctx.key set bind_connection = false")
	conn := db.Connect(t, db.AppURL())
	for name, indexes := range map[string][]string{
		"RequireOffering": {"offering_pkey"}, "RequireClaim": {"claim_pkey"},
		"HoldConflict":  {"claim_resource", "appointment_one_hold", "claim_appointment"},
		"HoldsInTheWay": {"appointment_one_hold", "claim_appointment"},
		"HoldFacts":     {"appointment_", "claim_appointment"}, "DeadHolds": {"appointment_one_hold"},
		"LockHold": {"appointment_", "claim_"}, "LockEndingHold": {"appointment_", "claim_"},
		"RequireNotExtended": {"appointment_pkey"}, "ExtendHold": {"appointment_pkey"}, "ExtendClaim": {"claim_pkey"},
		"SetBusyUntil": {"busy_"}, "LapseHold": {"appointment_pkey"}, "ReleaseClaim": {"claim_pkey"},
		"DeleteBusy": {"busy_"}, "RequireTerms": {"appointment_pkey", "appointment_account"},
		"IndexAppointment": {"appointment_index_account"}, "BookHold": {"appointment_pkey"},
		"BookClaim": {"claim_pkey"}, "MoveIndexed": {"appointment_index_"}, "CancelIndexed": {"appointment_index_"},
		"LiveClaim": {"claim_appointment"}, "LockBooking": {"appointment_", "claim_"},
		"MoveAppointment": {"appointment_pkey"}, "CancelAppointment": {"appointment_pkey"},
		"BusyRanges": {"busy_resource"},
	} {
		plan := heard.explain(t, conn, name)
		for _, index := range indexes {
			if !strings.Contains(plan, index) {
				t.Errorf("%s does not use %s", name, index)
			}
		}
		for _, table := range []string{"appointment", "claim", "busy", "appointment_index", "patient"} {
			if strings.Contains(plan, "Seq Scan on "+table) {
				t.Errorf("%s reads all of %s", name, table)
			}
		}
		if strings.Contains(plan, "claim_one_at_a_time") {
			t.Errorf("%s reads through the constraint's index", name)
		}
		if t.Failed() {
			t.Log(plan)
			break
		}
	}
}

// explain gives the plan of what was heard, in the tenant in which it was heard.
func (s *statements) explain(t *testing.T, conn *pgx.Conn, name string) string {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), s.enter.SQL, s.enter.Arguments...); err != nil {
		t.Fatal(err)
	}
	said, ok := s.said[name]
	if !ok {
		t.Fatalf("%s was never said", name)
	}
	rows, err := tx.Query(t.Context(), "explain "+said.SQL,
		append([]any{pgx.QueryExecModeDescribeExec}, said.Arguments...)...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.Join(lines, "\n")
}

func TestAReferenceIsFoundByItsIndexAmong100000(t *testing.T) {
	heard := &statements{said: map[string]pgx.QueuedQuery{}}
	db := pgtest.Fresh(t, tenancy.Options{Tracer: heard})
	db.Admin(t, `insert into market.appointment_reference (ref, tenant_id, appointment_id)
		select 'KW-' || n, md5('t' || n % 500)::uuid, gen_random_uuid() from generate_series(1, 100000) n`)
	db.Admin(t, "analyze market.appointment_reference")
	staff := db.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: uuid.New(), Staff: true})
	rows, err := db.Gateway.Shared(staff).AppointmentsByReference(t.Context(), "KW-77777")
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	db.Admin(t, "update ctx.key set bind_connection = false")
	conn := db.Connect(t, db.AppURL())
	if plan := heard.explain(t, conn, "AppointmentsByReference"); strings.Contains(plan, "Seq Scan") ||
		!strings.Contains(plan, "appointment_reference_pkey") {
		t.Error(plan)
	}
	db.Admin(t, "alter table market.appointment_reference drop constraint appointment_reference_pkey")
	if plan := heard.explain(t, conn, "AppointmentsByReference"); !strings.Contains(plan, "Seq Scan") {
		t.Errorf("control: without the index it is not read whole: %s", plan)
	}
}
