package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// What becomes of a hold that is not confirmed: it is extended, let go, or runs out.

// heldOf reads this person's hold; ErrGone if there is none.
func heldOf(ctx context.Context, in tenancy.Scoped, id, holder uuid.UUID) (Held, error) {
	f, err := holdFacts(ctx, in, id, holder)
	return heldBy(f), err
}

func holdFacts(ctx context.Context, in tenancy.Scoped, id, holder uuid.UUID) (tenantdb.HoldFactsRow, error) {
	f, err := in.Once().HoldFacts(ctx, id, holder)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrGone
	}
	return f, err
}

func heldBy(f tenantdb.HoldFactsRow) Held {
	h := Held{ID: f.ID, Ref: f.Ref, Start: f.VisitStartsAt,
		Claim: Claim{f.ClaimID, f.ResourceID, f.StartsAt, f.EndsAt}}
	if f.HeldUntil != nil {
		h.Until = *f.HeldUntil
	}
	return h
}

// lock locks the hold, and whoever books for the same account waits; without an account nobody does.
func (h Held) lock(ctx context.Context, q *tenantdb.Queries, holder uuid.UUID, account *uuid.UUID) error {
	return q.LockHold(ctx, tenantdb.LockHoldParams{ID: h.ID, Ref: h.Ref, ClaimID: h.Claim.ID, Holder: holder,
		StartsAt: h.Start, ResourceID: h.Claim.Resource, AccountID: account})
}

// Extend gives a living hold MoreTime, once. ErrGone: it was extended before, is over, or is somebody else's.
func Extend(ctx context.Context, in tenancy.Scoped, hold, holder uuid.UUID) (until time.Time, err error) {
	f, err := holdFacts(ctx, in, hold, holder)
	if err != nil {
		return until, err
	}
	if f.Extended || !f.Living {
		return until, ErrGone
	}
	h := heldBy(f)
	until = h.Until.Add(MoreTime)
	return until, attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(
				h.lock(ctx, q, holder, nil),
				q.RequireNotExtended(ctx, h.ID),
				q.ExtendHold(ctx, &until, h.ID),
				q.ExtendClaim(ctx, &until, h.Claim.ID),
				q.SetBusyUntil(ctx, &until, h.Claim.ID),
				q.WriteExtendedEvent(ctx, tenantdb.WriteExtendedEventParams{ID: h.ID, ResourceID: h.Claim.Resource,
					ClaimID: h.Claim.ID, StartsAt: h.Claim.Start, EndsAt: h.Claim.End, Until: until}),
				auditHold(ctx, q, h.ID, "extend hold"),
			)
		})
	})
}

// TakeHold makes a hold of a browser that of the account that has signed in to it: it counts for the account, at
// whatever organization it is asked. ErrGone: it is over.
func TakeHold(ctx context.Context, in tenancy.Scoped, hold uuid.UUID, by Holder) error {
	h, err := heldOf(ctx, in, hold, by.ID)
	if err != nil {
		return err
	}
	return attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(
				h.lock(ctx, q, by.ID, nil),
				q.TakeHold(ctx, by.kind(), h.ID),
				q.SetBusyHolder(ctx, by.keys[0], h.Claim.ID),
				auditHold(ctx, q, h.ID, "take hold"),
			)
		})
	})
}

// Release lets a held time go. ErrGone: there was nothing of this person's to let go.
func Release(ctx context.Context, in tenancy.Scoped, hold, holder uuid.UUID) error {
	h, err := heldOf(ctx, in, hold, holder)
	if err != nil {
		return err
	}
	err = attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			e := ending{h.ID, h.Claim}
			return errors.Join(e.lock(ctx, q, &holder), e.end(ctx, q, "release hold"))
		})
	})
	if errors.Is(err, ErrTaken) { // it has ended since
		return ErrGone
	}
	return err
}

// Freed is a time that was held, the zone of its place, and the resource that has it again.
type Freed struct {
	Resource uuid.UUID
	StartsAt time.Time
	Zone     string
}

