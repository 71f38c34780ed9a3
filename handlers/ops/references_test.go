package ops_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// said counts the statements that go to the database, by the query's name.
type said struct {
	mu    sync.Mutex
	named map[string]int
}

func (s *said) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (s *said) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (s *said) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (s *said) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *said) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	if name, ok := strings.CutPrefix(d.SQL, "-- name: "); ok {
		name, _, _ = strings.Cut(name, " ")
		s.mu.Lock()
		s.named[name]++
		s.mu.Unlock()
	}
}

// times gives how often a query was said since it was asked before.
func (s *said) times(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.named[name]
	delete(s.named, name)
	return n
}

func TestOneStatementFindsABookingByItsReferenceAmongHundredsOfOrganizations(t *testing.T) {
	heard := &said{named: map[string]int{}}
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{Tracer: heard})})
	maya, sam := site.Person(t, "Maya"), site.Staff(t, "Sam", "support")
	officer := site.Staff(t, "Cora", "compliance")
	path := maya.Book(maya.Hold(0))
	ref := pgtest.Value[string](t, site.Clinic(), "select ref from appointment where id = $1", webtest.IDOf(path))
	site.Admin(t, `insert into directory.tenant (id, slug, kind, name, zone, schema_name, schema_version)
		select id, 'crowd-' || n, 'clinic', 'Crowd ' || n, 'UTC', 't_' || right(replace(id::text, '-', ''), 16), v
		from (select gen_random_uuid() as id, n, schema_version as v from directory.tenant, generate_series(1, 400) n) x`)
	sam.Find("/ops/people", "q", ref).Has(200, maya.Email, "1 person fits.", site.Clinic().Name,
		webtest.IDOf(path).String())
	index, asked := heard.times("AppointmentsByReference"), heard.times("AccountByReference")
	if index != 1 || asked != 1 {
		t.Errorf("the index was asked %d times, organizations %d", index, asked)
	}
	sam.Find("/ops/people", "q", "KW-2222-222").Has(200, "Nobody was found for that.")
	if index, asked = heard.times("AppointmentsByReference"), heard.times("AccountByReference"); index != 1 || asked != 0 {
		t.Errorf("for nothing the index was asked %d times, organizations %d", index, asked)
	}
	officer.Find("/ops/audit", "patient", ref).Has(200, "Maya")
	if asked = heard.times("FindCharts"); asked != 1 {
		t.Errorf("%d organizations were asked for the chart", asked)
	}
	call(t, site, webtest.IDOf(path), "KW-TXVS-PYP") // one that has no digit is none by name either
	officer.Find("/ops/audit", "patient", "kw-txvs-pyp").Has(200, "Maya")
	if asked = heard.times("FindCharts"); asked != 1 {
		t.Errorf("%d organizations were asked for the chart by a reference without a digit", asked)
	}
	officer.Find("/ops/audit", "patient", "Rosa Lima").Has(500) // control: who asks all finds those that have no tables
}

// call gives a booking another reference.
func call(t *testing.T, site *webtest.Site, booked uuid.UUID, ref string) {
	t.Helper()
	site.Clinic().SQL(t, `update appointment set ref = $2 where id = $1`, booked, ref)
	site.Admin(t, `update market.appointment_reference set ref = $2 where appointment_id = $1`, booked, ref)
}

func TestA62OnlyStaffAndTheOrganizationItselfFindABookingByItsReference(t *testing.T) {
	site := webtest.Open(t)
	alice, charlie, maya := site.Alice(t), site.Charlie(t), site.Person(t, "Maya")
	sam := site.Staff(t, "Sam", "support")
	v := site.VisitOf(t, site.Clinic(), maya.ID, maya.Name, 3)
	for name, who := range map[string]struct {
		at     tenancy.Tenant
		caller tenancy.Caller
		sees   int
	}{
		"nobody": {}, "the patient": {caller: tenancy.Caller{Subject: maya.ID}},
		"another organization": {at: site.Other().Tenant, caller: tenancy.Caller{Subject: charlie.ID}},
		"the organization":     {at: site.Clinic().Tenant, caller: tenancy.Caller{Subject: alice.ID}, sees: 1},
		"staff":                {caller: tenancy.Caller{Subject: sam.ID, Staff: true}, sees: 1},
	} {
		rows, err := site.Gateway.Shared(site.Gateway.Admit(who.at, who.caller)).AppointmentsByReference(t.Context(), v.Ref)
		if err != nil || len(rows) != who.sees || who.sees > 0 && rows[0].AppointmentID != v.ID {
			t.Errorf("%s sees %v, %v", name, rows, err)
		}
	}
	alice.Find(webtest.Workplace(site.Clinic())+"/patients", "q", v.Ref).Has(200, v.Patient.String())
	for _, who := range []*webtest.Person{maya, charlie, site.Visitor(t)} {
		there, nowhere := who.Post("/ops/people", "q", v.Ref), who.Post("/ops/people", "q", "KW-2222-222")
		if there.Status != nowhere.Status || there.Status == 200 || strings.Contains(there.Body, site.Clinic().Slug) {
			t.Errorf("%s is told by %d and %d", who.Name, there.Status, nowhere.Status)
		}
	}
	scripts := charlie.HTMX()
	there, nowhere := scripts.Find(webtest.Workplace(site.Other())+"/patients", "q", v.Ref),
		scripts.Find(webtest.Workplace(site.Other())+"/patients", "q", "KW-2222-222")
	there.Lacks(v.Patient.String(), v.ID.String(), site.Clinic().Slug)
	if there.Status != 200 || strings.ReplaceAll(there.Text(), v.Ref, "") !=
		strings.ReplaceAll(nowhere.Text(), "KW-2222-222", "") {
		t.Errorf("another organization is told: %s", there.Text())
	}
	if _, err := site.DB.Connect(t, site.DB.AppURL()).Exec(t.Context(),
		`insert into market.appointment_reference values ('KW-2222-223', $1, $2)`, site.Clinic().ID, uuid.New()); err == nil {
		t.Error("without a ticket a reference is planted")
	}
}

func TestAReferenceWithItsPrefixIsNoNameThoughItHasNoDigit(t *testing.T) {
	site := webtest.Open(t)
	maya, officer := site.Person(t, "Maya"), site.Staff(t, "Cora", "compliance")
	booked := webtest.IDOf(maya.Book(maya.Hold(0)))
	call(t, site, booked, "KW-TXVS-PYP")
	site.Clinic().SQL(t, `insert into patient (id, name) values (gen_random_uuid(), 'Txvspyp')`)
	officer.Find("/ops/audit", "patient", "KW-TXVS-PYP").Has(200, "Maya")
	officer.Find("/ops/audit", "patient", "txvspyp").Has(200, "2 fit", "Txvspyp") // control: it may be a name
}
