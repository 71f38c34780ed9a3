package identity

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// What can be said to whoever changes who works at an organization.
var (
	ErrMember         = errors.New("works there already")
	ErrLastOwner      = errors.New("an organization keeps one owner")
	ErrNotYours       = errors.New("only owners make, change and end owners")
	ErrMembershipGone = errors.New("changed or ended meanwhile")
)

// ChangeRole gives a member of the scope's organization another role: ErrLastOwner, ErrNotYours or ErrMembershipGone otherwise.
func (a *Accounts) ChangeRole(ctx context.Context, scope tenancy.Scope, membership uuid.UUID, role string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = a.gateway.Shared(scope).ChangeRole(ctx, shareddb.ChangeRoleParams{ID: membership, Role: role, NewID: id, Now: a.now()})
	return noRowIs(ErrMembershipGone, err)
}

// EndMembership ends a member's work at the scope's organization, from their next request on: errors as ChangeRole's.
func (a *Accounts) EndMembership(ctx context.Context, scope tenancy.Scope, membership uuid.UUID) error {
	_, err := a.gateway.Shared(scope).EndMembership(ctx, membership, a.now())
	return noRowIs(ErrMembershipGone, err)
}

// Home is where somebody lands who came from nowhere in particular: at their appointments, or where they work.
func (a *Accounts) Home(ctx context.Context, caller tenancy.Caller, id uuid.UUID) (path string, err error) {
	row, err := a.own(caller, id).WorksAt(ctx, id)
	switch {
	case row.Platform:
		return "/ops", err
	case row.Organizations:
		return "/organizations", err
	}
	return "/bookings", err
}
