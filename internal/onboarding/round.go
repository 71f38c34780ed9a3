package onboarding

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/shareddb"
)

// atOnce is how many questions a register is asked at a time.
const atOnce = 4

// questions are what one register is to be asked in a round.
type questions struct {
	mu         sync.Mutex
	due        []relaydb.DueChecksRow
	unanswered int // in a row
}

// next is whom to ask about; none: that is all, or the register does not answer.
func (r *questions) next() (step relaydb.DueChecksRow, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.due) == 0 || r.unanswered >= mostErrors {
		return step, false
	}
	step, r.due = r.due[0], r.due[1:]
	return step, true
}

func (r *questions) said(result Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unanswered++; result != Error {
		r.unanswered = 0
	}
}

// round asks every register beside the others, so that one which is slow or down holds up its own questions only. It
// begins no other question in the last third of its time: what it does not come to is due in the next.
func (c *Checks) round(ctx context.Context, due []relaydb.DueChecksRow) error {
	registers := map[string]*questions{}
	for _, step := range due {
		if registers[step.Key] == nil {
			registers[step.Key] = &questions{}
		}
		registers[step.Key].due = append(registers[step.Key].due, step)
	}
	began := time.Now()
	deadline, bounded := ctx.Deadline()
	group, within := errgroup.WithContext(ctx)
	for _, r := range registers {
		for range min(atOnce, len(r.due)) {
			group.Go(func() error {
				for within.Err() == nil && (!bounded || time.Since(began) < deadline.Sub(began)*2/3) {
					step, ok := r.next()
					if !ok {
						break
					}
					if err := c.check(within, step, r); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	err := group.Wait()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		c.Log.Warn("onboarding: registers took longer than a round lasts; the next one goes on", "due", len(due))
		return nil
	}
	return errors.Join(err, ctx.Err())
}

// check asks about one application. Where that fails it is left alone for a while, whatever failed: it holds up no
// other. The error is one that other applications would meet too.
func (c *Checks) check(ctx context.Context, step relaydb.DueChecksRow, r *questions) error {
	scope := c.Gateway.AdmitApplicant(step.TenantID, worker)
	err := c.run(ctx, scope, step.Key, r)
	if err == nil || errors.Is(err, ErrNotNow) || ctx.Err() != nil {
		return nil
	}
	c.Log.Error("onboarding: a check failed", "application", step.TenantID, "step", step.Key, "error", err)
	now, attempts := c.Now(), step.Attempts+1
	return c.Gateway.Shared(scope).PostponeCheck(ctx, shareddb.PostponeCheckParams{Key: step.Key, Attempts: attempts,
		NextAt: now.Add(patience(int(attempts))), Now: now})
}

// keep keeps what a register said. What no row takes is kept as no answer, so that it is asked again, later and later.
func (c *Checks) keep(ctx context.Context, s tenancy.Scope, key string, said Checked) error {
	e := Event{Kind: CheckDone, Step: key, At: c.Now(), Data: Data{Check: &said}}
	_, _, err := Act(ctx, c.Gateway, s, e)
	if code := tenancy.Code(err); !strings.HasPrefix(code, "22") && !strings.HasPrefix(code, "23") {
		return err
	}
	c.Log.Error("onboarding: what a register said cannot be kept", "application", s.Tenant(), "step", key, "error", err)
	e.Data.Check = &Checked{Kind: said.Kind, Subject: said.Subject, Result: Error,
		Reason: "We could not read what the register said."}
	_, _, err = Act(ctx, c.Gateway, s, e)
	return err
}

// mend writes where the log says that a step is which does not wait for a register: its row says that it does.
func (c *Checks) mend(ctx context.Context, s tenancy.Scope, key string) error {
	return c.Gateway.WithinShared(ctx, s, func(q *shareddb.Queries) error {
		_, a, err := locked(ctx, q)
		if err != nil {
			return err
		}
		at, exists := a.Steps[key]
		if !exists {
			at = Standing{State: StepLocked, Since: a.CreatedAt}
		}
		return q.PutStep(ctx, placed(key, at))
	})
}
