package kyc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kindward/internal/loopback"
	"kindward/internal/outside"
)

// IdentityURL is where people's identities are verified, in the form of Stripe Identity.
const IdentityURL = "https://api.stripe.com"

// identityPages are the host of the pages on which people show their documents.
const identityPages = "verify.stripe.com"

// SessionStatus is where a verification is.
type SessionStatus string

// The statuses of sessions.
const (
	RequiresInput SessionStatus = "requires_input" // of the person: for the first time, or once more
	Processing    SessionStatus = "processing"
	Verified      SessionStatus = "verified"
	Canceled      SessionStatus = "canceled"
)

// Session is one verification of one person.
type Session struct {
	ID        string        `json:"id"`
	Status    SessionStatus `json:"status"`
	Reference string        `json:"client_reference_id"` // ours
	URL       string        `json:"url"`                 // where the person goes on; none once it is over
	LastError *struct {
		Code string `json:"code"`
	} `json:"last_error"`
	Outputs *struct {
		First string `json:"first_name"`
		Last  string `json:"last_name"`
	} `json:"verified_outputs"`
}

// What the provider may say instead of a session.
var (
	ErrNoSession   = errors.New("kyc: the provider does not know the session")
	ErrUnavailable = errors.New("kyc: the provider does not answer")
)

// Identity asks the provider of identity verification over HTTP.
type Identity struct {
	base, key string
	client    *http.Client
}

// IdentityWait is how long an answer is waited for.
const IdentityWait = 8 * time.Second

const identityAnswer = 1 << 20

// NewIdentity is the provider at an address, of which we are the customer with a key, and whose answers are waited for
// so long.
func NewIdentity(base, key string, wait time.Duration) *Identity {
	return &Identity{base, key, outside.ClientFor(base, wait, identityAnswer)}
}

// Asked is who is to be verified.
type Asked struct {
	Key       string // made of what is asked: with the same one it is the same session, however often it is asked for
	Reference string
	Name      string
	Email     string
	Back      string // where the person comes back to
}

// Create begins a verification, or finds the one that was begun under the same key.
func (i *Identity) Create(ctx context.Context, a Asked) (Session, error) {
	form := url.Values{"type": {"document"}, "client_reference_id": {a.Reference}, "return_url": {a.Back},
		"provided_details[email]": {a.Email}, "metadata[name]": {a.Name}}
	return i.ask(ctx, http.MethodPost, "", a.Key, form)
}

// Retrieve is where a session is.
func (i *Identity) Retrieve(ctx context.Context, id string) (Session, error) {
	return i.ask(ctx, http.MethodGet, "/"+url.PathEscape(id)+"?expand[]=verified_outputs", "", nil)
}

// Forget ends a session that nobody needs any more, and lets the provider delete what it has of the person.
func (i *Identity) Forget(ctx context.Context, s Session) error {
	if s.Status == RequiresInput {
		if _, err := i.ask(ctx, http.MethodPost, "/"+url.PathEscape(s.ID)+"/cancel", "cancel "+s.ID, nil); err != nil {
			return err
		}
	}
	_, err := i.ask(ctx, http.MethodPost, "/"+url.PathEscape(s.ID)+"/redact", "redact "+s.ID, nil)
	return err
}

// ask is one request. Whatever is no right answer is ErrUnavailable, to be asked again later.
func (i *Identity) ask(ctx context.Context, method, path, key string, form url.Values) (s Session, err error) {
	request, err := i.request(ctx, method, path, key, form)
	if err != nil {
		return s, err
	}
	response, err := i.client.Do(request)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return s, ErrNoSession
	default:
		return s, fmt.Errorf("%w: status %d", ErrUnavailable, response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		return s, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if s.ID == "" || s.URL != "" && !i.leadsThere(s.URL) {
		return Session{}, fmt.Errorf("%w: no session, or one that leads elsewhere", ErrUnavailable)
	}
	return s, nil
}

// identityVersion is the version of the API in whose form answers are read.
const identityVersion = "2025-03-31.basil"

func (i *Identity) request(ctx context.Context, method, path, key string, form url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, i.base+"/v1/identity/verification_sessions"+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+i.key)
	r.Header.Set("Stripe-Version", identityVersion)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Idempotency-Key", key)
	}
	return r, nil
}

const longestPage = 500

// leadsThere tells whether a page is the provider's (A25): people are sent to no other.
func (i *Identity) leadsThere(page string) bool {
	u, err := url.Parse(page)
	if err != nil || u.User != nil || len(page) > longestPage {
		return false
	}
	if base, err := url.Parse(i.base); err == nil && loopback.Host(base.Hostname()) {
		return u.Scheme == base.Scheme && u.Host == base.Host
	}
	return u.Scheme == "https" && u.Host == identityPages
}
