package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/internal/health"
	"kindward/internal/tenancy"
)

// Health tells that the process answers. It asks nobody, so that a lost database does not restart it.
func Health(c echo.Context) error { return sendText(c, http.StatusOK, "ok\n") }

// Ready tells whether new visitors should be sent here, and how the parts of the process stand: as text, or as JSON to
// whoever asks for it.
func Ready(c echo.Context) error {
	s := SiteOf(c)
	ctx, cancel := context.WithTimeout(c.Request().Context(), time.Second)
	defer cancel()
	r, cause := s.readiness(ctx)
	status := http.StatusOK
	if cause != nil {
		stateOf(c).cause = fmt.Errorf("not ready: %w", cause)
		status = http.StatusServiceUnavailable
		RetryAfter(c.Response().Header(), time.Second)
	}
	if strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "application/json") {
		NoStore(c)
		return c.JSON(status, r)
	}
	return sendText(c, status, r.Text())
}

// Readiness is what Ready tells, for a page; the database is named also while it answers.
func Readiness(ctx context.Context, c echo.Context) health.Report {
	r, _ := SiteOf(c).readiness(ctx)
	if !slices.ContainsFunc(r.Parts, func(p health.PartLine) bool { return p.Name == "database" }) {
		r.Parts = append(r.Parts, health.PartLine{Name: "database", State: "ok"})
	}
	return r
}

// readiness asks what must be asked now, the database, and what the watch knows of the rest. What the process can do
// without is degraded and no reason to send people elsewhere: elsewhere it may be the same.
func (s *Site) readiness(ctx context.Context) (r health.Report, cause error) {
	if s.Health != nil {
		r = health.ReportOf(s.Health.Status())
		cause = r.Behind()
	}
	if err := s.Gateway.Ping(ctx); err != nil {
		r.Add("database", false)
		cause = errors.Join(cause, err)
	}
	if err := s.disk.look(ctx, s.ProbeDisk, s.Now()); err != nil {
		r.Add("disk", false)
		cause = errors.Join(cause, err)
	}
	if s.Keys.Stale() != nil { // said in the log; the keys in memory are as good as before
		r.Add("secrets", true)
	}
	if s.draining.Load() {
		r.Add("stopping", false)
		cause = errors.Join(cause, errors.New("draining"))
	}
	r.Ready = cause == nil
	return r, cause
}

// SessionAge is how the session store is looked at: it is up to date when it can be read.
func (s *Site) SessionAge(ctx context.Context) (time.Duration, error) {
	_, err := s.sessions.Load(ctx, "nobody's token, as long as any and never given out")
	return 0, err
}

// diskFull is what PostgreSQL says where there is no room to write.
const diskFull = "53100"

// probeEvery is how often a write is tried while the disk is full: each is some megabytes, and anybody may ask.
const probeEvery = 5 * time.Second

// diskState remembers that a write failed because the database's disk is full, until one passes.
type diskState struct {
	mu     sync.Mutex
	full   error
	probed time.Time
}

// note takes an error that a request ended with.
func (d *diskState) note(err error) {
	if tenancy.Code(err) != diskFull {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = err
}

// look tries a write if the disk was full and none was tried a moment ago. Nobody waits for it but whoever tries.
func (d *diskState) look(ctx context.Context, probe func(context.Context) error, now time.Time) error {
	full, try := d.mayProbe(now)
	if !try || probe == nil || probe(ctx) != nil {
		return full
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = nil
	return nil
}

func (d *diskState) mayProbe(now time.Time) (full error, try bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full == nil || now.Sub(d.probed) < probeEvery {
		return d.full, false
	}
	d.probed = now
	return d.full, true
}

func sendText(c echo.Context, status int, word string) error {
	NoStore(c)
	return Send(c, status, "text/plain; charset=utf-8", []byte(word))
}
