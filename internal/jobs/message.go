package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kindward/internal/events"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// messageOf is the kind of message that each kind of event becomes. Patients are not told of the others.
var messageOf = map[events.Kind]string{
	events.AppointmentBooked:    notify.MessageBooked,
	events.AppointmentMoved:     notify.MessageMoved,
	events.AppointmentCancelled: notify.MessageCancelled,
}

// How long a worker may keep a message to itself, and how long a message is worth sending after its event.
const (
	lease   = 60 * time.Second
	worth   = 24 * time.Hour
	ripened = 4 * time.Minute // a refused job of this age may just have outlived its scope
)

// sendMessage is the job message.send.
type sendMessage struct {
	Tenant      uuid.UUID `json:"tenant"`
	Appointment uuid.UUID `json:"appointment"`
	Message     string    `json:"message"`
	Sequence    int32     `json:"sequence"` // the appointment's when it happened
	Event       int64     `json:"event"`
	Scope       string    `json:"scope"`
}

// Kind is stable for ever.
func (sendMessage) Kind() string { return "message.send" }

// InsertOpts are those of every such job. Whoever waits for the code of an account is not to wait for the messages of
// thousands of appointments, so that emails about accounts come first.
func (sendMessage) InsertOpts() river.InsertOpts { return river.InsertOpts{Priority: 2} }

func (a sendMessage) organization() uuid.UUID { return a.Tenant }

func (a sendMessage) unsealed() (any, string) {
	token := a.Scope
	a.Scope = ""
	return a, token
}

// envelope makes the job of an event. No job: nobody is told about such events.
func envelope(ctx context.Context, gateway *tenancy.Gateway, e events.Event) (a sendMessage, ok bool, err error) {
	kind, ok := messageOf[e.Kind]
	if !ok || e.Tenant == uuid.Nil {
		return a, false, nil
	}
	data, err := e.Fields()
	if err != nil {
		return a, false, err
	}
	tenant, err := gateway.TenantByID(ctx, e.Tenant)
	if errors.Is(err, tenancy.ErrNoTenant) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	a = sendMessage{Tenant: e.Tenant, Appointment: e.Subject, Message: kind, Sequence: data.Sequence, Event: e.Seq}
	a.Scope = gateway.AdmitJob(tenant, uuid.Nil, bind(a)).Token()
	return a, true, nil
}

// messageWorker sends. The state is read again at the moment of sending: what is no longer true is not said.
type messageWorker struct {
	river.WorkerDefaults[sendMessage]
	Deps
}

// Work takes the message's lease, sends, and marks it sent. Dying in between leaves a lease that runs out; the message
// that goes out again then has the same id, and in a folder the same name.
func (w *messageWorker) Work(ctx context.Context, job *river.Job[sendMessage]) error {
	scope, err := open(w.Gateway, job.JobRow, job.Args)
	if err != nil {
		return w.refuse(ctx, job, err)
	}
	tenant, err := w.Gateway.TenantByID(ctx, scope.Tenant())
	if err != nil {
		return err
	}
	if tenant.Behind() { // tried again later, as any failure
		return tenancy.ErrTenantBehind
	}
	q, a := w.Gateway.Once(scope), job.Args
	due, err := q.LeaseMessage(ctx, tenantdb.LeaseMessageParams{AppointmentID: a.Appointment, Sequence: a.Sequence,
		Kind: a.Message,
		Now:  w.Now(), ID: uuid.Must(uuid.NewV7()), LeaseSeconds: int32(w.lease.Seconds())})
	if errors.Is(err, pgx.ErrNoRows) {
		return w.notDue(ctx, q, a)
	}
	if err != nil {
		return err
	}
	m, err := w.write(ctx, a, due)
	if err == nil {
		err = send(ctx, w.Sender, m)
	}
	if err != nil {
		return w.failed(ctx, q, job, due.MessageID, err)
	}
	return patiently(ctx, func(ctx context.Context) error { return q.MarkMessageSent(ctx, due.MessageID) })
}

// notDue tells apart what is done, what another worker has in hand, and what is no longer true.
func (w *messageWorker) notDue(ctx context.Context, q *tenantdb.Queries, a sendMessage) error {
	state, err := q.MessageState(ctx, tenantdb.MessageStateParams{AppointmentID: a.Appointment, Kind: a.Message,
		Sequence: a.Sequence, Now: w.Now()})
	switch {
	case errors.Is(err, pgx.ErrNoRows): // moved, canceled or past since then, or nobody to write to
		return nil
	case err != nil:
		return err
	case state.SentAt != nil || !state.StillTrue:
		return nil
	}
	return river.JobSnooze(time.Duration(max(state.LeaseSeconds, 1)) * time.Second)
}

func (w *messageWorker) failed(ctx context.Context, q *tenantdb.Queries, job *river.Job[sendMessage], id uuid.UUID,
	err error) error {
	if errors.Is(err, notify.ErrRefused) {
		w.Log.Error("jobs: a message cannot be delivered", "message_id", id, "error", err)
		return river.JobCancel(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if returned := q.ReturnMessage(ctx, id); returned != nil {
		w.Log.Warn("jobs: a lease could not be given back and runs out by itself", "message_id", id, "error", returned)
	}
	unsent := &unsentError{kind: job.Args.Message, since: job.CreatedAt, err: err}
	if e, err := w.Outbox.Find(ctx, job.Args.Event); err == nil { // the job may have been made anew since
		unsent.since = e.At
	}
	logUnsent(w.Log, job.JobRow, unsent, w.Now(), func() []any { return []any{"message_id", id} })
	return unsent
}

// refuse throws the job away and says so. If it may only have waited too long (a mail server was down), its event,
// which nobody can change, is asked for a new one.
func (w *messageWorker) refuse(ctx context.Context, job *river.Job[sendMessage], why error) error {
	if w.Now().Sub(job.CreatedAt) < ripened {
		w.Log.Error("jobs: refused", "kind", job.Kind, "job_id", job.ID, "error", why)
		return river.JobCancel(errRefused)
	}
	e, err := w.Outbox.Find(ctx, job.Args.Event)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if err == nil && w.Now().Sub(e.At) < worth {
		a, ok, err := envelope(ctx, w.Gateway, e)
		if err != nil {
			return err
		}
		if ok {
			if err := again(ctx, a, failuresOf(job.JobRow, e.At)); err != nil {
				return err
			}
			w.Log.Warn("jobs: refused after waiting, made anew from its event", "kind", job.Kind, "job_id", job.ID, "event",
				e.Seq)
			return river.JobCancel(errRefused)
		}
	}
	w.Log.Error("jobs: refused and given up", "kind", job.Kind, "job_id", job.ID, "error", why)
	return river.JobCancel(errRefused)
}

// again queues a job that knows what the ones before it went through.
func again(ctx context.Context, a sendMessage, before failures) error {
	metadata, err := before.metadata()
	if err != nil {
		return err
	}
	_, err = river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, a, &river.InsertOpts{Metadata: metadata})
	return err
}
