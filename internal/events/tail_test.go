package events_test

import (
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/events"
)

// progress keeps what a subscriber was told of how far it is.
type progress struct {
	told
	mu   sync.Mutex
	upTo time.Time
	lost int
}

func (p *progress) subscriber() events.Subscriber {
	return events.Subscriber{Handle: p.add,
		UpToDate: func(asOf time.Time) { p.mu.Lock(); defer p.mu.Unlock(); p.upTo = asOf },
		Lost:     func() { p.mu.Lock(); defer p.mu.Unlock(); p.lost++ }}
}

func (p *progress) state() (upTo time.Time, lost int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.upTo, p.lost
}

func TestASubscriberIsUpToDateWhenAllThatWasCommittedIsToldAndNotWhileATransactionHoldsItBack(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	var p progress
	if err := box.Subscribe(t.Context(), p.subscriber()); err != nil {
		t.Fatal(err)
	}
	upToDate := func(since time.Time) func() bool {
		return func() bool { at, _ := p.state(); return at.After(since) }
	}
	eventually(t, "it is up to date while nothing happens", upToDate(time.Now()))

	open, err := db.Connect(t, db.AdminURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	happen(t, open, "first")
	admin := db.Connect(t, db.AdminURL())
	happen(t, admin, "second")
	committed := time.Now()
	for range 10 { // time for it to look
		happen(t, admin, "more")
		time.Sleep(20 * time.Millisecond)
	}
	if at, _ := p.state(); at.After(committed) {
		t.Error("it is up to date with an event that it was not told")
	}
	if err := open.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is up to date again", upToDate(time.Now()))
	if n := p.count(); n != 12 {
		t.Errorf("up to date with %d of 12 events", n)
	}
}

func TestASubscriberIsUpToDateThoughThereIsAlwaysATransactionUnderWay(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	var p progress
	if err := box.Subscribe(t.Context(), p.subscriber()); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	conns, open := [2]*pgx.Conn{}, [2]pgx.Tx{}
	for i := range conns {
		conns[i] = db.Connect(t, db.AdminURL())
	}
	for n := 0; ; n++ { // two whose transactions overlap
		if tx := open[n%2]; tx != nil {
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		tx, err := conns[n%2].Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		happen(t, tx, "test")
		open[n%2] = tx
		if at, _ := p.state(); at.After(begin) {
			return
		}
		if time.Since(begin) > patience {
			t.Fatal("it is never up to date")
		}
	}
}

func TestASubscriberHearsThatAConnectionBroke(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	var p progress
	if err := box.Subscribe(t.Context(), p.subscriber()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is up to date", func() bool { at, _ := p.state(); return !at.IsZero() })
	if _, lost := p.state(); lost != 0 {
		t.Errorf("the control: %d connections broke", lost)
	}
	eventually(t, "it is said", func() bool { // its connection may not listen yet, so it is broken until it is said
		db.Admin(t, `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'kindward_relay'
			and datname = current_database() and query like 'listen%'`)
		_, lost := p.state()
		return lost > 0
	})
}

func TestASubscriberThatPanicsIsToldThatItLostSomething(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	var p progress
	s := p.subscriber()
	s.Handle = func([]events.Event) { panic("clumsy") }
	if err := box.Subscribe(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	happen(t, db.Connect(t, db.AdminURL()), "test")
	eventually(t, "it is said", func() bool { _, lost := p.state(); return lost > 0 })
}
