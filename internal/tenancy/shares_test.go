package tenancy_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// TestF14WhoeverFloodsOneOrganizationLeavesTheOthersConnections lets a row of an organization be locked, and more wait
// for it than there are connections.
func TestF14WhoeverFloodsOneOrganizationLeavesTheOthersConnections(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 8, Wait: 200 * time.Millisecond}) // four of pages
	flooded, second, other := db.Tenant(t, "clinic"), db.Tenant(t, "clinic"), db.Tenant(t, "clinic")
	ask := func() error {
		_, err := patients(t.Context(), db.Gateway.Alone(db.Gateway.Admit(other, tenancy.Caller{})))
		return err
	}
	// flood has twelve transactions begun at once that rest; those that have no connection are refused
	flood := func(rest func(context.Context) error) (end func()) {
		over, begun := make(chan struct{}), make(chan struct{}, 12)
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				err := rest(context.WithValue(t.Context(), resting{}, func() { begun <- struct{}{}; <-over }))
				if errors.Is(err, tenancy.ErrBusy) {
					begun <- struct{}{}
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		for range 12 {
			<-begun
		}
		return func() { close(over); all.Wait() }
	}
	within := func(clinic tenancy.Tenant) func(context.Context) error {
		return func(ctx context.Context) error {
			return db.Gateway.Within(ctx, db.Gateway.Admit(clinic, tenancy.Caller{}), func(*tenantdb.Queries) error {
				ctx.Value(resting{}).(func())()
				return nil
			})
		}
	}
	application := uuid.New()
	for what, rest := range map[string]func(context.Context) error{"an organization": within(flooded),
		"an application": func(ctx context.Context) error {
			return db.Gateway.WithinShared(ctx, db.Gateway.AdmitApplicant(application, tenancy.Caller{}),
				func(*shareddb.Queries) error { ctx.Value(resting{}).(func())(); return nil })
		}} {
		end := flood(rest)
		if err := ask(); err != nil {
			t.Errorf("while %s is flooded, another waits: %v", what, err)
		}
		end()
	}
	end := flood(within(flooded))
	endSecond := flood(within(second))
	if err := ask(); !errors.Is(err, tenancy.ErrBusy) {
		t.Errorf("control: where all connections are out: %v", err)
	}
	endSecond()
	end()
	if err := ask(); err != nil || settled(db.Gateway) != 0 {
		t.Errorf("after that: %v, %d are out", err, settled(db.Gateway))
	}
}

type resting struct{}
