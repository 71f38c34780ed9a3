package tenancy_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// leaveMark writes a patient whose name says whose it is, and reads all patients back.
func leaveMark(ctx context.Context, tx tenancy.DBTX, whose uuid.UUID, n int) ([]string, error) {
	if _, err := tx.Exec(ctx, "insert into patient (id, name) values ($1, $2)", uuid.New(),
		fmt.Sprintf("%s %d", whose, n)); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, "insert into outbox.event (kind, subject_id) values ('mark', $1)", whose); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx,
		"select name from patient union all select subject_id::text || ' event' from outbox.event where kind = 'mark'")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// foreign gives what is not the clinic's own.
func foreign(names []string, whose uuid.UUID) (out []string) {
	for _, name := range names {
		if !strings.HasPrefix(name, whose.String()+" ") {
			out = append(out, name)
		}
	}
	return out
}

// impatience is the product's wait for a connection, where it belongs to the test that some wait in vain.
const impatience = 500 * time.Millisecond

// TestTwoHundredClinics uses one region for what needs many clinics.
func TestTwoHundredClinics(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 7, Wait: impatience})
	began := time.Now()
	clinics := make([]tenancy.Tenant, 200)
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := worker; i < len(clinics); i += 4 {
				clinics[i] = db.Tenant(t, "clinic")
			}
		})
	}
	group.Wait()
	t.Logf("made 200 schemas in %v", time.Since(began).Round(time.Millisecond))
	t.Run("640 transactions at once through a pool of 4 each see their own clinic only",
		func(t *testing.T) { crossTraffic(t, db, clinics) })
	t.Run("a migration killed at number 100 is resumed, none is migrated twice",
		func(t *testing.T) { killedAndResumed(t, db, clinics) })
	t.Run("a step that fails on the canary touches nobody else", func(t *testing.T) { canaryFirst(t, db, clinics) })
	t.Run("two programs that migrate at once do it once", func(t *testing.T) { twoAtOnce(t, db, clinics) })
}

func crossTraffic(t *testing.T, db *pgtest.DB, clinics []tenancy.Tenant) {
	const transactions = 640
	var busy, wrong atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for n := range transactions {
		clinic := clinics[n%len(clinics)]
		group.Go(func() {
			for {
				var names []string
				err := db.Gateway.Atomically(t.Context(), db.Gateway.Admit(clinic, tenancy.Caller{Subject: uuid.New()}),
					func(tx tenancy.DBTX) (err error) {
						names, err = leaveMark(t.Context(), tx, clinic.ID, n)
						return err
					})
				if errors.Is(err, tenancy.ErrBusy) { // nothing has run: asked again
					busy.Add(1)
					time.Sleep(rand.N(50 * time.Millisecond))
					continue
				}
				if err != nil {
					t.Error(err)
				}
				mine := fmt.Sprintf("%s %d", clinic.ID, n)
				if f := foreign(names, clinic.ID); len(f) > 0 || !strings.Contains(strings.Join(names, "\n"), mine) {
					wrong.Add(1)
					t.Errorf("clinic %s saw %v", clinic.ID, f)
				}
				return
			}
		})
	}
	group.Wait()
	t.Logf("%d transactions over %d clinics in %v, %d times no connection was free in time, %d saw what they should not",
		transactions, len(clinics), time.Since(began).Round(time.Millisecond), busy.Load(), wrong.Load())
	admin := db.Connect(t, db.AdminURL())
	for i, clinic := range clinics {
		want := transactions / len(clinics)
		if i < transactions%len(clinics) {
			want++
		}
		var all, own int
		err := admin.QueryRow(t.Context(),
			fmt.Sprintf("select count(*), count(*) filter (where name like '%s %%') from %s.patient", clinic.ID,
				clinic.Schema)).Scan(&all, &own)
		if err != nil || all != want || own != want {
			t.Fatalf("%s holds %d rows, %d of them its own, expected %d, %v", clinic.Schema, all, own, want, err)
		}
	}
}

// costly scenarios, from this one on, end in a connection that is thrown away; a new one costs 10 ms.
const costly = 7

var errWanted = errors.New("wanted")

