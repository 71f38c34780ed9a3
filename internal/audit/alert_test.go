package audit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/audit"
	"kindward/internal/events"
	"kindward/internal/pgtest"
)

// charts is a clinic with a watch, and people whose records can be looked at.
type charts struct {
	*fixture
	clinic *pgtest.Clinic
	watch  *audit.Watch
	now    time.Time
	serial int
}

func a36(t *testing.T) *charts {
	c := &charts{fixture: open(t), now: time.Now().Truncate(time.Microsecond)}
	c.clinic = c.Clinic(t)
	outbox, err := events.Open(t.Context(), c.RelayURL(), events.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(outbox.Close)
	c.watch = &audit.Watch{Queries: outbox.Queries(), Gateway: c.Gateway, MostOpened: 20, MostShown: 100,
		Now: func() time.Time { return c.now }, Log: quiet()}
	return c
}

// person is an account with an appointment at the clinic, at a time of the day so many days away.
func (c *charts) person(t *testing.T, days int) uuid.UUID {
	id, patient, appointment := c.Account(t, "Person"), uuid.New(), uuid.New()
	c.serial++
	starts := c.now.AddDate(0, 0, days).Add(time.Duration(c.serial) * time.Second)
	c.clinic.SQL(t, `insert into patient (id, account_id, name, born) values ($1, $2, 'Person', '1980-01-01')`, patient,
		id)
	c.clinic.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at)
		values ($1::uuid, $1::uuid::text, $2, 'booked', $3, $3, $4, $5, $6::timestamptz, $6::timestamptz + interval '20 minutes')`, appointment, c.clinic.OfferingID, id, patient, c.clinic.Resources[0], starts)
	return id
}

// look lets somebody look at records; tenant nil: as staff.
func (c *charts) look(t *testing.T, actor uuid.UUID, tenant *uuid.UUID, at time.Time, people ...uuid.UUID) {
	c.exec(t, `insert into audit.event (at, tenant_id, actor, patient, purpose, resource, resource_id, action, outcome)
		select $1, $2, $3, p, 'care', 'Patient', p, 'read', 'success' from unnest($4::uuid[]) p`, at, tenant, actor, people)
}

func (c *charts) raised(t *testing.T) int {
	t.Helper()
	c.now = c.now.Add(time.Microsecond) // each call is about new time
	n, err := c.watch.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestA36WhoeverLooksUpManyReferencesOfPeopleWithoutAnAccountIsReported(t *testing.T) {
	c := a36(t)
	support := c.Account(t, "Support")
	find := func(visits int) {
		c.exec(t, `insert into audit.event (at, tenant_id, actor, purpose, resource, resource_id, action, outcome)
			select $1, $2, $3, 'support', 'Appointment', gen_random_uuid(), 'find', 'success' from generate_series(1, $4)`,
			c.now.Add(-10*time.Minute), c.clinic.ID, support, visits)
	}
	find(20)
	if c.raised(t) != 0 {
		t.Fatal("20 references are within the measure")
	}
	find(1)
	if c.raised(t) != 1 {
		t.Fatal("21 people behind references raised no alert")
	}
}

func TestA36WhoeverLooksAtManyRecordsWithoutARelationIsReported(t *testing.T) {
	c := a36(t)
	var strangers, today []uuid.UUID
	for range 25 {
		strangers, today = append(strangers, c.person(t, 30)), append(today, c.person(t, 0))
	}
	at := c.now.Add(-10 * time.Minute)

	desk := c.Account(t, "Front desk")
	c.look(t, desk, &c.clinic.ID, at, today...)
	if c.raised(t) != 0 {
		t.Fatal("reading the day's own list raised an alert")
	}
	c.exec(t, `insert into audit.event (at, tenant_id, actor, patient, purpose, resource, action, outcome)
		select $1, $2, $3, p, 'care', 'Appointment', 'list', 'success' from unnest($4::uuid[]) p`, at, c.clinic.ID, desk, strangers)
	if c.raised(t) != 0 {
		t.Fatal("turning the pages of the list of days raised an alert")
	}
	c.look(t, desk, &c.clinic.ID, at, strangers[:20]...)
	if c.raised(t) != 0 {
		t.Fatal("20 without a relation are within the measure")
	}
	c.look(t, desk, &c.clinic.ID, at, strangers[20])
	if c.raised(t) != 1 {
		t.Fatal("21 people without a relation raised no alert")
	}
	var counts audit.AlertCounts
	if err := json.Unmarshal(value[[]byte](t, c.fixture, `select facts from audit.alert where actor = $1`, desk),
		&counts); err != nil {
		t.Fatal(err)
	}
	if counts.People != 46 || counts.Unrelated != 21 || counts.Organizations != 1 {
		t.Errorf("%+v", counts)
	}

	c.look(t, desk, &c.clinic.ID, c.now, strangers...)
	if c.raised(t) != 0 {
		t.Error("the same person was reported twice within an hour")
	}
	c.now = c.now.Add(61 * time.Minute)
	c.look(t, desk, &c.clinic.ID, c.now, strangers...)
	if c.raised(t) != 1 {
		t.Error("the next hour's looks raised no alert")
	}
}

func TestA36TheOwnPatientsOfAPractitionerAreNoStrangers(t *testing.T) {
	c := a36(t)
	var own []uuid.UUID
	for range 25 {
		own = append(own, c.person(t, 30))
	}
	doctor, other := c.Account(t, "Doctor"), c.Account(t, "Other")
	c.exec(t, `insert into directory.membership (id, tenant_id, account_id, role, practitioner_id) values (gen_random_uuid(), $1, $2, 'clinician', $3)`,
		c.clinic.ID, doctor, c.clinic.Practitioner)
	c.look(t, doctor, &c.clinic.ID, c.now, own...)
	if c.raised(t) != 0 {
		t.Error("a doctor was reported for their own patients")
	}
	c.look(t, other, &c.clinic.ID, c.now, own...)
	if c.raised(t) != 1 {
		t.Error("the control: somebody else with the same looks was not reported")
	}
}

func TestA36StaffOfThePlatformHaveNoRelationToAnybody(t *testing.T) {
	c := a36(t)
	var people []uuid.UUID
	for range 21 {
		people = append(people, c.person(t, 0))
	}
	support := c.Account(t, "Support")
	c.look(t, support, nil, c.now, people...)
	c.look(t, people[0], nil, c.now, people[0]) // one's own record
	if c.raised(t) != 1 {
		t.Error("support browsed 21 people and nobody was told")
	}
	if n := value[int](t, c.fixture, `select count(*) from audit.alert where actor = $1`, support); n != 1 {
		t.Error(n)
	}
	// whoever an emergency lets in, and the control: whoever works there
	for access, want := range map[*uuid.UUID]int{new(uuid.New()): 1, nil: 0} {
		reader := c.Account(t, "Reader")
		c.exec(t, `insert into audit.event (at, tenant_id, actor, staff_access_id, patient, purpose, resource, resource_id, action, outcome)
			select $1, $2, $3, $4, p, 'care', 'Patient', p, 'read', 'success' from unnest($5::uuid[]) p`, c.now, c.clinic.ID,
			reader, access, people)
		if n := c.raised(t); n != want {
			t.Errorf("staff access %v: %d alerts, not %d", access, n, want)
		}
	}
}

func TestA36PeopleWithoutAnAccountCountByTheirCharts(t *testing.T) {
	c := a36(t)
	desk := c.Account(t, "Front desk")
	charts := func(days int) {
		c.exec(t, `insert into audit.event (at, tenant_id, actor, purpose, resource, resource_id, action, outcome)
			select $4, $1, $2, 'care', 'Patient', id, 'read', 'success' from `+c.clinic.Schema+`.patient where name = $3::int::text`, c.clinic.ID, desk, days, c.now)
	}
	for _, days := range []int{0, 30} {
		for range 21 {
			c.person(t, days)
		}
		c.clinic.SQL(t, `update patient set name = $1::int::text, account_id = null where name = 'Person'`, days)
		c.clinic.SQL(t, `update appointment set account_id = null`)
	}
	charts(0)
	if c.raised(t) != 0 {
		t.Error("the day's own patients raised an alert")
	}
	charts(30)
	if c.raised(t) != 1 {
		t.Error("21 charts of strangers raised no alert")
	}
}

func TestA36WhatNobodyCheckedForAWhileIsMadeUpFor(t *testing.T) {
	c := a36(t)
	var strangers []uuid.UUID
	for range 21 {
		strangers = append(strangers, c.person(t, 30))
	}
	recent, old := c.Account(t, "Recent"), c.Account(t, "Old")
	c.look(t, recent, &c.clinic.ID, c.now.Add(-7*time.Hour), strangers...)
	c.look(t, old, &c.clinic.ID, c.now.Add(-30*time.Hour), strangers...)
	if c.raised(t) != 1 || value[int](t, c.fixture, `select count(*) from audit.alert where actor = $1`, recent) != 1 {
		t.Error("nobody was told of looks while no worker ran")
	}
	if c.raised(t) != 0 {
		t.Error("the same was told again")
	}
}
