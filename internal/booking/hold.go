package booking

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// HoldTime is how long a time is kept for a person, ShortHoldTime for a visitor where many are held; MoreTime is what
// one extension adds.
const (
	HoldTime      = 10 * time.Minute
	ShortHoldTime = 5 * time.Minute
	MoreTime      = 5 * time.Minute
)

// Offering is a published offering, as much of it as booking needs.
type Offering struct {
	ID, Tenant      uuid.UUID
	Resources       []uuid.UUID // any one of them serves; more than one is a team's pool
	Schedule        *Schedule
	ScheduleVersion int64
	PriceCents      *int64 // nil: not stated
	Currency        string
}

func (o Offering) visit() time.Duration { return time.Duration(o.Schedule.VisitMinutes) * time.Minute }

// Claim is what an appointment takes of a resource's time, buffers included.
type Claim struct {
	ID       uuid.UUID `json:"id"`
	Resource uuid.UUID `json:"resource"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
}

// Held is a time that is kept for one person.
type Held struct {
	ID    uuid.UUID
	Ref   string
	Until time.Time // by the database's clock
	Start time.Time // of the visit
	Claim Claim
}

// Hold takes a start for a person until HoldTime from now, or until by.Time if that is set: the schedule is asked, then
// the claims decide. The person's earlier hold at this organization is let go, but only for this one; the same start
// again gives the hold that is there, no longer than it was. A start that the slot function would not offer is
// ErrChanged, a start that somebody has is ErrTaken. When too much is held already (A13), by the same browser or
// account it is ErrOwnHolds, by others of the same network ErrNetworkHolds, by visitors ErrVisitorHolds. One round trip
// when the first candidate is free and the person holds nothing.
func Hold(ctx context.Context, in tenancy.Scoped, o Offering, start time.Time, by Holder,
	now time.Time) (Held, error) {
	if o.Schedule.ReasonAt(start.Unix(), now.Unix()) != Free || len(o.Resources) == 0 {
		return Held{}, ErrChanged
	}
	w := wish{o, start, by, 0}
	if by.Kind == HeldByVisitor && by.counted() {
		w.share = o.visitorsShare(start, now, by.Limits)
	}
	pool := candidates(o.Resources, start)
	held, err := w.place(ctx, in, pool[0], nil)
	for n := 0; errors.Is(err, ErrTaken); n++ {
		look, failed := w.look(ctx, in, pool)
		if failed != nil {
			return Held{}, failed
		}
		if look.Same {
			return heldAgain(look, start), nil
		}
		if len(look.Free) == 0 {
			break
		}
		if n == len(pool)+tries {
			return Held{}, errOutrun
		}
		ending, failed := inTheWay(ctx, in, o, start, w.claim(look.Free[0]), &by.ID)
		if failed != nil {
			return Held{}, failed
		}
		held, err = w.place(ctx, in, look.Free[0], ending)
	}
	return held, err
}

// HoldTimeFor is how long a time is kept for a holder: shorter for a visitor while half as many times of the listing's
// resources are held in the days around it, by whomever and for whatever, as visitors may hold of the listing. It asks
// nobody: a resource that nobody has looked at lately counts as free.
func HoldTimeFor(b *BusyCache, o Offering, start time.Time, by Holder, now time.Time) time.Duration {
	if by.Kind != HeldByVisitor || !by.counted() {
		return HoldTime
	}
	since, before := o.around(start)
	if b.held(o, Range{since.Unix(), before.Unix()})*2 >= o.visitorsShare(start, now, by.Limits) {
		return ShortHoldTime
	}
	return HoldTime
}

// HeldBy is the hold that this person has of a start; ErrGone if there is none.
func HeldBy(ctx context.Context, in tenancy.Scoped, o Offering, start time.Time, holder uuid.UUID) (Held, error) {
	look, err := wish{o, start, Holder{ID: holder}, 0}.look(ctx, in, o.Resources)
	if err == nil && !look.Same {
		err = ErrGone
	}
	if err != nil {
		return Held{}, err
	}
	return heldAgain(look, start), nil
}

// heldAgain is the hold that a look has found to be the same.
func heldAgain(look tenantdb.HoldConflictRow, start time.Time) Held {
	return Held{*look.ID, *look.Ref, *look.HeldUntil, start,
		Claim{*look.ClaimID, *look.ResourceID, *look.StartsAt, *look.EndsAt}}
}

// wish is one person's for one start.
type wish struct {
	Offering
	start  time.Time
	holder Holder
	share  int // of the times around it, for visitors
}

// claim is a new one for a visit of the offering.
func (o Offering) claim(start time.Time, resource uuid.UUID) Claim {
	r := o.Schedule.Claim(start.Unix())
	return Claim{uuid.Must(uuid.NewV7()), resource, time.Unix(r.Start, 0), time.Unix(r.End, 0)}
}

func (w wish) claim(resource uuid.UUID) Claim { return w.Offering.claim(w.start, resource) }

// look is what a refused wish finds when it looks again.
func (w wish) look(ctx context.Context, in tenancy.Scoped, pool []uuid.UUID) (tenantdb.HoldConflictRow, error) {
	c := w.claim(pool[0])
	return in.Once().HoldConflict(ctx, tenantdb.HoldConflictParams{OfferingID: w.ID, StartsAt: w.start, Resources: pool,
		ClaimStartsAt: c.Start, ClaimEndsAt: c.End, Holder: w.holder.ID})
}

// place takes the time after the holds in the way have ended; they end only if it is taken.
func (w wish) place(ctx context.Context, in tenancy.Scoped, resource uuid.UUID,
	ending []ending) (held Held, err error) {
	err = attempt(ctx, func(ctx context.Context) error {
		held = Held{ID: uuid.New(), Ref: NewRef(), Start: w.start, Claim: w.claim(resource)}
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error { return w.placing(ctx, q, &held, ending) })
	})
	if err != nil {
		held = Held{}
	}
	return held, err
}

// placing is what holding a time does, in one transaction.
func (w wish) placing(ctx context.Context, q *tenantdb.Queries, h *Held, ending []ending) error {
	seconds := int32(cmp.Or(w.holder.Time, HoldTime).Seconds())
	err := errors.Join(
		w.queue(ctx, q, w.Tenant),
		w.require(ctx, q, h.Claim.Resource, w.start),
		endAll(ctx, q, ending, &w.holder.ID),
		q.InsertHold(ctx, tenantdb.InsertHoldParams{ID: h.ID, Ref: h.Ref, OfferingID: w.ID, Holder: w.holder.ID,
			HeldBy: w.holder.kind(), HeldNetwork: w.holder.network, Seconds: seconds,
			ResourceID: h.Claim.Resource, StartsAt: w.start, EndsAt: w.start.Add(w.visit()),
			PriceCents: w.PriceCents, Currency: w.Currency,
			CancelCutoffMinutes: w.Schedule.CancelCutoffMinutes, MoveCutoffMinutes: w.Schedule.MoveCutoffMinutes}),
		w.requireRoom(ctx, q, h.ID),
		q.InsertClaim(ctx, h.Claim.insert(h.ID, StatusHeld, &seconds)),
		q.RequireClaim(ctx, h.Claim.ID),
		q.WriteHeldEvent(ctx, tenantdb.WriteHeldEventParams{ID: h.ID, ResourceID: h.Claim.Resource, ClaimID: h.Claim.ID,
			StartsAt: h.Claim.Start, EndsAt: h.Claim.End, Seconds: seconds}),
		auditHold(ctx, q, h.ID, "hold"),
	)
	if err != nil {
		return err
	}
	shown := h.Claim.show(&seconds)
	if w.holder.counted() {
		shown.Holders, shown.Most = w.holder.keys, most(w.holder.Limits.Own)
	}
	until, err := q.InsertBusy(ctx, shown)
	if err == nil {
		h.Until = *until
	}
	return err
}

// require refuses unless the offering is on the market as it is known here, for a start on whose day it may be given.
func (o Offering) require(ctx context.Context, q *tenantdb.Queries, resource uuid.UUID, start time.Time) error {
	return q.RequireOffering(ctx, tenantdb.RequireOfferingParams{OfferingID: o.ID, ScheduleVersion: o.ScheduleVersion,
		ResourceID: resource, PriceCents: o.PriceCents, Currency: o.Currency, StartsAt: start})
}

func (c Claim) insert(appointment uuid.UUID, state string, seconds *int32) tenantdb.InsertClaimParams {
	return tenantdb.InsertClaimParams{ID: c.ID, AppointmentID: appointment, ResourceID: c.Resource, StartsAt: c.Start,
		EndsAt: c.End, State: state, Seconds: seconds}
}

func (c Claim) show(seconds *int32) tenantdb.InsertBusyParams {
	return tenantdb.InsertBusyParams{ID: c.ID, ResourceID: c.Resource, StartsAt: c.Start, EndsAt: c.End,
		Seconds: seconds}
}

// auditHold records what was done to a hold: nobody's record yet.
func auditHold(ctx context.Context, q *tenantdb.Queries, id uuid.UUID, action string) error {
	return q.AuditAppointment(ctx, tenantdb.AuditAppointmentParams{Purpose: "booking", ID: &id, Action: action,
		Fields: []string{}})
}

// candidates orders a pool so that different starts begin with different resources: the load spreads and two people who
// want neighboring times do not queue for the same row.
func candidates(pool []uuid.UUID, start time.Time) []uuid.UUID {
	if len(pool) < 2 {
		return pool
	}
	h := fnv.New32a()
	h.Write([]byte(start.UTC().Format(time.RFC3339)))
	first := int(h.Sum32() % uint32(len(pool)))
	return slices.Concat(pool[first:], pool[:first])
}