// scenarios are ways in which a transaction goes on and ends. kept tells whether its mark must stay.
var scenarios = []struct {
	name string
	kept bool
	run  func(ctx context.Context, stop context.CancelFunc, tx tenancy.DBTX, mark func() error) error
}{
	{"ends well", true, func(_ context.Context, _ context.CancelFunc, _ tenancy.DBTX,
		mark func() error) error {
		return mark()
	}},
	{"does nothing", false, func(context.Context, context.CancelFunc, tenancy.DBTX, func() error) error { return nil }},
	{"returns an error", false, func(_ context.Context, _ context.CancelFunc, _ tenancy.DBTX, mark func() error) error {
		return errors.Join(mark(), errWanted)
	}},
	{"panics", false, func(_ context.Context, _ context.CancelFunc, _ tenancy.DBTX, mark func() error) error {
		if err := mark(); err != nil {
			return err
		}
		panic(errWanted)
	}},
	{"fails in the database", false, func(ctx context.Context, _ context.CancelFunc, tx tenancy.DBTX,
		mark func() error) error {
		if err := mark(); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "select 1/0")
		return errors.Join(err, errWanted)
	}},
	{"fails in the database and says nothing", false,
		func(ctx context.Context, _ context.CancelFunc, tx tenancy.DBTX, mark func() error) error {
			if err := mark(); err != nil {
				return err
			}
			_, _ = tx.Exec(ctx, "select 1/0")
			return nil
		}},
	{"fails in its first query", false, func(ctx context.Context, _ context.CancelFunc, tx tenancy.DBTX,
		mark func() error) error {
		_, err := tx.Exec(ctx, "select 1/$1::int", 0)
		return errors.Join(err, errWanted)
	}},
	{"leaves rows unread", false, func(ctx context.Context, _ context.CancelFunc, tx tenancy.DBTX,
		mark func() error) error {
		if err := mark(); err != nil {
			return err
		}
		_, err := tx.Query(ctx, "select generate_series(1, 10000)")
		return err
	}},
	{"leaves the first query's rows unread", false, func(ctx context.Context, _ context.CancelFunc, tx tenancy.DBTX,
		_ func() error) error {
		_, err := tx.Query(ctx, "select generate_series(1, 10000)")
		return err
	}},
	{"leaves rows unread and fails", false, func(ctx context.Context, _ context.CancelFunc, tx tenancy.DBTX,
		mark func() error) error {
		if err := mark(); err != nil {
			return err
		}
		_, err := tx.Query(ctx, "select generate_series(1, 10000)")
		return errors.Join(err, errWanted)
	}},
	{"is given up between queries", false, func(ctx context.Context, stop context.CancelFunc, tx tenancy.DBTX,
		mark func() error) error {
		if err := mark(); err != nil {
			return err
		}
		stop()
		return ctx.Err()
	}},
	{"is given up in the middle of a query", false, func(ctx context.Context, stop context.CancelFunc, tx tenancy.DBTX,
		mark func() error) error {
		if err := mark(); err != nil {
			return err
		}
		time.AfterFunc(2*time.Millisecond, stop)
		_, err := tx.Exec(ctx, "select pg_sleep(5)")
		return err
	}},
	{"is given up before it ends well", false, func(ctx context.Context, stop context.CancelFunc, tx tenancy.DBTX,
		mark func() error) error {
		err := mark()
		stop()
		return err
	}},
}

