package offering

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"kindward/internal/civil"
	"kindward/internal/kyc"
	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// Renewals asks the states' register about licenses that organizations say are renewed. What it confirms goes live
// without a person; the rest waits for one.
type Renewals struct {
	Gateway  *tenancy.Gateway
	Licenses *kyc.Licenses // nil: no register is asked
	Now      func() time.Time
	Notify   func() // tells the consumers of events that there are some
	Log      *slog.Logger
}

// worker is as whom the worker decides: nobody's account, with the right of staff.
var worker = tenancy.Caller{Staff: true, RequestID: "kindward work"}

// askedAgain is how long a register that did not answer is left alone; longestSaid how much of its words is kept.
const (
	askedAgain  = 5 * time.Minute
	longestSaid = 300
)

// Run is one round. It runs twice without harm: what does not wait any more is not decided again.
func (r *Renewals) Run(ctx context.Context) error {
	if r.Licenses == nil {
		return nil
	}
	due, err := r.Gateway.Shared(r.Gateway.Admit(tenancy.Tenant{}, worker)).DueChanges(ctx, r.Now())
	for _, row := range due {
		failed := r.ask(ctx, row)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if failed != nil && !errors.Is(failed, ErrDecided) {
			r.Log.Error("offering: a renewal is not checked", "change", row.ID, "organization", row.TenantID, "error", failed)
			err = errors.Join(err, failed)
		}
	}
	if len(due) > 0 {
		r.Notify()
	}
	return err
}

func (r *Renewals) ask(ctx context.Context, row shareddb.DueChangesRow) error {
	t, err := r.Gateway.TenantByID(ctx, row.TenantID)
	if err != nil {
		return err
	}
	now, name := r.Now(), row.Name
	if row.Kind == OfLocation {
		name = t.Name
	}
	found := r.Licenses.Check(ctx, row.LicenseState, row.License, name, civil.Today(civil.ZoneOrUTC(t.Zone), now))
	if err := ctx.Err(); err != nil {
		return err
	}
	good, said := confirms(found, row.Until)
	return r.Gateway.Within(ctx, r.Gateway.Admit(t, worker), func(q *tenantdb.Queries) error {
		if good {
			return Accept(ctx, q, t, row.ID, nil, said, now)
		}
		var next *time.Time
		if found.Result == kyc.Error {
			next = new(now.Add(askedAgain))
		}
		return q.NoteChange(ctx, textutil.Line(said, longestSaid), next, row.ID)
	})
}

// confirms tells whether a register's answer is enough for a last day, and says it in a sentence.
func confirms(found kyc.Finding, until string) (good bool, said string) {
	last, err1 := civil.ParseDate(found.Facts[kyc.FactUntil])
	asked, err2 := civil.ParseDate(until)
	switch {
	case found.Result != kyc.Pass || errors.Join(err1, err2) != nil:
		return false, found.Reason
	case last.Before(asked):
		return false, "The state's register says that this license ends on " + last.Text() + "."
	}
	return true, "The state's register says that this license ends on " + last.Text() + "."
}
