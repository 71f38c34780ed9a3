package booking

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/queries/tenantdb"
)

// HoldTime is how long a time is kept for a person; MoreTime is what one extension adds.
const (
	HoldTime = 10 * time.Minute
	MoreTime = 5 * time.Minute
)

// Offer is a published offering, as much of it as booking needs.
type Offer struct {
	ID          uuid.UUID
	Resources   []uuid.UUID // any one of them serves; more than one is a team's pool
	Plan        *Plan
	PlanVersion int64
}

func (o Offer) visit() time.Duration { return time.Duration(o.Plan.VisitMinutes) * time.Minute }

// Held is a time that is kept for one person.
type Held struct {
	ID    uuid.UUID
	Until time.Time // by the database's clock
}

// Hold takes a start for a person until HoldTime from now: the plan is asked, then the claims decide.
// The person's earlier hold at this organisation is let go. Times come from the slot function's engine, so a start that it
// would not offer is ErrChanged here; a start that somebody has is ErrTaken. One round trip when the first candidate is free.
func Hold(ctx context.Context, q *tenantdb.Queries, o Offer, start time.Time, holder uuid.UUID, now time.Time) (Held, error) {
	if start.Nanosecond() != 0 || o.Plan.Offers(start.Unix(), now.Unix()) != Free {
		return Held{}, ErrChanged
	}
	claim := o.Plan.Claim(start.Unix())
	err := error(ErrTaken)
	for _, resource := range candidates(o.Resources, start) {
		held := Held{ID: uuid.New()}
		err = attempt(func() error {
			row, err := q.PlaceHold(ctx, tenantdb.PlaceHoldParams{
				OfferingID: o.ID, PlanVersion: o.PlanVersion, ResourceID: resource, Holder: holder,
				AppointmentID: held.ID, Ref: NewRef(), HoldSeconds: int32(HoldTime.Seconds()),
				StartsAt: start, EndsAt: start.Add(o.visit()),
				ClaimID: uuid.Must(uuid.NewV7()), ClaimStartsAt: time.Unix(claim.Start, 0), ClaimEndsAt: time.Unix(claim.End, 0),
				CancelCutoffMinutes: o.Plan.CancelCutoffMinutes, MoveCutoffMinutes: o.Plan.MoveCutoffMinutes,
			})
			held.Until = row.HeldUntil
			return err
		})
		if !errors.Is(err, ErrTaken) {
			return held, err
		}
	}
	return Held{}, err
}

// candidates orders a pool so that different starts begin with different resources: the load spreads and two people who
// want neighbouring times do not queue for the same row.
func candidates(pool []uuid.UUID, start time.Time) []uuid.UUID {
	if len(pool) < 2 {
		return pool
	}
	h := fnv.New32a()
	h.Write([]byte(start.UTC().Format(time.RFC3339)))
	first := int(h.Sum32() % uint32(len(pool)))
	return slices.Concat(pool[first:], pool[:first])
}
