package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"kindward/internal/events"
	"kindward/internal/health"
	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
)

// Deps are what the worker stands on. All but Log, Now and Clock are needed.
type Deps struct {
	Outbox   *events.Outbox
	Gateway  *tenancy.Gateway
	Keys     *keys.Keyring
	Sender   notify.Sender
	Composer notify.Composer
	Resolve  func(context.Context, notify.Entry) (notify.Notice, error) // see Emails
	Log      *slog.Logger                                               // default slog.Default()
	Now      func() time.Time                                           // default time.Now
	Clock    *health.Clock                                              // default: one that is right

	Periodic []Periodic // what this worker does as time passes

	lease time.Duration // tests shorten it
}

// Limits of the queue. A job's time is shorter than a message's lease, so that two workers never send at once; one that
// a killed worker left running is taken up again after rescue.
const (
	workers  = 8
	jobTime  = 30 * time.Second
	rescue   = 90 * time.Second
	attempts = 12
	panics   = 3
)

// The queue is asked for jobs again and again, and hears no notifications: any role of the database may send those, and
// some of them would pause the queue in a way that no table shows.
const (
	fetchEvery        = 250 * time.Millisecond
	housekeepingFetch = time.Second
)

// Start runs the relay and the worker until stop, which lets jobs under way finish until its context ends and then
// cancels them.
func Start(ctx context.Context, d Deps) (stop func(context.Context) error, err error) {
	if d.Outbox == nil || d.Gateway == nil || d.Keys == nil || d.Sender == nil || d.Composer.Base == nil ||
		d.Resolve == nil {
		return nil, errors.New("jobs: the worker needs an outbox, a gateway, keys, a sender, a composer and what resolves requests")
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Clock == nil {
		d.Clock = health.NewClock(nil, time.Now, 0) // the one that the database has too
	}
	if d.lease == 0 {
		d.lease = lease
	}
	client, err := newClient(d)
	if err != nil {
		return nil, err
	}
	run, end := context.WithCancel(context.WithoutCancel(ctx))
	if err := client.Start(run); err != nil {
		end()
		return nil, err
	}
	var relay sync.WaitGroup
	relaying, endRelay := context.WithCancel(run)
	relay.Go(func() { keepRelaying(relaying, d, client) })
	relay.Go(func() { keepTime(relaying, d, client) })
	return func(ctx context.Context) error {
		defer end()
		endRelay()
		relay.Wait()
		err := client.Stop(ctx)
		if err != nil { // too slow: take the work away, its leases and the queue bring it back
			hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			err = errors.Join(err, client.StopAndCancel(hard))
		}
		return err
	}, nil
}

// queues are all that a worker works through.
var queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers},
	housekeepingQueue: {MaxWorkers: housekeepingWorkers, FetchPollInterval: housekeepingFetch}}

func newClient(d Deps) (*river.Client[pgx.Tx], error) {
	kinds := river.NewWorkers()
	if err := river.AddWorkerSafely(kinds, &messageWorker{Deps: d}); err != nil {
		return nil, err
	}
	if err := river.AddWorkerSafely(kinds, &accountFollower{Deps: d}); err != nil {
		return nil, err
	}
	if err := river.AddWorkerSafely(kinds, newImporter(d)); err != nil {
		return nil, err
	}
	if err := river.AddWorkerSafely(kinds, &housekeeper{Deps: d}); err != nil {
		return nil, err
	}
	emails := Emails{Queries: d.Outbox.Queries(), Keys: d.Keys, Sender: d.Sender, Composer: d.Composer, Resolve: d.Resolve,
		Log: d.Log, Now: d.Now, Lease: d.lease}
	if err := river.AddWorkerSafely(kinds, &emailWorker{Emails: emails}); err != nil {
		return nil, err
	}
	return river.NewClient(riverpgxv5.New(d.Outbox.Pool()), &river.Config{
		Schema: schema, Workers: kinds, PeriodicJobs: periodicJobs(d.Periodic),
		PollOnly: true, FetchPollInterval: fetchEvery,
		Queues:      map[string]river.QueueConfig{river.QueueDefault: queues[river.QueueDefault]}, // and keepTime's
		Hooks:       []rivertype.Hook{dueByDatabase(d.Clock)},
		MaxAttempts: attempts, JobTimeout: jobTime, RescueStuckJobsAfter: rescue, RetryPolicy: patience{d.Now},
		FetchOnlyKnownKinds: true,       // a newer release beside this one may have kinds of its own
		ReindexerIndexNames: []string{}, // needs the owner's rights, which the worker has not
		ErrorHandler:        poison{d.Log}, Logger: slog.New(warnings{d.Log.Handler()}),
	})
}

