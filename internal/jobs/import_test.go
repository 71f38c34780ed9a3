package jobs

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kindward/internal/pgtest"
)

// An organization that sends many files, and several that do, leave most of a worker to emails.
func TestF14ImportsLeaveTheRestOfAWorkerToEmails(t *testing.T) {
	db := pgtest.Open(t)
	w := newImporter(Deps{Gateway: db.Gateway, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	waits := func(tenant uuid.UUID) bool {
		_, waits := errors.AsType[*river.JobSnoozeError](w.Work(t.Context(), &river.Job[runImport]{
			JobRow: &rivertype.JobRow{CreatedAt: time.Now()}, Args: runImport{Tenant: tenant}}))
		return waits
	}
	one, other := uuid.New(), uuid.New()
	if waits(one) {
		t.Error("control: the first one waits")
	}
	w.own.TryAcquire(one)
	if !waits(one) || waits(other) {
		t.Error("a second one of an organization does not wait, or another's does")
	}
	w.own.Release(one)
	for range importsAtOnce {
		w.all.TryAcquire(1)
	}
	if !waits(one) {
		t.Errorf("one more than %d does not wait", importsAtOnce)
	}
	w.all.Release(1)
	if waits(one) {
		t.Error("control: after them it waits")
	}
}
