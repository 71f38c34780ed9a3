package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

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
	ErrNoAuthTime  = errors.New("the provider does not say when it was shown who they are")
	ErrNoVerified  = errors.New("the provider does not say that the address is verified")
)

// SSOLife is how long somebody may take at their organization's sign-in.
const SSOLife = 10 * time.Minute

var (
	ssoHere  = AttemptLimit{"sso here", 20, 15 * time.Minute, Sliding}  // of one session
	ssoKnown = AttemptLimit{"sso known", 20, 15 * time.Minute, Sliding} // of the browsers in which somebody has signed in
	// a whole hospital comes from one at eight in the morning
	ssoRange = AttemptLimit{"sso range", 600, 15 * time.Minute, Sliding}
	ssoTries = AttemptLimit{"sso tries", 20, 15 * time.Minute, Sliding} // of one organization's settings
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
	SSOTest    SSOPurpose = "test"    // try the provider, and sign nobody in
)

// SSOJourney is where the browser goes, and what the server keeps meanwhile.
type SSOJourney struct {
	URL   string
	Host  string // of the provider, for people
	State []byte
}

// SSOAsker is who goes to their organization's sign-in, as far as that is known: a visitor who comes for the first time
// has no session yet.
type SSOAsker struct {
	IP      netip.Addr
	Session uuid.UUID
}

// reserve counts a journey. A browser in which somebody has signed in before counts as theirs, so that nobody of its
// network keeps it out (A43).
func (a SSOAsker) reserve(ctx context.Context, limiter AttemptLimiter) error {
	keys := []AttemptKey{ssoRange.For(Range(a.IP))}
	if a.Session != uuid.Nil {
		keys = []AttemptKey{ssoHere.For(a.Session.String()), keys[0]}
	}
	if by := limiter.Browser.By; by != "" {
		keys = []AttemptKey{ssoKnown.For(by)}
	}
	_, err := limiter.Reserve(ctx, keys...)
	return err
}

// BeginSSO begins a journey: authorization code with PKCE, state and nonce. who is whose account it is about, unless it
// signs in; q is in the scope of the organization. ErrNoSSO, ErrNotAnswer or *TooManyError otherwise. That a provider
// does not answer is noted.
func BeginSSO(ctx context.Context, q *shareddb.Queries, client SSOClient, from SSOAsker, place tenancy.Tenant,
	purpose SSOPurpose, who uuid.UUID, now time.Time) (SSOJourney, error) {
	err := from.reserve(ctx, client.Limiter)
	if err == nil && purpose == SSOTest {
		_, err = client.Limiter.Reserve(ctx, ssoTries.For(place.ID.String()))
	}
	if err != nil {
		return SSOJourney{}, err
	}
	set, err := SSOOf(ctx, q)
	if err != nil {
		return SSOJourney{}, err
	}
	p, err := client.described(ctx, place, set)
	if err != nil {
		return SSOJourney{}, errors.Join(err, noteFault(ctx, q, set, err, purpose, now))
	}
	way := ssoWay{Tenant: place.ID, Issuer: p.current.Issuer, ClientID: p.current.ClientID, State: rand.Text(),
		Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Purpose: purpose, Account: who, At: now}
	kept, err := json.Marshal(way)
	if err != nil {
		return SSOJourney{}, err
	}
	address := p.oauth.AuthCodeURL(way.State, way.options(p)...)
	u, err := url.Parse(address)
	if err != nil {
		return SSOJourney{}, fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	return SSOJourney{URL: address, Host: u.Hostname(), State: kept}, nil
}

// oldestSession is how long ago somebody may have shown the provider who they are, to sign in: long, for what is asked
// is that it says when (OpenID Connect Core 3.1.2.1: who asks for max_age gets auth_time).
const oldestSession = 30 * 24 * time.Hour

// options are what the provider is asked for besides.
func (w ssoWay) options(p provider) []oauth2.AuthCodeOption {
	age := oldestSession
	all := []oauth2.AuthCodeOption{oidc.Nonce(w.Nonce), oauth2.S256ChallengeOption(w.Verifier)}
	if w.Purpose == SSOLink || w.Purpose == SSOConfirm {
		age, all = 0, append(all, oauth2.SetAuthURLParam("prompt", "login"))
	}
	if p.claims || w.Issuer == "https://accounts.google.com" { // which does not say that it takes them
		all = append(all, oauth2.SetAuthURLParam("claims", `{"id_token":{"auth_time":{"essential":true}}}`))
	}
	return append(all, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(age.Seconds()))))
}
