package main

import (
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// caretaker is as much of the program as the sweeps need, over a database of its own.
func caretaker(t *testing.T) (*app, *pgtest.DB) {
	t.Helper()
	db := pgtest.Fresh(t, tenancy.Options{})
	box, err := events.Open(t.Context(), db.RelayURL(), events.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return &app{base: &base{log: slog.New(slog.DiscardHandler), ring: db.Keys}, gateway: db.Gateway, outbox: box}, db
}

func TestAnOrganizationThatFailsDoesNotKeepTheSweepsFromTheOthers(t *testing.T) {
	a, db := caretaker(t)
	clinics := []*pgtest.Clinic{db.Clinic(t), db.Clinic(t), db.Clinic(t)}
	for _, c := range clinics {
		dies(t, c)
		c.SQL(t, `insert into request_key (key, body_hash, subject, status, location, at) values ('old', '', $1, 303, '/', now() - interval '8 days')`, uuid.New())
	}
	broken := clinics[1]
	broken.SQL(t, `alter table appointment rename to mislaid`)
	broken.SQL(t, `alter table request_key rename to mislaid_key`)
	for what, sweep := range map[string]error{"holds": a.lapseDeadHolds(t.Context()),
		"answers": a.forgetAnswers(t.Context())} {
		if sweep == nil || !strings.Contains(sweep.Error(), broken.ID.String()) ||
			strings.Contains(sweep.Error(), clinics[0].ID.String()) {
			t.Errorf("%s: the sweep says %v", what, sweep)
		}
	}
	for _, c := range []*pgtest.Clinic{clinics[0], clinics[2]} {
		if n := pgtest.Value[int64](t, c, `select count(*) from appointment where status = 'held'`); n != 0 {
			t.Error("a dead hold is left at another organization")
		}
		if n := pgtest.Value[int64](t, c, `select count(*) from request_key`); n != 0 {
			t.Error("an old answer is left at another organization")
		}
	}
	broken.SQL(t, `alter table mislaid rename to appointment`)
	if n := pgtest.Value[int64](t, broken, `select count(*) from appointment where status = 'held'`); n != 1 {
		t.Error("negative control: the broken organization was swept, so nothing failed")
	}
	broken.SQL(t, `alter table mislaid_key rename to request_key`)
	if err := a.lapseDeadHolds(t.Context()); err != nil {
		t.Errorf("mended: %v", err)
	}
	if n := pgtest.Value[int64](t, broken, `select count(*) from appointment where status = 'held'`); n != 0 {
		t.Error("the next sweep does not make up for it")
	}
}

// dies leaves a hold at the clinic that has run out.
func dies(t *testing.T, c *pgtest.Clinic) {
	t.Helper()
	offer, now, holder := c.Offering(t), time.Now(), uuid.New()
	day := civil.Today(offer.Schedule.Location(), now).AddDays(2)
	days, err := booking.FreeDays(t.Context(), booking.NewBusyCache(c.DB.Gateway.Public(), 0, nil), offer, day, day, now)
	if err != nil {
		t.Fatal(err)
	}
	held, err := booking.Hold(t.Context(), c.In(uuid.Nil), offer, time.Unix(days[0].Times[0], 0),
		booking.Holder{ID: holder}, now)
	if err != nil {
		t.Fatal(err)
	}
	c.SQL(t, `with a as (update appointment set held_until = now() - interval '1 minute' where id = $1 returning held_until),
		c as (update claim set expires_at = a.held_until from a where appointment_id = $1 returning claim.id, expires_at)
		update market.busy b set expires_at = c.expires_at from c where b.id = c.id`, held.ID)
}

func TestADatabaseFromAnotherServersDumpIsTakenOverWhenAsked(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	b := &base{log: slog.New(slog.DiscardHandler), ring: db.Keys, admin: db.AdminURL()}
	db.Admin(t, `insert into outbox.event (xid, kind, subject_id) values ('999999999999', 'old', gen_random_uuid())`)
	_, err := events.Open(t.Context(), db.RelayURL(), events.Options{})
	if err == nil || !strings.Contains(err.Error(), "kindward migrate --restored") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the refusal does not say what to do: %v", err)
	}
	for range 2 { // the second time it has nothing to do
		if err := b.fitRestored(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	box, err := events.Open(t.Context(), db.RelayURL(), events.Options{})
	if err != nil {
		t.Fatal(err)
	}
	box.Close()
}

func TestTheHourlySweepPrunesTheOutbox(t *testing.T) {
	a, db := caretaker(t)
	db.Admin(t, `insert into outbox.event (kind, subject_id, at) values ('old', gen_random_uuid(), now() - interval '31 days'), ('young', gen_random_uuid(), now())`)
	db.Admin(t, `insert into outbox.cursor (consumer, xid, seq) select 'test', xid, max(seq) from outbox.event group by xid`)
	if err := a.pruneEvents(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn := db.Connect(t, db.AdminURL())
	var left string
	if err := conn.QueryRow(t.Context(), `select string_agg(kind, ' ') from outbox.event`).Scan(&left); err != nil ||
		left != "young" {
		t.Errorf("left: %q, %v", left, err)
	}
}

func TestClosingWaitsForTheSweepOfTheMarket(t *testing.T) {
	a, db := caretaker(t)
	db.Clinic(t)
	a.Zone = "America/New_York"
	sweeping := func() bool {
		stacks := make([]byte, 1<<20)
		return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), ".(*app).sweepMarket(")
	}
	if err := a.openMarket(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); !sweeping() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if !sweeping() {
		t.Fatal("the control: nothing is swept")
	}
	a.close()
	if sweeping() {
		t.Error("the sweep goes on behind a closed process")
	}
}
