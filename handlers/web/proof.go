package web

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
)

// recent is how long a proof of who asks is good for sensitive acts.
const recent = 10 * time.Minute

// Proof is how somebody showed who they are.
type Proof struct {
	Factors int       `json:"factors"` // 2: what they have as well as what they know or are
	How     string    `json:"how"`     // password, totp, recovery, passkey, sso
	At      time.Time `json:"at"`

	// Organization is the one whose own sign-in this session came through. That opens this organization, for which it counts as both
	// factors, and nothing else: an organization answers for its people's work, not for their own record nor for their work elsewhere.
	Organization uuid.UUID `json:"organization,omitzero"`
}

// own tells whether somebody showed to us who they are, not only to an organization.
func (p Proof) own() bool { return p.How != "sso" }

// Pending is a sign-in, or another ceremony, that waits for its second step. It is kept on the server and gives no access.
type Pending struct {
	Account  uuid.UUID       `json:"account,omitzero"` // whose password was right
	How      string          `json:"how"`
	Until    time.Time       `json:"until"`
	Next     string          `json:"next,omitempty"`
	WebAuthn json.RawMessage `json:"webauthn,omitempty"`
	OIDC     json.RawMessage `json:"oidc,omitempty"`
}

// ProofOf is how the signed-in person last showed who they are, and whether that was in the last ten minutes.
func ProofOf(c echo.Context) (p Proof, isRecent bool) {
	state := stateOf(c)
	if !state.sessionLoaded || state.account.ID == uuid.Nil {
		return Proof{}, false
	}
	now := state.site.content(c.Request().Context())
	return now.Proof, Now(c).Sub(now.Proof.At) < recent
}

// Confirm notes a fresh proof of the signed-in person. The session's token changes, as at every gain of rights. A session that
// was begun with two factors keeps them.
func Confirm(c echo.Context, p Proof) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	if err := state.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	p.At = state.site.Now()
	return state.editSession(c, func(now *content) {
		if p.own() {
			p.Organization = now.Proof.Organization
			if now.Proof.own() {
				p.Factors = max(p.Factors, now.Proof.Factors)
			}
		}
		now.Proof = p
	})
}

// Through notes that the signed-in person also came by an organization's own sign-in. Their own proof stays as it was, and as old.
func Through(c echo.Context, organization uuid.UUID) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	if err := state.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	return state.editSession(c, func(now *content) { now.Proof.Organization, now.Pending = organization, nil })
}

// KeepPending lets a ceremony wait in the session; nil forgets it.
func KeepPending(c echo.Context, p *Pending) error {
	return stateOf(c).editSession(c, func(now *content) { now.Pending = p })
}

// PendingOf is the ceremony that waits in this session, if its time is not over.
func PendingOf(c echo.Context) (Pending, bool) {
	state := stateOf(c)
	if !state.sessionLoaded {
		return Pending{}, false
	}
	p := state.site.content(c.Request().Context()).Pending
	if p == nil || !state.site.Now().Before(p.Until) {
		return Pending{}, false
	}
	return *p, true
}

// SignIn makes this visitor an account. The session's token changes, so that a token from before is worth nothing (A17); the
// holder and open holds stay, unless they were another account's.
func SignIn(c echo.Context, account identity.Account, p Proof) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	if err := state.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	state.account = account
	p.At = state.site.Now()
	if state.site.SignedIn != nil {
		if err := state.site.SignedIn(c.Request().Context(), Caller(c), account, browserOf(c)); err != nil {
			return err
		}
	}
	return state.editSession(c, func(now *content) {
		if now.Account != uuid.Nil && now.Account != account.ID {
			*now = content{}
		}
		now.Account, now.Agent, now.Since, now.Proof = account.ID, agent(c), state.site.Now(), p
		now.SignUp, now.Pending, now.StaffAccess = nil, nil, nil
	})
}
