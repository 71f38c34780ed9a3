package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// mostApplicantInvitations are open at a time for one application.
const mostApplicantInvitations = 10

var (
	// whoever invites to an application may be anybody, and may begin many
	applicantInvitationsBy = AttemptLimit{"applicant invitations by", 20, 24 * time.Hour, Sliding}

	// ErrTakesPart means that whoever has the address takes part in the application already.
	ErrTakesPart = errors.New("takes part in the application already")
	// ErrManyInvited means that so many invitations of one application are open.
	ErrManyInvited = errors.New("too many invitations are open")
)

// InviteApplicant offers an address to take part in the scope's application and sends the email, under the rules of
// Invite. The email says who asks by their address, which they have proved to be theirs, and nothing that they typed.
// ErrTakesPart, ErrManyInvited, ErrNotYours or *TooManyError otherwise.
func InviteApplicant(ctx context.Context, mail Mail, limiter AttemptLimiter, scope tenancy.Scope, application uuid.UUID,
	by Account, form uuid.UUID, email string, now time.Time) error {
	_, err := limiter.Reserve(ctx, invitationsTo.For(application.String(), email),
		applicantInvitationsBy.For(by.ID.String()))
	if err != nil {
		return err
	}
	id, token := uuid.NewSHA1(form, []byte(application.String()+" "+email)), rand.Text()
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		if err := q.LockInvitations(ctx); err != nil {
			return nil, err
		}
		_, err := q.CreateApplicantInvitation(ctx, shareddb.CreateApplicantInvitationParams{ID: id, Email: email,
			TokenHash: InvitationHash(token), Now: now, ExpiresAt: now.Add(InvitationLife),
			Most: mostApplicantInvitations})
		return notify.ApplicantInvitation{Recipient: notify.Recipient{To: email}, By: by.Email,
			Application: application, Token: token, Valid: InvitationLife}, refused(err)
	})
	if tenancy.Constraint(err) == "invitation_pkey" { // this very one is made
		return nil
	}
	return err
}
