package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// SSOAnswer is what came back by the browser, as it was said.
type SSOAnswer struct{ State, Code, Issuer, Problem string }

// SSOArrival is who came back from a provider, by which sign-in of it, and why they went. Of a test it is nobody.
type SSOArrival struct {
	Who     Account
	SignIn  uuid.UUID // the sign-in that opens the organization as long as it lives
	Purpose SSOPurpose
	At      time.Time // when they showed the provider who they are; zero: it does not say
}

// FinishSSO ends a journey. ErrSSO: the answer is none to this journey; SSORefusal says why, and the caller keeps it.
// Nobody comes into an account by an address: whom the provider means is known by issuer and subject, or
// is new, with a password of its own that nobody knows. What was seen of the provider is noted; a test ends with that,
// and is no error.
func FinishSSO(ctx context.Context, mail Mail, client SSOClient, passwords *Passwords, caller tenancy.Caller,
	place tenancy.Tenant, kept []byte, answer SSOAnswer, now time.Time) (SSOArrival, error) {
	r := &ssoReturn{mail: mail, client: client, passwords: passwords, caller: caller, place: place, now: now}
	if err := json.Unmarshal(kept, &r.way); err != nil {
		r.way = ssoWay{}
		return SSOArrival{}, refusedSSO("no-journey", nil)
	}
	arrival, err := r.finish(ctx, answer)
	q, who := r.queries(arrival.Who.ID), arrival.Who.ID
	switch {
	case err != nil && r.way.Purpose == SSOTest && faultOf(err, SSOTest) != "":
		return SSOArrival{Purpose: SSOTest}, noteFault(ctx, r.queries(caller.Subject), r.set, err, SSOTest, now)
	case err != nil:
		return SSOArrival{}, errors.Join(err, noteFault(ctx, q, r.set, err, r.way.Purpose, now))
	case r.way.Purpose == SSOTest:
		return arrival, noteWorking(ctx, r.queries(caller.Subject), r.set, r.meant, SSOTest, now)
	}
	arrival.SignIn = uuid.New()
	return arrival, errors.Join(
		q.BeginSSOSession(ctx, shareddb.BeginSSOSessionParams{ID: arrival.SignIn, Provider: r.set.ID,
			Subject: r.meant.subject, SID: r.meant.sid, Now: now, DayBefore: now.Add(-24 * time.Hour)}),
		noteWorking(ctx, q, r.set, r.meant, r.way.Purpose, now),
		q.WriteSSOSignIn(ctx, who))
}

// ssoReturn is somebody's return from a provider, by the journey on which they went.
type ssoReturn struct {
	mail      Mail
	client    SSOClient
	passwords *Passwords
	caller    tenancy.Caller
	place     tenancy.Tenant
	way       ssoWay
	now       time.Time

	set   SSO   // once it was read
	meant meant // once the provider has said it
}

// scope is that of the organization on behalf of an account, or of nobody yet.
func (r *ssoReturn) scope(subject uuid.UUID) tenancy.Scope {
	caller := r.caller
	caller.Subject = subject
	return r.mail.Gateway.Admit(r.place, caller)
}

func (r *ssoReturn) queries(subject uuid.UUID) *shareddb.Queries {
	return r.mail.Gateway.Identity(r.scope(subject))
}

// finish is who comes back, from the first look at the answer to the account.
func (r *ssoReturn) finish(ctx context.Context, answer SSOAnswer) (SSOArrival, error) {
	switch {
	case r.way.Tenant != r.place.ID:
		return SSOArrival{}, refusedSSO("organization", nil)
	case !same(answer.State, r.way.State):
		return SSOArrival{}, refusedSSO("state", nil)
	case r.now.After(r.way.At.Add(SSOLife)):
		return SSOArrival{}, refusedSSO("late", nil)
	case r.way.Purpose == SSOTest && (r.caller.Subject != r.way.Account || r.caller.Actor != uuid.Nil):
		return SSOArrival{}, refusedSSO("other-account", nil)
	}
	p, err := r.provider(ctx)
	if err != nil {
		return SSOArrival{}, err
	}
	switch {
	case answer.Issuer != "" && answer.Issuer != r.way.Issuer, answer.Issuer == "" && p.names:
		return SSOArrival{}, refusedSSO("issuer", nil)
	case answer.Problem != "" || answer.Code == "":
		return SSOArrival{}, refusedSSO("provider", nil)
	}
	m, token, err := r.client.exchange(ctx, p, r.way, answer.Code, r.now)
	if err != nil {
		return SSOArrival{}, err
	}
	if err := r.way.fresh(m); err != nil {
		return SSOArrival{}, err
	}
	r.meant = m
	who, err := r.account(ctx, p, token)
	return SSOArrival{Who: who, Purpose: r.way.Purpose, At: m.at()}, err
}

