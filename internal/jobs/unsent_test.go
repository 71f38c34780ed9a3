package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river/rivertype"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
)

const (
	notYet  = "jobs: an email could not be sent yet"
	tooLate = "jobs: an email has waited for too long"
)

// kept is a log that can be read while it is written.
type kept struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (k *kept) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all.Write(b)
}

// lines are those that have a message.
func (k *kept) lines(message string) (out []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for l := range strings.Lines(k.all.String()) {
		if strings.Contains(l, message) {
			out = append(out, l)
		}
	}
	return out
}

// failed waits until so many jobs of a kind have failed and wait for their next try.
func (h *harness) failed(t testing.TB, kind string, jobs int) {
	t.Helper()
	until(t, fmt.Sprintf("%d jobs %s have failed", jobs, kind), func() bool {
		return h.rows(t, `select count(*)::text from river.river_job where kind = $1 and state = 'retryable'`, kind) ==
			fmt.Sprint(jobs)
	})
}

// late is a harness whose worker looks at everything some time later, logs into a buffer and has no mail server.
func late(t *testing.T, by time.Duration) (*harness, *kept) {
	t.Helper()
	h, log := newHarness(t, tenancy.Options{}), &kept{}
	h.deps.Log = slog.New(slog.NewJSONHandler(log, nil))
	h.deps.Now = func() time.Time { return time.Now().Add(by) }
	h.sender.before = func(int) error { return errors.New("the mail server cannot be reached") }
	return h, log
}

func TestAnEmailThatCannotBeSentIsLoggedAtItsFirstFailureAndAsAnErrorWhenItIsLate(t *testing.T) {
	t.Parallel()
	for by, want := range map[time.Duration]int{14 * time.Minute: 0, 16 * time.Minute: 1} { // the first is the control
		h, log := late(t, by)
		h.queue(t, notify.PasswordChanged{Recipient: to(1)})
		h.book(t, 0)
		h.work(t)
		h.failed(t, "email.send", 1)
		h.failed(t, "message.send", 1)
		warned, lines := log.lines(notYet), log.lines(tooLate)
		if len(warned) != 2 || len(lines) != 2*want {
			t.Fatalf("after %v: warned %q, errors %q", by, warned, lines)
		}
		for _, l := range append(warned, lines...) {
			if !strings.Contains(l, `"attempt":1`) || !strings.Contains(l, "the mail server cannot be reached") ||
				!strings.Contains(l, `"kind":"booked"`) && !strings.Contains(l, `"kind":"password-changed"`) ||
				strings.Contains(l, "example.test") {
				t.Error(l)
			}
		}
		for _, l := range lines {
			if !strings.Contains(l, `"level":"ERROR"`) || !strings.Contains(l, `"waited":"16m`) ||
				strings.Contains(l, `"kind":"password-changed"`) != strings.Contains(l, `"waiting":1`) {
				t.Error(l)
			}
		}
	}
}

func TestAMessageThatIsMadeAnewIsLoggedAsTheSame(t *testing.T) {
	t.Parallel()
	h, log := late(t, 20*time.Minute)
	h.book(t, 0)
	h.work(t)
	h.failed(t, "message.send", 1)
	const now = `update river.river_job set state = 'available', scheduled_at = now()`
	h.Admin(t, now+`, args = jsonb_set(args, '{scope}', '"over"'), -- as after five minutes
		errors = array(select jsonb_set(e, '{at}', to_jsonb(now() + interval '20 minutes')) from unnest(errors) e)`)
	until(t, "it is made anew", func() bool { return len(log.lines("made anew from its event")) > 0 })
	h.failed(t, "message.send", 1)
	if got := h.states(t); got["cancelled"] != 1 || h.sender.total != 2 || len(log.lines(notYet)) != 1 ||
		len(log.lines(tooLate)) != 1 {
		t.Fatalf("jobs %v, %d sends, %q", got, h.sender.total, append(log.lines(notYet), log.lines(tooLate)...))
	}
	// The negative control: a job that knows of none before it is logged again.
	h.Admin(t, now+`, errors = null, metadata = '{}' where state = 'retryable'`)
	until(t, "the control: it is logged", func() bool { return len(log.lines(tooLate)) >= 2 })
}

func TestADayWithoutAMailServerIsLoggedEveryTenthTimeAndAsAnErrorEveryHour(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	clock := since
	job := &rivertype.JobRow{}
	var f failures
	var warned []int
	var errored []time.Time
	for clock.Sub(since) < 24*time.Hour {
		clock = patience{func() time.Time { return clock }}.NextRetry(job)
		f = failuresOf(job, since)
		warn, tooLong := f.add(since, clock)
		if warn {
			warned = append(warned, f.Count)
		}
		if tooLong {
			errored = append(errored, clock)
		}
		job.Errors = append(job.Errors, rivertype.AttemptError{At: clock})
		if len(job.Errors) == 100 { // made anew
			metadata, err := failuresOf(job, since).metadata()
			if err != nil {
				t.Fatal(err)
			}
			job = &rivertype.JobRow{Metadata: metadata}
		}
	}
	if len(warned) != (f.Count+9)/10 || warned[0] != 1 || warned[1] != 11 {
		t.Errorf("of %d failures these were warned of: %v", f.Count, warned)
	}
	if len(errored) < 20 || len(errored) > 24 || errored[0].Sub(since) <= waitedTooLong ||
		errored[0].Sub(since) > waitedTooLong+5*time.Minute {
		t.Errorf("errors at %v", errored)
	}
	for n := range errored[1:] {
		if errored[n+1].Sub(errored[n]) < logAgain {
			t.Errorf("twice in an hour: %v and %v", errored[n], errored[n+1])
		}
	}
}

func TestALoggedFailureSaysNothingThatADatabaseOrAComposerSaid(t *testing.T) {
	t.Parallel()
	away := &senderError{errors.New("the mail server cannot be reached")}
	database := fmt.Errorf("x: %w", &pgconn.PgError{Code: "57P01", Message: "to maya@example.test"})
	for err, want := range map[error]string{
		away:     "the mail server cannot be reached",
		database: "SQLSTATE 57P01",
		errors.New("no template for maya@example.test"): "the email could not be made",
	} {
		if got := errorClass(err); got != want {
			t.Errorf("%v: %q", err, got)
		}
	}
}

func TestAnEventThatCannotBeReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.work(t)
	h.Admin(t, `insert into outbox.event (tenant_id, kind, subject_id, data)
		values ($1, 'appointment.booked', gen_random_uuid(), '{"sequence": "x"}')`, h.clinic.ID)
	h.book(t, 0)
	h.settled(t)
	if len(h.sender.files(t)) != 1 {
		t.Error("who booked behind it was not told")
	}
}
