package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"golang.org/x/sync/semaphore"

	"kindward/internal/events"
	"kindward/internal/importing"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

// runImport is the job import.run: the rows of an import that are ready are brought in.
type runImport struct {
	Tenant uuid.UUID `json:"tenant"`
	Import uuid.UUID `json:"import"`
	Event  int64     `json:"event"`
	Scope  string    `json:"scope"`
}

// Kind is stable for ever.
func (runImport) Kind() string { return "import.run" }

// InsertOpts are those of every such job: nobody waits for a code of an account behind it.
func (runImport) InsertOpts() river.InsertOpts { return river.InsertOpts{Priority: 2} }

func (a runImport) organization() uuid.UUID { return a.Tenant }

func (a runImport) unsealed() (any, string) {
	token := a.Scope
	a.Scope = ""
	return a, token
}

// importOf makes the job of an event. No job: its organization is there no more.
func importOf(ctx context.Context, gateway *tenancy.Gateway, e events.Event) (a runImport, ok bool, err error) {
	tenant, err := gateway.TenantByID(ctx, e.Tenant)
	if errors.Is(err, tenancy.ErrNoTenant) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	a = runImport{Tenant: e.Tenant, Import: e.Subject, Event: e.Seq}
	a.Scope = gateway.AdmitJob(tenant, uuid.Nil, bind(a)).Token()
	return a, true, nil
}

// importer brings imports in. A job that runs twice, late or beside another one goes on behind what is in already.
type importer struct {
	river.WorkerDefaults[runImport]
	Deps
	own ratelimit.KeyedSemaphore[uuid.UUID] // of an organization
	all *semaphore.Weighted
}

// A worker brings in so many imports at a time, one of an organization: emails have the rest of it. The others are
// tried again soon.
const (
	importsAtOnce = 2
	importAgain   = 2 * time.Second
	importTime    = jobTime / 2
)

func newImporter(d Deps) *importer {
	return &importer{Deps: d, own: ratelimit.KeyedSemaphore[uuid.UUID]{Most: 1},
		all: semaphore.NewWeighted(importsAtOnce)}
}

// Work brings in what is ready, part by part, once it is its turn.
func (w *importer) Work(ctx context.Context, job *river.Job[runImport]) error {
	if !w.own.TryAcquire(job.Args.Tenant) {
		return river.JobSnooze(importAgain)
	}
	defer w.own.Release(job.Args.Tenant)
	if !w.all.TryAcquire(1) {
		return river.JobSnooze(importAgain)
	}
	defer w.all.Release(1)
	return w.bringIn(ctx, job)
}

func (w *importer) bringIn(ctx context.Context, job *river.Job[runImport]) error {
	scope, err := open(w.Gateway, job.JobRow, job.Args)
	if err != nil {
		return w.refuse(ctx, job, err)
	}
	tenant, err := w.Gateway.TenantByID(ctx, scope.Tenant())
	if err == nil && tenant.Behind() { // tried again later, as any failure
		err = tenancy.ErrTenantBehind
	}
	if err != nil {
		return err
	}
	run := importing.Runner{Gateway: w.Gateway, Now: w.Now, Long: importTime}
	err = run.Run(ctx, scope, tenant, job.Args.Import)
	if errors.Is(err, importing.ErrMore) { // it is no failure, and others have their turn
		return river.JobSnooze(0)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// refuse throws the job away and says so. If it may only have waited too long, its event, which nobody can change, is
// asked for a new one.
func (w *importer) refuse(ctx context.Context, job *river.Job[runImport], why error) error {
	if w.Now().Sub(job.CreatedAt) >= ripened {
		e, err := w.Outbox.Find(ctx, job.Args.Event)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if err == nil && e.Kind == events.ImportStarted {
			a, ok, err := importOf(ctx, w.Gateway, e)
			if err != nil {
				return err
			}
			if ok {
				if _, err := river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, a, nil); err != nil {
					return err
				}
				return river.JobCancel(errRefused)
			}
		}
	}
	w.Log.Error("jobs: refused", "kind", job.Kind, "job_id", job.ID, "error", why)
	return river.JobCancel(errRefused)
}