// FreeHold ends somebody's hold for the organization's people. ErrGone: it has ended, or is booked. ErrNotHere: it
// never was.
func FreeHold(ctx context.Context, in tenancy.Scoped, hold uuid.UUID) (Freed, error) {
	f, err := in.Once().HoldToFree(ctx, hold)
	if errors.Is(err, pgx.ErrNoRows) {
		return Freed{}, ErrNotHere
	}
	if err != nil {
		return Freed{}, err
	}
	freed := Freed{f.ResourceID, f.BeginsAt, f.Zone}
	if f.Living == nil || !*f.Living || f.ClaimID == nil {
		return freed, ErrGone
	}
	e := ending{f.ID, Claim{*f.ClaimID, f.ResourceID, *f.StartsAt, *f.EndsAt}}
	err = attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(e.lock(ctx, q, &f.Holder), e.end(ctx, q, "free hold"))
		})
	})
	if errors.Is(err, ErrTaken) { // it has ended since
		err = ErrGone
	}
	return freed, err
}

// NextHoldEnd is how long it takes until the next of the holds ends that a refused one counted with here, at least a
// minute, and whom to call meanwhile.
func NextHoldEnd(ctx context.Context, in tenancy.Scoped, o Offering, by Holder, now time.Time) (after time.Duration,
	phone string, err error) {
	row, err := in.Once().NextHoldEnd(ctx, o.ID, by.network)
	return min(max(row.HeldUntil.Sub(now), time.Minute), HoldTime+MoreTime), row.Phone, err
}

// LapseDeadHolds ends holds that ran out, so that their events are told even if nobody wants the time, and gives how
// many. One that fails keeps the others from nothing and is tried again the next time.
func LapseDeadHolds(ctx context.Context, in tenancy.Scoped) (lapsed int64, failed error) {
	dead, err := in.Once().DeadHolds(ctx)
	if err != nil {
		return 0, err
	}
	for _, d := range dead {
		one := []ending{{d.ID, Claim{d.ClaimID, d.ResourceID, d.StartsAt, d.EndsAt}}}
		// not attempt, which waits: there may be many, and the next run asks again
		err := in.Pipeline(ctx, func(q *tenantdb.Queries) error { return endAll(ctx, q, one, nil) })
		said, _ := errorOf(err)
		switch {
		case err == nil:
			lapsed++
		case ctx.Err() != nil:
			return lapsed, errors.Join(failed, err)
		case !errors.Is(said, ErrTaken): // nobody else ended it
			failed = errors.Join(failed, fmt.Errorf("hold %s: %w", d.ID, err))
		}
	}
	return lapsed, failed
}

// ending is a hold that ends.
type ending struct {
	id    uuid.UUID
	claim Claim
}

// inTheWay are the holds that must end for a claim: those that ran out, and the holder's own of another time.
func inTheWay(ctx context.Context, in tenancy.Scoped, o Offering, start time.Time, c Claim,
	holder *uuid.UUID) (all []ending, err error) {
	rows, err := in.Once().HoldsInTheWay(ctx, tenantdb.HoldsInTheWayParams{OfferingID: o.ID, VisitStartsAt: start,
		Holder: holder, ResourceID: c.Resource, ClaimStartsAt: c.Start, ClaimEndsAt: c.End})
	for _, r := range rows {
		all = append(all, ending{r.ID, Claim{r.ClaimID, r.ResourceID, r.StartsAt, r.EndsAt}})
	}
	return all, err
}

// endAll ends holds that ran out or are the holder's own. All are locked, in order of id, before a claim is touched.
func endAll(ctx context.Context, q *tenantdb.Queries, all []ending, holder *uuid.UUID) (err error) {
	for _, e := range all {
		err = errors.Join(err, e.lock(ctx, q, holder))
	}
	for _, e := range all {
		err = errors.Join(err, e.end(ctx, q, "lapse hold"))
	}
	return err
}

func (e ending) lock(ctx context.Context, q *tenantdb.Queries, holder *uuid.UUID) error {
	return q.LockEndingHold(ctx, e.claim.ID, e.id, holder)
}

// end is what letting a locked hold go does.
func (e ending) end(ctx context.Context, q *tenantdb.Queries, action string) error {
	return errors.Join(
		q.LapseHold(ctx, e.id),
		q.ReleaseClaim(ctx, e.claim.ID),
		q.DeleteBusy(ctx, e.claim.ID),
		q.WriteReleasedEvent(ctx, tenantdb.WriteReleasedEventParams{ID: e.id, ResourceID: e.claim.Resource,
			ClaimID: e.claim.ID, StartsAt: e.claim.Start, EndsAt: e.claim.End}),
		auditHold(ctx, q, e.id, action),
	)
}
