package jobs

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"kindward/internal/tenancy"
)

// TestPoisonStopsNobody is F15: jobs that panic or cannot be read are given up, the others run.
func TestPoisonStopsNobody(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	var sick atomic.Bool
	sick.Store(true)
	h.sender.before = func(int) error {
		if sick.Load() {
			panic("poison")
		}
		return nil
	}
	h.work(t)
	h.Admin(t, `insert into river.river_job (kind, args, max_attempts) values ('message.send', '{"tenant": 7}', 12), ('message.send', '[]', 12)`)
	h.book(t, 0)
	h.settled(t)
	if got := h.states(t); got["cancelled"] != 3 {
		t.Fatalf("jobs %v", got)
	}
	sick.Store(false)
	h.book(t, 20)
	h.settled(t)
	if got := h.states(t); got["completed"] != 1 || len(h.sender.files(t)) != 1 {
		t.Fatalf("jobs %v, files %q", got, h.sender.files(t))
	}
}

func TestMigratingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	for range 2 {
		if err := Migrate(t.Context(), h.AdminURL()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTwoProgramsMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.Admin(t, `drop schema river cascade`)
	h.Admin(t, `create schema river authorization kindward_owner`)
	done := make(chan error, 4)
	for range cap(done) {
		go func() { done <- Migrate(context.Background(), h.AdminURL()) }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// The worker's role moves jobs and cursors; it reads no tenant and changes no event.
func TestTheWorkersRoleCanDoNothingElse(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	conn := h.Connect(t, h.RelayURL())
	for _, sql := range []string{
		`select * from ` + h.clinic.Schema + `.appointment`, `select * from directory.account`, `select * from market.busy`,
		`delete from audit.event`, `update audit.leaf set hash = event_seq::text::bytea`, `select * from ctx.key`,
		`update outbox.event set kind = 'x'`, `insert into outbox.event (kind, subject_id) values ('x', gen_random_uuid())`,
		`delete from outbox.cursor`,
		`create table river.mine ()`, `drop table river.river_job`, `set role kindward_owner`,
	} {
		_, err := conn.Exec(t.Context(), sql)
		refused, ok := err.(*pgconn.PgError)
		if !ok || refused.Code != "42501" {
			t.Errorf("%s: %v", strings.Fields(sql)[:3], err)
		}
	}
	if _, err := conn.Exec(t.Context(), `update outbox.cursor set moved_at = now()`); err != nil { // the negative control
		t.Error(err)
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := Start(t.Context(), Deps{}); err == nil {
		t.Fatal("started on nothing")
	}
}
