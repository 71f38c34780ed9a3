package pgtest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// Clinic is a small organization of one test: one location, one practitioner or team, one service, open every day.
type Clinic struct {
	tenancy.Tenant
	DB                                                    *DB
	Location, Practitioner, Service, Schedule, OfferingID uuid.UUID
	Resources                                             []uuid.UUID
	Minutes, Before, After, Lead, Horizon, Cutoff, People int
	From, To                                              int // minutes of wall time
}

// Clinic makes one. change may set zone, minutes, buffers and hours before anything is written.
// Without changes: New York, 9 am to 5 pm, visits of 20 minutes, no buffers, no lead time, 400 days ahead, cut-off of a
// day.
func (db *DB) Clinic(t testing.TB, change ...func(*Clinic)) *Clinic {
	t.Helper()
	c := &Clinic{DB: db, Minutes: 20, Horizon: 400, Cutoff: 1440, People: 1, From: 9 * 60, To: 17 * 60}
	c.Zone = "America/New_York"
	for _, f := range change {
		f(c)
	}
	zone := c.Zone
	c.Tenant = db.Tenant(t, "clinic", zone)
	for _, id := range []*uuid.UUID{&c.Location, &c.Practitioner, &c.Service, &c.Schedule, &c.OfferingID} {
		*id = uuid.Must(uuid.NewV7())
	}
	c.arrange(t)
	c.Publish(t)
	return c
}

func (c *Clinic) arrange(t testing.TB) {
	t.Helper()
	c.SQL(t, `insert into location (id, name, street, city, state, zip, lat, lon, zone) values ($1, 'Test place', '1 Test St', 'Providence', 'RI', '02906', 41.83, -71.39, $2)`, c.Location, c.Zone)
	c.SQL(t, `insert into practitioner (id, name, specialty, gender, languages) values ($1, 'Dr. Test', 'Family doctor', 'female', '{en}')`, c.Practitioner)
	for range c.People {
		id := uuid.Must(uuid.NewV7())
		c.Resources = append(c.Resources, id)
		c.SQL(t, `insert into resource (id, kind, name, practitioner_id) values ($1, 'practitioner', 'Dr. Test', $2)`, id,
			c.Practitioner)
	}
	c.SQL(t, `insert into service (id, reason_code, name, minutes, price_cents, prep) values ($1, 'C09', 'Skin check', $2, 14000, 'Bring photo ID.')`, c.Service, c.Minutes)
	c.SQL(t, `insert into schedule (id, location_id, practitioner_id) values ($1, $2, $3)`, c.Schedule, c.Location,
		c.Practitioner)
	for day := range 7 {
		c.SQL(t, `insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute) values ($1, $2, $3, 'open', $4, $5)`, uuid.New(), c.Schedule, day, c.From, c.To)
	}
	c.SQL(t, `insert into booking_rule (scope, scope_id, before_minutes, after_minutes, lead_minutes, horizon_days, cancel_cutoff_minutes, move_cutoff_minutes) values ('organization', $1, $2, $3, $4, $5, $6, $6)`,
		c.ID, c.Before, c.After, c.Lead, c.Horizon, c.Cutoff)
	c.SQL(t, `insert into offering (id, service_id, location_id, schedule_id, practitioner_id) values ($1, $2, $3, $4, $5)`,
		c.OfferingID, c.Service, c.Location, c.Schedule, c.Practitioner)
	c.SQL(t, `insert into offering_resource (offering_id, resource_id, position) select $1, r.id, r.n from unnest($2::uuid[]) with ordinality r (id, n)`, c.OfferingID, c.Resources)
}

// SQL runs a statement in the clinic's schema as administrator.
func (c *Clinic) SQL(t testing.TB, sql string, args ...any) {
	t.Helper()
	conn := c.DB.admin(t)
	if _, err := conn.Exec(t.Context(), "set search_path = "+c.Schema); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Value reads one value in the clinic's schema as administrator.
func Value[T any](t testing.TB, c *Clinic, sql string, args ...any) (v T) {
	t.Helper()
	conn := c.DB.admin(t)
	if _, err := conn.Exec(t.Context(), "set search_path = "+c.Schema); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// Publish brings the market up to date with the clinic.
func (c *Clinic) Publish(t testing.TB) {
	t.Helper()
	c.DB.Admin(t, `insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents, price_high_cents)
		values ('C09', 'clinic', 'Skin check', '{mole check,dermatologist,rash}', 20, 14000, 32000) on conflict do nothing`)
	c.DB.Admin(t, `insert into market.zip_code (zip, town, state, lat, lon) values ('02906', 'Providence', 'RI', 41.83, -71.39) on conflict do nothing`)
	err := c.DB.Gateway.Within(t.Context(), c.Scope(uuid.Nil), func(q *tenantdb.Queries) error {
		return search.Publish(t.Context(), q, c.Tenant, time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Scope opens the clinic on behalf of a subject.
func (c *Clinic) Scope(subject uuid.UUID) tenancy.Scope {
	return c.DB.Gateway.Admit(c.Tenant, tenancy.Caller{Subject: subject, RequestID: "test"})
}

// Queries are the clinic's, each call a transaction of its own.
func (c *Clinic) Queries(subject uuid.UUID) *tenantdb.Queries {
	return c.DB.Gateway.Once(c.Scope(subject))
}

// In is the clinic as a rule of the domain is given it.
func (c *Clinic) In(subject uuid.UUID) tenancy.Scoped { return c.DB.Gateway.In(c.Scope(subject)) }

// Offering is the clinic's published offering.
func (c *Clinic) Offering(t testing.TB) booking.Offering {
	t.Helper()
	o := booking.Offering{Tenant: c.ID, Schedule: new(booking.Schedule)}
	var schedule []byte
	row := c.DB.admin(t).QueryRow(t.Context(),
		`select id, resources, schedule, schedule_version, price_cents, currency from market.listing where id = $1`,
		c.OfferingID)
	if err := row.Scan(&o.ID, &o.Resources, &schedule, &o.ScheduleVersion, &o.PriceCents, &o.Currency); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(schedule, o.Schedule); err != nil {
		t.Fatal(err)
	}
	return o
}

// Account makes a patient's account.
func (db *DB) Account(t testing.TB, name string) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	db.Admin(t, `insert into directory.account (id, email, name) values ($1, $2, $3)`, id, id.String()+"@example.test",
		name)
	return id
}
