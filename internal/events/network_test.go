package events_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

// swallowed is an outbox behind a network that can be made to swallow, with limits that a test can wait for.
func swallowed(t *testing.T) (*pgtest.DB, *pgtest.Network, *events.Outbox) {
	t.Helper()
	db := pgtest.Fresh(t, tenancy.Options{})
	network := db.Between(t)
	box, err := events.Open(t.Context(), network.Through(t, db.RelayURL()), events.Options{Answer: time.Second,
		Heartbeat: 200 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return db, network, box
}

func TestF21WhenTheNetworkSwallowsEventsAreToldSoonAfterItIsBack(t *testing.T) {
	t.Parallel()
	db, network, box := swallowed(t)
	var heard, relayed told
	lost := make(chan struct{}, 100)
	err := box.Subscribe(t.Context(), events.Subscriber{Handle: heard.add, Lost: func() {
		select {
		case lost <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	run(t, box, relayed.consumer("test"))
	admin := db.Connect(t, db.AdminURL())
	eventually(t, "the cursor stands", func() bool { return cursors(t, admin) == 1 })
	happen(t, admin, "before")
	eventually(t, "the first is told", func() bool { return heard.count() == 1 && relayed.count() == 1 })
	unbounded, err := pgx.Connect(t.Context(), network.Through(t, db.RelayURL()))
	if err != nil {
		t.Fatal(err)
	}
	waits := make(chan error, 1)

	network.Swallow()
	swallowing := time.Now()
	go func() { waits <- unbounded.Ping(t.Context()) }()
	happen(t, admin, "meanwhile")
	select {
	case <-lost:
	case <-time.After(patience):
		t.Fatal("nobody notices that the network is gone")
	}
	eventually(t, "what is read grows old", func() bool { return time.Since(box.LastRead()) > 2*time.Second })
	if heard.count() != 1 || relayed.count() != 1 {
		t.Fatal("the control: the network brings what it swallows")
	}
	if box.LastRead().After(swallowing.Add(time.Second)) {
		t.Error("something was read behind the network's back")
	}

	network.Restore()
	back := time.Now()
	eventually(t, "what happened meanwhile is told", func() bool { return heard.count() == 2 && relayed.count() == 2 })
	t.Logf("told %v after the network was back", time.Since(back))
	happen(t, admin, "afterward")
	eventually(t, "what happens afterward is told", func() bool {
		box.Notify()
		return heard.count() == 3 && relayed.count() == 3
	})
	select {
	case err := <-waits:
		t.Errorf("the control: a connection without limits does not wait for ever: %v", err)
	default:
	}
}

func TestF21ATurnThatTheNetworkLostIsFreeAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.Fresh(t, tenancy.Options{})
	network := db.Between(t)
	taken := func(url string, then func()) bool {
		var took int64
		err := events.Session(t.Context(), url, func(q *relaydb.Queries) (err error) {
			if took, err = q.TakeSealing(t.Context(), uuid.New(), 1); err == nil && took > 0 && then != nil {
				then()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return took > 0
	}
	if !taken(network.Through(t, db.RelayURL()), network.Swallow) {
		t.Fatal("nobody seals and the turn cannot be had")
	}
	if taken(db.RelayURL(), nil) {
		t.Error("the control: the server has noticed at once that its client is gone")
	}
	eventually(t, "the turn can be had again", func() bool { return taken(db.RelayURL(), nil) })
}

func TestTheAgeOfWhatWaitsIsKnown(t *testing.T) {
	db, box := fixture(t, events.Options{})
	waiting := func() time.Duration {
		t.Helper()
		age, err := box.Waiting(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		return age
	}
	if err := events.Register(t.Context(), db.Connect(t, db.RelayURL()), "test", false); err != nil {
		t.Fatal(err)
	}
	if age := waiting(); age != 0 {
		t.Errorf("nothing waits, and it is %v old", age)
	}
	admin := db.Connect(t, db.AdminURL())
	var seq int64
	if err := admin.QueryRow(t.Context(), `insert into outbox.event (kind, subject_id, at)
		values ('test', gen_random_uuid(), now() - interval '1 hour') returning seq`).Scan(&seq); err != nil {
		t.Fatal(err)
	}
	happen(t, admin, "young")
	if age := waiting(); age < time.Hour || age > 2*time.Hour {
		t.Errorf("what has waited for an hour is %v old", age)
	}
	var log told
	run(t, box, log.consumer("test"))
	eventually(t, "nothing waits any more", func() bool { return waiting() == 0 })

	unsealed, err := box.Unsealed(t.Context())
	if err != nil || unsealed != 0 {
		t.Errorf("no audit, and it is %v old: %v", unsealed, err)
	}
	db.Admin(t, `insert into audit.event (id, at, purpose, resource, action, outcome)
		values (gen_random_uuid(), now() - interval '2 hours', 'care', 'Patient', 'read', 'success')`)
	if unsealed, err = box.Unsealed(t.Context()); err != nil || unsealed < 2*time.Hour {
		t.Errorf("what is unsealed for two hours is %v old: %v", unsealed, err)
	}
}

func TestTheDiskIsAskedByWritingToIt(t *testing.T) {
	db, box := fixture(t, events.Options{})
	if err := box.ProbeDisk(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.Admin(t, "alter role kindward_relay in database "+db.Name+" set temp_file_limit = 0")
	if err := outbox(t, db, events.Options{}).ProbeDisk(t.Context()); tenancy.Code(err) != "53400" {
		t.Errorf("a server that may not write to its disk is asked, and says %v", err)
	}
}
