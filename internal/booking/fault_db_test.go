package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// faulty is a practice whose database fails on demand: whenever a row of the planned table is written, as often as
// planned.
type faulty struct {
	*practice
	slots []time.Time
	used  int
}

const faults = `create schema fault;
create table fault.plan (place text, code text, times integer);
create sequence fault.hits;
create function fault.strike() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $f$
declare
	plan record;
begin
	select * into plan from fault.plan where place in (tg_table_name, tg_table_schema || '.' || tg_table_name);
	if found and nextval('fault.hits') <= plan.times then
		if plan.code <> 'meet' then raise exception using errcode = plan.code, message = 'struck'; end if;
		while tg_op = 'INSERT' and (select last_value from fault.hits) < 4 loop perform pg_sleep(0.002); end loop;
	end if;
	if tg_op = 'DELETE' then return old; end if;
	return new;
end $f$;`

func newFaulty(t *testing.T, db *pgtest.DB) *faulty {
	t.Helper()
	f := &faulty{practice: newPractice(t, db, func(c *pgtest.Clinic) { c.From, c.To = 0, 1440 })}
	for _, table := range written {
		f.SQL(t, `create or replace trigger strike before insert or update or delete on `+table+
			` for each row execute function fault.strike()`)
	}
	for n := range 7 {
		f.slots = append(f.slots, f.day(t, civil.Today(f.offer.Schedule.Location(), f.now).AddDays(n+1))...)
	}
	return f
}

func (f *faulty) slot() time.Time {
	f.used++
	return f.slots[f.used%len(f.slots)]
}

func (f *faulty) plan(t *testing.T, place, code string, times int) {
	t.Helper()
	f.SQL(t, fmt.Sprintf("delete from fault.plan; alter sequence fault.hits restart; insert into fault.plan values ('%s', '%s', %d)", place, code, times))
}

// struck ends the fault and gives how often the place was written to.
func (f *faulty) struck(t *testing.T) int64 {
	t.Helper()
	f.SQL(t, "delete from fault.plan")
	return pgtest.Value[int64](t, f.Clinic, "select case when is_called then last_value else 0 end from fault.hits")
}

// faultyVerb is one thing to do; ready makes everything it needs and gives what to run.
type faultyVerb struct {
	name   string
	places []string // the tables it writes
	alone  bool     // runs without retries: a job comes again anyway
	ready  func(*testing.T, *faulty) (do func() error)
}

var faultyVerbs = []faultyVerb{
	{name: "hold", places: []string{"appointment", "claim", "market.busy", "outbox.event", "audit.event"},
		ready: func(t *testing.T, f *faulty) func() error {
			who, start := someone(t, f.DB), f.slot()
			return func() error { _, err := f.hold(t.Context(), who, start); return err }
		}},
	{name: "hold another", places: []string{"appointment", "claim", "market.busy", "outbox.event", "audit.event"},
		ready: func(t *testing.T, f *faulty) func() error {
			who := someone(t, f.DB)
			f.holds(t, who, f.slot())
			start := f.slot()
			return func() error { _, err := f.hold(t.Context(), who, start); return err }
		}},
	{name: "extend", places: []string{"appointment", "claim", "market.busy", "outbox.event", "audit.event"},
		ready: func(t *testing.T, f *faulty) func() error {
			who := someone(t, f.DB)
			h := f.holds(t, who, f.slot())
			return func() error { _, err := Extend(t.Context(), f.In(who.account), h.ID, who.holder); return err }
		}},
	{name: "release", places: []string{"appointment", "claim", "market.busy", "outbox.event", "audit.event"},
		ready: func(t *testing.T, f *faulty) func() error {
			who := someone(t, f.DB)
			h := f.holds(t, who, f.slot())
			return func() error { return Release(t.Context(), f.In(who.account), h.ID, who.holder) }
		}},
	{name: "lapse", places: []string{"appointment", "claim", "market.busy", "outbox.event", "audit.event"}, alone: true,
		ready: func(t *testing.T, f *faulty) func() error {
			if _, err := LapseDeadHolds(t.Context(), f.In(uuid.Nil)); err != nil { // one alone is to end below
				t.Fatal(err)
			}
			f.runsOut(t, f.holds(t, someone(t, f.DB), f.slot()), 0)
			return func() error { _, err := LapseDeadHolds(t.Context(), f.In(uuid.Nil)); return err }
		}},
	{name: "confirm", places: written, ready: func(t *testing.T, f *faulty) func() error {
		who := someone(t, f.DB)
		h := f.holds(t, who, f.slot())
		return func() error { return f.confirm(t.Context(), who, h, h.ID.String()) }
	}},
	{name: "move", places: []string{"appointment", "claim", "market.busy", "market.appointment_index", "outbox.event",
		"audit.event"}, ready: func(t *testing.T, f *faulty) func() error {
		b, start := f.books(t, someone(t, f.DB), f.slot()), f.slot()
		return func() error { return f.move(t.Context(), b, start) }
	}},
	{name: "cancel", places: []string{"appointment", "claim", "market.busy", "market.appointment_index", "outbox.event",
		"audit.event"}, ready: func(t *testing.T, f *faulty) func() error {
		b := f.books(t, someone(t, f.DB), f.slot())
		return func() error { return f.cancel(t.Context(), b) }
	}},
}

