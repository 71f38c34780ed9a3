package web

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
)

// ProofLife is how long a proof of who asks is good for sensitive acts.
const ProofLife = 10 * time.Minute

// Proof is how somebody showed who they are.
type Proof struct {
	Factors int       `json:"factors"` // 2: what they have as well as what they know or are
	How     string    `json:"how"`     // password, totp, recovery, passkey, sso
	At      time.Time `json:"at"`

	// Organization is the one whose own sign-in this session came through. That opens this organization, for which it
	// counts as both factors, and nothing else: an organization answers for its people's work, not for their own
	// record nor for their work elsewhere.
	Organization uuid.UUID `json:"organization,omitzero"`

	// SSO is the sign-in by that organization's provider. Once the provider is removed or replaced by another, or ends
	// it, or its time is over, what it let in is in no more.
	SSO uuid.UUID `json:"sso,omitzero"`
}

// Own tells whether somebody showed to us who they are, not only to an organization.
func (p Proof) Own() bool { return p.How != "sso" }

// Recent tells whether it is good still for what asks for a fresh proof.
func (p Proof) Recent(now time.Time) bool { return now.Sub(p.At) < ProofLife }

// addsToPassword tells whether it is both factors only together with a password.
func (p Proof) addsToPassword() bool { return p.How == "totp" || p.How == "recovery" }

// ProofOf is how the signed-in person last showed who they are, and whether that was within ProofLife.
func ProofOf(c echo.Context) (p Proof, isRecent bool) {
	state := stateOf(c)
	if !state.sessionLoaded || state.account.ID == uuid.Nil {
		return Proof{}, false
	}
	p = state.site.session(c.Request().Context()).Proof
	return p, p.Recent(Now(c))
}

// OwnAccount is who is signed in by a proof of their own, if anybody is. Whom an organization's sign-in alone let in is
// a visitor to everything that is a person's own and not that organization's.
func OwnAccount(c echo.Context) (identity.Account, bool) {
	if proof, _ := ProofOf(c); !proof.Own() {
		return identity.Account{}, false
	}
	return Account(c)
}

// Confirm keeps a fresh proof of the signed-in person, the last of those that were shown together. The session's token
// changes, as at every gain of rights. A session that was begun with two factors keeps them. ErrForbidden: a code alone
// is no proof in a session that rests on no password of theirs, but on an organization's sign-in.
func Confirm(c echo.Context, shown ...Proof) error {
	p, before := shown[len(shown)-1], stateOf(c).site.session(c.Request().Context()).Proof
	if p.addsToPassword() && !before.Own() &&
		!slices.ContainsFunc(shown, func(s Proof) bool { return s.How == "password" }) {
		return fmt.Errorf("a %s without the password: %w", p.How, ErrForbidden)
	}
	if err := RenewToken(c); err != nil {
		return err
	}
	p.At = Now(c)
	return stateOf(c).editSession(c, func(d *sessionData) {
		if p.Own() {
			p.Organization, p.SSO = d.Proof.Organization, d.Proof.SSO
			d.SSO = uuid.Nil // it rests on more from now on
			if d.Proof.Own() {
				p.Factors = max(p.Factors, d.Proof.Factors)
			}
		}
		d.Proof = p
	})
}

// AddOrganizationProof is for a signed-in person who also came by an organization's own sign-in, by this one. Their own
// proof stays as it was, and as old.
func AddOrganizationProof(c echo.Context, organization, signIn uuid.UUID) error {
	if err := RenewToken(c); err != nil {
		return err
	}
	return stateOf(c).editSession(c, func(d *sessionData) {
		d.Proof.Organization, d.Proof.SSO = organization, signIn
	})
}

// KeepSignedIn lets this session go on when what was just done has ended all others of its account: epoch is the
// account's since then.
func KeepSignedIn(c echo.Context, epoch int64) error {
	return stateOf(c).editSession(c, func(d *sessionData) { d.Epoch = epoch })
}

// SignIn makes this visitor an account, in a session of its own: a token from before is worth nothing (A17). It rests
// on what was read with account.SessionEpoch: if all sessions of the account were ended since, so is this one (A18).
// Slots that are kept at sign-in stay, unless they were another account's. The proof is of now; one that was made at an
// organization's provider, which may have been long ago, is as old as p says.
func SignIn(c echo.Context, account identity.Account, p Proof) error {
	if err := beginSession(c); err != nil {
		return err
	}
	state := stateOf(c)
	state.account = account
	now := state.site.Now()
	if p.Own() || p.At.After(now) {
		p.At = now
	}
	if state.site.SignedIn != nil {
		browser := browserOf(c)
		if browser.Vouched = !p.Own(); p.Own() {
			ownBrowser(c, account.ID)
		}
		if err := state.site.SignedIn(c.Request().Context(), Caller(c), account, browser); err != nil {
			return err
		}
	}
	return state.editSession(c, func(d *sessionData) {
		if d.Account != uuid.Nil && d.Account != account.ID {
			*d = sessionData{}
		}
		d.Account, d.Epoch, d.Agent, d.Since, d.Proof = account.ID, account.SessionEpoch, agent(c), now, p
		d.Work, d.SSO = false, uuid.Nil
		if !p.Own() {
			d.SSO = p.SSO
		}
		d.dropSlots(true)
	})
}
