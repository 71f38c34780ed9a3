package tenancy_test

import (
	"context"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// clumsy panics when it is written as an argument or read as an answer.
type clumsy struct{}

func (clumsy) Value() (driver.Value, error) { panic("clumsy") }
func (*clumsy) Scan(any) error              { panic("clumsy") }

func TestAPanicInAQueryGivesItsConnectionBack(t *testing.T) {
	db := pgtest.Open(t)
	gateway, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, tenancy.Options{MaxConns: 3, Wait: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { go gateway.Close() }) // where a connection is lost, closing waits for it
	mine := gateway.Admit(db.Tenant(t, "clinic"), tenancy.Caller{Subject: uuid.New()})
	uses := map[string]func(tenancy.DBTX){
		"an argument of Exec":  func(q tenancy.DBTX) { _, _ = q.Exec(t.Context(), "select $1::text", clumsy{}) },
		"an argument of Query": func(q tenancy.DBTX) { _, _ = q.Query(t.Context(), "select $1::text", clumsy{}) },
		"an argument of QueryRow": func(q tenancy.DBTX) {
			_ = q.QueryRow(t.Context(), "select $1::text", clumsy{}).Scan(new(string))
		},
		"an answer of QueryRow": func(q tenancy.DBTX) { _ = q.QueryRow(t.Context(), "select 'x'").Scan(&clumsy{}) },
		"an answer of Query": func(q tenancy.DBTX) {
			rows, err := q.Query(t.Context(), "select n::text from generate_series(1, 1000) n")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close() // as generated code does
			for rows.Next() {
				_ = rows.Scan(&clumsy{})
			}
		},
	}
	ways := map[string]func(use func(tenancy.DBTX)){
		"alone":     func(use func(tenancy.DBTX)) { use(gateway.Alone(mine)) },
		"in public": func(use func(tenancy.DBTX)) { use(gateway.Alone(tenancy.Scope{})) },
		"in a transaction": func(use func(tenancy.DBTX)) {
			_ = gateway.Atomically(t.Context(), mine, func(q tenancy.DBTX) error { use(q); return nil })
		},
	}
	for way, in := range ways {
		for what, use := range uses {
			if !panics(func() { in(use) }) {
				t.Errorf("%s, %s: no panic, this proves nothing", way, what)
			}
			if n := settled(gateway); n != 0 {
				t.Fatalf("%s, %s: %d connections are lost", way, what, n)
			}
			if err := answers(t.Context(), gateway.Alone(mine)); err != nil {
				t.Errorf("%s, %s: the next query: %v", way, what, err)
			}
		}
	}
	t.Run("negative control: a connection that is kept shows", func(t *testing.T) {
		_, release, err := gateway.Borrow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if out := gateway.Out(); out != 1 {
			t.Errorf("%d do", out)
		}
	})
}

func panics(run func()) (did bool) {
	defer func() { did = recover() != nil }()
	run()
	return false
}

// patience is how long a test waits for what must come: long enough for a machine that has much else to do.
const patience = time.Minute

// settled is how many connections stay out; the pool throws broken ones away in the background.
func settled(gateway *tenancy.Gateway) (out int32) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if out = gateway.Out(); out == 0 {
			break
		}
	}
	return out
}

func answers(ctx context.Context, q interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}) error {
	var one int
	return q.QueryRow(ctx, "select 1").Scan(&one)
}
