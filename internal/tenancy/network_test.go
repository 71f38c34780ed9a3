package tenancy_test

import (
	"context"
	"testing"
	"time"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

func TestF21AGatewayAnswersSoonAfterTheNetworkThatSwallowedIsBack(t *testing.T) {
	db := pgtest.Open(t)
	network := db.Between(t)
	gateway, err := tenancy.Open(t.Context(), network.Through(t, db.AppURL()), db.Keys,
		tenancy.Options{MaxConns: 3, Answer: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	ask := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := gateway.Public().Tenants(ctx)
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	network.Swallow()
	for range 4 { // on used connections and on new ones
		if ask() == nil {
			t.Fatal("the control: the network brings what it swallows")
		}
	}
	network.Restore()
	back := time.Now()
	for ask() != nil {
		if time.Since(back) > time.Minute {
			t.Fatal("the gateway does not recover")
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("answered %v after the network was back", time.Since(back))
}

// A connection that broke keeps its lane until it is closed. Without pgdial.Abandon that is as long as pgx waits for
// the other side's farewell, which never comes: ten seconds and more.
func TestF21ALaneIsFreeBeforeItsBrokenConnectionHasWaitedForAnAnswer(t *testing.T) {
	const answer = 15 * time.Second
	db := pgtest.Open(t)
	network := db.Between(t)
	gateway, err := tenancy.Open(t.Context(), network.Through(t, db.AppURL()), db.Keys,
		tenancy.Options{MaxConns: 1, Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	ask := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := gateway.Public().Tenants(ctx)
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	network.Swallow()
	lost := time.Now()
	for range 2 { // on a connection that is there, and on a new one
		if ask() == nil {
			t.Fatal("the control: the network brings what it swallows")
		}
	}
	network.Restore()
	for ask() != nil {
		if time.Since(lost) > answer {
			t.Fatal("the lane is not free")
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("free %v after the connection broke", time.Since(lost))
}

func TestF21ALaneWhoseConnectionsAreBrokenIsPassedBy(t *testing.T) {
	db := pgtest.Open(t)
	network := db.Between(t)
	gateway, err := tenancy.Open(t.Context(), network.Through(t, db.AppURL()), db.Keys, tenancy.Options{MaxConns: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	if lane := gateway.LaneOfShared(); lane != 0 {
		t.Fatalf("the control: while all is well it is lane %d", lane)
	}
	network.Swallow()
	for end := time.Now().Add(time.Minute); gateway.LaneOfShared() == 0; { // one breaks, the other one never opens
		if time.Now().After(end) {
			t.Fatal("a lane that is stuck is entered")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := gateway.Public().Tenants(ctx); err == nil {
			t.Error("the control: the network brings what it swallows")
		}
		cancel()
	}
}

// That no connection is free is said soon (TestAFullPoolIs503WithinASecondAndHealthStillAnswers). One that is free and
// only has to be opened is nobody's fault: on a busy machine that takes a while, and people are not sent away for it.
func TestAConnectionThatIsSlowToOpenIsWaitedFor(t *testing.T) {
	const slow = 150 * time.Millisecond // each of the four questions and more that opening one asks
	db := pgtest.Open(t)
	network := db.Between(t)
	gateway, err := tenancy.Open(t.Context(), network.Through(t, db.AppURL()), db.Keys, tenancy.Options{MaxConns: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	err = gateway.WithinShared(t.Context(), gateway.Admit(tenancy.Tenant{}, tenancy.Caller{}),
		func(*shareddb.Queries) error { // has the connection that is open
			network.Slow(slow)
			defer network.Slow(0)
			began := time.Now()
			_, err := gateway.Public().Tenants(t.Context())
			if took := time.Since(began); err == nil && took-slow < tenancy.AcquireWait {
				t.Errorf("the control: it was open after %v", took-slow)
			}
			return err
		})
	if err != nil {
		t.Error(err)
	}
}
