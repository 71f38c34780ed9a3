package identity

import (
	"context"

	"github.com/google/uuid"
	"github.com/pquerna/otp"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// A house calls the verbs as handlers do: with queries of the right scope, its keys, its limiter and its clock.

func (h *house) SignIn(ctx context.Context, caller tenancy.Caller, email, password string) (Account, error) {
	return SignIn(ctx, h.gateway, h.Passwords, h.limiter, caller, email, password, h.now())
}

func (h *house) CheckPassword(ctx context.Context, caller tenancy.Caller, id uuid.UUID, password string) error {
	return CheckPassword(ctx, h.gateway, h.Passwords, h.limiter, caller, id, password)
}

func (h *house) FinishSignUp(ctx context.Context, caller tenancy.Caller, s SignUp, code string) (Account, error) {
	return FinishSignUp(ctx, ownQueries(h.gateway, caller, uuid.Nil), h.limiter, h.keys, s, code, h.now())
}

func (h *house) ResetPending(ctx context.Context, token string) (Account, error) {
	return ResetPending(ctx, h.gateway.Public(), token, h.now())
}

func (h *house) EmailChangePending(ctx context.Context, caller tenancy.Caller, id uuid.UUID, token string) (string, error) {
	return EmailChangePending(ctx, h.own(caller, id), token, h.now())
}

func (h *house) Factors(ctx context.Context, caller tenancy.Caller, id uuid.UUID) (shareddb.FactorsRow, error) {
	return h.own(caller, id).Factors(ctx, id)
}

func (h *house) BeginTOTP(ctx context.Context, caller tenancy.Caller, id uuid.UUID) error {
	return BeginTOTP(ctx, h.own(caller, id), h.keys, id)
}

func (h *house) PendingTOTP(ctx context.Context, caller tenancy.Caller, who Account) (*otp.Key, error) {
	return PendingTOTP(ctx, h.own(caller, who.ID), h.keys, who)
}

func (h *house) UseTOTP(ctx context.Context, caller tenancy.Caller, id uuid.UUID, code string) error {
	return UseTOTP(ctx, h.own(caller, id), h.limiter, h.keys, id, code, h.now())
}

func (h *house) NewRecoveryCodes(ctx context.Context, caller tenancy.Caller, id uuid.UUID) ([]string, error) {
	return NewRecoveryCodes(ctx, h.own(caller, id), h.keys, id)
}

func (h *house) Passkeys(ctx context.Context, caller tenancy.Caller, id uuid.UUID) ([]shareddb.PasskeysRow, error) {
	return h.own(caller, id).Passkeys(ctx)
}

func (h *house) BeginPasskey(ctx context.Context, caller tenancy.Caller, id uuid.UUID) (Ceremony, error) {
	return BeginPasskey(ctx, h.own(caller, id), h.base, id)
}

func (h *house) AskPasskey(ctx context.Context, caller tenancy.Caller, whose uuid.UUID) (Ceremony, error) {
	return AskPasskey(ctx, h.own(caller, whose), h.base, whose)
}

func (h *house) ChangeRole(ctx context.Context, scope tenancy.Scope, membership uuid.UUID, role string) error {
	return ChangeRole(ctx, h.gateway.Shared(scope), membership, role, h.now())
}

func (h *house) EndMembership(ctx context.Context, scope tenancy.Scope, membership uuid.UUID) error {
	return EndMembership(ctx, h.gateway.Shared(scope), membership, h.now())
}

func (h *house) InvitationPending(ctx context.Context, scope tenancy.Scope, token string) (PendingInvitation, error) {
	return InvitationPending(ctx, h.gateway.Shared(scope), token, h.now())
}

func (h *house) AcceptInvitation(ctx context.Context, scope tenancy.Scope, token string) (string, error) {
	return AcceptInvitation(ctx, h.gateway.Shared(scope), token, h.now())
}

func (h *house) Sessions(ctx context.Context, id uuid.UUID) ([]shareddb.SessionsRow, error) {
	now := h.now()
	return h.gateway.Public().Sessions(ctx, id, now, now.Add(-SessionIdle))
}

func (h *house) SignOutEverywhere(ctx context.Context, caller tenancy.Caller, id uuid.UUID) error {
	return h.own(caller, id).RevokeSessions(ctx, id, h.now())
}

func (h *house) EndSession(ctx context.Context, caller tenancy.Caller, id uuid.UUID, session string) error {
	_, err := h.own(caller, id).EndSession(ctx, h.now(), session)
	return noRowIs(ErrNotFound, err)
}

func (h *house) Sweep(ctx context.Context) error { return Sweep(ctx, h.gateway.Public(), h.now()) }
