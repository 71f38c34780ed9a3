package main

import (
	"context"
	"net/http"
	"time"

	"kindward/handlers/web"
	"kindward/internal/events"
	"kindward/internal/health"
	"kindward/internal/jobs"
)

// Limits of what may wait. Each is many times what is usual: milliseconds, and seconds where a process is killed.
const (
	oldestIndex  = 30 * time.Second // of what a process shows: it is swept every five seconds, and read every second
	oldestTold   = time.Minute
	oldestSealed = 8 * time.Second  // a deletion before it would not be seen in the tree: the alarm rings within ten
	oldestJob    = 3 * time.Minute  // what a killed worker left is taken up after a minute and a half
	mostApart    = 20 * time.Second // of two clocks: a ticket is good for a minute by the database's
)

// parts are what this process stands on. What others do (emails, sealing) is vital to a worker; a web server shows it
// and stays: its pages are as good without, and all of them would go at once.
func (a *app) parts(worker bool) []health.Part {
	return []health.Part{
		{Name: "index", Limit: oldestIndex, Vital: true, Age: func(context.Context) (time.Duration, error) {
			return time.Since(earlier(a.outbox.LastRead(), a.market.LastSwept())), nil
		}},
		{Name: "events", Limit: oldestTold, Age: func(context.Context) (time.Duration, error) {
			return time.Since(a.outbox.ToldUpTo()), nil
		}},
		{Name: "outbox", Limit: oldestTold, Vital: worker, Age: func(ctx context.Context) (time.Duration, error) {
			return a.outbox.Waiting(ctx, events.Messages)
		}},
		{Name: "seal", Limit: oldestSealed, Vital: worker, Age: a.unsealed},
		{Name: "jobs", Limit: oldestJob, Vital: worker, Age: func(ctx context.Context) (time.Duration, error) {
			return jobs.Due(ctx, a.outbox.Pool())
		}},
		{Name: "sessions", Limit: oldestIndex, Age: func(ctx context.Context) (time.Duration, error) {
			return a.site.SessionAge(ctx)
		}},
		{Name: "clock", Limit: mostApart, Vital: true, Why: a.clock.Why,
			Age: func(ctx context.Context) (time.Duration, error) { return a.clock.Look(ctx), nil }},
	}
}

// unsealed is how long the oldest event that is not sealed has waited while this process ran: what waited for a worker
// to start is no alarm when it starts.
func (a *app) unsealed(ctx context.Context) (time.Duration, error) {
	age, err := a.outbox.Unsealed(ctx)
	return min(age, time.Since(a.opened)), err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// answerHealth answers a worker's supervisor until ctx ends, if it was given an address; with nothing but how it is.
func (a *app) answerHealth(ctx context.Context) error {
	if a.HealthAddr == "" {
		<-ctx.Done()
		return fault(ctx)
	}
	l, err := listen(a.HealthAddr)
	if err != nil {
		return err
	}
	server, failed := web.Server(http.HandlerFunc(a.showHealth)), make(chan error, 1)
	defer server.Close()
	go func() { failed <- server.Serve(l) }()
	a.log.Info("answering about health", "address", "http://"+l.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return fault(ctx)
	}
}

func (a *app) showHealth(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
		http.NotFound(w, r)
		return
	}
	a.pages.ServeHTTP(w, r)
}
