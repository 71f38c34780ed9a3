package booking_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
)

// queued confirms the holds of one account, each from a browser of its own, so that all begin before any of them may go
// on: a neighbor holds the chart, or the right to make it, until they all wait for it.
func (p *practice) queued(t *testing.T, account uuid.UUID, holds []heldBy) (isNew int) {
	t.Helper()
	ctx := t.Context()
	watch := p.DB.Connect(t, p.DB.AdminURL())
	tx, err := p.DB.Connect(t, p.DB.AdminURL()).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"set local search_path = " + p.Schema,
		`insert into patient (id, account_id, name) values (gen_random_uuid(), '` + account.String() +
			`', 'x') on conflict (account_id) do update set name = 'x'`} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	watching, stop := context.WithCancel(ctx)
	released := make(chan struct{})
	go func() { // from here on the only one who uses the neighbor's connection: what the neighbor did never happened
		defer close(released)
		for waiting := 0; waiting < len(holds) && watching.Err() == nil; time.Sleep(2 * time.Millisecond) {
			_ = watch.QueryRow(ctx, `select count(*) from pg_stat_activity where datname = current_database() and usename = 'kindward_app' and wait_event_type = 'Lock'`).Scan(&waiting)
		}
		_ = tx.Rollback(ctx)
	}()
	answers := together(len(holds),
		func(i int) error { return p.confirm(ctx, holds[i].who, holds[i].Held, holds[i].ID.String()) })
	stop()
	<-released
	for _, err := range answers {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range holds {
		if pgtest.Value[bool](t, p.Clinic, "select is_new from appointment where id = $1", h.ID) {
			isNew++
		}
	}
	return isNew
}

// TestRule1_8OneFirstVisit: of bookings that one person makes at the same instant one is the first, not each.
func TestRule1_8OneFirstVisit(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	free := p.soon(t)
	held := func() (all []heldBy) {
		for range 3 {
			who := patient{uuid.New(), maya.account}
			all, free = append(all, heldBy{p.holds(t, who, free[0]), who}), free[1:]
		}
		return all
	}
	cancelled := func(all []heldBy) {
		for _, h := range all {
			p.SQL(t, `update appointment set status = 'cancelled', cancelled_by = 'patient', cancelled_why = 'time' where id = $1`, h.ID)
			p.SQL(t, `update claim set state = 'released' where appointment_id = $1`, h.ID)
		}
	}
	first := held()
	if n := p.queued(t, maya.account, first); n != 1 {
		t.Errorf("nobody knew her: %d of three bookings are her first", n)
	}
	cancelled(first)
	second := held()
	if n := p.queued(t, maya.account, second); n != 1 {
		t.Errorf("she has a chart and was never here: %d of three bookings are her first", n)
	}
	if n := p.queued(t, maya.account, held()); n != 0 {
		t.Errorf("she is known: %d bookings are her first", n)
	}
	if n := p.count(t, "patient"); n != 1 {
		t.Errorf("%d charts", n)
	}
}
