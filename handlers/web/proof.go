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
	v := visitOf(c)
	if !v.known || v.account.ID == uuid.Nil {
		return Proof{}, false
	}
	now := v.site.content(c.Request().Context())
	return now.Proof, Now(c).Sub(now.Proof.At) < recent
}

// Confirm notes a fresh proof of the signed-in person. The session's token changes, as at every gain of rights. A session that
// was begun with two factors keeps them.
func Confirm(c echo.Context, p Proof) error {
	v := visitOf(c)
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	p.At = v.site.Now()
	return v.change(c, func(now *content) {
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
	v := visitOf(c)
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	return v.change(c, func(now *content) { now.Proof.Organization, now.Pending = organization, nil })
}

// KeepPending lets a ceremony wait in the session; nil forgets it.
func KeepPending(c echo.Context, p *Pending) error {
	return visitOf(c).change(c, func(now *content) { now.Pending = p })
}

// PendingOf is the ceremony that waits in this session, if its time is not over.
func PendingOf(c echo.Context) (Pending, bool) {
	v := visitOf(c)
	if !v.known {
		return Pending{}, false
	}
	p := v.site.content(c.Request().Context()).Pending
	if p == nil || !v.site.Now().Before(p.Until) {
		return Pending{}, false
	}
	return *p, true
}

// SignIn makes this visitor an account. The session's token changes, so that a token from before is worth nothing (A17); the
// holder and open holds stay, unless they were another account's.
func SignIn(c echo.Context, account identity.Account, p Proof) error {
	v := visitOf(c)
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	v.account = account
	p.At = v.site.Now()
	if v.site.SignedIn != nil {
		if err := v.site.SignedIn(c.Request().Context(), Caller(c), account, browserOf(c)); err != nil {
			return err
		}
	}
	return v.change(c, func(now *content) {
		if now.Account != uuid.Nil && now.Account != account.ID {
			*now = content{}
		}
		now.Account, now.Agent, now.Since, now.Proof = account.ID, agent(c), v.site.Now(), p
		now.SignUp, now.Pending, now.StaffAccess = nil, nil, nil
	})
}
