package tenancy_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestATenantsPlansAreFoundOnItsLane(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 4})
	clinics := make([]tenancy.Tenant, 12)
	for i := range clinics {
		clinics[i] = db.Tenant(t, "clinic")
	}
	ask := func(n int) {
		for i := range n {
			scope := db.Gateway.Admit(clinics[i%len(clinics)], tenancy.Caller{Subject: uuid.New()})
			if _, err := patients(t.Context(), db.Gateway.Alone(scope)); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(2*len(clinics) + 3) // what enters is kept on each connection too
	before := db.Gateway.PlanStats()
	ask(10 * len(clinics))
	after := db.Gateway.PlanStats()
	if misses := after.Misses - before.Misses; misses > 4 {
		t.Errorf("%d of %d statements found no plan", misses, 20*len(clinics))
	}
}

func TestNoConnectionIsLostWhereMoreAskThanThereAre(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 3, Wait: time.Minute})
	clinics := []tenancy.Tenant{db.Tenant(t, "clinic"), db.Tenant(t, "clinic")}
	var group sync.WaitGroup
	var most atomic.Int64
	for worker := range 24 {
		group.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 13))
			for range 20 {
				scope := db.Gateway.Admit(clinics[dice.IntN(2)], tenancy.Caller{})
				if _, err := patients(t.Context(), db.Gateway.Alone(scope)); err != nil {
					t.Error(err)
				}
				most.Store(max(most.Load(), int64(db.Gateway.Out())))
			}
		})
	}
	group.Wait()
	if n := settled(db.Gateway); n != 0 || most.Load() > 3 {
		t.Errorf("%d connections are lost; %d were out at once", n, most.Load())
	}
	impatient, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, tenancy.Options{MaxConns: 1, Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer impatient.Close()
	_, release, err := impatient.Borrow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := impatient.Public().Tenants(t.Context()); !errors.Is(err, tenancy.ErrBusy) {
		t.Errorf("where all are out: %v", err)
	}
	release()
	if _, err := impatient.Public().Tenants(t.Context()); err != nil {
		t.Errorf("after that: %v", err)
	}
}
