package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// FactorRemovalLife is how long a request to remove somebody's factors waits for the approval of another of the staff.
const FactorRemovalLife = 24 * time.Hour

// RemoveFactors takes all second factors of somebody who has lost them, ends their sessions and tells them by email.
// ErrNoFactor, or ErrTakesTwo: an organization's owner, or one of the staff.
func RemoveFactors(ctx context.Context, mail Mail, caller tenancy.Caller, person uuid.UUID, reason string,
	now time.Time) error {
	scope := StaffScope(mail.Gateway, caller, person)
	return mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.RemoveFactors(ctx, person, now)
		return notify.FactorsRemoved{Recipient: notify.Recipient{To: row.Email, Name: row.Name}, Reason: reason},
			noRowIs(ErrNoFactor, err)
	})
}

// RequestFactorRemoval asks another of the staff to approve that somebody's factors are removed, and tells the person
// by email. ErrNoFactor or ErrRemovalAsked.
func RequestFactorRemoval(ctx context.Context, mail Mail, caller tenancy.Caller, person uuid.UUID, reason string,
	now time.Time) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	scope := StaffScope(mail.Gateway, caller, person)
	return mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.RequestFactorRemoval(ctx, shareddb.RequestFactorRemovalParams{ID: id, AccountID: person,
			Reason: reason, Now: now, Until: now.Add(FactorRemovalLife)})
		if tenancy.Constraint(err) == "factor_removal_one_waits" {
			err = ErrRemovalAsked
		}
		return notify.FactorRemovalRequested{Recipient: notify.Recipient{To: row.Email, Name: row.Name}, Reason: reason,
			Valid: FactorRemovalLife}, noRowIs(ErrNoFactor, err)
	})
}

// ApproveFactorRemoval removes the factors of somebody as another of the staff has asked, ends their sessions and tells
// them by email. ErrNotFound: the request has run out, was approved or withdrawn, or is the approver's own; or
// *TooNewError.
func ApproveFactorRemoval(ctx context.Context, mail Mail, caller tenancy.Caller, person, request uuid.UUID,
	now time.Time) error {
	scope := StaffScope(mail.Gateway, caller, person)
	return mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		if err := MayApprove(ctx, q, request, now); err != nil {
			return nil, err
		}
		row, err := q.ApproveFactorRemoval(ctx, now, request, person)
		return notify.FactorsRemoved{Recipient: notify.Recipient{To: row.Email, Name: row.Name}, Reason: row.Reason},
			noRowIs(ErrNotFound, err)
	})
}

// WithdrawFactorRemoval ends a request before anybody approves it, and tells the person by email; any of the staff may.
// ErrNotFound: it has run out, or was approved or withdrawn.
func WithdrawFactorRemoval(ctx context.Context, mail Mail, caller tenancy.Caller, person, request uuid.UUID,
	now time.Time) error {
	scope := StaffScope(mail.Gateway, caller, person)
	return mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.WithdrawFactorRemoval(ctx, now, request, person)
		return notify.FactorRemovalWithdrawn{Recipient: notify.Recipient{To: row.Email, Name: row.Name}},
			noRowIs(ErrNotFound, err)
	})
}
