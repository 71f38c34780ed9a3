package tenancy_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// batches counts what goes to the database.
type batches struct{ sent, alone int }

func (b *batches) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	b.alone++
	return ctx
}
func (b *batches) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (b *batches) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	b.sent++
	return ctx
}
func (b *batches) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (b *batches) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// piped is a gateway of its own with a clinic, for pipelines.
type piped struct {
	*tenancy.Gateway
	db     *pgtest.DB
	tenant tenancy.Tenant
	scope  tenancy.Scope
	heard  *batches
}

func newPiped(t *testing.T, explicit bool) piped {
	t.Helper()
	p := piped{db: pgtest.Open(t), heard: &batches{}}
	p.tenant = p.db.Tenant(t, "clinic")
	var err error
	p.Gateway, err = tenancy.Open(t.Context(), p.db.AppURL(), p.db.Keys,
		tenancy.Options{MaxConns: 3, Tracer: p.heard, Explicit: explicit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { go p.Close() }) // where a connection is lost, closing waits for it
	p.scope = p.Admit(p.tenant, tenancy.Caller{Subject: uuid.New()})
	return p
}

// somebody is whose request keys the tests keep.
var somebody = uuid.New()

// keep writes one row that a test counts.
func keep(ctx context.Context, q *tenantdb.Queries, key string) error {
	return q.InsertRequestKey(ctx, tenantdb.InsertRequestKeyParams{Key: key, BodyHash: []byte{1}, Subject: somebody,
		Location: "/"})
}

func (p piped) kept(t *testing.T) int {
	t.Helper()
	return p.db.Count(t, "select count(*) from "+p.tenant.Schema+".request_key")
}

// whole fails unless no connection is out or in a transaction.
func (p piped) whole(t *testing.T, after string) {
	t.Helper()
	if n := settled(p.Gateway); n != 0 {
		t.Fatalf("after %s: %d connections are lost", after, n)
	}
	for range 2 {
		if err := answers(t.Context(), p.Alone(p.scope)); err != nil {
			t.Errorf("after %s the next query: %v", after, err)
		}
	}
	if n := p.db.Count(t, `select count(*) from pg_stat_activity where datname = current_database()
		and usename = 'kindward_app' and state like 'idle in transaction%'`); n != 0 {
		t.Errorf("after %s: %d open transactions", after, n)
	}
}

func TestAPipelineIsOneRoundTripAndIsWrittenWholeOrNotAtAll(t *testing.T) {
	for _, explicit := range []bool{false, true} {
		p := newPiped(t, explicit)
		pipeline := func(keys ...string) error {
			return p.Pipeline(t.Context(), p.scope, func(q *tenantdb.Queries) (err error) {
				for _, key := range keys {
					err = errors.Join(err, keep(t.Context(), q, key))
				}
				return err
			})
		}
		err := pipeline("a", "b", "a", "c")
		if tenancy.Code(err) != "23505" || tenancy.Statement(err) != "InsertRequestKey" {
			t.Errorf("explicit %t: the third statement fails: %v", explicit, err)
		}
		if n := p.kept(t); n != 0 {
			t.Errorf("explicit %t: %d rows of a pipeline that failed", explicit, n)
		}
		p.whole(t, "a failure")
		before := *p.heard
		if err := pipeline("a", "b", "c"); err != nil {
			t.Errorf("explicit %t: control: %v", explicit, err)
		}
		if n := p.kept(t); n != 3 {
			t.Errorf("explicit %t: control: %d rows", explicit, n)
		}
		if p.heard.sent != before.sent+1 || p.heard.alone != before.alone {
			t.Errorf("explicit %t: %d round trips", explicit, p.heard.sent-before.sent+p.heard.alone-before.alone)
		}
		p.whole(t, "a success")
	}
}

func TestAStatementOfAPipelineSeesWhatThoseBeforeItDidAndTheLastMayGiveARow(t *testing.T) {
	p := newPiped(t, false)
	var location string
	err := p.Pipeline(t.Context(), p.scope, func(q *tenantdb.Queries) error {
		if err := keep(t.Context(), q, "a"); err != nil {
			return err
		}
		answer, err := q.StoredAnswer(t.Context(), somebody, "a")
		location = answer.Location
		return err
	})
	if err != nil || location != "/" {
		t.Errorf("%q, %v", location, err)
	}
	err = p.Pipeline(t.Context(), p.scope, func(q *tenantdb.Queries) error {
		_, err := q.StoredAnswer(t.Context(), somebody, "b")
		return err
	})
	if !errors.Is(err, pgx.ErrNoRows) || tenancy.Statement(err) != "StoredAnswer" {
		t.Errorf("no row: %v", err)
	}
}

func TestAPipelineRefusesWhatItCannotAnswerAndSendsNothing(t *testing.T) {
	p := newPiped(t, false)
	stop := errors.New("stop")
	for what, fn := range map[string]func(q *tenantdb.Queries) error{
		"an error of its own": func(q *tenantdb.Queries) error { return errors.Join(keep(t.Context(), q, "a"), stop) },
		"rows": func(q *tenantdb.Queries) error {
			_ = keep(t.Context(), q, "a")
			_, err := q.DeadHolds(t.Context())
			return err
		},
		"a count, and nobody minds the error": func(q *tenantdb.Queries) error {
			_ = keep(t.Context(), q, "a")
			_, _ = q.DeleteOldAnswers(t.Context())
			return nil
		},
	} {
		before := *p.heard
		if err := p.Pipeline(t.Context(), p.scope, fn); err == nil {
			t.Errorf("%s is not refused", what)
		}
		if *p.heard != before || p.kept(t) != 0 {
			t.Errorf("%s: something was sent", what)
		}
	}
	err := p.Pipeline(t.Context(), p.scope, func(q *tenantdb.Queries) error {
		_, _ = q.ChartID(t.Context(), nil)
		return keep(t.Context(), q, "a")
	})
	if err == nil || p.kept(t) != 0 {
		t.Errorf("a statement after the last: %v", err)
	}
	if err := p.Piped(t.Context(), p.scope, func(q tenancy.DBTX) error {
		_, err := q.Exec(t.Context(), "delete from request_key")
		return err
	}); err == nil {
		t.Error("a statement without a name is not refused")
	}
	if err := p.Pipeline(t.Context(), p.scope, func(*tenantdb.Queries) error { return nil }); err != nil {
		t.Errorf("nothing at all: %v", err)
	}
}

func TestAPipelineThatPanicsOrIsLeftLeavesNothingOpen(t *testing.T) {
	p := newPiped(t, false)
	const add = "-- name: Keep :exec\ninsert into request_key (key, body_hash, subject, status, location)\n" +
		"values ($1, '', gen_random_uuid(), 303, '/')"
	for what, fn := range map[string]func(tenancy.DBTX) error{
		"a panic between": func(q tenancy.DBTX) error {
			_, _ = q.Exec(t.Context(), add, "a")
			panic("clumsy")
		},
		"an argument": func(q tenancy.DBTX) error {
			_, _ = q.Exec(t.Context(), add, "a")
			_, err := q.Exec(t.Context(), add, clumsy{})
			return err
		},
	} {
		if !panics(func() { _ = p.Piped(t.Context(), p.scope, fn) }) {
			t.Errorf("%s: no panic, this proves nothing", what)
		}
		p.whole(t, what)
		if n := p.kept(t); n != 0 {
			t.Errorf("%s: %d rows", what, n)
		}
	}
	if !panics(func() { // what was sent is done, as when any reader of an answer panics
		_ = p.Piped(t.Context(), p.scope, func(q tenancy.DBTX) error {
			return q.QueryRow(t.Context(), "-- name: One :one\nselect 'x'").Scan(&clumsy{})
		})
	}) {
		t.Error("an answer: no panic, this proves nothing")
	}
	p.whole(t, "an answer")
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := p.Pipeline(gone, p.scope, func(q *tenantdb.Queries) error { return keep(gone, q, "a") }); err == nil {
		t.Error("a visitor who left is told that all is well")
	}
	p.whole(t, "a visitor left")
	if n := p.kept(t); n != 0 {
		t.Errorf("a visitor left: %d rows", n)
	}
}

func TestAPipelineRefusesAScopeThatNobodyMinted(t *testing.T) {
	p := newPiped(t, false)
	write := func(q *tenantdb.Queries) error { return keep(t.Context(), q, "a") }
	if err := p.Pipeline(t.Context(), tenancy.Scope{}, write); !errors.Is(err, tenancy.ErrScope) {
		t.Errorf("no scope: %v", err)
	}
	if err := p.Pipeline(t.Context(), p.scope, write); err != nil || p.kept(t) != 1 {
		t.Errorf("control: a good one: %v", err)
	}
}

// Two plans fit, four are used again and again: each must be sent by a name that is still kept, or as its text. The
// last pipeline meets a connection whose plans somebody has dropped.
func TestAPipelineKeepsPlansThoughTheyDoNotAllFitAndSurvivesTheirLoss(t *testing.T) {
	db := pgtest.Open(t)
	gateway, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys,
		tenancy.Options{MaxConns: 1, PlanBytes: 2 * tenancy.PlanBytes(300)})
	if err != nil {
		t.Fatal(err)
	}
	defer gateway.Close()
	tenant := db.Tenant(t, "clinic")
	scope := gateway.Admit(tenant, tenancy.Caller{})
	pipeline := func(key string) error {
		return gateway.Pipeline(t.Context(), scope, func(q *tenantdb.Queries) error {
			return errors.Join(q.LapseHold(t.Context(), uuid.New()), keep(t.Context(), q, key),
				q.ReleaseClaim(t.Context(), uuid.New()), q.DeleteBusy(t.Context(), uuid.New()))
		})
	}
	for range 6 {
		if err := pipeline(uuid.NewString()); err != nil {
			t.Fatal(err)
		}
	}
	if s := gateway.PlanStats(); s.Evicted == 0 || s.Prepared == 0 || !s.Kept {
		t.Errorf("this proves nothing: %+v", s)
	}
	if err := gateway.Piped(t.Context(), scope, func(q tenancy.DBTX) error {
		_, err := q.Exec(t.Context(), "-- name: Drop :exec\ndeallocate all")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := pipeline("last"); err != nil {
		t.Errorf("after its plans are lost: %v", err)
	}
	if n := db.Count(t, "select count(*) from "+tenant.Schema+".request_key"); n != 7 {
		t.Errorf("%d rows of seven pipelines", n)
	}
}
