package importing

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/queries/tenantdb"
)

// brought is an import of a clinic with what may be asked of it.
type brought struct {
	t  *testing.T
	c  *pgtest.Clinic
	id uuid.UUID
}

func (b brought) check(fields ...string) error {
	return Check(b.t.Context(), b.c.DB.Gateway, b.c.Scope(uuid.Nil), b.c.Tenant, b.id, fields, nil)
}

func (b brought) begin() error {
	return Begin(b.t.Context(), b.c.DB.Gateway, b.c.Scope(uuid.Nil), b.id, "")
}

func (b brought) undo() error {
	return Undo(b.t.Context(), b.c.DB.Gateway, b.c.Scope(uuid.Nil), b.c.Tenant, b.id, time.Now())
}

func (b brought) run() error {
	return Runner{Gateway: b.c.DB.Gateway, Now: time.Now}.Run(b.t.Context(), b.c.Scope(uuid.Nil), b.c.Tenant, b.id)
}

// stands is the state of the import, its fields and its rows.
func (b brought) stands() string {
	b.t.Helper()
	row, err := b.c.Queries(uuid.Nil).ImportByID(b.t.Context(), b.id)
	if err != nil {
		b.t.Fatal(err)
	}
	return fmt.Sprint(row.State, " ", row.Fields, " ", counts(b.t, b.c, b.id))
}

func TestAnImportDoesWhatItsStateLetsAndNothingElse(t *testing.T) {
	b := brought{t, pgtest.Open(t).Clinic(t), uuid.New()}
	err := Stage(t.Context(), b.c.DB.Gateway, b.c.Scope(uuid.Nil), tenantdb.AddImportParams{ID: b.id,
		Kind: "practitioners", CreatedAt: time.Now()}, []byte("Name,Specialty,Other\nAna,Dentist,Nurse\nBen,,Nurse\n"))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, acts ...func() error) {
		t.Helper()
		before := b.stands()
		for i, act := range acts {
			if err := act(); !errors.Is(err, ErrNotNow) {
				t.Errorf("%s, %d: %v", what, i, err)
			}
		}
		if err := b.run(); err != nil || b.stands() != before { // the worker hears of it once more
			t.Errorf("%s: %v; it is %s and was %s", what, err, b.stands(), before)
		}
	}
	goes := func(what string, err error, want string) {
		t.Helper()
		if got := b.stands(); err != nil || got != want {
			t.Errorf("%s: %v; it is %s, not %s", what, err, got, want)
		}
	}
	other := func() error { return b.check("name", "", "specialty") }
	again := func() error { return b.check() }
	refused("read", b.begin, b.undo)
	goes("checked", b.check(), "checked [name specialty ] ready 1, wrong 1")
	refused("checked", b.undo)
	if err := b.begin(); err != nil {
		t.Fatal(err)
	}
	for what, act := range map[string]func() error{"begun": b.begin, "undone": b.undo, "checked": again,
		"mapped": other} {
		if err := act(); !errors.Is(err, ErrNotNow) {
			t.Errorf("%s while it is under way: %v", what, err)
		}
	}
	goes("brought in", b.run(), "done [name specialty ] added 1, wrong 1")
	refused("done", other) // its rows would be judged by fields that it is not said to have
	goes("checked once more", b.check(), "done [name specialty ] added 1, wrong 1")
	b.c.SQL(t, `update import_row set cells = '{Ben,Dentist,Nurse}' where batch_id = $1 and state = 'wrong'`, b.id)
	goes("mended", b.check(), "done [name specialty ] added 1, ready 1")
	refused("mended, and not begun")
	if err := b.begin(); err != nil {
		t.Fatal(err)
	}
	goes("brought in too", b.run(), "done [name specialty ] added 2")
	goes("undone", b.undo(), "undone [name specialty ] undone 2")
	refused("undone", b.begin, b.undo, again, other)
}

func TestWhateverIsNeededStaysWhenAnImportIsUndone(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	c.DB.Admin(t, `insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents,
		price_high_cents, prep) values ('C02', 'clinic', 'Follow-up visit', '{}', 20, 1, 2, '') on conflict do nothing`)
	for what, need := range map[string]struct{ kind, file, sql string }{
		"a practitioner whose time is claimed": {"practitioners", "Name,Specialty\nNeeded,Dentist\nFree,Dentist\n",
			`insert into resource (id, kind, name, practitioner_id) select gen_random_uuid(), 'practitioner', name, id
			from practitioner where name = 'Needed'`},
		"a practitioner who is offered": {"practitioners", "Name,Specialty\nNeeded,Nurse\nFree,Nurse\n",
			`insert into offering (id, service_id, location_id, schedule_id, practitioner_id) select gen_random_uuid(),
			o.service_id, o.location_id, o.schedule_id, p.id from offering o, practitioner p
			where p.name = 'Needed' and p.specialty = 'Nurse' limit 1`},
		"a service that is offered": {"services", "Service,Duration\nFollow-up visit,45\nFollow-up visit,60\n",
			`insert into offering (id, service_id, location_id, schedule_id, practitioner_id) select gen_random_uuid(),
			s.id, o.location_id, o.schedule_id, o.practitioner_id from offering o, service s
			where s.minutes = 45 limit 1`},
	} {
		b := brought{t, c, stage(t, c, need.kind, []byte(need.file))}
		if err := b.run(); err != nil {
			t.Fatal(err)
		}
		c.SQL(t, need.sql)
		if err := b.undo(); err != nil || counts(t, c, b.id) != "kept 1, undone 1" {
			t.Errorf("%s: %v, %s", what, err, counts(t, c, b.id))
		}
	}
}

func TestAnImportIsForgottenInTimeAndNeverWhileItIsUnderWay(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	c.SQL(t, `insert into import_batch (id, kind, file_name, state, created_by, created_at)
		select gen_random_uuid(), 'locations', s || ' ' || days, s, gen_random_uuid(), now() - make_interval(days => days)
		from unnest('{read,checked,running,done,undone}'::text[]) s, unnest('{29,31,89,91}'::int[]) days`)
	c.SQL(t, `insert into import_row (batch_id, line, cells) select id, 2, '{}' from import_batch`)
	q := c.Queries(uuid.Nil)
	if err := errors.Join(q.DeleteOldImportRows(t.Context()), q.DeleteOldImports(t.Context())); err != nil {
		t.Fatal(err)
	}
	const left = `select string_agg(b.file_name, ', ' order by b.file_name) from import_batch b`
	const want = "checked 29, done 29, done 31, done 89, read 29, running 29, running 31, running 89, running 91, " +
		"undone 29, undone 31, undone 89"
	if got := pgtest.Value[string](t, c, left); got != want {
		t.Errorf("left are %s", got)
	}
	if got := pgtest.Value[string](t, c, left+" join import_row r on r.batch_id = b.id"); got != want {
		t.Errorf("those with rows are %s", got)
	}
}