// One database that can be made to fail serves all of these.
func TestF22(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	db.Admin(t, faults+"alter database "+db.Name+" set deadlock_timeout = '30ms'")
	openGateway(t, db, tenancy.Options{})
	for _, c := range []struct {
		name string
		test func(*testing.T, *pgtest.DB)
	}{
		{"a failure anywhere is tried again only where that is safe, and never half written", failsAnywhere},
		{"a hold in two statements is found half written", failsBetweenStatements},
		{"a booking whose audit or event cannot be written fails", failsWithoutTrace},
		{"two moves that cross deadlock, and neither is lost nor an unknown error", movesThatCross},
		{"a connection that is cut in the middle leaves nothing, and the same request succeeds later", cutInTheMiddle},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, db) })
	}
}

// Every table that every verb writes, with errors that may be tried again and errors that may not.
func failsAnywhere(t *testing.T, db *pgtest.DB) {
	f := newFaulty(t, db)
	for _, v := range faultyVerbs {
		t.Run(v.name, func(t *testing.T) {
			for _, place := range written {
				do := v.ready(t, f)
				f.plan(t, place, "XX000", 1)
				err := do()
				if hit := f.struck(t) > 0; hit != slices.Contains(v.places, place) || hit != (err != nil) {
					t.Errorf("%s writes %s: %v, %v", v.name, place, hit, err)
				}
			}
			for n, place := range v.places {
				f.passes(t, v, place, []string{"40001", "40P01"}[n%2])
				for _, code := range []string{"40P01", "57P01", "25006"} {
					f.fails(t, v, place, code)
				}
			}
		})
	}
	f.checkSound(t)
}

// passes expects that what failed once is done, once.
func (f *faulty) passes(t *testing.T, v faultyVerb, place, code string) {
	t.Helper()
	do := v.ready(t, f)
	f.plan(t, place, code, 1)
	err := do()
	if f.struck(t); v.alone {
		if tenancy.Code(err) != code {
			t.Errorf("%s, once %s in %s: %v", v.name, code, place, err)
		}
	} else if err != nil {
		t.Errorf("%s, once %s in %s: %v", v.name, code, place, err)
	}
}

// fails expects a clear refusal, as few tries as the code allows and an untouched database.
func (f *faulty) fails(t *testing.T, v faultyVerb, place, code string) {
	t.Helper()
	do := v.ready(t, f)
	before := f.everything(t)
	f.plan(t, place, code, 1000)
	err := do()
	tries := f.struck(t)
	if f.everything(t) != before {
		t.Errorf("%s, always %s in %s: half of it is written", v.name, code, place)
	}
	again := code == "40P01" && !v.alone
	if tenancy.Code(err) != code || errors.Is(err, tenancy.ErrBusy) != again || again != (tries == 4) ||
		!again && tries != 1 {
		t.Errorf("%s, always %s in %s: %d tries, %v", v.name, code, place, tries, err)
	}
	for _, wrong := range []error{ErrTaken, ErrGone, ErrChanged, ErrAnswered, ErrOtherUse} {
		if errors.Is(err, wrong) {
			t.Errorf("%s, always %s in %s is told as %q", v.name, code, place, wrong)
		}
	}
}

