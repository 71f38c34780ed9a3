package tenancy_test

import (
	"context"
	"testing"
	"time"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestF21AGatewayAnswersSoonAfterTheNetworkThatSwallowedIsBack(t *testing.T) {
	db, network := pgtest.Open(t), pgtest.Between(t)
	gateway, err := tenancy.Open(t.Context(), network.Through(t, db.AppURL()), db.Keys,
		tenancy.Options{MaxConns: 2, Answer: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	ask := func() error { _, err := gateway.Public().Tenants(context.Background()); return err }
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	network.Swallow()
	for begin := time.Now(); time.Since(begin) < 3*time.Second; { // on used connections and on new ones
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
