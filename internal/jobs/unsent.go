package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river/rivertype"

	"kindward/internal/notify"
)

// When a failure is logged: the first of each email and every tenth after it, and as an ERROR once the email has
// waited for too long, at most once an hour.
const (
	logEvery      = 10
	waitedTooLong = 15 * time.Minute
	logAgain      = time.Hour
)

// unsentError is why an email stays in its queue.
type unsentError struct {
	kind  string
	since time.Time // when it was queued
	err   error
}

func (e *unsentError) Error() string { return e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// senderError marks what a notify.Sender says: it names no person, so that it may be logged.
type senderError struct{ err error }

func (e *senderError) Error() string { return e.err.Error() }
func (e *senderError) Unwrap() error { return e.err }

// send marks what the sender says.
func send(ctx context.Context, sender notify.Sender, m notify.Message) error {
	if err := sender.Send(ctx, m); err != nil {
		return &senderError{err}
	}
	return nil
}

// errorClass is as much of an error as may be logged: what a database or a composer says may name a person.
func errorClass(err error) string {
	if said, ok := errors.AsType[*senderError](err); ok {
		return said.Error()
	}
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		return "SQLSTATE " + answer.Code
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the time was over"
	}
	return "the email could not be made"
}

// failures are what an email went through, over all jobs that were made for it.
type failures struct {
	Count  int       `json:"count"`
	Logged time.Time `json:"logged"` // the last ERROR; zero: none
}

// failuresOf are those of a job and of the jobs before it. The queue keeps when each try failed, so that nothing else
// need be kept to know what was logged, by whichever process.
func failuresOf(job *rivertype.JobRow, since time.Time) failures {
	var before struct {
		Failures failures `json:"failures"`
	}
	_ = json.Unmarshal(job.Metadata, &before) // the queue's own metadata, or none: it begins at zero
	f := before.Failures
	for _, e := range job.Errors {
		f.add(since, e.At)
	}
	return f
}

// metadata hands them on to another job for the same email.
func (f failures) metadata() ([]byte, error) { return json.Marshal(map[string]failures{"failures": f}) }

// add counts a failure and tells what is to be logged.
func (f *failures) add(since, at time.Time) (warn, tooLong bool) {
	f.Count++
	if at.Sub(since) > waitedTooLong && at.Sub(f.Logged) >= logAgain {
		f.Logged, tooLong = at, true
	}
	return f.Count%logEvery == 1, tooLong
}

// logUnsent logs the failure that a job has just had, if it is its turn. more is asked only for an ERROR.
func logUnsent(log *slog.Logger, job *rivertype.JobRow, u *unsentError, now time.Time, more func() []any) {
	f := failuresOf(job, u.since)
	warn, tooLong := f.add(u.since, now)
	log = log.With("kind", u.kind, "job_id", job.ID, "attempt", f.Count, "error", errorClass(u.err))
	if warn {
		log.Warn("jobs: an email could not be sent yet")
	}
	if tooLong {
		log.Error("jobs: an email has waited for too long", append(more(), "waited",
			now.Sub(u.since).Round(time.Second).String())...)
	}
}
