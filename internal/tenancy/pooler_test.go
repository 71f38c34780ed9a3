package tenancy_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// TestBehindAPoolerNoPlanIsKeptAndNobodySeesAnothersRows runs through pgbouncer in transaction mode, where one
// connection is many of the server's, each for one transaction.
func TestBehindAPoolerNoPlanIsKeptAndNobodySeesAnothersRows(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 1})
	clinics := make([]tenancy.Tenant, 5)
	for i := range clinics {
		clinics[i] = db.Tenant(t, "clinic")
	}
	gateway, err := tenancy.Open(t.Context(), db.PooledURL(t), db.Keys, tenancy.Options{MaxConns: 16, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	if s := gateway.PlanStats(); s.Kept || !strings.Contains(s.Why, "pooler") {
		t.Errorf("%+v", s)
	}
	scope := func(i int) tenancy.Scope {
		return gateway.Admit(clinics[i%len(clinics)], tenancy.Caller{Subject: uuid.New()})
	}
	if _, err := gateway.Alone(scope(0)).Exec(t.Context(), "select ctx.tenant()"); tenancy.Code(err) != "42501" {
		t.Errorf("control: a ticket that is bound to a connection is good through a pooler: %v", err)
	}
	if changed, err := db.Owner.BindTickets(t.Context(), false); err != nil || !changed {
		t.Fatal(changed, err)
	}
	another, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Owner.InstallKey(t.Context(), another.Current()); err != nil {
		t.Fatal(err)
	}
	var bound int
	if err := db.Connect(t, db.AdminURL()).QueryRow(t.Context(), `select count(*) from ctx.key where bind_connection`).Scan(
		&bound); err != nil || bound != 0 {
		t.Errorf("%d keys bind their tickets to a connection, %v", bound, err)
	}
	var group sync.WaitGroup
	for n := range 200 {
		group.Go(func() {
			whose := clinics[n%len(clinics)].ID
			var all []string
			err := gateway.Atomically(t.Context(), scope(n), func(tx tenancy.DBTX) (err error) {
				all, err = leaveMark(t.Context(), tx, whose, n)
				return err
			})
			if f := foreign(all, whose); err != nil || len(f) > 0 {
				t.Errorf("%d: %v, %v", n, f, err)
			}
			if _, err := patients(t.Context(), gateway.Alone(scope(n))); err != nil {
				t.Error(err)
			}
			if _, err := gateway.Public().Tenants(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
