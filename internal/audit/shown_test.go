package audit_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// crowd puts people on file with a visit on a day so many days away; the k-th has a name from the k-th word on.
func (c *charts) crowd(t *testing.T, n, days int, name string) {
	t.Helper()
	starts := civil.DateOf(c.now.In(c.zone(t))).AddDays(days).Start(c.zone(t)).Add(9 * time.Hour)
	c.clinic.SQL(t, `with person as (
			insert into patient (id, name, born) select gen_random_uuid(), format($1, chr(97 + n / 15)) || n, '1980-01-01'
				from generate_series(0, $2::int - 1) n returning id
		)
		insert into appointment (id, ref, offering_id, status, holder, patient_id, resource_id, starts_at, ends_at)
		select id, id::text, $3, 'booked', id, id, $4, $5::timestamptz + k * interval '1 second',
			$5::timestamptz + interval '20 minutes' + k * interval '1 second'
		from (select id, row_number() over () as k from person) p`,
		name, n, c.clinic.OfferingID, c.clinic.Resources[0], starts)
}

func (c *charts) zone(t *testing.T) *time.Location {
	zone, err := civil.Zone(c.clinic.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// at is the organization as somebody who works there reads it.
func (c *charts) at(actor uuid.UUID) *tenantdb.Queries {
	return c.Gateway.Once(c.Gateway.Admit(c.clinic.Tenant, tenancy.Caller{Subject: actor}))
}

// searched is how many people searches by three letters showed.
func (c *charts) searched(t *testing.T, actor uuid.UUID, parts int) (shown int) {
	t.Helper()
	for n := range parts {
		rows, err := c.at(actor).FindPatients(t.Context(), tenantdb.FindPatientsParams{Name: fmt.Sprintf("qq%c", 'a'+n),
			AfterPlace: -1, Most: 20, Today: c.now, Purpose: "care"})
		if err != nil {
			t.Fatal(err)
		}
		shown += len(rows)
	}
	return shown
}

// listed is how many people the list of a day showed.
func (c *charts) listed(t *testing.T, actor uuid.UUID, days int) int {
	t.Helper()
	day := civil.DateOf(c.now.In(c.zone(t))).AddDays(days).Start(time.UTC)
	rows, err := c.at(actor).DayAppointments(t.Context(), tenantdb.DayAppointmentsParams{Day: day, Most: 1000,
		Purpose: "care"})
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}

// after checks as late as the database's own clock says.
func (c *charts) after(t *testing.T) int {
	t.Helper()
	c.now = value[time.Time](t, c.fixture, `select clock_timestamp()`)
	return c.raised(t)
}

func TestA52SearchesByThreeLettersThatShow254PeopleAreReported(t *testing.T) {
	c := a36(t)
	c.crowd(t, 254, 100, "Qq%s Canary ")
	desk := c.Account(t, "Front desk")
	if n := c.searched(t, desk, 17); n != 254 {
		t.Fatal("the attack shows", n)
	}
	blind := *c.watch
	blind.MostShown = math.MaxInt32
	c.now = value[time.Time](t, c.fixture, `select clock_timestamp()`)
	if n, err := blind.Check(t.Context()); n != 0 || err != nil {
		t.Error("control: without counting what is shown", n, err)
	}
	if c.after(t) != 1 {
		t.Error("254 people were shown and nobody was told")
	}
	if n := value[int](t, c.fixture, `select (facts ->> 'unrelated')::int from audit.alert where actor = $1 and kind = 'many_shown'`, desk); n != 254 {
		t.Error("the alert counts", n)
	}
	if n := value[int](t, c.fixture, `select count(*) from audit.event where actor = $1 and resource = 'Patient' and action = 'list'`, desk); n != 254 {
		t.Errorf("%d of 254 people can see that they were shown", n)
	}
	if c.after(t) != 0 {
		t.Error("the same hour was told twice")
	}
}

func TestA52ADayAtTheFrontDeskRaisesNothing(t *testing.T) {
	c := a36(t)
	desk := c.Account(t, "Front desk")
	c.crowd(t, 80, 0, "Qq%s Today ")
	c.crowd(t, 80, 1, "Qq%s Tomorrow ")
	c.crowd(t, 60, 10, "Qq%s Later ")
	c.crowd(t, 45, 60, "Z%s Far ")
	n := 0
	for _, day := range []int{0, 1, 10, 60} {
		n += c.listed(t, desk, day)
	}
	if n += c.searched(t, desk, 3); n != 80+80+60+45+60 {
		t.Fatal("shown:", n)
	}
	if c.after(t) != 0 {
		t.Error("a day's work raised an alert")
	}
	c.crowd(t, 60, 90, "Z%s Farther ")
	if got := c.listed(t, desk, 90); got != 60 {
		t.Fatal("shown:", got)
	}
	if c.after(t) != 1 {
		t.Error("control: the lists of days far away, with 105 people, raised no alert")
	}
}

func TestA52ListsAndRecordsCountTogetherAndEachPersonOnce(t *testing.T) {
	c := a36(t)
	desk, c2 := c.Account(t, "Front desk"), c.clinic.ID
	shown := func(n, from int, action string) {
		c.exec(t, `insert into audit.event (at, tenant_id, actor, purpose, resource, resource_id, action, outcome)
			select $1, $2, $3, 'care', 'Patient', md5('p' || p)::uuid, $6, 'success' from generate_series($5::int, $5::int + $4::int - 1) p`,
			c.now, c2, desk, n, from, action)
	}
	for range 5 {
		shown(85, 0, "list")
	}
	shown(15, 85, "read")
	if c.raised(t) != 0 {
		t.Error("100 people, some of them five times, raised an alert")
	}
	shown(1, 100, "list-log")
	if c.raised(t) != 1 {
		t.Error("101 people, shown in lists, the access log and records, raised no alert")
	}
}

func TestA52ExportsCountThePeopleThatTheyName(t *testing.T) {
	c := a36(t)
	officer := c.Account(t, "Cora")
	export := func(people string) {
		c.exec(t, `insert into audit.event (at, actor, purpose, resource, action, fields, outcome) values ($1, $2, 'compliance', 'AuditEvent', 'export', array['from', 'people:' || $3], 'success')`,
			c.now, officer, people)
	}
	export("60")
	export("40")
	if c.raised(t) != 0 {
		t.Error("an export of 100 people raised an alert")
	}
	export("1")
	if c.raised(t) != 1 {
		t.Error("an export of 101 people raised no alert")
	}
}

func TestA52NoRowThatAnybodyWritesStopsOrHidesAnAlert(t *testing.T) {
	c := a36(t)
	officer, writer := c.Account(t, "Cora"), c.Account(t, "Writer")
	export := func(actor uuid.UUID, fields ...string) {
		c.exec(t, `insert into audit.event (at, actor, purpose, resource, action, fields, outcome)
			values ($1, $2, 'compliance', 'AuditEvent', 'export', $3, 'success')`, c.now, actor, fields)
	}
	export(writer, "people:x", "people:", "people:1e5", "people:101\n", "people:\n101", " people:101", "people: 101")
	export(writer, "people:9223372036854775807", "people:9223372036854775807", "people:12345678")
	c.exec(t, `insert into audit.event (at, actor, purpose, resource, action, fields, outcome)
		values ($1, $2, 'compliance', 'AuditEvent', 'export', array['people:60', null], 'success')`, c.now, writer)
	export(officer, "people:101", "people:-1000", "people:-9223372036854775808")
	if c.raised(t) != 1 {
		t.Error("an export of 101 people raised no alert beside poisoned rows")
	}
	if n := value[int](t, c.fixture, `select (facts ->> 'exported')::int from audit.alert where actor = $1`, officer); n != 101 {
		t.Error("the alert counts", n)
	}
	for name, actor := range map[string]uuid.UUID{"what is none or overflows": writer, "a negative number": officer} {
		var n int64
		err := c.admin.QueryRow(t.Context(), `select coalesce(sum(substr(f.word, 8)::bigint), 0)::bigint
			from audit.event e, unnest(e.fields) f(word) where f.word like 'people:%' and e.actor = $1`, actor).Scan(&n)
		if err == nil && n > 100 {
			t.Errorf("the control: counting every word takes %s: %d", name, n)
		}
	}
}

func TestOneHourThatCannotBeCheckedHoldsNoOtherUpAndIsMadeUpFor(t *testing.T) {
	c := a36(t)
	officer, other := c.Account(t, "Cora"), c.Account(t, "Other")
	began := c.now
	c.raised(t)
	export := func(actor uuid.UUID) {
		c.exec(t, `insert into audit.event (at, actor, purpose, resource, action, fields, outcome)
			values ($1, $2, 'compliance', 'AuditEvent', 'export', '{people:101}', 'success')`, c.now, actor)
	}
	fails := func() (raised int) {
		n, err := c.watch.Check(t.Context())
		if err == nil {
			t.Fatal("the alerts cannot be read, and nobody says so")
		}
		return n
	}
	export(officer)
	c.exec(t, `alter table audit.alert rename to away`) // as if the database were not there
	for range 40 {
		c.now = c.now.Add(time.Minute)
		fails()
	}
	c.exec(t, `alter table audit.away rename to alert`)

	// One organization that cannot be asked about its people fails the hours of whoever looked there, and no others.
	lost := uuid.New()
	c.exec(t, `insert into audit.event (at, tenant_id, actor, purpose, resource, resource_id, action, outcome)
		select $1, $2, $3, 'care', 'Patient', gen_random_uuid(), 'read', 'success' from generate_series(1, 30)`, c.now, lost,
		c.Account(t, "Of nowhere"))
	c.now = c.now.Add(3 * time.Hour)
	export(other)
	c.now = c.now.Add(time.Minute)
	if n := fails(); n != 2 {
		t.Errorf("%d alerts: of the hour that failed at first, and of the present one", n)
	}
	told := func(actor uuid.UUID) time.Time {
		return value[time.Time](t, c.fixture, `select at from audit.alert where actor = $1`, actor)
	}
	if at := told(officer); at.After(began.Add(2 * time.Hour)) {
		t.Error("the hour that failed is told as of", at)
	}
	told(other)
	c.now = c.now.Add(time.Minute)
	if n := fails(); n != 0 {
		t.Error("the same was told again:", n)
	}
	c.now = c.now.Add(25 * time.Hour)
	if c.raised(t) != 0 {
		t.Error("nothing is left to tell")
	}
}
