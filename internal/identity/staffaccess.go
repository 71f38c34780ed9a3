package identity

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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

// BeginImpersonation begins to act as a person and tells them by letter, with the time in the given zone. What the actor had begun
// before ends. ErrNotThem.
func (a *Accounts) BeginImpersonation(ctx context.Context, caller tenancy.Caller, i Impersonation, zone *time.Location) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	now := a.now()
	row, err := a.gateway.Shared(a.scope(caller, caller.Subject)).BeginImpersonation(ctx, shareddb.BeginImpersonationParams{ID: id, Person: i.Person,
		Reason: i.Reason, MayChange: i.MayChange, Now: now, Until: now.Add(ImpersonationLife)})
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrNotThem
	}
	if err != nil {
		return uuid.Nil, err
	}
	a.later(ctx, "impersonation", func(ctx context.Context) error {
		return a.mail(ctx, Letter{Kind: ActedAs, To: row.Email, Name: row.Name, URL: a.link(&url.URL{Path: "/account/access-log"}),
			Act: Act{Reason: i.Reason, MayChange: i.MayChange, At: now.In(zone)}})
	})
	return id, nil
}

// BeginEmergencyAccess opens an organization's records in an emergency and tells its owners and managers by letter at once. What the actor had
// begun before ends.
func (a *Accounts) BeginEmergencyAccess(ctx context.Context, caller tenancy.Caller, tenant tenancy.Tenant, reason string, zone *time.Location) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	now := a.now()
	err = a.gateway.Shared(a.gateway.Admit(tenant, caller)).BeginEmergencyAccess(ctx, shareddb.BeginEmergencyAccessParams{ID: id, Reason: reason, Now: now, Until: now.Add(EmergencyAccessLife)})
	if err != nil {
		return uuid.Nil, err
	}
	a.tellLeaders(ctx, caller, tenant, Letter{Kind: EmergencyAccessBegun, Act: Act{Reason: reason, At: now.In(zone), Organization: tenant.Name}})
	return id, nil
}

// EndStaffAccess ends an act; tenant is the organization of emergency access, or the zero Tenant. ErrStaffAccessOver.
func (a *Accounts) EndStaffAccess(ctx context.Context, caller tenancy.Caller, tenant tenancy.Tenant, id uuid.UUID) error {
	_, err := a.gateway.Shared(a.gateway.Admit(tenant, caller)).EndStaffAccess(ctx, a.now(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrStaffAccessOver
	}
	return err
}

// Review is what somebody else says about an emergency access.
type Review struct {
	Justified bool
	Note      string
}

// ReviewEmergencyAccess closes an emergency access with a verdict, and tells the organization. ErrNotReviewable.
func (a *Accounts) ReviewEmergencyAccess(ctx context.Context, caller tenancy.Caller, tenant tenancy.Tenant, id uuid.UUID, r Review) error {
	verdict := "not_justified"
	if r.Justified {
		verdict = "justified"
	}
	_, err := a.gateway.Shared(a.gateway.Admit(tenant, caller)).ReviewEmergencyAccess(ctx, shareddb.ReviewEmergencyAccessParams{ID: id, Verdict: verdict, Note: r.Note, Now: a.now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotReviewable
	}
	if err != nil {
		return err
	}
	a.tellLeaders(ctx, caller, tenant, Letter{Kind: EmergencyAccessReviewed, Act: Act{Organization: tenant.Name, Justified: r.Justified}})
	return nil
}

// tellLeaders sends a letter to each owner and manager of an organization.
func (a *Accounts) tellLeaders(ctx context.Context, caller tenancy.Caller, tenant tenancy.Tenant, l Letter) {
	a.later(ctx, string(l.Kind), func(ctx context.Context) error {
		leaders, err := a.gateway.Shared(a.gateway.Admit(tenant, caller)).OwnersAndManagers(ctx)
		for _, one := range leaders {
			each := l
			each.To, each.Name, each.URL = one.Email, one.Name, a.link(&url.URL{Path: "/organizations/" + tenant.Slug + "/access-log"})
			err = errors.Join(err, a.mail(ctx, each))
		}
		return err
	})
}
