package events_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/events"
)

func TestManyCallsOfNotifyBecomeFewNotifications(t *testing.T) {
	db, box := fixture(t, events.Options{})
	listener := db.Connect(t, db.RelayURL())
	if _, err := listener.Exec(t.Context(), "listen kindward_outbox"); err != nil {
		t.Fatal(err)
	}
	notified := func(within time.Duration) bool {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		_, err := listener.WaitForNotification(ctx)
		return err == nil
	}
	start := time.Now()
	box.Notify()
	if !notified(patience) {
		t.Fatal("the first is not sent")
	}
	var calls atomic.Int64
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for time.Since(start) < 500*time.Millisecond || calls.Load() < 2000 {
				box.Notify()
				calls.Add(1)
				time.Sleep(100 * time.Microsecond)
			}
		})
	}
	callers.Wait()
	if !notified(patience) {
		t.Fatal("what was asked last is not sent")
	}
	received := int64(2)
	for notified(200 * time.Millisecond) {
		received++
	}
	took := time.Since(start)
	if most := 2 + int64(took/(50*time.Millisecond)); received > most || calls.Load() < 10*most {
		t.Fatalf("%d notifications of %d calls in %v", received, calls.Load(), took)
	}
	t.Logf("64 callers notified %d times in %v: %d notifications", calls.Load(), took, received)
}

func TestOneNotificationArrivesAtOnce(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: time.Hour})
	var log told
	if err := box.Subscribe(t.Context(), events.Subscriber{Handle: log.add}); err != nil {
		t.Fatal(err)
	}
	admin := db.Connect(t, db.AdminURL())
	var took []time.Duration
	for n := range 20 {
		time.Sleep(60 * time.Millisecond) // past the coalescing
		happen(t, admin, "test")
		from := time.Now()
		box.Notify()
		eventually(t, "the event is told", func() bool { return log.count() == n+1 })
		took = append(took, log.at[n].Sub(from))
	}
	slices.Sort(took)
	t.Logf("from Notify to subscriber: median %v, slowest %v", took[10], took[19])
}

func TestWithoutANotificationThePollFindsTheEvent(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 100 * time.Millisecond})
	var log told
	run(t, box, log.consumer("test"))
	admin := db.Connect(t, db.AdminURL())
	eventually(t, "the cursor stands", func() bool { return cursors(t, admin) == 1 })
	happen(t, admin, "test")
	eventually(t, "the event is told", func() bool { return log.count() == 1 })
}

func TestAfterABrokenConnectionNotificationsArriveAgain(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: time.Hour})
	var log told
	if err := box.Subscribe(t.Context(), events.Subscriber{Handle: log.add}); err != nil {
		t.Fatal(err)
	}
	db.Admin(t, `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'kindward_relay' and datname = current_database()`)
	admin := db.Connect(t, db.AdminURL())
	happen(t, admin, "test")
	eventually(t, "the event is told", func() bool { box.Notify(); return log.count() == 1 })
}

// Lag is what a person waits between a commit and the consumer: measured while 64 writers book as fast as they can.
func TestTheLagUnder64WritersStaysSmall(t *testing.T) {
	db, box := fixture(t, events.Options{})
	var mu sync.Mutex
	committed := map[uuid.UUID]time.Time{}
	var log told
	run(t, box, log.consumer("test"))
	admin := db.Connect(t, db.AdminURL())
	eventually(t, "the cursor stands", func() bool { return cursors(t, admin) == 1 })

	config, err := pgxpool.ParseConfig(db.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 64
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var warm []*pgxpool.Conn
	for range 64 { // connecting is not what is measured
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		warm = append(warm, conn)
	}
	for _, conn := range warm {
		conn.Release()
	}
	start := time.Now()
	var writers sync.WaitGroup
	for range 64 {
		writers.Go(func() {
			for n := 0; n < 50 || time.Since(start) < 2*time.Second; n++ {
				subject, _ := happen(t, pool, "test")
				mu.Lock()
				committed[subject] = time.Now()
				mu.Unlock()
				box.Notify()
			}
		})
	}
	writers.Wait()
	wrote := time.Since(start)
	rate := float64(len(committed)) / wrote.Seconds()
	eventually(t, "all events are told", func() bool { return log.count() == len(committed) })
	var lag []time.Duration
	for n, e := range log.events {
		lag = append(lag, log.at[n].Sub(committed[e.Subject]))
	}
	slices.Sort(lag)
	p := func(share float64) time.Duration { return lag[int(share*float64(len(lag)-1))] }
	t.Logf("%d events at %.0f/s by 64 writers: lag p50 %v, p99 %v, max %v", len(lag), rate, p(0.5), p(0.99), p(1))
	if p(0.5) > wrote { // then it tells less than a third of what the writers write
		t.Errorf("the relay cannot keep up: in %v of writing the median lag is %v", wrote, p(0.5))
	}
}
