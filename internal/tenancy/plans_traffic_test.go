package tenancy_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// visitor is somebody of one clinic in the traffic below. Each act's answers are right or the act is refused.
type visitor struct {
	*pgtest.DB
	admin  *pgx.Conn
	clinic tenancy.Tenant
	scope  tenancy.Scope
	dice   *rand.Rand
}

// acts are what visitors do, with what administrators and attackers do to the same connections in between.
var acts = []struct {
	name string
	run  func(context.Context, *testing.T, visitor) error
}{
	{"reads alone", func(ctx context.Context, t *testing.T, v visitor) error {
		got, err := patients(ctx, v.Gateway.Alone(v.scope))
		return v.own(t, got, err)
	}},
	{"reads twice in a transaction", func(ctx context.Context, t *testing.T, v visitor) error {
		return v.Gateway.Atomically(ctx, v.scope, func(tx tenancy.DBTX) error {
			for range 2 {
				got, err := patients(ctx, tx)
				if err := v.own(t, got, err); err != nil {
					return err
				}
			}
			return nil
		})
	}},
	{"changes and reads", func(ctx context.Context, t *testing.T, v visitor) error {
		return v.Gateway.Atomically(ctx, v.scope, func(tx tenancy.DBTX) error {
			tag, err := tx.Exec(ctx, "update patient set phone = $1", uuid.NewString()[:8])
			if err != nil {
				return err
			}
			if tag.RowsAffected() != 1 {
				t.Errorf("%d rows are changed", tag.RowsAffected())
			}
			got, err := patients(ctx, tx)
			return v.own(t, got, err)
		})
	}},
	{"drops all plans", func(ctx context.Context, _ *testing.T, v visitor) error {
		_, err := v.Gateway.Alone(v.scope).Exec(ctx, "deallocate all")
		return err
	}},
	{"drops all plans and goes on", func(ctx context.Context, t *testing.T, v visitor) error {
		return v.Gateway.Atomically(ctx, v.scope, func(tx tenancy.DBTX) error {
			if _, err := tx.Exec(ctx, "deallocate all"); err != nil {
				return err
			}
			got, err := patients(ctx, tx)
			return v.own(t, got, err)
		})
	}},
	{"changes a column's type", func(ctx context.Context, _ *testing.T, v visitor) error {
		kind := []string{"text", "varchar(100)", "varchar(200)"}[v.dice.IntN(3)]
		_, err := v.admin.Exec(ctx, "alter table "+v.clinic.Schema+".patient alter name type "+kind)
		return err
	}},
	{"makes the plans stale", func(ctx context.Context, _ *testing.T, v visitor) error {
		_, err := v.admin.Exec(ctx, "analyze "+v.clinic.Schema+".patient")
		return err
	}},
}

// own checks that what was read is the clinic's one patient.
func (v visitor) own(t *testing.T, got []string, err error) error {
	if err == nil && (len(got) != 1 || !strings.Contains(got[0], v.clinic.ID.String())) {
		t.Errorf("clinic %s reads %v", v.clinic.ID, got)
	}
	return err
}

func TestAThousandInterleavingsWithKeptPlansAreRightOrRefused(t *testing.T) { // A38
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 5})
	clinics := make([]tenancy.Tenant, 6)
	for i := range clinics {
		clinics[i] = db.Tenant(t, "clinic")
		db.Admin(t, "insert into "+clinics[i].Schema+".patient (id, name) values (gen_random_uuid(), $1)",
			clinics[i].ID.String())
		freeName(t, db, clinics[i])
	}
	var next, refused, mixed atomic.Int64
	var group sync.WaitGroup
	for worker := range 4 {
		admin := db.Connect(t, db.AdminURL())
		group.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 41))
			for next.Add(1) <= 1000 {
				clinic := clinics[dice.IntN(len(clinics))]
				v := visitor{db, admin, clinic, db.Gateway.Admit(clinic, tenancy.Caller{Subject: uuid.New()}), dice}
				if dice.IntN(8) == 0 { // the gateway takes a wrong key from now on
					mixUp(t, db.Gateway, clinics[dice.IntN(len(clinics))].Schema, clinic.Schema)
					mixed.Add(1)
				}
				act := acts[dice.IntN(len(acts))]
				if dice.IntN(3) > 0 {
					act = acts[dice.IntN(3)]
				}
				err := act.run(t.Context(), t, v)
				switch code := tenancy.Code(err); {
				case err == nil:
				case errors.Is(err, tenancy.ErrBusy) || code == "40001" || code == "40P01":
					refused.Add(1)
				default:
					t.Errorf("%s: %v", act.name, err)
				}
			}
		})
	}
	group.Wait()
	s := db.Gateway.PlanStats()
	t.Logf("%d acts refused, %d wrong keys, %+v", refused.Load(), mixed.Load(), s)
	if s.Hits < 100 || s.Forgotten < 10 || refused.Load() > 500 {
		t.Errorf("this proves little: %d refused, %+v", refused.Load(), s)
	}
}

// mixUp makes one schema's plans count as another's on one of the connections.
func mixUp(t *testing.T, g *tenancy.Gateway, from, to string) {
	conn, release, err := g.Borrow(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	defer release()
	tenancy.MixUpPlans(conn.Conn(), from, to)
}
