package events_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/events"
	"kindward/internal/pgtest"
)

// naive is the negative control: it follows the numbers and remembers the last one it saw.
type naive struct {
	last int64
	seen map[uuid.UUID]bool
}

func (n *naive) read(t testing.TB, conn *pgx.Conn) {
	t.Helper()
	rows, err := conn.Query(context.Background(), `select seq, subject_id from outbox.event where seq > $1 order by seq`,
		n.last)
	if err != nil {
		t.Error(err)
		return
	}
	var subject uuid.UUID
	if _, err = pgx.ForEachRow(rows, []any{&n.last, &subject},
		func() error { n.seen[subject] = true; return nil }); err != nil {
		t.Error(err)
	}
}

func TestAnEventCommittedLateIsNotSkipped(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	var log told
	run(t, box, log.consumer("test"))
	control := &naive{seen: map[uuid.UUID]bool{}}
	reader := db.Connect(t, db.RelayURL())
	eventually(t, "the cursor stands", func() bool { return cursors(t, reader) == 1 })

	early, err := db.Connect(t, db.AdminURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, _ := happen(t, early, "first")
	second, _ := happen(t, db.Connect(t, db.AdminURL()), "second") // commits at once, with the higher number
	control.read(t, reader)
	time.Sleep(150 * time.Millisecond)
	if n := log.count(); n != 0 {
		t.Fatalf("the relay told %d events past an open transaction", n)
	}
	if err := early.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both events are told", func() bool { return log.count() == 2 })
	control.read(t, reader)
	if got := log.subjects(); got[first] != 1 || got[second] != 1 {
		t.Fatalf("told %v", got)
	}
	if control.seen[first] {
		t.Fatal("the negative control missed nothing: this test proves nothing")
	}
}

func cursors(t testing.TB, conn *pgx.Conn) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), `select count(*) from outbox.cursor`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestConcurrentWritersNeverHideAnEvent(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	var log told
	run(t, box, log.consumer("test"))
	control := &naive{seen: map[uuid.UUID]bool{}}
	reader := db.Connect(t, db.RelayURL())
	eventually(t, "the cursor stands", func() bool { return cursors(t, reader) == 1 })

	// A reader by number misses what commits while it reads. It is as fast as the machine, so there is as much to miss as
	// it takes.
	all, missed := map[uuid.UUID]bool{}, 0
	for end := time.Now().Add(patience); missed == 0 && time.Now().Before(end); {
		var watching sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		watching.Go(func() {
			for ctx.Err() == nil {
				control.read(t, reader)
			}
			control.read(t, reader)
		})
		maps.Copy(all, write(t, db, box, 24, 40))
		stop()
		watching.Wait()
		for subject := range all {
			if !control.seen[subject] {
				missed++
			}
		}
	}
	if missed == 0 {
		t.Fatal("the negative control missed nothing: this test proves nothing")
	}
	eventually(t, "all events are told", func() bool { return log.count() >= len(all) })
	got := log.subjects()
	for subject := range all {
		if got[subject] != 1 {
			t.Fatalf("event told %d times", got[subject])
		}
	}
	if len(got) != len(all) {
		t.Fatalf("%d told, %d happened; rolled back ones must not be told", len(got), len(all))
	}
	t.Logf("%d events of %d writers told once each; the reader by number missed %d of them", len(all), 24, missed)
}

// write runs writers that append events in transactions of random length, one in five rolled back, and gives the
// committed ones.
func write(t testing.TB, db *pgtest.DB, box *events.Outbox, writers, each int) map[uuid.UUID]bool {
	t.Helper()
	config, err := pgxpool.ParseConfig(db.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = int32(writers)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var mu sync.Mutex
	all := map[uuid.UUID]bool{}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(w)))
			for range each {
				tx, err := pool.Begin(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				subject, _ := happen(t, tx, "test")
				time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
				if random.IntN(5) == 0 {
					_ = tx.Rollback(context.Background())
					continue
				}
				mu.Lock()
				all[subject] = true
				mu.Unlock()
				if err := tx.Commit(context.Background()); err != nil {
					t.Error(err)
				}
				box.Notify()
			}
		})
	}
	group.Wait()
	return all
}
