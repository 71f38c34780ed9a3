package audit_test

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/audit"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// house is a database of its own with a book beside it.
type house struct {
	*pgtest.DB
	key   audit.Key
	book  audit.Book
	admin *pgx.Conn
}

func open(t testing.TB) *house {
	t.Helper()
	h := &house{DB: pgtest.Fresh(t, tenancy.Options{}), book: audit.Book{Path: filepath.Join(t.TempDir(), "audit", "checkpoints.jsonl")}}
	var err error
	if h.key, err = audit.KeyOf(h.Keys.Vault()); err != nil {
		t.Fatal(err)
	}
	h.admin = h.Connect(t, h.AdminURL())
	return h
}

func (h *house) sealer() *audit.Sealer {
	return &audit.Sealer{URL: h.RelayURL(), Key: h.key, Book: h.book, Log: quiet(), Every: 10 * time.Millisecond}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// run seals until stop or the end of the test.
func run(t testing.TB, s *audit.Sealer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { s.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	t.Cleanup(stop)
	return stop
}

// happen writes n events in one transaction.
func (h *house) happen(t testing.TB, n int) {
	t.Helper()
	h.exec(t, `insert into audit.event (purpose, resource, resource_id, action, outcome, ip, fields, before_hash)
		select 'care', 'Patient', gen_random_uuid(), 'read <"é">', 'success', '10.0.0.1', '{name,born}', '\x00ff' from generate_series(1, $1)`, n)
}

func (h *house) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := h.admin.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func value[T any](t testing.TB, h *house, sql string, args ...any) (v T) {
	t.Helper()
	if err := h.admin.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// sealed waits until n events are under a checkpoint.
func (h *house) sealed(t testing.TB, n int64) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if value[int64](t, h, `select coalesce(max(size), 0) from audit.checkpoint`) >= n {
			return
		}
	}
	t.Fatalf("%d events are not sealed within 20 seconds", n)
}

func (h *house) verify(t testing.TB) *audit.Report {
	t.Helper()
	v, err := audit.NewVerifier(h.key.Public)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.VerifyDatabase(t.Context(), h.RelayURL(), v, h.book)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
