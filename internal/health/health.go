// Package health knows how old what a process serves and does is: each part says since when it is behind, and a watch
// remembers it, so that asking costs nobody a query.
package health

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Part is something that a process serves or does, and that can fall behind.
type Part struct {
	Name  string
	Limit time.Duration // older than this is behind
	Vital bool          // behind: not ready
	Age   func(context.Context) (time.Duration, error)
	Why   func() string // of a part that is behind, for the log; may be nil
}

// Status is how a part stands.
type Status struct {
	Name  string
	Age   time.Duration
	Limit time.Duration
	OK    bool
	Vital bool
}

// Options of a Watch. Zero values are sensible.
type Options struct {
	Every time.Duration    // between two looks; default 2 s
	Say   time.Duration    // between two lines about a part that is behind; default a minute
	Now   func() time.Time // default time.Now
	Log   *slog.Logger     // default slog.Default()
}

// Watch looks at parts again and again. A part that cannot be looked at grows older from the last time it could be.
type Watch struct {
	Options
	parts []Part
	mu    sync.Mutex
	since []time.Time // since when each part is behind; the last look, if it was not
	said  []time.Time // when each was last said to be behind; zero: it is not
}

// NewWatch knows all parts as good until the first look, for as long as their limits allow.
func NewWatch(parts []Part, o Options) *Watch {
	if o.Every <= 0 {
		o.Every = 2 * time.Second
	}
	if o.Say <= 0 {
		o.Say = time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	w := &Watch{Options: o, parts: parts, since: make([]time.Time, len(parts)), said: make([]time.Time, len(parts))}
	for i := range w.since {
		w.since[i] = o.Now()
	}
	return w
}

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	tick := time.NewTicker(w.Every)
	defer tick.Stop()
	for {
		w.Look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Look asks all parts, each at most as long as a look may take, and says which are behind.
func (w *Watch) Look(ctx context.Context) {
	var all sync.WaitGroup
	for i, p := range w.parts {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, w.Every)
			defer cancel()
			asked := w.Now()
			if age, err := p.Age(ctx); err == nil {
				w.mu.Lock()
				w.since[i] = asked.Add(-age)
				w.mu.Unlock()
			}
		})
	}
	all.Wait()
	if ctx.Err() == nil {
		w.say()
	}
}

func (w *Watch) say() {
	all, now := w.Status(), w.Now()
	for i, s := range all {
		switch {
		case !s.OK && now.Sub(w.said[i]) >= w.Say:
			w.said[i] = now
			about := []any{"part", s.Name, "age", s.Age.Round(time.Millisecond).String(), "limit", s.Limit.String(),
				"ready", !s.Vital}
			if why := w.parts[i].Why; why != nil {
				about = append(about, "why", why())
			}
			w.Log.Error("health: a part is behind", about...)
		case s.OK && !w.said[i].IsZero():
			w.said[i] = time.Time{}
			w.Log.Info("health: a part is up to date again", "part", s.Name)
		}
	}
}

// Status is how all parts stand now.
func (w *Watch) Status() (all []Status) {
	now := w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, p := range w.parts {
		age := max(0, now.Sub(w.since[i]))
		all = append(all, Status{p.Name, age, p.Limit, age <= p.Limit, p.Vital})
	}
	return all
}
