package booking

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/queries/tenantdb"
)

// HoldTime is how long a time is kept for a person; MoreTime is what one extension adds.
const (
	HoldTime = 10 * time.Minute
	MoreTime = 5 * time.Minute
)

// Offering is a published offering, as much of it as booking needs.
type Offering struct {
	ID, Tenant      uuid.UUID
	Resources       []uuid.UUID // any one of them serves; more than one is a team's pool
	Schedule        *Schedule
	ScheduleVersion int64
}

func (o Offering) visit() time.Duration { return time.Duration(o.Schedule.VisitMinutes) * time.Minute }

// Held is a time that is kept for one person.
type Held struct {
	ID    uuid.UUID
	Until time.Time // by the database's clock
}

// Hold takes a start for a person until HoldTime from now: the schedule is asked, then the claims decide.
// The person's earlier hold at this organization is let go, but only for this one; the same start again gives the hold
// that is there, no longer than it was. A start that the slot function would not offer is ErrChanged, a start that
// somebody has is ErrTaken. One round trip when the first candidate is free and the person holds nothing.
func Hold(ctx context.Context, q *tenantdb.Queries, o Offering, start time.Time, holder uuid.UUID, now time.Time) (Held,
	error) {
	if o.Schedule.ReasonAt(start.Unix(), now.Unix()) != Free || len(o.Resources) == 0 {
		return Held{}, ErrChanged
	}
	p := request{o, start, holder, o.Schedule.Claim(start.Unix())}
	pool := candidates(o.Resources, start)
	held, err := p.place(ctx, q, pool[0])
	for n := 0; errors.Is(err, ErrTaken) && n < len(pool)+tries; n++ { // each turn was lost to somebody who won: it ends
		look, failed := q.HoldConflict(ctx, tenantdb.HoldConflictParams{OfferingID: o.ID, StartsAt: start, Resources: pool,
			ClaimStartsAt: time.Unix(p.claim.Start, 0), ClaimEndsAt: time.Unix(p.claim.End, 0), Holder: holder})
		if failed != nil {
			return Held{}, failed
		}
		if look.Same {
			return Held{*look.ID, *look.HeldUntil}, nil
		}
		if len(look.Free) == 0 {
			break
		}
		held, err = p.replace(ctx, q, look.Free[0])
	}
	return held, err
}

// Extend gives a living hold MoreTime, once. ErrGone: it was extended before, is over, or is somebody else's.
func Extend(ctx context.Context, q *tenantdb.Queries, hold, holder uuid.UUID) (until time.Time, err error) {
	err = attempt(func() error {
		longer, err := q.ExtendHold(ctx, int32(MoreTime.Seconds()), hold, holder)
		if err == nil {
			until = *longer
		}
		return err
	})
	return until, noneIsGone(err)
}

// Release lets a held time go. ErrGone: there was nothing of this person's to let go.
func Release(ctx context.Context, q *tenantdb.Queries, hold, holder uuid.UUID) error {
	return noneIsGone(attempt(func() error {
		_, err := q.ReleaseHold(ctx, hold, holder)
		return err
	}))
}

func noneIsGone(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrGone
	}
	return err
}

// request is one person's wish for one start.
type request struct {
	Offering
	start  time.Time
	holder uuid.UUID
	claim  Range
}

func (r request) params(resource uuid.UUID) tenantdb.PlaceHoldParams {
	return tenantdb.PlaceHoldParams{
		OfferingID: r.ID, ScheduleVersion: r.ScheduleVersion, ResourceID: resource, Holder: r.holder,
		AppointmentID: uuid.New(), Ref: NewRef(), HoldSeconds: int32(HoldTime.Seconds()),
		StartsAt: r.start, EndsAt: r.start.Add(r.visit()),
		ClaimID: uuid.Must(uuid.NewV7()), ClaimStartsAt: time.Unix(r.claim.Start, 0), ClaimEndsAt: time.Unix(r.claim.End, 0),
		CancelCutoffMinutes: r.Schedule.CancelCutoffMinutes, MoveCutoffMinutes: r.Schedule.MoveCutoffMinutes,
	}
}

func (r request) place(ctx context.Context, q *tenantdb.Queries, resource uuid.UUID) (held Held, err error) {
	err = attempt(func() error {
		p := r.params(resource)
		row, err := q.PlaceHold(ctx, p)
		if err == nil {
			held = Held{p.AppointmentID, row.HeldUntil}
		}
		return err
	})
	return held, err
}

func (r request) replace(ctx context.Context, q *tenantdb.Queries, resource uuid.UUID) (held Held, err error) {
	err = attempt(func() error {
		p := r.params(resource)
		row, err := q.ReplaceHold(ctx, tenantdb.ReplaceHoldParams{
			OfferingID: p.OfferingID, ScheduleVersion: p.ScheduleVersion, ResourceID: p.ResourceID, Holder: p.Holder,
			AppointmentID: p.AppointmentID, Ref: p.Ref,
			HoldSeconds: p.HoldSeconds, StartsAt: p.StartsAt, EndsAt: p.EndsAt, ClaimID: p.ClaimID,
			ClaimStartsAt: p.ClaimStartsAt, ClaimEndsAt: p.ClaimEndsAt,
			CancelCutoffMinutes: p.CancelCutoffMinutes, MoveCutoffMinutes: p.MoveCutoffMinutes,
		})
		if err == nil {
			held = Held{p.AppointmentID, row.HeldUntil}
		}
		return err
	})
	return held, err
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
