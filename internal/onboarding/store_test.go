package onboarding_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func began(t *testing.T, db *pgtest.DB, name string) (id uuid.UUID, who tenancy.Caller) {
	t.Helper()
	who = tenancy.Caller{Subject: db.Account(t, name)}
	id = uuid.New()
	err := onboarding.Begin(t.Context(), db.Gateway, who, id, name, onboarding.Event{Kind: onboarding.Began,
		By: who.Subject, At: time.Now(), Data: onboarding.Data{Kind: "clinic", State: "RI",
			Definition: onboarding.Latest, Answers: map[string]string{"npi": "1234567893", "name": name + "'s"}}})
	if err != nil {
		t.Fatal(err)
	}
	return id, who
}

func saved(step, field, value string, base int, by uuid.UUID) onboarding.Event {
	return onboarding.Event{Kind: onboarding.Answered, Step: step, By: by, At: time.Now(),
		Data: onboarding.Data{Base: base, Later: true, Answers: map[string]string{field: value}}}
}

func TestAnApplicationIsKeptAndItsRowsSayWhatItsLogSays(t *testing.T) {
	db := pgtest.Open(t)
	id, who := began(t, db, "Alice")
	scope := db.Gateway.AdmitApplicant(id, who)
	a, _, err := onboarding.Act(t.Context(), db.Gateway, scope, saved("location", "city", "Bristol", 1, who.Subject))
	if err != nil {
		t.Fatal(err)
	}
	d, again, err := onboarding.Load(t.Context(), db.Gateway, scope)
	if err != nil || d.State != "RI" || !reflect.DeepEqual(again, a) {
		t.Errorf("read again it is %+v, %v, not %+v", again, err, a)
	}
	if n := db.Count(t, `select count(*) from onboarding.answer where tenant_id = $1`, id); n != 3 {
		t.Errorf("%d answers", n)
	}
	if got := pgtest.One[string](t, db, `select string_agg(key || ' ' || state, ', ' order by key) from onboarding.step
		where tenant_id = $1`, id); got != "agreement locked, contract locked, documents open, exclusion locked, "+
		"identity locked, licenses open, location open, organization open, "+
		"registry waiting, review locked" {
		t.Errorf("steps: %s", got)
	}
	if n := db.Count(t, `select count(*) from audit.event where tenant_id = $1 and actor = $2
		and resource = 'Application' and action in ('began', 'answered')`, id, who.Subject); n != 2 {
		t.Errorf("the audit has %d events", n)
	}
	_, _, err = onboarding.Act(t.Context(), db.Gateway, scope, onboarding.Event{Kind: onboarding.Approval, At: time.Now()})
	if !errors.Is(err, onboarding.ErrNotNow) ||
		db.Count(t, `select count(*) from onboarding.log where tenant_id = $1`, id) != 2 {
		t.Errorf("what is refused: %v", err)
	}
}

func TestA60ACharlieReachesNoRowOfAnApplicationThatIsNotTheirs(t *testing.T) {
	db := pgtest.Open(t)
	alices, alice := began(t, db, "Alice")
	charlies, charlie := began(t, db, "Charlie")
	ctx := t.Context()
	own := db.Gateway.Shared(db.Gateway.Admit(tenancy.Tenant{}, charlie))
	if _, err := own.TakesPart(ctx, alices); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("Charlie takes part: %v", err)
	}
	if mine, err := own.ApplicationsOfAccount(ctx); err != nil || len(mine) != 1 || mine[0].TenantID != charlies {
		t.Errorf("Charlie's: %v, %v", mine, err)
	}
	// with the ticket of one application no statement of another's succeeds
	in := db.Gateway.Shared(db.Gateway.AdmitApplicant(charlies, charlie))
	if log, err := in.ApplicationLog(ctx); err != nil || len(log) != 1 {
		t.Errorf("control: Charlie's own log has %d rows, %v", len(log), err)
	}
	if waiting, err := in.QueuedApplications(ctx, shareddb.QueuedApplicationsParams{Statuses: onboarding.Statuses(),
		Most: 10}); err != nil || len(waiting) != 1 || waiting[0].TenantID != charlies {
		t.Errorf("Charlie sees what waits for the staff: %v, %v", waiting, err)
	}
	if people, err := in.Participants(ctx); err != nil || len(people) != 1 || people[0].AccountID != charlie.Subject {
		t.Errorf("people: %v, %v", people, err)
	}
	hers := db.Gateway.Shared(db.Gateway.Admit(tenancy.Tenant{}, alice))
	if name, err := hers.TakesPart(ctx, alices); err != nil || name != "Alice" {
		t.Errorf("control: Alice takes part as %q, %v", name, err)
	}
}

