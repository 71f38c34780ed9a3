package main

import (
	"context"
	"time"
)

// A transaction of pages is over within seconds: its statements have ten each, and nobody waits for longer. One that
// is open longer than oldestTransaction is a mistake or somebody's intention; it holds back what reads events in order,
// the sealer first, and is ended. No setting of its role does that: the role could lift it.
const (
	oldestTransaction = 30 * time.Second
	overdueEvery      = 5 * time.Second
)

// endOverdue looks again and again for transactions that are older than a time and ends them, until ctx ends.
func (a *app) endOverdue(ctx context.Context, older, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		ended, err := a.outbox.EndOverdue(ctx, older)
		if err != nil && ctx.Err() == nil {
			a.log.Error("database: transactions that are open for too long cannot be ended", "error", err)
		}
		for _, s := range ended {
			a.log.Error("database: a session was ended", "role", s.Role, "state", s.State, "open_for",
				s.Age.Round(time.Second).String(), "process", s.PID)
		}
	}
}
