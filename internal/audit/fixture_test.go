package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/audit"
	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// fixture is a database of its own with a log of checkpoints beside it.
type fixture struct {
	*pgtest.DB
	key         audit.Key
	checkpoints audit.CheckpointLog
	admin       *pgx.Conn
}

func open(t testing.TB) *fixture {
	t.Helper()
	h := &fixture{DB: pgtest.Fresh(t, tenancy.Options{}),
		checkpoints: audit.CheckpointLog{Path: filepath.Join(t.TempDir(), "audit", "checkpoints.jsonl")}}
	var err error
	if h.key, err = audit.KeyOf(h.Keys.Vault()); err != nil {
		t.Fatal(err)
	}
	h.admin = h.Connect(t, h.AdminURL())
	return h
}

func (h *fixture) sealer() *audit.Sealer {
	session := func(ctx context.Context, fn func(*relaydb.Queries) error) error {
		return events.Session(ctx, h.RelayURL(), fn)
	}
	return &audit.Sealer{Session: session, Holder: uuid.New(), Key: h.key, Checkpoints: h.checkpoints, Log: quiet(),
		Every: 10 * time.Millisecond}
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
func (h *fixture) happen(t testing.TB, n int) {
	t.Helper()
	h.exec(t, `insert into audit.event (purpose, resource, resource_id, action, outcome, ip, fields, before_hash)
		select 'care', 'Patient', gen_random_uuid(), 'read <"é">', 'success', '10.0.0.1', '{name,born}', '\x00ff' from generate_series(1, $1)`, n)
}

func (h *fixture) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := h.admin.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func value[T any](t testing.TB, h *fixture, sql string, args ...any) (v T) {
	t.Helper()
	if err := h.admin.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// patience is how long a test waits for what must come: long enough for a machine that has much else to do.
const patience = time.Minute

// eventually waits until what holds, and fails with the sentence if it never does.
func eventually(t testing.TB, sentence string, what func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !what(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, sentence)
		}
	}
}

// sealed waits until n events are under a checkpoint, in the database and in the log outside, which comes behind it.
func (h *fixture) sealed(t testing.TB, n int64) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d events are sealed", n), func() bool {
		size := value[int64](t, h, `select coalesce(max(size), 0) from audit.checkpoint`)
		return size >= n && h.outside(t, size)
	})
}

// outside tells whether the log outside has a whole line for a checkpoint. It only reads: CheckpointLog.Last would take
// off a line that the sealer is writing.
func (h *fixture) outside(t testing.TB, size int64) bool {
	t.Helper()
	raw, err := os.ReadFile(h.checkpoints.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		if bytes.HasSuffix(line, []byte("\n")) && bytes.Contains(line, fmt.Appendf(nil, `"size":%d,`, size)) {
			return true
		}
	}
	return false
}

func (h *fixture) verify(t testing.TB) *audit.Report { t.Helper(); return h.verifyWith(t) }

// verifyWith compares with witnesses too.
func (h *fixture) verifyWith(t testing.TB, witnesses ...string) *audit.Report {
	t.Helper()
	v, err := audit.NewVerifier(h.key.Public)
	if err != nil {
		t.Fatal(err)
	}
	var r *audit.Report
	h.snapshot(t, func(q *relaydb.Queries) error {
		r, err = audit.VerifyDatabase(t.Context(), q, v, h.checkpoints, witnesses...)
		return err
	})
	return r
}

// snapshot reads as the relay's role.
func (h *fixture) snapshot(t testing.TB, fn func(q *relaydb.Queries) error) {
	t.Helper()
	if err := events.Snapshot(t.Context(), h.RelayURL(), fn); err != nil {
		t.Fatal(err)
	}
}

// sealAll seals until nothing waits: an older transaction of the server may be under way, and a turn that could not be
// given back in time ends by itself.
func (h *fixture) sealAll(t testing.TB) {
	t.Helper()
	eventually(t, "all is sealed", func() bool {
		if _, err := h.sealer().Once(t.Context()); errors.Is(err, audit.ErrElsewhere) {
			return false
		} else if err != nil {
			t.Fatal(err)
		}
		return value[bool](t, h, `select not exists (select from audit.event e where not exists
			(select from audit.leaf l where l.event_seq = e.seq))`)
	})
}
