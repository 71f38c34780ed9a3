package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindward/internal/audit"
)

func TestEveryColumnOfAnEventIsSealed(t *testing.T) {
	h := open(t)
	h.happen(t, 1)
	names := value[[]string](t, h,
		`select array_agg(attname::text order by attnum) from pg_attribute where attrelid = 'audit.event'::regclass and attnum > 0 and not attisdropped`)
	var e audit.Event
	sealed := string(e.Canonical())
	for _, name := range names {
		if name == "staff_access_id" {
			name = "acting_id" // as in form 1: a column may have another name, what was sealed may not
		}
		if !strings.Contains(sealed, `"`+name+`":`) {
			t.Errorf("column %s is not in the canonical form: add it as form 2", name)
		}
	}
	const want = `{"v":0,"seq":0,"xid":0,"id":"00000000-0000-0000-0000-000000000000","at":"0001-01-01T00:00:00.000000Z","tenant_id":null,"actor":null,"on_behalf_of":null,` +
		`"acting_id":null,"patient":null,"purpose":"","resource":"","resource_id":null,"action":"","fields":null,"outcome":"","policy_id":"","policy_version":"","ip":null,` +
		`"request_id":"","trace_id":"","before_hash":null,"after_hash":null}`
	if sealed != want {
		t.Errorf("the canonical form has changed; what was sealed would no longer verify:\n%s", sealed)
	}
}

func TestAnEventCommittedLateIsSealedAndNothingTwice(t *testing.T) {
	h := open(t)
	late, err := h.Connect(t, h.AdminURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const one = `insert into audit.event (purpose, resource, action, outcome) values ('care', 'Patient', 'read', 'success')`
	if _, err := late.Exec(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	h.happen(t, 5) // committed at once, with higher numbers and a younger transaction
	if n, err := h.sealer().Once(t.Context()); err != nil || n != 0 {
		t.Fatalf("%d events were sealed past an open transaction: %v", n, err)
	}
	run(t, h.sealer())
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.sealed(t, 6)
	if r := h.verify(t); !r.OK() || r.Events != 6 || r.Unsealed != 0 {
		t.Fatalf("%+v", r)
	}
}

func TestOneOfManySealersSealsAndAnotherTakesOver(t *testing.T) {
	h := open(t)
	var steps [2]atomic.Int64
	var stops [2]func()
	for i := range steps {
		s := h.sealer()
		s.Done = func(context.Context, audit.Step) { steps[i].Add(1) }
		stops[i] = run(t, s)
	}
	for n := range int64(5) {
		h.happen(t, 2)
		h.sealed(t, 2*n+2)
	}
	eventually(t, "a sealer says what it did", func() bool { return steps[0].Load()+steps[1].Load() >= 5 })
	first := 0
	if steps[1].Load() > 0 {
		first = 1
	}
	if steps[1-first].Load() != 0 {
		t.Fatal("both sealed")
	}
	stops[first]()
	h.happen(t, 10)
	h.sealed(t, 20)
	eventually(t, "the other one has taken over", func() bool { return steps[1-first].Load() > 0 })
	if r := h.verify(t); !r.OK() || r.Events != 20 {
		t.Fatalf("%+v", r)
	}
}

func TestTheSealerGoesOnlyOnWithTheTreeThatWasSigned(t *testing.T) {
	h := a37(t)
	for _, c := range []struct{ name, sql, want string }{
		{"cut", `delete from audit.event; delete from audit.leaf; delete from audit.node; delete from audit.checkpoint`,
			"shorter"},
		{"leaves deleted", `delete from audit.leaf where number > 100`, "not the one that was signed"},
		{"a hash changed", `update audit.node set hash = sha256('x') where number = (select max(number) from audit.node)`,
			"not the one that was signed"},
		{"a checkpoint forged", `update audit.checkpoint set note = replace(note, e'\n104\n', e'\n103\n')`,
			"not signed by this deployment"},
		{"restored into another server", `update audit.checkpoint set xid = '9223372036854775807' where size = 104`,
			"dump of another server"},
		{"intact", `select 1`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer h.restore(t)
			h.exec(t, c.sql)
			var log syncBuffer
			s := h.sealer()
			s.Log = slog.New(slog.NewTextHandler(&log, nil))
			stop := run(t, s)
			h.happen(t, 1)
			eventually(t, "the log has a line", func() bool { return strings.Contains(log.text(), "audit") })
			stop()
			if got := log.text(); c.want == "" && !strings.Contains(got, "audit sealed") || !strings.Contains(got, c.want) {
				t.Errorf("the log says %q", got)
			}
		})
	}
}

func TestACrashBetweenCommitAndLogIsMended(t *testing.T) {
	h := a37(t)
	raw, err := os.ReadFile(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n"))
	torn := append(bytes.Join(lines[:len(lines)-1], nil), lines[len(lines)-1][:40]...)
	if err := os.WriteFile(h.checkpoints.Path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, h.sealer())
	h.happen(t, 1)
	h.sealed(t, 105)
	if r := h.verify(t); !r.OK() || r.Outside != r.Checkpoints {
		t.Fatalf("%+v", r)
	}
}

// What a process that rests between database and log writes when it goes on: its successor has put the same line there,
// and larger ones behind it.
func TestALineThatComesLateIsNoFinding(t *testing.T) {
	h := a37(t)
	raw, err := os.ReadFile(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n"))
	var late audit.LoggedCheckpoint
	if err := json.Unmarshal(lines[4], &late); err != nil {
		t.Fatal(err)
	}
	late.At = late.At.Add(time.Second)
	if err := h.checkpoints.Append(late); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(h.checkpoints.Path); err != nil || !bytes.Equal(again, raw) {
		t.Error("a line that comes late is written behind larger ones", err)
	}
	again, err := json.Marshal(late)
	if err != nil {
		t.Fatal(err)
	}
	write := func(lines ...[]byte) *audit.Report { // as programs from before have written it
		t.Helper()
		if err := os.WriteFile(h.checkpoints.Path, bytes.Join(lines, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		return h.verify(t)
	}
	again = append(again, '\n')
	if r := write(raw, again); !r.OK() || r.Repeated != 1 || r.Outside != r.Checkpoints {
		t.Errorf("%+v", r)
	}
	without := slices.Concat(lines[:4], lines[5:])
	if r := write(append(without, []byte("\n"), again)...); !found(r, "forged: line 8 of checkpoints.jsonl is out of order") {
		t.Errorf("the control: a line that stands in the wrong place alone: %v", r.Findings)
	}
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
