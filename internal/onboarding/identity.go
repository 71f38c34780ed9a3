package onboarding

import (
	"context"
	"maps"
	"time"

	"github.com/google/uuid"

	"kindward/internal/form"
	"kindward/internal/kyc"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// verify asks whoever verifies identities. Where nobody does, whoever reviews does it.
func (c *Checks) verify(ctx context.Context, application uuid.UUID, step *Step, a Application) kyc.Finding {
	if c.Identity == nil {
		return kyc.Finding{Result: Review, Reason: "No provider verifies identities here: ask for a document."}
	}
	current, last := a.Current(), a.Checks[step.Key]
	if last.Subject != step.about(current) {
		c.forget(ctx, application, last)
		last = Checked{}
	}
	return c.Identity.Verify(ctx, kyc.Person{Application: application.String(), Subject: step.about(current),
		Name: current[step.Subject], Email: current["email"], Back: c.Base + "/join/" + application.String()},
		kyc.Finding{Facts: last.Facts})
}

// forget ends the verification of somebody whom the application does not name any more. If it cannot be ended, it comes
// to nothing, but the provider has the person's document until it deletes it by itself.
func (c *Checks) forget(ctx context.Context, application uuid.UUID, last Checked) {
	id := last.Facts[kyc.FactSession]
	if id == "" {
		return
	}
	err := c.Identity.Forget(ctx, kyc.Session{ID: id, Status: kyc.SessionStatus(last.Facts[kyc.FactStatus])})
	if err != nil {
		c.Log.Warn("onboarding: a verification that nobody needs any more was not ended", "application", application,
			"session", id, "error", err)
	}
}

// How long what goes on outside is left alone, if nobody hints that something happened: half as long as it has gone on
// already.
const (
	soonest = time.Minute
	latest  = time.Hour
)

// same tells whether a register said what it had said before.
func same(last, said Checked) bool {
	return said.Result == Pending && last.Result == Pending && last.Subject == said.Subject &&
		last.Reason == said.Reason && maps.Equal(last.Facts, said.Facts)
}

// postpone lets a check that goes on as before be looked at again later. That is no event: nothing has happened.
func (c *Checks) postpone(ctx context.Context, s tenancy.Scope, key string, since time.Time) error {
	wait := min(max(c.Now().Sub(since)/2, soonest), latest)
	return c.Gateway.Shared(s).MoveCheck(ctx, c.Now().Add(wait), key)
}

// Hurry takes a hint that a verification may have gone on: the worker looks at once. Heard twice it does nothing, and
// what really happened only the provider says.
func Hurry(ctx context.Context, gateway *tenancy.Gateway, caller tenancy.Caller, h kyc.Hint, now time.Time) error {
	application, err := uuid.Parse(h.Reference)
	if err != nil || h.Event == "" || len(h.Event) > form.LongestLine {
		return nil // of nobody's here
	}
	scope := gateway.AdmitApplicant(application, caller)
	return gateway.WithinShared(ctx, scope, func(q *shareddb.Queries) error {
		if first, err := q.AddHint(ctx, h.Event, now); err != nil || first == 0 {
			return err
		}
		return q.HurryCheck(ctx, now, CheckIdentity)
	})
}
