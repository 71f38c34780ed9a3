package events_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/events"
)

func TestANewConsumerBeginsAtThePresentOrAtTheBeginning(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	admin := db.Connect(t, db.AdminURL())
	before, _ := happen(t, admin, "before")
	past(t, admin, before)
	var now, ever told
	whole := ever.consumer("ever")
	whole.FromStart = true
	run(t, box, now.consumer("now"), whole)
	eventually(t, "both cursors stand", func() bool { return cursors(t, admin) == 2 })
	present, _ := happen(t, admin, "present")
	eventually(t, "the one from the beginning has both", func() bool { return ever.count() == 2 })
	eventually(t, "the one from the present has one", func() bool { return now.count() == 1 })
	if got := now.subjects(); got[before] != 0 || got[present] != 1 {
		t.Fatalf("told %v", got)
	}
}

func TestAConsumerGoesOnWhereItStopped(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	admin := db.Connect(t, db.AdminURL())
	if err := events.Register(t.Context(), admin, "test", false); err != nil { // as a migration does, before any worker
		t.Fatal(err)
	}
	before, _ := happen(t, admin, "before the first worker")
	var first, second told
	stop := run(t, box, first.consumer("test"))
	eventually(t, "the first worker has it", func() bool { return first.count() == 1 })
	passed(t, admin, "test", before)
	stop()
	between, _ := happen(t, admin, "between two workers")
	run(t, box, second.consumer("test"))
	eventually(t, "the second worker has the next", func() bool { return second.count() == 1 })
	if first.subjects()[before] != 1 || second.subjects()[between] != 1 {
		t.Fatal("an event was lost or told twice")
	}
}

func TestAFailedBatchComesAgainAndLeavesNothingBehind(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("not today") },
		"panic": func() error { panic("not today") },
	} {
		t.Run(name, func(t *testing.T) {
			db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
			db.Admin(t, `create table public.effect (subject uuid)`)
			db.Admin(t, `grant usage on schema public to kindward_relay`)
			db.Admin(t, `grant insert on public.effect to kindward_relay`)
			var tries atomic.Int32
			run(t, box, events.Consumer{Name: "test", FromStart: true,
				Handle: func(ctx context.Context, tx pgx.Tx, batch []events.Event) error {
					for _, e := range batch {
						if _, err := tx.Exec(ctx, `insert into public.effect values ($1)`, e.Subject); err != nil {
							return err
						}
					}
					if tries.Add(1) < 3 {
						return fail()
					}
					return nil
				}})
			admin := db.Connect(t, db.AdminURL())
			happen(t, admin, "test")
			effects := func() (n int) {
				if err := admin.QueryRow(t.Context(), `select count(*) from public.effect`).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			eventually(t, "the third try holds", func() bool { return effects() > 0 })
			if n := effects(); n != 1 || tries.Load() != 3 {
				t.Fatalf("%d effects after %d tries", n, tries.Load())
			}
		})
	}
}

func TestTwoRelaysHandleEachBatchOnce(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 5 * time.Millisecond})
	other := outbox(t, db, events.Options{Poll: 5 * time.Millisecond})
	db.Admin(t, `create table public.effect (subject uuid)`)
	db.Admin(t, `grant usage on schema public to kindward_relay`)
	db.Admin(t, `grant insert on public.effect to kindward_relay`)
	// The effect is written in the cursor's transaction: what counts is what was committed, not how often it was tried.
	consumer := events.Consumer{Name: "test", FromStart: true,
		Handle: func(ctx context.Context, tx pgx.Tx, batch []events.Event) error {
			for _, e := range batch {
				if _, err := tx.Exec(ctx, `insert into public.effect values ($1)`, e.Subject); err != nil {
					return err
				}
			}
			return nil
		}}
	run(t, box, consumer)
	run(t, other, consumer)
	all := write(t, db, box, 8, 60)
	admin := db.Connect(t, db.AdminURL())
	var rows, distinct int
	eventually(t, "all effects stand", func() bool {
		if err := admin.QueryRow(t.Context(), `select count(*), count(distinct subject) from public.effect`).Scan(&rows,
			&distinct); err != nil {
			t.Fatal(err)
		}
		return distinct == len(all)
	})
	if rows != distinct {
		t.Fatalf("%d effects of %d events", rows, distinct)
	}
}

func TestASubscriberHearsWhatHappensAfterItSubscribed(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: time.Hour}) // it is the notification that it hears
	admin := db.Connect(t, db.AdminURL())
	before, _ := happen(t, admin, "before")
	past(t, admin, before)
	var log told
	if err := box.Subscribe(t.Context(), events.Subscriber{Handle: log.add}); err != nil {
		t.Fatal(err)
	}
	var last atomic.Value
	for range 3 {
		subject, _ := happen(t, admin, "after")
		last.Store(subject)
		box.Notify()
	}
	eventually(t, "three events are told", func() bool { return log.count() == 3 })
	if log.events[2].Subject != last.Load() || log.events[0].Kind != "after" {
		t.Fatal("not in order")
	}
}

func TestASubscribersPanicStopsNobody(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	var log told
	clumsy := func(batch []events.Event) { log.add(batch); panic("clumsy") }
	if err := box.Subscribe(t.Context(), events.Subscriber{Handle: clumsy}); err != nil {
		t.Fatal(err)
	}
	admin := db.Connect(t, db.AdminURL())
	for n := range 2 {
		happen(t, admin, "test")
		eventually(t, "the event is told", func() bool { return log.count() == n+1 })
	}
}

func TestAnOutboxFromAnotherServersDumpIsRefused(t *testing.T) {
	db, box := fixture(t, events.Options{})
	_ = box
	db.Admin(t, `insert into outbox.event (xid, kind, subject_id) values ('999999999999', 'future', gen_random_uuid())`)
	if _, err := events.Open(t.Context(), db.RelayURL(), events.Options{}); !errors.Is(err, events.ErrRestored) {
		t.Fatalf("got %v", err)
	}
}

func TestFindGivesOneEvent(t *testing.T) {
	db, box := fixture(t, events.Options{})
	subject, seq := happen(t, db.Connect(t, db.AdminURL()), "test")
	e, err := box.Find(t.Context(), seq)
	if err != nil || e.Subject != subject || e.Kind != "test" || e.At.IsZero() || e.XID == 0 {
		t.Fatalf("%+v %v", e, err)
	}
	if _, err := box.Find(t.Context(), seq+1000); !errors.Is(err, pgx.ErrNoRows) {
		t.Fatalf("got %v", err)
	}
}