func TestTwentyWhoWriteAtOnceQueueAndNoneIsLost(t *testing.T) {
	db := pgtest.Open(t)
	id, who := began(t, db, "Alice")
	var all sync.WaitGroup
	fields := []string{"name", "phone", "contact", "email", "known_as"}
	for n := range 20 {
		all.Go(func() {
			scope := db.Gateway.AdmitApplicant(id, who)
			_, _, err := onboarding.Act(t.Context(), db.Gateway, scope,
				saved("organization", fields[n%5], string(rune('a'+n)), 1, who.Subject))
			if _, conflict := errors.AsType[*onboarding.ConflictError](err); err != nil && !conflict {
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, a, err := onboarding.Load(t.Context(), db.Gateway, db.Gateway.AdmitApplicant(id, who))
	if err != nil || a.Version != 1+len(fields) {
		t.Errorf("version %d, %v: of each field one writer wins and three see the conflict", a.Version, err)
	}
}

func TestOnlyStepsThatWaitForARegisterAreTheWorkersToSee(t *testing.T) {
	db := pgtest.Open(t)
	id, _ := began(t, db, "Alice")
	relay := db.Connect(t, db.RelayURL())
	var n int
	err := relay.QueryRow(t.Context(), `select count(key) from onboarding.step where tenant_id = $1`, id).Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("the worker sees %d steps, %v", n, err)
	}
	for _, sql := range []string{"select state from onboarding.step", "select * from onboarding.answer",
		"update onboarding.step set next_at = null"} {
		if _, err := relay.Exec(t.Context(), sql); tenancy.Code(err) != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestALogHasAnEndAndWhatChangesNothingIsNotWritten(t *testing.T) {
	db := pgtest.Open(t)
	id, who := began(t, db, "Alice")
	scope := db.Gateway.AdmitApplicant(id, who)
	act := func(value string, base int) (onboarding.Application, error) {
		a, _, err := onboarding.Act(t.Context(), db.Gateway, scope, saved("location", "city", value, base, who.Subject))
		return a, err
	}
	a, err := act("Bristol", 1)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := act("Bristol", a.Version); err != nil || again.Version != a.Version {
		t.Errorf("the same answer made version %d of %d: %v", again.Version, a.Version, err)
	}
	db.Admin(t, `insert into onboarding.log (tenant_id, version, kind, step, data, by, at)
		select tenant_id, n, kind, step, data || jsonb_build_object('base', n - 1, 'answers',
			jsonb_build_object('city', 'Town ' || n)), by, at
		from onboarding.log, generate_series($2 + 1, 1000) n where tenant_id = $1 and version = $2`, id, a.Version)
	db.Admin(t, `update onboarding.application set version = 1000 where tenant_id = $1`, id)
	if _, err := act("Warren", 1000); !errors.Is(err, onboarding.ErrTooOften) {
		t.Errorf("the 1,001st event: %v", err)
	}
	withdrawn := onboarding.Event{Kind: onboarding.Withdrew, By: who.Subject, At: time.Now()}
	if a, _, err := onboarding.Act(t.Context(), db.Gateway, scope, withdrawn); err != nil || a.Version != 1001 {
		t.Errorf("the control, another kind of event: version %d, %v", a.Version, err)
	}
}

func TestAGuestHasAPartOfTheAnswersAndLeavesTheRestToTheOthers(t *testing.T) {
	db := pgtest.Open(t)
	id, alice := began(t, db, "Alice")
	rosa := uuid.New()
	db.Admin(t, `insert into onboarding.log (tenant_id, version, kind, step, data, by, at)
		select $1, n, 'answered', 'location', jsonb_build_object('base', n - 1, 'later', true, 'guest', 'Rosa', 'answers',
			jsonb_build_object('city', 'Town ' || n)), $2, now() from generate_series(2, 100) n`, id, rosa)
	db.Admin(t, `update onboarding.application set version = 100 where tenant_id = $1`, id)
	answers := func(who tenancy.Caller, by uuid.UUID, base int, city string) error {
		e := saved("location", "city", city, base, by)
		if who.Subject == uuid.Nil {
			e.Data.Guest = "Rosa"
		}
		_, _, err := onboarding.Act(t.Context(), db.Gateway, db.Gateway.AdmitApplicant(id, who), e)
		return err
	}
	if err := answers(tenancy.Caller{}, rosa, 100, "Bristol"); err != nil {
		t.Errorf("the guest's 100th answer: %v", err)
	}
	if err := answers(tenancy.Caller{}, rosa, 101, "Warren"); err != onboarding.ErrTooOften {
		t.Errorf("the 101st: %v", err)
	}
	if err := answers(tenancy.Caller{}, uuid.New(), 101, "Barrington"); err != nil {
		t.Errorf("control, another guest: %v", err)
	}
	if err := answers(alice, alice.Subject, 102, "Newport"); err != nil {
		t.Errorf("control, Alice: %v", err)
	}
}