// keepRelaying feeds the consumers; registering fails while the database is away, so it is tried again.
func keepRelaying(ctx context.Context, d Deps, client *river.Client[pgx.Tx]) {
	for {
		err := d.Outbox.Relay(ctx, messageConsumer(d, client))
		if ctx.Err() != nil {
			return
		}
		d.Log.Error("jobs: the relay ended and begins again", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// messageConsumer turns events into jobs, in the transaction that moves the cursor.
func messageConsumer(d Deps, client *river.Client[pgx.Tx]) events.Consumer {
	return events.Consumer{Name: events.Messages, Handle: func(ctx context.Context, tx pgx.Tx,
		batch []events.Event) error {
		var jobs []river.InsertManyParams
		for _, e := range batch {
			if e.Kind == events.EmailQueued {
				jobs = append(jobs, river.InsertManyParams{Args: sendEmail{Email: e.Subject}})
				continue
			}
			if e.Kind == events.AccountChanged {
				jobs = append(jobs, river.InsertManyParams{Args: following(d.Gateway, e)})
				continue
			}
			if e.Kind == events.ImportStarted {
				a, ok, err := importOf(ctx, d.Gateway, e)
				if err != nil {
					return err
				}
				if ok {
					jobs = append(jobs, river.InsertManyParams{Args: a})
				}
				continue
			}
			if _, err := e.Fields(); err != nil {
				d.Log.Error("jobs: an event cannot be read; nobody is told of it", "event", e.Seq, "kind", e.Kind, "error", err)
				continue
			}
			a, ok, err := envelope(ctx, d.Gateway, e)
			if err != nil {
				return err
			}
			if ok {
				jobs = append(jobs, river.InsertManyParams{Args: a})
			}
		}
		if len(jobs) == 0 {
			return nil
		}
		_, err := client.InsertManyFastTx(ctx, tx, jobs)
		return err
	}}
}

// patience is how long a failed job waits: 1 s, 2 s, 4 s and so on, at most 4 minutes, and up to a tenth more.
type patience struct{ now func() time.Time }

func (p patience) NextRetry(job *rivertype.JobRow) time.Time {
	wait := min(time.Second<<min(len(job.Errors), 10), 4*time.Minute)
	return p.now().Add(wait + time.Duration(rand.Int64N(int64(wait/10)+1)))
}

// poison takes jobs out of the way that can only fail: unreadable ones at once, those that panic after the third time.
type poison struct{ log *slog.Logger }

func (p poison) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, form := errors.AsType[*json.UnmarshalTypeError](err)
	unreadable := syntax || form
	if unreadable || job.Attempt >= job.MaxAttempts {
		p.log.Error("jobs: given up", "kind", job.Kind, "job_id", job.ID, "attempt", job.Attempt, "unreadable", unreadable)
	}
	return &river.ErrorHandlerResult{SetCancelled: unreadable}
}

func (p poison) HandlePanic(_ context.Context, job *rivertype.JobRow, _ any, trace string) *river.ErrorHandlerResult {
	p.log.Error("jobs: panic", "kind", job.Kind, "job_id", job.ID, "attempt", job.Attempt, "given_up",
		job.Attempt >= panics, "trace", trace)
	return &river.ErrorHandlerResult{SetCancelled: job.Attempt >= panics}
}

// warnings passes on what the queue has to complain about, and not its chatter.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// Handle leaves panics to poison, because their values may be anybody's data.
func (w warnings) Handle(ctx context.Context, r slog.Record) error {
	panicked := false
	r.Attrs(func(a slog.Attr) bool { panicked = panicked || a.Key == "panic_val"; return !panicked })
	if panicked {
		return nil
	}
	return w.Handler.Handle(ctx, r)
}
func (w warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{w.Handler.WithAttrs(a)} }
func (w warnings) WithGroup(n string) slog.Handler      { return warnings{w.Handler.WithGroup(n)} }
