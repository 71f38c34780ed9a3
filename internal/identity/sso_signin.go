package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// What can be said to somebody who comes from their organization's sign-in.
var (
	ErrSSO         = errors.New("the answer is not one of the provider to this journey")
	ErrUninvited   = errors.New("nobody has invited whom the provider means")
	ErrNotVouched  = errors.New("the provider does not vouch for an address of a proved domain")
	ErrSSOEnded    = errors.New("whom the provider means works there no more")
	ErrSSOTaken    = errors.New("the provider means somebody else by it already")
	ErrSSOSecond   = errors.New("the provider means this account by another name already")
	ErrSSOStranger = errors.New("the provider means somebody else than who asked")
)

// SSOLife is how long somebody may take at their organization's sign-in.
const SSOLife = 10 * time.Minute

var (
	ssoRange = Limit{"sso range", 600, 15 * time.Minute} // a whole hospital comes from one at eight in the morning
	ssoTries = Limit{"sso tries", 20, 15 * time.Minute}  // of one organization's settings
)

// refusedSSO is ErrSSO with the one word why that the audit keeps.
func refusedSSO(why string, err error) error { return &ssoRefusal{why, err} }

type ssoRefusal struct {
	why   string
	cause error
}

func (r *ssoRefusal) Error() string        { return fmt.Sprintf("%v: %s: %v", ErrSSO, r.why, r.cause) }
func (r *ssoRefusal) Is(target error) bool { return target == ErrSSO }
func (r *ssoRefusal) Unwrap() error        { return r.cause }

// ssoWay is one journey to a provider and back. It stays on the server and is good for one answer.
type ssoWay struct {
	Tenant                 uuid.UUID `json:"tenant"`
	Issuer, ClientID       string
	State, Nonce, Verifier string
	Purpose                SSOPurpose
	Account                uuid.UUID // whose, unless it signs in
	At                     time.Time
}

// SSOPurpose is why somebody goes to their organization's sign-in.
type SSOPurpose string

// The purposes.
const (
	SSOSignIn  SSOPurpose = ""
	SSOLink    SSOPurpose = "link"    // connect it with the account that is signed in
	SSOConfirm SSOPurpose = "confirm" // show once more that it is them
)

// SSOJourney is where the browser goes, and what the server keeps meanwhile.
type SSOJourney struct {
	URL   string
	Host  string // of the provider, for people
	State []byte
}

// at is the scope of one organization on behalf of an account, or of nobody yet.
func (a *Accounts) at(place tenancy.Tenant, caller tenancy.Caller, subject uuid.UUID) tenancy.Scope {
	caller.Subject = subject
	return a.gateway.Admit(place, caller)
}

