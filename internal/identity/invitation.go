package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/role"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// InvitationLife is how long an invitation may be accepted.
const InvitationLife = 7 * 24 * time.Hour

var (
	invitationsOfTenant = AttemptLimit{"invitations", 50, 24 * time.Hour, Sliding}
	// emails of one organization to one address
	invitationsTo = AttemptLimit{"invitations to", 5, 24 * time.Hour, Sliding}
)

// PendingInvitation is an invitation as its page shows it.
type PendingInvitation struct {
	Email, Role, InvitedBy string
	Until                  time.Time
}

// Invite offers a role at the scope's organization to an address and sends the email. It touches no account, whether or
// not the address has one. form is the id that the form brought: one that is sent twice invites once, and whoever goes
// back and types another address invites that one too. ErrMember, ErrNotYours or *TooManyError otherwise.
func Invite(ctx context.Context, mail Mail, limiter AttemptLimiter, scope tenancy.Scope, place tenancy.Tenant,
	form uuid.UUID, email, offered string, now time.Time) error {
	label, err := role.Label(offered)
	if err != nil {
		return err
	}
	_, err = limiter.Reserve(ctx, invitationsTo.For(place.ID.String(), email), invitationsOfTenant.For(place.ID.String()))
	if err != nil {
		return err
	}
	id, token := uuid.NewSHA1(form, []byte(place.ID.String()+" "+offered+" "+email)), rand.Text()
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		if err := q.LockInvitations(ctx); err != nil {
			return nil, err
		}
		_, err := q.CreateInvitation(ctx, shareddb.CreateInvitationParams{ID: id, Email: email, Role: offered,
			TokenHash: InvitationHash(token), Now: now, ExpiresAt: now.Add(InvitationLife)})
		return notify.Invitation{Recipient: notify.Recipient{To: email}, Organization: place.Name, Slug: place.Slug,
			Role: label, Token: token, Valid: InvitationLife}, refused(err)
	})
	if tenancy.Constraint(err) == "invitation_pkey" { // this very one is made
		return nil
	}
	return err
}

// InviteAgain sends an open invitation once more, with a new link; the one before is void. ErrMembershipGone when
// there is none any more.
func InviteAgain(ctx context.Context, mail Mail, limiter AttemptLimiter, scope tenancy.Scope, place tenancy.Tenant,
	id uuid.UUID, now time.Time) (email string, err error) {
	row, err := mail.Gateway.Identity(scope).InvitationToSend(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrMembershipGone
	}
	if err != nil {
		return "", err
	}
	next := uuid.NewSHA1(id, []byte("again"))
	return row.Email, Invite(ctx, mail, limiter, scope, place, next, row.Email, row.Role, now)
}

// InvitationPending is what a link offers, or ErrRunOut: used, revoked, run out, never made, or made by somebody who
// may not any more.
func InvitationPending(ctx context.Context, q *shareddb.Queries, token string, now time.Time) (PendingInvitation,
	error) {
	row, err := q.InvitationPending(ctx, InvitationHash(token), now)
	if errors.Is(err, pgx.ErrNoRows) {
		return PendingInvitation{}, ErrRunOut
	}
	return PendingInvitation{Email: row.Email, Role: row.Role, InvitedBy: row.InvitedBy, Until: row.ExpiresAt}, err
}

// AcceptInvitation makes the subject of q a member, if the offer is to the address of that account; else ErrRunOut.
func AcceptInvitation(ctx context.Context, q *shareddb.Queries, token string, now time.Time) (role string, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	role, err = q.AcceptInvitation(ctx, now, InvitationHash(token), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrRunOut
	}
	return role, err
}

// InvitationHash is what is kept of the token of an invitation.
func InvitationHash(token string) []byte {
	sum := sha256.Sum256([]byte("invitation " + token))
	return sum[:]
}

// Masked is an address as its owner knows it and nobody learns it: "n…@example.org".
func Masked(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	if local == "" {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + "…@" + domain
}
