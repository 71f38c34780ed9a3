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
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 7})
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
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 5, Wait: time.Minute})
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

func TestAConnectionThatHasSeenManySchemasIsReplaced(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	g, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, tenancy.Options{MaxConns: 1, MostSchemas: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	clinics := make([]tenancy.Tenant, 4)
	for i := range clinics {
		clinics[i] = db.Tenant(t, "clinic")
	}
	visit := func(clinics ...tenancy.Tenant) (pid uint32) {
		for _, c := range clinics {
			if _, err := patients(t.Context(), g.Alone(g.Admit(c, tenancy.Caller{}))); err != nil {
				t.Fatal(err)
			}
		}
		conn, release, err := g.Borrow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		return conn.Conn().PgConn().PID()
	}
	begin := visit(clinics[:2]...)
	if visit(clinics[0], clinics[1], clinics[0]) != begin {
		t.Error("the control: it was replaced though it has seen no more")
	}
	if visit(clinics...) == begin {
		t.Error("it has seen four and is still there")
	}
}

func TestBothRolesTogetherHaveNoMoreConnectionsThanAProcessMay(t *testing.T) {
	db := pgtest.Open(t)
	for all, want := range map[int32][2]int{0: {12, 4}, 1: {1, 1}, 2: {1, 1}, 3: {2, 1}, 4: {2, 2}, 8: {4, 4}, 16: {12, 4},
		40: {30, 10}} {
		g, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, tenancy.Options{MaxConns: all})
		if err != nil {
			t.Fatal(err)
		}
		if app, identity := g.Lanes(); want != [2]int{app, identity} {
			t.Errorf("of %d connections %d are the app's and %d the identity's", all, app, identity)
		}
		g.Close()
	}
}
