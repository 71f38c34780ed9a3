package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/queries/shareddb"
)

// What can be said to whoever changes who works at an organization.
var (
	ErrMember         = errors.New("works there already")
	ErrLastOwner      = errors.New("an organization keeps one owner")
	ErrNotYours       = errors.New("the role of whoever asks does not reach (directory.may_grant)")
	ErrMembershipGone = errors.New("changed or ended meanwhile")
)

// ChangeRole gives a member of the organization of q another role: ErrLastOwner, ErrNotYours or ErrMembershipGone
// otherwise.
func ChangeRole(ctx context.Context, q *shareddb.Queries, membership uuid.UUID, role string, now time.Time) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = q.ChangeRole(ctx, shareddb.ChangeRoleParams{ID: membership, Role: role, NewID: id, Now: now})
	return noRowIs(ErrMembershipGone, err)
}

// EndMembership ends a member's work at the organization of q, from their next request on: errors as ChangeRole's.
func EndMembership(ctx context.Context, q *shareddb.Queries, membership uuid.UUID, now time.Time) error {
	_, err := q.EndMembership(ctx, membership, now)
	return noRowIs(ErrMembershipGone, err)
}
