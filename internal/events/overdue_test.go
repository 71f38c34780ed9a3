package events_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/events"
	"kindward/internal/pgtest"
)

// session is a connection that has done something, and is not closed by limits of its own.
func session(t *testing.T, db *pgtest.DB, url string, statements ...string) *pgx.Conn {
	t.Helper()
	conn := db.Connect(t, url)
	for _, sql := range append([]string{"set idle_in_transaction_session_timeout = 0", "set statement_timeout = 0"},
		statements...) {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	return conn
}

func TestA51ASessionOfPagesThatHoldsOthersUpIsEndedWhateverItHasSet(t *testing.T) {
	db, box := fixture(t, events.Options{})
	db.Admin(t, `grant execute on function pg_advisory_lock(bigint) to kindward_app`) // as where nobody may revoke it
	begun := []string{"begin", "select pg_current_xact_id()"}
	ended := map[string]*pgx.Conn{"an open transaction": session(t, db, db.AppURL(), begun...),
		"a lock without one": session(t, db, db.AppURL(), "select pg_advisory_lock(7)")}
	spared := map[string]*pgx.Conn{"one that rests": session(t, db, db.AppURL(), "select 1"),
		"the administrator's": session(t, db, db.AdminURL(), begun...),
		"the relay's":         session(t, db, db.RelayURL(), begun...)}
	if all, err := box.EndOverdue(t.Context(), time.Hour); err != nil || len(all) > 0 {
		t.Fatalf("young sessions are ended: %v %v", all, err)
	}
	var pids []uint32
	eventually(t, "both are ended", func() bool {
		all, err := box.EndOverdue(t.Context(), 500*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if pids = append(pids, uint32(s.PID)); s.Role != "kindward_app" || s.Age < 500*time.Millisecond {
				t.Errorf("%+v", s)
			}
		}
		for _, conn := range ended { // the server may name one again that is about to end
			if !slices.Contains(pids, conn.PgConn().PID()) {
				return false
			}
		}
		return true
	})
	for name, conn := range ended {
		if !slices.Contains(pids, conn.PgConn().PID()) || conn.Ping(t.Context()) == nil {
			t.Errorf("%s goes on", name)
		}
	}
	for name, conn := range spared {
		if err := conn.Ping(t.Context()); err != nil {
			t.Errorf("%s is ended: %v", name, err)
		}
	}
}

func TestNobodyButTheWorkerEndsSessions(t *testing.T) {
	db, _ := fixture(t, events.Options{})
	_, err := db.Connect(t, db.AppURL()).Exec(t.Context(), `select ctx.end_overdue(0)`)
	if err == nil {
		t.Error("pages may end each other's sessions")
	}
}

func TestA51WhoeverKeepsOthersWaitingIsEndedAndWhoeverWaitsIsNot(t *testing.T) {
	db, box := fixture(t, events.Options{})
	holder := session(t, db, db.AppURL(), "begin", "lock table market.busy in share row exclusive mode")
	rests := session(t, db, db.AppURL(), "begin", "select 1")
	waits, waited := session(t, db, db.AppURL(), "begin"), make(chan error, 1)
	go func() {
		_, err := waits.Exec(t.Context(), "lock table market.busy in row exclusive mode")
		waited <- err
	}()
	var ended []events.Overdue
	eventually(t, "the holder is ended", func() bool {
		all, err := box.EndOverdue(t.Context(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		ended = append(ended, all...)
		return len(ended) > 0
	})
	if err := <-waited; err != nil || len(ended) != 1 || uint32(ended[0].PID) != holder.PgConn().PID() ||
		ended[0].Age < 5*time.Second {
		t.Errorf("%+v, and who waited: %v", ended, err)
	}
	if err := rests.Ping(t.Context()); err != nil { // the control: as old, and in nobody's way
		t.Error(err)
	}
}

func TestA51ASessionOfPagesInAnotherDatabaseIsEndedToo(t *testing.T) {
	db, box := fixture(t, events.Options{})
	other := "elsewhere_" + db.Name
	db.Admin(t, "create database "+other)
	u, err := url.Parse(db.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + other
	holds := session(t, db, u.String(), "begin", "select pg_current_xact_id()")
	rests := session(t, db, u.String(), "select 1")
	eventually(t, "it is ended", func() bool {
		all, err := box.EndOverdue(t.Context(), 500*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all, func(s events.Overdue) bool { return uint32(s.PID) == holds.PgConn().PID() })
	})
	if err := rests.Ping(t.Context()); err != nil { // the control: as old, and in nobody's way
		t.Error(err)
	}
}