func TestAThousandInterleavingsThroughAPoolOfTwoLeaveNoContextBehind(t *testing.T) { // A38
	db := pgtest.Fresh(t, tenancy.Options{MaxConns: 3, Wait: impatience})
	clinics := make([]tenancy.Tenant, 5)
	for i := range clinics {
		clinics[i] = db.Tenant(t, "clinic")
	}
	const rounds = 1000
	var next, busy atomic.Int64
	kept := make([]atomic.Int64, len(clinics))
	counts := make([]atomic.Int64, len(scenarios))
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 38))
			for next.Add(1) <= rounds {
				i, k := dice.IntN(len(clinics)), dice.IntN(len(scenarios))
				if k >= costly && dice.IntN(5) > 0 {
					k = dice.IntN(costly)
				}
				counts[k].Add(1)
				for {
					err := interleave(t, db, clinics[i], k)
					if errors.Is(err, tenancy.ErrBusy) {
						busy.Add(1)
						continue
					}
					if (err == nil) != (scenarios[k].kept || scenarios[k].name == "does nothing") {
						t.Errorf("%s: %v", scenarios[k].name, err)
					}
					break
				}
				if scenarios[k].kept {
					kept[i].Add(1)
				}
				unmarked(t, db)
			}
		})
	}
	group.Wait()
	for i, clinic := range clinics {
		var n int64
		if err := db.Gateway.Alone(db.Gateway.Admit(clinic, tenancy.Caller{})).QueryRow(t.Context(),
			"select count(*) from patient").Scan(&n); err != nil || n != kept[i].Load() {
			t.Errorf("clinic %d keeps %d marks, expected %d, %v", i, n, kept[i].Load(), err)
		}
	}
	for k := range counts {
		t.Logf("%3d x %s", counts[k].Load(), scenarios[k].name)
	}
	t.Logf("%d times no connection was free in time", busy.Load())
}

func interleave(t *testing.T, db *pgtest.DB, clinic tenancy.Tenant, k int) (err error) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	defer func() {
		if p := recover(); p == errWanted {
			err = errWanted
		} else if p != nil {
			panic(p)
		}
	}()
	return db.Gateway.Atomically(ctx, db.Gateway.Admit(clinic, tenancy.Caller{}), func(tx tenancy.DBTX) error {
		return scenarios[k].run(ctx, stop, tx, func() error {
			names, err := leaveMark(ctx, tx, clinic.ID, k)
			if f := foreign(names, clinic.ID); len(f) > 0 {
				t.Errorf("%s sees %v", clinic.ID, f)
			}
			return err
		})
	})
}

// unmarked looks at a connection as the pool gives it out: no context, no transaction, the template's path.
func unmarked(t *testing.T, db *pgtest.DB) {
	conn, release, err := db.Gateway.Borrow(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	defer release()
	var pass, path, ip string
	var mode string
	err = conn.QueryRow(t.Context(),
		`select coalesce(current_setting('app.ctx', true), ''), current_setting('search_path'), coalesce(current_setting('app.ip', true), ''), current_setting('plan_cache_mode')`).Scan(&pass, &path, &ip, &mode)
	if err != nil || pass != "" || !strings.HasPrefix(path, tenancy.TemplateSchema) || ip != "" || mode != "auto" {
		t.Errorf("a connection carries context %q, path %q, address %q, plan mode %q, %v", pass, path, ip, mode, err)
	}
	if status := conn.Conn().PgConn().TxStatus(); status != 'I' {
		t.Errorf("a connection is in transaction state %c", status)
	}
}

func TestAnErrorAtAnyStatementTakesEverythingBack(t *testing.T) { // F22
	db := pgtest.Open(t)
	clinic := db.Tenant(t, "clinic")
	scope := db.Gateway.Admit(clinic, tenancy.Caller{})
	const statements = 5
	for _, code := range []string{"40001", "40P01", "57P01", "25006", "23P01", "KW409"} {
		for broken := range statements {
			err := db.Gateway.Atomically(t.Context(), scope, func(tx tenancy.DBTX) error {
				for k := range statements {
					if k == broken {
						if _, err := tx.Exec(t.Context(), "select ctx.refuse($1)", code); err != nil {
							return fmt.Errorf("statement %d: %w", k, err)
						}
					}
					if _, err := tx.Exec(t.Context(), "insert into patient (id, name) values ($1, 'half')", uuid.New()); err != nil {
						return err
					}
				}
				return nil
			})
			if tenancy.Code(err) != code {
				t.Errorf("%s at statement %d: %v", code, broken, err)
			}
		}
	}
	var n int
	if err := db.Gateway.Alone(scope).QueryRow(t.Context(), "select count(*) from patient").Scan(&n); err != nil ||
		n != 0 {
		t.Errorf("%d halves are left, %v", n, err)
	}
}

func TestATransactionThatIsOverRunsNothingMore(t *testing.T) {
	db := pgtest.Open(t)
	clinic := db.Tenant(t, "clinic")
	key := "over-" + clinic.ID.String()
	// directory.throttle is not gated: outside of a transaction this insert would stay.
	insert := func(tx tenancy.DBTX) error {
		_, err := tx.Exec(t.Context(), "insert into directory.throttle (key, window_start, hits) values ($1, now(), 1)", key)
		return err
	}
	for name, first := range map[string]string{"cannot be sent": "select $1::int", "does not exist": "select nonsense($1)",
		"commits by itself": "commit", "rolls back by itself": "rollback"} {
		err := db.Gateway.Atomically(t.Context(), db.Gateway.Admit(clinic, tenancy.Caller{}), func(tx tenancy.DBTX) error {
			if strings.HasSuffix(name, "itself") {
				_, _ = tx.Exec(t.Context(), "select 1")
				_, _ = tx.Exec(t.Context(), first)
			} else {
				_, _ = tx.Exec(t.Context(), first, "not a number")
			}
			_ = insert(tx) // a careless program goes on
			return nil
		})
		if err == nil && strings.HasSuffix(name, "itself") {
			t.Errorf("first query %s: the transaction says that it ended well", name)
		}
	}
	admin := db.Connect(t, db.AdminURL())
	var n int
	if err := admin.QueryRow(t.Context(), "select count(*) from directory.throttle where key = $1",
		key).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows were written outside of a transaction, %v", n, err)
	}
}

