package events_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// fixture is a database of its own with an open outbox.
func fixture(t testing.TB, o events.Options) (*pgtest.DB, *events.Outbox) {
	t.Helper()
	db := pgtest.Fresh(t, tenancy.Options{})
	return db, outbox(t, db, o)
}

func outbox(t testing.TB, db *pgtest.DB, o events.Options) *events.Outbox {
	t.Helper()
	box, err := events.Open(t.Context(), db.RelayURL(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return box
}

// run feeds consumers until the test ends.
func run(t testing.TB, box *events.Outbox, consumers ...events.Consumer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := box.Relay(ctx, consumers...); err != nil && ctx.Err() == nil {
			t.Errorf("relay: %v", err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	t.Cleanup(stop)
	return stop
}

// happen appends one event in the given transaction and tells its subject.
func happen(t testing.TB, tx interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}, kind string) (subject uuid.UUID, seq int64) {
	t.Helper()
	subject = uuid.New()
	err := tx.QueryRow(context.Background(), `insert into outbox.event (kind, subject_id) values ($1, $2) returning seq`,
		kind, subject).Scan(&seq)
	if err != nil {
		t.Error(err)
	}
	return subject, seq
}

// told collects what a consumer or subscriber was given.
type told struct {
	mu     sync.Mutex
	events []events.Event
	at     []time.Time
}

func (l *told) add(batch []events.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range batch {
		l.events, l.at = append(l.events, e), append(l.at, time.Now())
	}
}

func (l *told) consumer(name string) events.Consumer {
	return events.Consumer{Name: name, Handle: func(_ context.Context, _ pgx.Tx,
		batch []events.Event) error {
		l.add(batch)
		return nil
	}}
}

func (l *told) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}

func (l *told) subjects() map[uuid.UUID]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[uuid.UUID]int{}
	for _, e := range l.events {
		out[e.Subject]++
	}
	return out
}

// patience is how long a test waits for what must come: long enough for a machine that has much else to do.
const patience = time.Minute

// eventually waits until what holds, and fails with the sentence if it never does.
func eventually(t testing.TB, sentence string, what func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !what(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, sentence)
		}
	}
}

// past waits until an event lies before the present: while any older transaction of the server is under way, the
// server's own among them, it may still count as after it.
func past(t testing.TB, conn *pgx.Conn, subject uuid.UUID) {
	t.Helper()
	eventually(t, "no older transaction is under way", func() (yes bool) {
		if err := conn.QueryRow(t.Context(), `select xid < pg_snapshot_xmin(pg_current_snapshot())
			from outbox.event where subject_id = $1`, subject).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		return yes
	})
}

// passed waits until it is committed that a consumer has had an event: its handler's end comes before that.
func passed(t testing.TB, conn *pgx.Conn, consumer string, subject uuid.UUID) {
	t.Helper()
	eventually(t, "the cursor of "+consumer+" has moved", func() (yes bool) {
		if err := conn.QueryRow(t.Context(), `select exists (select from outbox.cursor c, outbox.event e
			where c.consumer = $1 and e.subject_id = $2 and (c.xid, c.seq) >= (e.xid, e.seq))`, consumer, subject).Scan(
			&yes); err != nil {
			t.Fatal(err)
		}
		return yes
	})
}