// fresh refuses an answer from an old session at the provider to what asks who it is now.
func (w ssoWay) fresh(m meant) error {
	switch {
	case w.Purpose != SSOLink && w.Purpose != SSOConfirm:
		return nil
	case m.authTime <= 0:
		return refusedSSO("no-auth-time", ErrNoAuthTime)
	case time.Unix(m.authTime, 0).Before(w.At.Add(-time.Minute)):
		return refusedSSO("not-fresh", nil)
	}
	return nil
}

// provider is the organization's, if it is still the one to which the journey went.
func (r *ssoReturn) provider(ctx context.Context) (provider, error) {
	set, err := SSOOf(ctx, r.queries(uuid.Nil))
	if err != nil {
		return provider{}, err
	}
	if set.Issuer != r.way.Issuer || set.ClientID != r.way.ClientID {
		return provider{}, refusedSSO("changed", nil)
	}
	r.set = set
	return r.client.described(ctx, r.place, set)
}

// account is that of whom the provider means, for the purpose of the journey.
func (r *ssoReturn) account(ctx context.Context, p provider, token *oauth2.Token) (Account, error) {
	switch r.way.Purpose {
	case SSOLink:
		return r.link(ctx, r.meant)
	case SSOTest:
		return Account{}, r.meant.ask(ctx, r.client, p, token)
	}
	who, err := externalPerson(ctx, r.queries(uuid.Nil), r.way.Issuer, r.meant.subject)
	if noRow(err) && r.way.Purpose == SSOSignIn {
		if err := r.meant.ask(ctx, r.client, p, token); err != nil {
			return Account{}, err
		}
		return r.admit(ctx, r.meant)
	}
	if noRow(err) || err == nil && r.way.Purpose == SSOConfirm && who.ID != r.way.Account {
		return Account{}, ErrSSOStranger
	}
	return who, err
}

func externalPerson(ctx context.Context, q *shareddb.Queries, issuer, subject string) (Account, error) {
	row, err := q.ExternalAccount(ctx, issuer, subject)
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born,
		SessionEpoch: row.SessionEpoch}, err
}

// link connects the account that went with whom the provider means, and tells its owner by email.
func (r *ssoReturn) link(ctx context.Context, m meant) (Account, error) {
	if r.caller.Subject != r.way.Account || r.caller.Actor != uuid.Nil {
		return Account{}, refusedSSO("other-account", nil)
	}
	var who Account
	err := r.mail.commit(ctx, r.scope(r.way.Account), r.now, func(q *shareddb.Queries) (notify.Entry, error) {
		linked, err := q.LinkExternalIdentity(ctx, r.way.Issuer, m.subject, r.now)
		if err != nil {
			return nil, refused(err)
		}
		who, err = externalPerson(ctx, q, r.way.Issuer, m.subject)
		if err != nil || !linked {
			return nil, err
		}
		return notify.SSOLinked{Recipient: recipient(who), Organization: r.place.Name}, nil
	})
	return who, err
}

// admit makes an account for somebody new, who was invited to the address that the provider vouches for.
func (r *ssoReturn) admit(ctx context.Context, m meant) (Account, error) {
	domain, plain := domainOf(m.email)
	if !plain {
		return Account{}, ErrNotVouched
	}
	if !m.vouched {
		return Account{}, ErrNoVerified
	}
	hash, err := r.passwords.Hash(ctx, rand.Text()+rand.Text()) // a password that nobody knows; a new one comes by email
	if err != nil {
		return Account{}, err
	}
	id, err1 := uuid.NewV7()
	membership, err2 := uuid.NewV7()
	if err := errors.Join(err1, err2); err != nil {
		return Account{}, err
	}
	name := nameOf(m)
	_, err = r.queries(uuid.Nil).AdmitExternalIdentity(ctx,
		shareddb.AdmitExternalIdentityParams{ID: id, Issuer: r.way.Issuer,
			Subject: m.subject, Email: m.email, Domain: domain, Name: name, Hash: hash, MembershipID: membership, Now: r.now})
	if err != nil {
		return Account{}, refused(err)
	}
	return Account{ID: id, Email: m.email, Name: name}, nil
}

// ssoWords are what the audit calls the refusals of statements.
var ssoWords = map[string]error{"known-address": ErrExists, "uninvited": ErrUninvited, "not-vouched": ErrNotVouched,
	"not-verified": ErrNoVerified,
	"ended":        ErrSSOEnded, "taken": ErrSSOTaken, "second": ErrSSOSecond, "stranger": ErrSSOStranger}

// SSORefusal is what the audit of the organization calls a refusal; "" for what is none, but a fault.
func SSORefusal(err error) (why string) {
	if refusal, ok := errors.AsType[*ssoRefusal](err); ok {
		why = refusal.why
	}
	for word, known := range ssoWords {
		if errors.Is(err, known) {
			why = word
		}
	}
	return why
}

func same(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// nameOf is how whom a provider means is called, one line; the address' first part when it does not say.
func nameOf(m meant) string {
	name := strings.Join(strings.FieldsFunc(m.name,
		func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120])
	}
	if name == "" {
		name, _, _ = strings.Cut(m.email, "@")
	}
	return name
}
