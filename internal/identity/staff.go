package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/shareddb"
)

// What can be said to one of the staff.
var (
	ErrNobody            = errors.New("there is nobody with this address")
	ErrHasRole           = errors.New("they have this role already")
	ErrOwnRole           = errors.New("nobody gives or takes their own role")
	ErrLastAdministrator = errors.New("one administrator stays")
	ErrNoFactor          = errors.New("there is no second factor to remove")
	ErrTakesTwo          = errors.New("two of the staff remove the factors of an owner or of one of the staff")
	ErrRemovalAsked      = errors.New("a request waits for its approval already")
)

// GrantStaff gives a role to the account of an address and tells its name. Whatever runs as that account ends.
// ErrNotYours; ErrNobody, ErrHasRole or ErrOwnRole: what a refusal tells about the address is a look at it, which the
// audit keeps.
func GrantStaff(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring, email, role string,
	now time.Time) (name string, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	row, err := q.GrantStaffRole(ctx, shareddb.GrantStaffRoleParams{ID: id, Role: role, Email: email, Now: now})
	if err == nil {
		return row.Name, nil
	}
	why := noRowIs(ErrNobody, err)
	if why == err || why == ErrNotYours { // it failed, or is not theirs to do: nothing is told about the address
		return "", why
	}
	if _, err := findByEmail(ctx, q, ring, email); err != nil {
		return "", err
	}
	return "", why
}

// EndStaff takes a role away and tells whose it was; what that person has begun as somebody else ends with it.
// ErrNotFound, ErrOwnRole or ErrLastAdministrator.
func EndStaff(ctx context.Context, q *shareddb.Queries, id uuid.UUID, now time.Time) (name string, err error) {
	row, err := q.EndStaffRole(ctx, id, now)
	return row.Name, noRowIs(ErrNotFound, err)
}

// EndStaffOf is EndStaff for whoever knows the address and the role.
func EndStaffOf(ctx context.Context, q *shareddb.Queries, email, role string, now time.Time) (name string, err error) {
	id, err := q.StaffRoleID(ctx, email, role)
	if err != nil {
		return "", noRowIs(ErrNobody, err)
	}
	return EndStaff(ctx, q, id, now)
}

// PeoplePage is how many people FindPeople tells of at once, and FindPerson at most.
const PeoplePage = 50

// PeopleQuestion asks for accounts by the beginning of their address or words of their name, and for those of IDs.
type PeopleQuestion struct {
	Asked  string
	IDs    []uuid.UUID
	Sort   string     // "seen": the last seen first; "since": the newest first; else by name
	After  *uuid.UUID // behind whom; nil: the first
	SeenAt *time.Time // when After was seen last, as the page before said
}

// FindPeople finds a page of accounts. The audit keeps how many there were, and a keyed hash of what was asked.
func FindPeople(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring,
	p PeopleQuestion) ([]shareddb.FindAccountsRow, error) {
	start := strings.ToLower(p.Asked)
	return search(ctx, q, ring, p.Asked, shareddb.FindAccountsParams{Email: start,
		EmailTill: start + string(unicode.MaxRune), Name: p.Asked,
		Phone: phoneEnd(p.Asked), Ids: append([]uuid.UUID{}, p.IDs...), Sort: p.Sort,
		After: p.After, SeenAt: p.SeenAt})
}

// phoneEnd are the last ten digits of what reads like a phone number, however it is written; or empty.
func phoneEnd(asked string) string {
	digits := textutil.Digits(asked)
	if len(digits) < 10 || strings.IndexFunc(asked, unicode.IsLetter) >= 0 {
		return ""
	}
	return digits[len(digits)-10:]
}

// findByEmail is FindPeople by the whole address.
func findByEmail(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring,
	email string) ([]shareddb.FindAccountsRow, error) {
	return search(ctx, q, ring, email, shareddb.FindAccountsParams{Email: email, EmailTill: email + "\x01",
		Ids: []uuid.UUID{}})
}

// FindPerson finds the account of an address. ErrNobody.
func FindPerson(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring, email string) (shareddb.FindAccountsRow,
	error) {
	found, err := findByEmail(ctx, q, ring, email)
	if err == nil && len(found) == 0 {
		err = ErrNobody
	}
	if err != nil {
		return shareddb.FindAccountsRow{}, err
	}
	return found[0], nil
}

func search(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring, asked string,
	p shareddb.FindAccountsParams) ([]shareddb.FindAccountsRow, error) {
	mac := hmac.New(sha256.New, ring.Current().Derive("people asked for", 32))
	mac.Write([]byte(strings.ToLower(asked)))
	p.QueryHash = mac.Sum(nil)
	p.Most = PeoplePage
	return q.FindAccounts(ctx, p)
}

// StaffScope sees a person's own rows on behalf of one of the staff, who is the actor of what is done.
func StaffScope(gateway *tenancy.Gateway, caller tenancy.Caller, person uuid.UUID) tenancy.Scope {
	if person != caller.Subject {
		caller.Actor = caller.Subject
	}
	caller.Subject = person
	return gateway.Admit(tenancy.Tenant{}, caller)
}
