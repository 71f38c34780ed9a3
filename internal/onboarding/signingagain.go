package onboarding

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/shareddb"
)

// SignWithin is how long an organization has to sign another text of its contract. Nothing is taken from whoever is
// late: operations see them. remindedBefore is how long before that its owners are reminded.
const (
	SignWithin     = 30 * 24 * time.Hour
	remindedBefore = 7 * 24 * time.Hour
)

// ToSignAgain tells until when an organization is to sign another text of its contract, if it is.
func (d *Definition) ToSignAgain(a Application) (due time.Time, asked bool) {
	if a.Status != Live || a.Reworded.IsZero() || d.signs(&a, a.Signature) {
		return due, false
	}
	return a.Reworded.Add(SignWithin), true
}

// ContractStep is the key of the step at which the contract is signed; empty: none is asked for.
func (d *Definition) ContractStep() string {
	if s, asked := d.contractStep(); asked {
		return s.Key
	}
	return ""
}

// countersignedAgain takes the platform's signature under the other text that an organization has signed, once.
func (a *Application) countersignedAgain(d *Definition, e Event) error {
	if a.Countersignature.Hash == a.Signature.Hash || e.By != uuid.Nil {
		return ErrNotNow
	}
	return a.countersigned(d, e)
}

// Rewording asks for the newest text of the contract wherever an older one is asked for, and countersigns what
// organizations have signed again.
type Rewording struct {
	Gateway *tenancy.Gateway
	Newest  int // version of the text
	Now     func() time.Time
	Log     *slog.Logger
}

// mostReworded are moved in a round.
const mostReworded = 200

// Run is one round. Two at once ask each once: what does not wait any more is passed over.
func (r *Rewording) Run(ctx context.Context) error {
	q := r.Gateway.Shared(r.Gateway.Admit(tenancy.Tenant{}, worker))
	var failed error
	if older := askingOlder(r.Newest); len(older) > 0 {
		ids, err := q.ContractsToReword(ctx, older, int32(r.Newest), mostReworded)
		failed = errors.Join(err, r.each(ctx, ids, Event{Kind: Reworded, Data: Data{Contract: r.Newest}}))
	}
	ids, err := q.ContractsToCountersign(ctx, mostReworded)
	return errors.Join(failed, err, r.each(ctx, ids, Event{Kind: Countersigned}))
}

func (r *Rewording) each(ctx context.Context, ids []uuid.UUID, e Event) (failed error) {
	for _, id := range ids {
		e.At = r.Now()
		_, _, err := Act(ctx, r.Gateway, r.Gateway.AdmitApplicant(id, worker), e)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !errors.Is(err, ErrNotNow) && !errors.Is(err, ErrUnsigned) { // or something else happened meanwhile
			r.Log.Error("onboarding: a contract is not moved", "application", id, "event", e.Kind, "error", err)
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// askingOlder are the versions of definitions that ask for an older text of the contract than one.
func askingOlder(newest int) (versions []int32) {
	for version := 1; version <= Latest; version++ {
		d, err := Find(Kinds[0], States[0], version)
		if err != nil {
			continue
		}
		if s, asked := d.contractStep(); asked && s.Contract < newest {
			versions = append(versions, int32(version))
		}
	}
	return versions
}

// tellOwners tells the owners of an organization that another text is to be signed, and by when.
func (t *Teller) tellOwners(ctx context.Context, d *Definition, a Application,
	row relaydb.OnboardingNotice) error {
	tenant, err := t.Gateway.TenantByID(ctx, row.TenantID)
	if err != nil {
		return err
	}
	due, asked := d.ToSignAgain(a)
	return t.Gateway.WithinIdentity(ctx, t.Gateway.Admit(tenant, worker), func(q *shareddb.Queries) error {
		if _, err := q.TakeNotice(ctx, row.Kind, row.Version); errors.Is(err, pgx.ErrNoRows) || err == nil && !asked {
			return nil
		} else if err != nil {
			return err
		}
		people, err := q.Owners(ctx)
		for _, p := range people {
			if err == nil {
				err = t.queue(ctx, q, notify.ContractToSign{Recipient: notify.Recipient{To: p.Email, Name: p.Name},
					Organization: tenant.Name, Slug: tenant.Slug, Due: due.In(civil.ZoneOrUTC(tenant.Zone)),
					Last: NoticeKind(row.Kind) == ContractDue})
			}
		}
		return err
	})
}
