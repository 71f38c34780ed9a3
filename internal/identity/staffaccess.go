package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// How long acting for somebody may last, and how soon somebody else must have looked at it.
const (
	ImpersonationLife   = 30 * time.Minute
	EmergencyAccessLife = time.Hour
	ReviewWithin        = 72 * time.Hour
)

// How much must be said about why. An emergency is explained in a sentence.
const (
	ShortestReason = 10
	ShortestAlarm  = 20
	LongestReason  = 400
)

var (
	// ErrNotThem means that nobody may act as this person: there is none, or it is one of the staff, or oneself.
	ErrNotThem = errors.New("nobody acts as this person")
	// ErrStaffAccessOver means that the act has ended already.
	ErrStaffAccessOver = errors.New("the act is over")
	// ErrNotReviewable means that it is one's own, was reviewed, or runs still.
	ErrNotReviewable = errors.New("it cannot be reviewed now, or not by this person")
)

// Impersonation is what one of the staff asks for: to see the site as a person sees it.
type Impersonation struct {
	Person    uuid.UUID
	Reason    string // the person reads it
	MayChange bool   // what the person asked for, and only that; consent and credentials stay out of reach
}

// BeginImpersonation begins to act as a person and tells them by email. What the actor had begun
// before ends. ErrNotThem.
func BeginImpersonation(ctx context.Context, mail Mail, caller tenancy.Caller, i Impersonation,
	now time.Time) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	scope := ownScope(mail.Gateway, caller, caller.Subject)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.BeginImpersonation(ctx, shareddb.BeginImpersonationParams{ID: id, Person: i.Person,
			Reason: i.Reason, MayChange: i.MayChange, Now: now, Until: now.Add(ImpersonationLife)})
		return notify.ImpersonationBegun{Recipient: notify.Recipient{To: row.Email, Name: row.Name}, Reason: i.Reason,
			At: now, Lasts: ImpersonationLife, MayChange: i.MayChange}, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrNotThem
	}
	return id, err
}

// BeginEmergencyAccess opens an organization's records in an emergency and tells its owners and managers by email at
// once. What the actor had begun before ends.
func BeginEmergencyAccess(ctx context.Context, mail Mail, caller tenancy.Caller, tenant tenancy.Tenant, reason string,
	now time.Time) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	scope := mail.Gateway.Admit(tenant, caller)
	err = mail.commitAll(ctx, scope, now, func(q *shareddb.Queries) ([]notify.Entry, error) {
		err := q.BeginEmergencyAccess(ctx, shareddb.BeginEmergencyAccessParams{ID: id, Reason: reason, Now: now,
			Until: now.Add(EmergencyAccessLife)})
		if err != nil {
			return nil, err
		}
		return toLeaders(ctx, q, func(r notify.Recipient) notify.Entry {
			return notify.EmergencyAccessBegun{Recipient: r, Organization: tenant.Name, Slug: tenant.Slug, Reason: reason,
				At: now, Lasts: EmergencyAccessLife, ReviewWithin: ReviewWithin}
		})
	})
	return id, err
}

// EndStaffAccess ends an act; q is in the scope of the organization, if it is emergency access. ErrStaffAccessOver.
func EndStaffAccess(ctx context.Context, q *shareddb.Queries, id uuid.UUID, now time.Time) error {
	_, err := q.EndStaffAccess(ctx, now, id)
	return noRowIs(ErrStaffAccessOver, err)
}

// Review is what somebody else says about an emergency access.
type Review struct {
	Justified bool
	Note      string
}

// ReviewEmergencyAccess closes an emergency access with a verdict, and tells the organization. ErrNotReviewable,
// ErrNotFound or *TooNewError.
func ReviewEmergencyAccess(ctx context.Context, mail Mail, caller tenancy.Caller, tenant tenancy.Tenant, id uuid.UUID,
	r Review, now time.Time) error {
	verdict := "not_justified"
	if r.Justified {
		verdict = "justified"
	}
	scope := mail.Gateway.Admit(tenant, caller)
	return mail.commitAll(ctx, scope, now, func(q *shareddb.Queries) ([]notify.Entry, error) {
		if err := MayApprove(ctx, q, id, now); err != nil {
			return nil, err
		}
		_, err := q.ReviewEmergencyAccess(ctx, shareddb.ReviewEmergencyAccessParams{ID: id, Verdict: verdict, Note: r.Note,
			Now: now})
		if err != nil {
			return nil, noRowIs(ErrNotFound, err)
		}
		return toLeaders(ctx, q, func(to notify.Recipient) notify.Entry {
			return notify.EmergencyAccessReviewed{Recipient: to, Organization: tenant.Name, Slug: tenant.Slug,
				Justified: r.Justified}
		})
	})
}

// toLeaders makes an email to each owner and manager of the organization of q.
func toLeaders(ctx context.Context, q *shareddb.Queries, each func(notify.Recipient) notify.Entry) (all []notify.Entry,
	err error) {
	leaders, err := q.OwnersAndManagers(ctx)
	for _, one := range leaders {
		all = append(all, each(notify.Recipient{To: one.Email, Name: one.Name}))
	}
	return all, err
}
