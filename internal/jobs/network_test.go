package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"kindward/internal/events"
	"kindward/internal/tenancy"
)

// nothing is a job of a queue that only the control has.
type nothing struct{}

func (nothing) Kind() string { return "nothing" }

type idler struct{ river.WorkerDefaults[nothing] }

func (idler) Work(context.Context, *river.Job[nothing]) error { return nil }

// listening is a queue that hears notifications, as it comes; it tells when it was paused.
func (h *harness) listening(t *testing.T) (paused <-chan *river.Event) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), h.RelayURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	kinds := river.NewWorkers()
	river.AddWorker(kinds, idler{})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: schema, Workers: kinds,
		Queues: map[string]river.QueueConfig{"control": {MaxWorkers: 1}}, LeaderElectionDisabled: true,
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	paused, cancel := client.Subscribe(river.EventKindQueuePaused)
	t.Cleanup(cancel)
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.StopAndCancel(context.Background()) })
	return paused
}

func TestA51NoNotificationPausesTheQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	paused := h.listening(t)
	h.work(t)
	v := h.book(t, 0)
	h.settled(t)
	app := h.Connect(t, h.AppURL())
	for heard, end := false, time.Now().Add(longestWait); !heard; {
		if _, err := app.Exec(t.Context(), `select pg_notify('river.river_control', $1)`,
			`{"action":"pause","queue":"*"}`); err != nil {
			t.Fatal(err)
		}
		select {
		case <-paused:
			heard = true
		case <-time.After(100 * time.Millisecond):
			if time.Now().After(end) {
				t.Fatal("the control: a queue that listens is not paused by it")
			}
		}
	}
	before := len(h.sender.files(t))
	h.cancel(t, v)
	h.settled(t)
	if after := len(h.sender.files(t)); after != before+1 {
		t.Errorf("%d emails for one message after the notification", after-before)
	}
}

func TestF21WhenTheNetworkSwallowsEmailsGoOutSoonAfterItIsBack(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	network := h.Between(t)
	box, err := events.Open(t.Context(), network.Through(t, h.RelayURL()), events.Options{Answer: time.Second,
		Heartbeat: 200 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	direct := h.deps.Outbox
	h.deps.Outbox, h.deps.Log = box, slog.New(slog.DiscardHandler)
	h.work(t)
	v := h.book(t, 0)
	h.settled(t)
	if n := len(h.sender.files(t)); n != 1 {
		t.Fatalf("the control: %d emails while the network is there", n)
	}
	network.Swallow()
	h.cancel(t, v)
	for end := time.Now().Add(longestWait); ; time.Sleep(20 * time.Millisecond) {
		if age, err := direct.Waiting(t.Context(), events.Messages); err != nil || age > 3*time.Second {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("the control: the event does not wait")
		}
	}
	if n := len(h.sender.files(t)); n != 1 {
		t.Fatalf("the control: %d emails through a network that swallows", n)
	}
	network.Restore()
	back := time.Now()
	h.settled(t)
	if n := len(h.sender.files(t)); n != 2 {
		t.Errorf("%d emails for two messages", n)
	}
	t.Logf("sent %v after the network was back", time.Since(back))
}

func TestTheAgeOfTheOldestJobThatIsDueIsKnown(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	due := func() time.Duration {
		t.Helper()
		age, err := Due(t.Context(), h.deps.Outbox.Pool())
		if err != nil {
			t.Fatal(err)
		}
		return age
	}
	if age := due(); age != 0 {
		t.Errorf("no job, and the oldest is %v old", age)
	}
	client, err := newClient(h.deps)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{time.Now().Add(time.Hour), time.Now().Add(-time.Hour)} {
		_, err := client.Insert(t.Context(), sendEmail{Email: uuid.New()}, &river.InsertOpts{ScheduledAt: at})
		if err != nil {
			t.Fatal(err)
		}
	}
	if age := due(); age < time.Hour || age > 2*time.Hour {
		t.Errorf("a job that has waited for an hour is %v old", age)
	}
}
