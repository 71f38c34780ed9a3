package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/queries/shareddb"
)

// ApproverAge is for how long both must have been of the staff where something takes two of them: whoever gives a
// second account of their own a role waits for so long, and others can see it meanwhile.
const ApproverAge = 24 * time.Hour

// TooNewError means that one of the two who are needed has been of the staff for less than ApproverAge.
type TooNewError struct {
	From time.Time // when they may
}

func (e *TooNewError) Error() string {
	return fmt.Sprintf("one of the two is new on the staff: from %s", e.From.UTC().Format(time.RFC3339))
}

// ApprovableFrom tells from when whoever acts through q may approve or review requests to remove factors, emergency
// access and alerts, by their ids.
func ApprovableFrom(ctx context.Context, q *shareddb.Queries, ids ...uuid.UUID) (map[uuid.UUID]time.Time, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return approvableFrom(q.StaffPairs(ctx, ids, nil, nil))
}

func approvableFrom(rows []shareddb.StaffPairsRow, err error) (map[uuid.UUID]time.Time, error) {
	from := make(map[uuid.UUID]time.Time, len(rows))
	for _, r := range rows {
		from[r.ID] = r.Since.Add(ApproverAge)
	}
	return from, err
}

// MayApprove is nil if whoever acts through q may approve or review something at a time. ErrNotFound or *TooNewError.
func MayApprove(ctx context.Context, q *shareddb.Queries, id uuid.UUID, now time.Time) error {
	all, err := ApprovableFrom(ctx, q, id)
	return mayApprove(all, err, id, now)
}

// MaySecond is MayApprove for something of which others were first.
func MaySecond(ctx context.Context, q *shareddb.Queries, id uuid.UUID, firsts []uuid.UUID, now time.Time) error {
	all, err := approvableFrom(q.StaffPairs(ctx, nil, slices.Repeat([]uuid.UUID{id}, len(firsts)), firsts))
	return mayApprove(all, err, id, now)
}

func mayApprove(all map[uuid.UUID]time.Time, err error, id uuid.UUID, now time.Time) error {
	if err != nil {
		return err
	}
	from, found := all[id]
	if !found {
		return ErrNotFound
	}
	if now.Before(from) {
		return &TooNewError{from}
	}
	return nil
}