// BeginSSO begins a journey: authorization code with PKCE, state and nonce. who is whose account it is about, unless it signs in.
// ErrNoSSO, ErrNotAnswer or *TooManyError otherwise.
func (a *Accounts) BeginSSO(ctx context.Context, caller tenancy.Caller, place tenancy.Tenant, purpose SSOPurpose, who uuid.UUID) (SSOJourney, error) {
	if _, err := a.limiter.Reserve(ctx, ssoRange.For(Range(caller.IP))); err != nil {
		return SSOJourney{}, err
	}
	p, err := a.providerOf(ctx, a.at(place, caller, uuid.Nil), place)
	if err != nil {
		return SSOJourney{}, err
	}
	way := ssoWay{Tenant: place.ID, Issuer: p.current.Issuer, ClientID: p.current.ClientID, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
		Purpose: purpose, Account: who, At: a.now()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(way.Nonce), oauth2.S256ChallengeOption(way.Verifier)}
	if purpose != SSOSignIn {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	kept, err := json.Marshal(way)
	if err != nil {
		return SSOJourney{}, err
	}
	address := p.oauth.AuthCodeURL(way.State, options...)
	u, err := url.Parse(address)
	if err != nil {
		return SSOJourney{}, fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	return SSOJourney{URL: address, Host: u.Hostname(), State: kept}, nil
}

// SSOAnswer is what came back by the browser, as it was said.
type SSOAnswer struct{ State, Code, Issuer, Problem string }

// FinishSSO ends a journey: who it was, and why they went. ErrSSO: the answer is none to this journey; the audit keeps why. Nobody
// comes into an account by an address: whom the provider means is known by issuer and subject, or is new.
func (a *Accounts) FinishSSO(ctx context.Context, caller tenancy.Caller, place tenancy.Tenant, kept []byte, answer SSOAnswer) (Account, SSOPurpose, error) {
	var way ssoWay
	if err := json.Unmarshal(kept, &way); err != nil {
		return Account{}, "", a.refuseSSO(ctx, caller, place, way, refusedSSO("no-journey", nil))
	}
	who, err := a.finishSSO(ctx, caller, place, way, answer)
	if err != nil {
		return Account{}, way.Purpose, a.refuseSSO(ctx, caller, place, way, err)
	}
	err = a.gateway.Shared(a.at(place, caller, who.ID)).WriteSSOSignIn(ctx, &who.ID, []string{"single-sign-on"}, "success")
	return who, way.Purpose, err
}

func (a *Accounts) finishSSO(ctx context.Context, caller tenancy.Caller, place tenancy.Tenant, way ssoWay, answer SSOAnswer) (Account, error) {
	switch {
	case way.Tenant != place.ID:
		return Account{}, refusedSSO("organization", nil)
	case !same(answer.State, way.State):
		return Account{}, refusedSSO("state", nil)
	case a.now().After(way.At.Add(SSOLife)):
		return Account{}, refusedSSO("late", nil)
	}
	scope := a.at(place, caller, uuid.Nil)
	set, err := SSOOf(ctx, a.gateway.Shared(scope))
	if err != nil {
		return Account{}, err
	}
	if set.Issuer != way.Issuer || set.ClientID != way.ClientID {
		return Account{}, refusedSSO("changed", nil)
	}
	p, err := a.described(ctx, scope, place, set)
	if err != nil {
		return Account{}, err
	}
	switch {
	case answer.Issuer != "" && answer.Issuer != way.Issuer, answer.Issuer == "" && p.names:
		return Account{}, refusedSSO("issuer", nil)
	case answer.Problem != "" || answer.Code == "":
		return Account{}, refusedSSO("provider", nil)
	}
	m, token, err := a.exchange(ctx, p, way, answer.Code)
	if err != nil {
		return Account{}, err
	}
	if way.Purpose != SSOSignIn && time.Unix(m.authTime, 0).Before(way.At.Add(-time.Minute)) {
		return Account{}, refusedSSO("not-fresh", nil)
	}
	if way.Purpose == SSOLink {
		return a.linkSSO(ctx, caller, place, way, m)
	}
	who, err := externalPerson(ctx, a.gateway.Shared(a.at(place, caller, uuid.Nil)), way.Issuer, m.subject)
	if noRow(err) && way.Purpose == SSOSignIn {
		if err := m.ask(ctx, a, p, token); err != nil {
			return Account{}, err
		}
		return a.admitSSO(ctx, caller, place, way.Issuer, m)
	}
	if noRow(err) || err == nil && way.Purpose == SSOConfirm && who.ID != way.Account {
		return Account{}, ErrSSOStranger
	}
	return who, err
}

func externalPerson(ctx context.Context, q *shareddb.Queries, issuer, subject string) (Account, error) {
	row, err := q.ExternalAccount(ctx, issuer, subject)
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}, err
}

// linkSSO connects the account that went with whom the provider means, and tells its owner by email.
func (a *Accounts) linkSSO(ctx context.Context, caller tenancy.Caller, place tenancy.Tenant, way ssoWay, m meant) (Account, error) {
	if caller.Subject != way.Account || caller.Actor != uuid.Nil {
		return Account{}, refusedSSO("other-account", nil)
	}
	var who Account
	err := a.commit(ctx, a.at(place, caller, way.Account), func(q *shareddb.Queries) (notify.Entry, error) {
		linked, err := q.LinkExternalIdentity(ctx, way.Issuer, m.subject, a.now())
		if err != nil {
			return nil, refused(err)
		}
		who, err = externalPerson(ctx, q, way.Issuer, m.subject)
		if err != nil || !linked {
			return nil, err
		}
		return notify.SSOLinked{Recipient: recipient(who), Organization: place.Name}, nil
	})
	return who, err
}

// admitSSO makes an account for somebody new, who was invited to the address that the provider vouches for.
func (a *Accounts) admitSSO(ctx context.Context, caller tenancy.Caller, place tenancy.Tenant, issuer string, m meant) (Account, error) {
	domain, plain := domainOf(m.email)
	if !plain || !m.vouched {
		return Account{}, ErrNotVouched
	}
	hash, err := a.Passwords.Hash(ctx, rand.Text()+rand.Text()) // a password that nobody knows; a new one comes by email
	if err != nil {
		return Account{}, err
	}
	id, err1 := uuid.NewV7()
	membership, err2 := uuid.NewV7()
	if err := errors.Join(err1, err2); err != nil {
		return Account{}, err
	}
	name := nameOf(m)
	_, err = a.gateway.Shared(a.at(place, caller, uuid.Nil)).AdmitExternalIdentity(ctx, shareddb.AdmitExternalIdentityParams{ID: id, Issuer: issuer, Subject: m.subject, Email: m.email, Domain: domain, Name: name,
		Hash: hash, MembershipID: membership, Now: a.now()})
	if err != nil {
		return Account{}, refused(err)
	}
	return Account{ID: id, Email: m.email, Name: name}, nil
}

// refuseSSO writes the refusal to the audit of the organization.
func (a *Accounts) refuseSSO(ctx context.Context, caller tenancy.Caller, place tenancy.Tenant, way ssoWay, err error) error {
	why := ""
	if r, ok := errors.AsType[*ssoRefusal](err); ok {
		why = r.why
	}
	for word, known := range map[string]error{"known-address": ErrExists, "uninvited": ErrUninvited, "not-vouched": ErrNotVouched, "ended": ErrSSOEnded, "taken": ErrSSOTaken, "second": ErrSSOSecond, "stranger": ErrSSOStranger} {
		if errors.Is(err, known) {
			why = word
		}
	}
	if why == "" {
		return err
	}
	var about *uuid.UUID
	if way.Account != uuid.Nil {
		about = &way.Account
	}
	return errors.Join(err, a.gateway.Shared(a.at(place, caller, caller.Subject)).WriteSSOSignIn(ctx, about, []string{"single-sign-on", "refused:" + why}, "denied"))
}

func same(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// domainOf is the domain of an address in the one form in which accounts are found.
func domainOf(email string) (string, bool) {
	parsed, err := mail.ParseAddress(email)
	local, domain, _ := strings.Cut(email, "@")
	plain := strings.IndexFunc(email, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
	ok := err == nil && parsed.Address == email && plain && len(email) <= 254 && local != "" && !strings.Contains(domain, "@") && DomainName(domain)
	return domain, ok
}

// nameOf is how whom a provider means is called, one line; the address' first part when it does not say.
func nameOf(m meant) string {
	name := strings.Join(strings.FieldsFunc(m.name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120])
	}
	if name == "" {
		name, _, _ = strings.Cut(m.email, "@")
	}
	return name
}
