package jobs

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kindward/internal/booking"
	"kindward/internal/events"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// followAccount is the job account.follow: the charts of an account say how it is reached now.
type followAccount struct {
	Account uuid.UUID `json:"account"`
	Event   int64     `json:"event"`
	Scope   string    `json:"scope"`
}

// Kind is stable for ever.
func (followAccount) Kind() string { return "account.follow" }

func (followAccount) organization() uuid.UUID { return uuid.Nil }

func (a followAccount) unsealed() (any, string) {
	token := a.Scope
	a.Scope = ""
	return a, token
}

// following makes the job of an event.
func following(gateway *tenancy.Gateway, e events.Event) followAccount {
	a := followAccount{Account: e.Subject, Event: e.Seq}
	a.Scope = gateway.AdmitJob(tenancy.Tenant{}, a.Account, bind(a)).Token()
	return a
}

// accountFollower brings the charts up to date, each in its organization's own name. What is so is read now, and again
// when it is written: a job that runs late, twice, or beside another one leaves the same behind.
type accountFollower struct {
	river.WorkerDefaults[followAccount]
	Deps
}

// Work asks each organization where the account has appointments.
func (w *accountFollower) Work(ctx context.Context, job *river.Job[followAccount]) error {
	scope, err := open(w.Gateway, job.JobRow, job.Args)
	if err != nil {
		return w.refuse(ctx, job, err)
	}
	var told shareddb.ActiveAccountRow
	for {
		who, err := w.Gateway.Identity(scope).ActiveAccount(ctx, job.Args.Account)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && who.Phone == told.Phone && who.Email == told.Email {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.tell(ctx, scope, job.Args, who); err != nil {
			return err
		}
		told = who
	}
}

// tell brings the charts up to date with what an account says. Where another job did so meanwhile with what was said
// later, this one has just written what is old: whoever calls it looks at the account once more.
func (w *accountFollower) tell(ctx context.Context, scope tenancy.Scope, a followAccount,
	who shareddb.ActiveAccountRow) error {
	tenants, err := w.Gateway.Shared(scope).AppointmentTenants(ctx, a.Account)
	if err != nil {
		return err
	}
	var failed error // one organization that cannot be asked keeps the others from nothing
	for _, id := range tenants {
		tenant, err := w.Gateway.TenantByID(ctx, id)
		if err == nil && tenant.Behind() {
			err = tenancy.ErrTenantBehind
		}
		if err == nil {
			in := w.Gateway.In(w.Gateway.AdmitJob(tenant, a.Account, bind(a)))
			err = booking.FollowAccount(ctx, in, a.Account, who.Phone, who.Email)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// refuse throws the job away and says so. If it may only have waited too long, its event, which nobody can change, is
// asked for a new one.
func (w *accountFollower) refuse(ctx context.Context, job *river.Job[followAccount], why error) error {
	if w.Now().Sub(job.CreatedAt) >= ripened {
		e, err := w.Outbox.Find(ctx, job.Args.Event)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if err == nil && e.Kind == events.AccountChanged {
			if _, err := river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, following(w.Gateway, e), nil); err != nil {
				return err
			}
			return river.JobCancel(errRefused)
		}
	}
	w.Log.Error("jobs: refused", "kind", job.Kind, "job_id", job.ID, "error", why)
	return river.JobCancel(errRefused)
}