func TestKeysRotateUnderTrafficWithoutAFailure(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	clinic := db.Tenant(t, "clinic")
	path := filepath.Join(t.TempDir(), "secrets.json")
	var gateways [2]*tenancy.Gateway // two processes that read the same file
	var rings [2]*keys.Keyring
	for i := range gateways {
		var err error
		if rings[i], err = keys.Open(path); err != nil {
			t.Fatal(err)
		}
		if err := db.Owner.InstallKey(t.Context(), rings[i].Current()); err != nil {
			t.Fatal(err)
		}
		if gateways[i], err = tenancy.Open(t.Context(), db.AppURL(), rings[i],
			tenancy.Options{MaxConns: 7, Wait: patience,
				IdentityPassword: db.Keys.Password("kindward_identity")}); err != nil {
			t.Fatal(err)
		}
		defer gateways[i].Close()
	}
	var done, failed atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for worker := range 8 {
		gateway := gateways[worker%2]
		group.Go(func() {
			for ctx.Err() == nil {
				var tenant uuid.UUID
				err := gateway.Atomically(t.Context(), gateway.Admit(clinic, tenancy.Caller{}), func(tx tenancy.DBTX) error {
					return tx.QueryRow(t.Context(), "select ctx.tenant()").Scan(&tenant)
				})
				if done.Add(1); (err != nil || tenant != clinic.ID) && failed.Add(1) < 5 {
					t.Error(tenant, err)
				}
			}
		})
	}
	used := map[string]bool{rings[0].Current().ID: true}
	for range 2 {
		time.Sleep(1100 * time.Millisecond) // the other process looks at the file once a second
		if err := rings[0].Rotate(func(k keys.Key) error { return db.Owner.InstallKey(t.Context(), k) }); err != nil {
			t.Fatal(err)
		}
		used[rings[0].Current().ID] = true
	}
	time.Sleep(1100 * time.Millisecond)
	if rings[1].Current().ID != rings[0].Current().ID {
		t.Error("the other process still signs with an old key")
	}
	stop()
	group.Wait()
	t.Logf("%d transactions, %d failed, over %d keys", done.Load(), failed.Load(), len(used))
	first := column1(t, db.Connect(t, db.AdminURL()), "select count(*) from ctx.key")
	if first[0] != "3" {
		t.Errorf("the database keeps %s keys", first[0])
	}
	// Control: signed first, told to the database afterward, it fails.
	if err := rings[0].Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := gateways[0].Alone(gateways[0].Admit(clinic, tenancy.Caller{})).Exec(t.Context(),
		"select ctx.tenant()"); tenancy.Code(err) != "42501" {
		t.Errorf("control: a key that the database was never told opens: %v", err)
	}
}