// The negative control: the same writes one after the other, as a handler without the one transaction would do them.
func failsBetweenStatements(t *testing.T, db *pgtest.DB) {
	f := newFaulty(t, db)
	before := f.everything(t)
	f.plan(t, "audit.event", "53100", 1)
	conn := db.Connect(t, db.AdminURL())
	var failed error
	for _, sql := range []string{
		fmt.Sprintf(`insert into %s.appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at)
			select gen_random_uuid(), 'KW-TEST-ONE', offering_id, 'held', gen_random_uuid(), now() + interval '1 hour', resource_id, now(), now() + interval '1 hour' from %[1]s.offering_resource`, f.Schema),
		fmt.Sprintf("insert into audit.event (tenant_id, purpose, resource, action, outcome) values ('%s', 'booking', 'Appointment', 'hold', 'success')", f.ID),
	} {
		if _, failed = conn.Exec(t.Context(), sql); failed != nil {
			break
		}
	}
	if f.struck(t); failed == nil || f.everything(t) == before {
		t.Errorf("nothing is found: %v", failed)
	}
}

func failsWithoutTrace(t *testing.T, db *pgtest.DB) {
	p, maya := newPractice(t, db), someone(t, db)
	free := p.soon(t)
	h := p.holds(t, maya, free[0])
	for _, table := range []string{"audit.event", "outbox.event"} {
		db.Admin(t, "revoke insert on "+table+" from kindward_app")
		before := p.everything(t)
		if err := p.confirm(t.Context(), maya, h, "k"); tenancy.Code(err) != "42501" {
			t.Errorf("without %s: %v", table, err)
		}
		if p.everything(t) != before {
			t.Errorf("booked without a trace in %s", table)
		}
		db.Admin(t, "grant insert on "+table+" to kindward_app")
	}
	if err := p.confirm(t.Context(), maya, h, "k"); err != nil {
		t.Errorf("with both: %v", err)
	}
}

func movesThatCross(t *testing.T, db *pgtest.DB) {
	f := newFaulty(t, db)
	a, b := f.books(t, someone(t, db), f.slots[0]), f.books(t, someone(t, db), f.slots[1])
	f.plan(t, "claim", "meet", 1000) // both have let go of one before either takes the other
	all := together(2, func(i int) error {
		if i == 0 {
			return f.move(t.Context(), a, f.slots[1])
		}
		return f.move(t.Context(), b, f.slots[0])
	})
	if writes := f.struck(t); writes <= 4 {
		t.Errorf("%d writes: nothing was run again, so nothing deadlocked", writes)
	}
	for i, err := range all {
		if !errors.Is(err, ErrTaken) {
			t.Errorf("move %d: %v", i, err)
		}
	}
	f.checkSound(t)
}

func cutInTheMiddle(t *testing.T, db *pgtest.DB) {
	p, maya := newPractice(t, db), someone(t, db)
	h := p.holds(t, maya, p.soon(t)[0])
	before := p.everything(t)
	lock := db.Connect(t, db.AdminURL())
	if _, err := lock.Exec(t.Context(), "begin; lock table "+p.Schema+".claim in share mode"); err != nil {
		t.Fatal(err)
	}
	said := make(chan error, 1)
	go func() { said <- p.confirm(t.Context(), maya, h, "k") }()
	for cut := int64(0); cut == 0; time.Sleep(5 * time.Millisecond) {
		cut = pgtest.Value[int64](t, p.Clinic,
			`select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'kindward_app' and datname = current_database() and wait_event_type = 'Lock'`)
	}
	err := <-said
	if err == nil || errors.Is(err, ErrTaken) || errors.Is(err, ErrGone) || strings.Contains(err.Error(), "KW") {
		t.Errorf("cut in the middle, the visitor is told %v", err)
	}
	if _, err := lock.Exec(t.Context(), "rollback"); err != nil {
		t.Fatal(err)
	}
	if p.everything(t) != before {
		t.Error("half of a booking is written")
	}
	if err := p.confirm(t.Context(), maya, h, "k"); err != nil {
		t.Errorf("the same request again: %v", err)
	}
	p.checkSound(t)
}
