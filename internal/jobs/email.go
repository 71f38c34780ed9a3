package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/queries/relaydb"
)

// emailAttempts is more than a day of tries four minutes apart: an email is given up when its time is over, not
// when a mail server was away for an hour.
const emailAttempts = 400

// sendEmail is the job email.send. What it may say is sealed in its row, so that the id needs no signature:
// another one names another email that is sent once, or nothing.
type sendEmail struct {
	Email uuid.UUID `json:"email"`
}

// Kind is stable for ever.
func (sendEmail) Kind() string { return "email.send" }

// InsertOpts are those of every such job.
func (sendEmail) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: emailAttempts} }

// Emails sends what waits in outbox.email. All but Lease are needed.
type Emails struct {
	Queries  *relaydb.Queries
	Keys     *keys.Keyring
	Sender   notify.Sender
	Composer notify.Composer
	// Resolve finds out what is said to an address about which a request could not ask; nil: nothing. It may
	// be asked again.
	Resolve func(context.Context, notify.Entry) (notify.Notice, error)
	Log     *slog.Logger
	Now     func() time.Time
	Lease   time.Duration // default 60 s, longer than any sending takes
}

// LeasedError means that another worker has the email in hand.
type LeasedError struct{ For time.Duration }

func (e *LeasedError) Error() string { return fmt.Sprintf("another worker has it for %s", e.For) }

// errUnreadable means that the row of an email cannot be opened: it was changed, or its key is gone, or no
// release of this age made it.
var errUnreadable = errors.New("the email cannot be read")

// Send sends one email of the queue, once: one that is done does nothing. *LeasedError when another worker has
// it; an error that is ErrRefused or errUnreadable is for good.
func (m Emails) Send(ctx context.Context, id uuid.UUID) error {
	row, err := m.Queries.LeaseEmail(ctx, m.lease().Seconds(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return m.left(ctx, id)
	}
	if err != nil {
		return err
	}
	if !m.Now().Before(row.ExpiresAt) {
		m.Log.Warn("jobs: an email was not sent in its time", "email_id", id, "kind", row.Kind)
		return m.Queries.CloseEmail(ctx, notify.OutcomeExpired, nil, id)
	}
	message, err := m.message(ctx, id, row)
	if err == nil && message == nil {
		return m.Queries.CloseEmail(ctx, notify.OutcomeNobody, nil, id)
	}
	if err == nil {
		err = send(ctx, m.Sender, *message)
	}
	if err != nil {
		return m.failed(ctx, id, row, err)
	}
	return patiently(ctx, func(ctx context.Context) error {
		return m.Queries.CloseEmail(ctx, notify.OutcomeSent, &message.ID, id)
	})
}

// left tells an email that is done or gone (nil) from one that another worker has.
func (m Emails) left(ctx context.Context, id uuid.UUID) error {
	state, err := m.Queries.EmailState(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !state.Waits {
		return nil
	}
	if err != nil {
		return err
	}
	return &LeasedError{For: time.Duration(state.LeaseSeconds * float64(time.Second))}
}

// message is what to send, or nil: nobody is told.
func (m Emails) message(ctx context.Context, id uuid.UUID, row relaydb.LeaseEmailRow) (*notify.Message, error) {
	entry, err := notify.Open(m.Keys, id, notify.Kind(row.Kind), row.Sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	notice, ready := entry.(notify.Notice)
	if !ready {
		if notice, err = m.Resolve(ctx, entry); err != nil || notice == nil {
			return nil, err
		}
	}
	message, err := m.Composer.Notice(id, row.CreatedAt, notice)
	return &message, err
}

// failed ends what can never be sent and gives the rest back to the queue, with the class of the failure.
func (m Emails) failed(ctx context.Context, id uuid.UUID, row relaydb.LeaseEmailRow, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	outcome := ""
	switch {
	case errors.Is(err, notify.ErrRefused):
		outcome = notify.OutcomeRefused
	case errors.Is(err, errUnreadable):
		outcome = notify.OutcomeUnreadable
	}
	if outcome != "" {
		m.Log.Error("jobs: an email cannot be delivered", "email_id", id, "kind", row.Kind, "outcome", outcome,
			"error", err)
		return errors.Join(err, m.Queries.CloseEmail(ctx, outcome, nil, id))
	}
	if returned := m.Queries.ReturnEmail(ctx, "unavailable", id); returned != nil {
		m.Log.Warn("jobs: a lease could not be given back and runs out by itself", "email_id", id, "error", returned)
	}
	return &unsentError{kind: row.Kind, since: row.CreatedAt, err: err}
}

// waiting is how many emails wait, for a line of the log; nothing if that cannot be found out.
func (m Emails) waiting(ctx context.Context) []any {
	n, err := m.Queries.CountWaitingEmails(ctx)
	if err != nil {
		return nil
	}
	return []any{"waiting", n}
}

func (m Emails) lease() time.Duration {
	if m.Lease == 0 {
		return lease
	}
	return m.Lease
}

// SweepEmails wipes what was not sent in its time and deletes rows older than thirty days.
func SweepEmails(ctx context.Context, q *relaydb.Queries, now time.Time) error {
	_, expired := q.ExpireEmails(ctx, now)
	_, forgotten := q.ForgetEmails(ctx)
	return errors.Join(expired, forgotten)
}

// emailWorker is the queue's side of Emails.
type emailWorker struct {
	river.WorkerDefaults[sendEmail]
	Emails
}

// Work sends the email of a job.
func (w *emailWorker) Work(ctx context.Context, job *river.Job[sendEmail]) error {
	err := w.Send(ctx, job.Args.Email)
	if leased, ok := errors.AsType[*LeasedError](err); ok {
		return river.JobSnooze(max(leased.For, time.Second))
	}
	if errors.Is(err, notify.ErrRefused) || errors.Is(err, errUnreadable) {
		return river.JobCancel(err)
	}
	if unsent, ok := errors.AsType[*unsentError](err); ok {
		logUnsent(w.Log, job.JobRow, unsent, w.Now(), func() []any {
			return append(w.waiting(ctx), "email_id", job.Args.Email)
		})
	}
	return err
}

// patiently tries harder than anything before it: what it writes down has been sent.
func patiently(ctx context.Context, write func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	for n := range 5 {
		if err = write(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(n+1) * 200 * time.Millisecond):
		}
	}
	return err
}
