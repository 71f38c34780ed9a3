package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Periodic is work that time alone asks for. Of all workers one puts it into the queue when it is due, and one does it;
// a worker that starts while none was there makes up for what was missed. It shows in river_job as kind housekeeping
// with its name.
type Periodic struct {
	Name    string // stable for ever: holds.lapse
	Every   time.Duration
	Timeout time.Duration // after which it is canceled; the next run goes on
	Run     func(context.Context) error
}

// housekeepingQueue keeps periodic work from standing in the way of messages.
const (
	housekeepingQueue    = "housekeeping"
	housekeepingWorkers  = 2
	housekeepingAttempts = 3                // then the next run is as good
	housekeepingPatience = 15 * time.Second // until another worker takes what this one does not know
)

// underWay are the states in which a second run of the same work is not put into the queue. A worker that is killed
// leaves a run that counts as under way until the queue rescues it: after its timeout, or a minute and a half.
var underWay = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateScheduled,
	rivertype.JobStateRunning,
	rivertype.JobStateRetryable}

// housekeeping is one run of a Periodic.
type housekeeping struct {
	Work string `json:"work" river:"unique"`
}

// Kind is stable for ever.
func (housekeeping) Kind() string { return "housekeeping" }

// periodicJobs is when the queue gets what.
func periodicJobs(all []Periodic) (jobs []*river.PeriodicJob) {
	for _, p := range all {
		insert := func() (river.JobArgs, *river.InsertOpts) {
			return housekeeping{p.Name}, &river.InsertOpts{Queue: housekeepingQueue, MaxAttempts: housekeepingAttempts,
				UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: underWay}}
		}
		jobs = append(jobs, river.NewPeriodicJob(river.PeriodicInterval(p.Every), insert,
			&river.PeriodicJobOpts{ID: p.Name, RunOnStart: true}))
	}
	return jobs
}

// housekeeper does periodic work.
type housekeeper struct {
	river.WorkerDefaults[housekeeping]
	Deps
}

func (h *housekeeper) find(name string) (Periodic, bool) {
	for _, p := range h.Periodic {
		if p.Name == name {
			return p, true
		}
	}
	return Periodic{}, false
}

// Timeout is that of the work.
func (h *housekeeper) Timeout(job *river.Job[housekeeping]) time.Duration {
	p, _ := h.find(job.Args.Work)
	return p.Timeout
}

// Work runs it once. What a newer release beside this one asks for is left to it.
func (h *housekeeper) Work(ctx context.Context, job *river.Job[housekeeping]) error {
	p, known := h.find(job.Args.Work)
	if !known {
		return river.JobSnooze(housekeepingPatience)
	}
	if !h.Clock.Right() {
		return errClock // it may delete what is older than a time; keepTime leaves this work within a second
	}
	began := time.Now()
	err := p.Run(ctx)
	if err != nil {
		h.Log.Error("jobs: housekeeping failed", "work", p.Name, "attempt", job.Attempt, "took", time.Since(began), "error",
			err)
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	h.Log.Debug("jobs: housekeeping is done", "work", p.Name, "took", time.Since(began))
	return nil
}
