package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// What can be said to one of the staff.
var (
	ErrNobody   = errors.New("there is nobody with this address")
	ErrHasRole  = errors.New("they have this role already")
	ErrOwnRole  = errors.New("nobody gives or takes their own role")
	ErrLastRole = errors.New("the role is gone, is one's own, or is that of the last administrator")
	ErrNoFactor = errors.New("there is no second factor to remove")
)

// GrantStaff gives a role to the account of an address and tells its name. Whatever runs as that account ends. ErrNobody, ErrHasRole
// or ErrOwnRole.
func (a *Accounts) GrantStaff(ctx context.Context, caller tenancy.Caller, email, role string) (name string, err error) {
	q := a.gateway.Shared(a.scope(caller, caller.Subject))
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	row, err := q.GrantStaffRole(ctx, shareddb.GrantStaffRoleParams{ID: id, Role: role, Email: email, Now: a.now()})
	if !errors.Is(err, pgx.ErrNoRows) {
		return row.Name, err
	}
	found, err := a.find(ctx, caller, email)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0 || found[0].DisabledAt != nil:
		return "", ErrNobody
	case found[0].ID == caller.Subject:
		return "", ErrOwnRole
	}
	return "", ErrHasRole
}

// EndStaff takes a role away and tells whose it was; what that person has begun as somebody else ends with it. ErrLastRole: see there.
func (a *Accounts) EndStaff(ctx context.Context, caller tenancy.Caller, id uuid.UUID) (name string, err error) {
	row, err := a.gateway.Shared(a.scope(caller, caller.Subject)).EndStaffRole(ctx, a.now(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrLastRole
	}
	return row.Name, err
}

// EndStaffOf is EndStaff for whoever knows the address and the role.
func (a *Accounts) EndStaffOf(ctx context.Context, caller tenancy.Caller, email, role string) (name string, err error) {
	id, err := a.gateway.Shared(a.scope(caller, caller.Subject)).StaffRoleID(ctx, email, role)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNobody
	}
	if err != nil {
		return "", err
	}
	return a.EndStaff(ctx, caller, id)
}

// FindPeople finds accounts by the beginning of their address or a part of their name, and those of the given ids. The audit keeps
// how many there were, and a keyed hash of what was asked.
func (a *Accounts) FindPeople(ctx context.Context, caller tenancy.Caller, asked string, ids []uuid.UUID) ([]shareddb.FindAccountsRow, error) {
	if ids == nil {
		ids = []uuid.UUID{}
	}
	words := likeable(asked)
	return a.search(ctx, caller, asked, shareddb.FindAccountsParams{Email: strings.ToLower(words) + "%", Name: "%" + words + "%", Ids: ids})
}

// find is FindPeople by the whole address.
func (a *Accounts) find(ctx context.Context, caller tenancy.Caller, email string) ([]shareddb.FindAccountsRow, error) {
	return a.search(ctx, caller, email, shareddb.FindAccountsParams{Email: likeable(email), Ids: []uuid.UUID{}})
}

// FindPerson finds the account of an address. ErrNobody.
func (a *Accounts) FindPerson(ctx context.Context, caller tenancy.Caller, email string) (shareddb.FindAccountsRow, error) {
	found, err := a.find(ctx, caller, email)
	if err == nil && len(found) == 0 {
		err = ErrNobody
	}
	if err != nil {
		return shareddb.FindAccountsRow{}, err
	}
	return found[0], nil
}

func (a *Accounts) search(ctx context.Context, caller tenancy.Caller, asked string, p shareddb.FindAccountsParams) ([]shareddb.FindAccountsRow, error) {
	mac := hmac.New(sha256.New, a.keys.Current().Derive("people asked for", 32))
	mac.Write([]byte(strings.ToLower(asked)))
	p.QueryHash = mac.Sum(nil)
	return a.gateway.Shared(a.scope(caller, caller.Subject)).FindAccounts(ctx, p)
}

// likeable takes the meaning from what LIKE reads as more than itself.
func likeable(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// SecondFactors are the ways to sign in that somebody has besides the password.
type SecondFactors struct {
	Passkeys, Codes int
	App             bool
}

// Any tells whether there is a second factor at all.
func (f SecondFactors) Any() bool { return f.Passkeys > 0 || f.App }

// FactorsOf tells one of the staff which factors a person has, and nothing of what is in them.
func (a *Accounts) FactorsOf(ctx context.Context, caller tenancy.Caller, person uuid.UUID) (SecondFactors, error) {
	row, err := a.gateway.Shared(a.asStaff(caller, person)).Factors(ctx, person)
	return SecondFactors{Passkeys: int(row.Passkeys), Codes: int(row.RecoveryLeft), App: row.TOTP}, err
}

// asStaff sees a person's own rows on behalf of one of the staff, who is the actor of what is done.
func (a *Accounts) asStaff(caller tenancy.Caller, person uuid.UUID) tenancy.Scope {
	if person != caller.Subject {
		caller.Actor = caller.Subject
	}
	return a.scope(caller, person)
}

// RemoveFactors takes all second factors of somebody who has lost them, ends their sessions and tells them by email. ErrNoFactor.
func (a *Accounts) RemoveFactors(ctx context.Context, caller tenancy.Caller, person uuid.UUID, reason string) error {
	err := a.commit(ctx, a.asStaff(caller, person), func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.RemoveFactors(ctx, person, a.now())
		return notify.FactorsRemoved{Recipient: notify.Recipient{To: row.Email, Name: row.Name}, Reason: reason}, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoFactor
	}
	return err
}

// EndSessionsOf signs somebody out everywhere.
func (a *Accounts) EndSessionsOf(ctx context.Context, caller tenancy.Caller, person uuid.UUID) error {
	return a.gateway.Shared(a.asStaff(caller, person)).RevokeSessions(ctx, person, a.now())
}
