package events_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestOldEventsGoWhenAllHaveHadThem(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	admin := db.Connect(t, db.AdminURL())
	events.Register(t.Context(), admin, "quick", true)
	events.Register(t.Context(), admin, "slow", true)
	old := func() (subject uuid.UUID) {
		subject, seq := happen(t, admin, "test")
		db.Admin(t, `update outbox.event set at = at - interval '31 days' where seq = $1`, seq)
		return subject
	}
	first, second := old(), old()
	young, _ := happen(t, admin, "test")
	kept := func() (all []uuid.UUID) {
		rows, err := admin.Query(t.Context(), `select subject_id from outbox.event order by seq`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			all = append(all, id)
		}
		return all
	}
	prune := func(want int64, left ...uuid.UUID) {
		t.Helper()
		gone, err := box.Prune(t.Context(), time.Now())
		if err != nil || gone != want || !slices.Equal(kept(), left) {
			t.Errorf("%d went, not %d; %d are left, not %d: %v", gone, want, len(kept()), len(left), err)
		}
	}
	var quick, slow told
	stop := run(t, box, quick.consumer("quick"))
	eventually(t, "the quick one has all", func() bool { return quick.count() == 3 })
	passed(t, admin, "quick", young)
	stop()
	prune(0, first, second, young) // the slow one has had nothing yet
	db.Admin(t, `update outbox.cursor c set xid = e.xid, seq = e.seq from outbox.event e where c.consumer = 'slow' and e.subject_id = $1`, first)
	prune(1, second, young)
	run(t, box, slow.consumer("slow"))
	eventually(t, "the slow one has the rest", func() bool { return slow.count() == 2 })
	passed(t, admin, "slow", young)
	prune(1, young)
	late := old()
	db.Admin(t, `delete from outbox.cursor`)
	prune(0, young, late) // where nobody is known to have had it
	t.Run("whatever time the program believes it is", func(t *testing.T) {
		events.Register(t.Context(), admin, "new", false)
		if _, err := box.Prune(t.Context(), time.Now().AddDate(9, 0, 0)); err != nil {
			t.Error(err)
		}
		if !slices.Contains(kept(), young) {
			t.Error("a young event went")
		}
	})
}

// restored puts four events of three transactions of another server into the outbox, and two consumers: one has had the
// first, the other the first three, which end in the middle of a transaction.
func restored(t *testing.T, db *pgtest.DB) (subjects []uuid.UUID) {
	t.Helper()
	for n, xid := range []string{"999999999997", "999999999999", "999999999998", "999999999999"} {
		subjects = append(subjects, uuid.New())
		db.Admin(t, `insert into outbox.event (xid, kind, subject_id, data) values ($1::text::xid8, 'old', $2, jsonb_build_object('n', $3::int))`, xid, subjects[n], n)
	}
	cursor := `insert into outbox.cursor (consumer, xid, seq) select $1, xid, seq from outbox.event where subject_id = $2`
	db.Admin(t, cursor, "slow", subjects[0])
	db.Admin(t, cursor, "quick", subjects[1])
	return subjects
}

func TestAnotherServersEventsAreToldOnceAfterTheReset(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	old := restored(t, db)
	if _, err := events.Open(t.Context(), db.RelayURL(), events.Options{}); !errors.Is(err, events.ErrRestored) {
		t.Fatalf("before the reset: %v", err)
	}
	admin := db.Connect(t, db.AdminURL())
	for n, want := range []bool{true, false} {
		if did, err := events.Reset(t.Context(), admin); err != nil || did != want {
			t.Fatalf("reset %d: %v %v", n, did, err)
		}
	}
	box := outbox(t, db, events.Options{Poll: 20 * time.Millisecond})
	fresh, _ := happen(t, admin, "new")
	var slow, quick told
	run(t, box, slow.consumer("slow"), quick.consumer("quick"))
	eventually(t, "both are told what they had not been told",
		func() bool { return slow.count() >= 4 && quick.count() >= 2 })
	time.Sleep(60 * time.Millisecond)
	for name, c := range map[string]struct {
		log  *told
		want []uuid.UUID
	}{"slow": {&slow, []uuid.UUID{old[1], old[2], old[3], fresh}}, "quick": {&quick, []uuid.UUID{old[3], fresh}}} {
		var got []uuid.UUID
		for _, e := range c.log.events {
			got = append(got, e.Subject)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s was told %v, not %v", name, got, c.want)
		}
	}
	if forced := pgForced(t, db); !forced {
		t.Error("the outbox's owner is not bound by row-level security any more")
	}
}

func pgForced(t *testing.T, db *pgtest.DB) (forced bool) {
	t.Helper()
	if err := db.Connect(t, db.AdminURL()).QueryRow(t.Context(),
		`select relforcerowsecurity from pg_class where oid = 'outbox.event'::regclass`).Scan(&forced); err != nil {
		t.Fatal(err)
	}
	return forced
}

func TestACursorFromAnotherServerAloneIsRefused(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	db.Admin(t, `insert into outbox.cursor (consumer, xid, seq) values ('test', '999999999999', 7)`)
	if _, err := events.Open(t.Context(), db.RelayURL(), events.Options{}); !errors.Is(err, events.ErrRestored) {
		t.Fatalf("it would never be told anything: %v", err)
	}
}
