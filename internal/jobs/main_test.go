package jobs

import (
	"context"
	"flag"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/events"
	"kindward/internal/identity"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/views/mail"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "6") // they wait more than they work
	pgtest.Main(m)
}

// countingSender keeps mail in a folder, counts, and can be told what to do before or after.
type countingSender struct {
	*notify.FileSender
	dir           string
	mu            sync.Mutex
	sends         map[string]int
	before, after func(n int) error // n counts all sends from 1
	total         int
}

func (s *countingSender) Send(ctx context.Context, m notify.Message) error {
	s.mu.Lock()
	s.total++
	n := s.total
	s.sends[m.ID]++
	s.mu.Unlock()
	if s.before != nil {
		if err := s.before(n); err != nil {
			return err
		}
	}
	if err := s.FileSender.Send(ctx, m); err != nil {
		return err
	}
	if s.after != nil {
		return s.after(n)
	}
	return nil
}

func (s *countingSender) files(t testing.TB) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".eml") {
			names = append(names, e.Name())
		}
	}
	return names
}

// harness is a database with a clinic, an outbox and a sender, ready for workers.
type harness struct {
	*pgtest.DB
	clinic *pgtest.Clinic
	sender *countingSender
	deps   Deps
}

func newHarness(t testing.TB, o tenancy.Options, change ...func(*pgtest.Clinic)) *harness {
	t.Helper()
	db := pgtest.Fresh(t, o)
	if err := Migrate(t.Context(), db.AdminURL()); err != nil {
		t.Fatal(err)
	}
	outbox, err := events.Open(t.Context(), db.RelayURL(), events.Options{Poll: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(outbox.Close)
	sender := &countingSender{dir: filepath.Join(t.TempDir(), "mail"), sends: map[string]int{}}
	if sender.FileSender, err = notify.NewFileSender(sender.dir, "Kindward <care@kindward.example>"); err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse("https://kindward.example")
	if err != nil {
		t.Fatal(err)
	}
	composer := notify.Composer{Base: base, From: "Kindward <care@kindward.example>", HTML: mail.HTML}
	h := &harness{DB: db, clinic: db.Clinic(t, change...), sender: sender}
	h.deps = Deps{Outbox: outbox, Gateway: db.Gateway, Keys: db.Keys, Sender: sender, Composer: composer,
		Resolve: identity.ResolveEmail(db.Gateway, db.Keys),
		Log:     slog.New(slog.NewTextHandler(quiet{t}, nil)), Now: o.Now, lease: time.Second}
	return h
}

// quiet writes log lines into the test's own output.
type quiet struct{ testing.TB }

func (q quiet) Write(b []byte) (int, error) {
	if q.TB.Context().Err() == nil {
		q.TB.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// work starts a worker; stop ends it softly.
func (h *harness) work(t testing.TB) (stop func()) {
	t.Helper()
	end, err := Start(t.Context(), h.deps)
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), longestWait)
		defer cancel()
		if err := end(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// visit is one person's appointment.
type visit struct {
	id, account uuid.UUID
	start       time.Time
	sequence    int32
}

// book holds and confirms the n-th free time from tomorrow on.
func (h *harness) book(t testing.TB, n int) *visit {
	t.Helper()
	now := time.Now()
	o := h.clinic.Offering(t)
	day := civil.Today(o.Schedule.Location(), now).AddDays(2)
	times := o.Schedule.Times(nil, day, day.AddDays(40), booking.Pool{nil}, now.Unix())
	v := &visit{account: h.Account(t, "Maya Okafor"), start: time.Unix(times[n], 0)}
	held, err := booking.Hold(t.Context(), h.clinic.In(v.account), o, v.start, booking.Holder{ID: v.account}, now)
	if err != nil {
		t.Fatal(err)
	}
	v.id = held.ID
	_, err = booking.Confirm(t.Context(), h.clinic.In(v.account),
		booking.Confirmation{Held: held, Holder: v.account, Account: v.account, Key: uuid.NewString(),
			Answer: "/bookings/" + held.ID.String(), Details: booking.Details{Name: "Maya Okafor", Email: "maya@example.test",
				ConsentVersion: "1", ConsentText: "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	h.deps.Outbox.Notify()
	return v
}

func (h *harness) booked(v *visit) booking.Booked {
	return booking.Booked{ID: v.id, Account: v.account, Sequence: v.sequence, Start: v.start}
}

func (h *harness) move(t testing.TB, v *visit, by time.Duration) {
	t.Helper()
	if err := booking.Move(t.Context(), h.clinic.In(v.account), h.booked(v), h.clinic.Offering(t), v.start.Add(by),
		time.Now()); err != nil {
		t.Fatal(err)
	}
	v.sequence, v.start = v.sequence+1, v.start.Add(by)
	h.deps.Outbox.Notify()
}

func (h *harness) cancel(t testing.TB, v *visit) {
	t.Helper()
	if err := booking.Cancel(t.Context(), h.clinic.In(v.account), h.booked(v), "time", time.Now()); err != nil {
		t.Fatal(err)
	}
	v.sequence++
	h.deps.Outbox.Notify()
}

// longestWait is how long a test waits for something to happen: long enough for a machine that has much else to do.
const longestWait = time.Minute

// settled waits until every event is relayed and every job is final, for as long as it goes on.
func (h *harness) settled(t testing.TB) {
	t.Helper()
	conn := h.Connect(t, h.AdminURL())
	var open, behind, before int
	for end := time.Now().Add(longestWait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		err := conn.QueryRow(t.Context(), `select (select count(*) from river.river_job where finalized_at is null),
			(select count(*) from outbox.event e, outbox.cursor c where c.consumer = 'messages' and (e.xid, e.seq) > (c.xid, c.seq))`).Scan(&open, &behind)
		if err != nil {
			t.Fatal(err)
		}
		if open == 0 && behind == 0 {
			return
		}
		if open+behind != before {
			before, end = open+behind, time.Now().Add(longestWait)
		}
	}
	t.Fatalf("for %v %d jobs have been open and %d events not relayed", longestWait, open, behind)
}

// states counts the jobs by state.
func (h *harness) states(t testing.TB) map[string]int {
	t.Helper()
	rows, err := h.Connect(t, h.AdminURL()).Query(t.Context(),
		`select state::text, count(*) from river.river_job group by 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			t.Fatal(err)
		}
		out[state] = n
	}
	return out
}
