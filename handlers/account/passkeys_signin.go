package account

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
)

// CreatePasskeyChallenge asks for a passkey to sign in with: any of this site, or after a password one of its account.
func (h Handlers) CreatePasskeyChallenge(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if err := web.BeginFor(c, web.VisitorOfPasskey); err != nil {
		return err
	}
	anybody := ceremony{How: signInPasskey, Next: f.Next(home), Until: web.Now(c).Add(identity.PasskeyLife)}
	p, waits := pending(c)
	if !waits {
		p = anybody
	}
	ask, err := identity.ChallengePasskey(c.Request().Context(), own(c, p.Account), web.SiteOf(c).BaseURL, p.Account)
	if waits && errors.Is(err, identity.ErrPasskey) { // they began again on the first page
		p = anybody
		ask, err = identity.ChallengePasskey(c.Request().Context(), own(c, p.Account), web.SiteOf(c).BaseURL, p.Account)
	}
	if err != nil {
		return noPasskeys(err)
	}
	return pose(c, ask, p)
}

// CreateSessionByPasskey signs in: a passkey is both factors.
func (h Handlers) CreateSessionByPasskey(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if done, err := passOn(c, f); done {
		return err
	}
	p, ok := waiting(c)
	step := ok && p.How == secondStep
	who, status, err := h.answered(c, f, p, ok && (step || p.How == signInPasskey), "sign-in")
	if err != nil {
		return err
	}
	if status == 0 && step && who.ID != p.Account {
		f.Wrong("", "This passkey is another account's")
		status = http.StatusUnprocessableEntity
	}
	switch {
	case status != 0 && step:
		return h.showSecondStep(c, status, p, f)
	case status != 0:
		return h.showSignIn(c, status, f)
	}
	next := p.Next
	if err := h.signIn(c, who, web.Proof{Factors: 2, How: "passkey"}); err != nil {
		return err
	}
	return web.Redirect(c, next)
}

// CreateConfirmPasskeyChallenge asks for a passkey of theirs once more.
func (h Handlers) CreateConfirmPasskeyChallenge(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	ask, err := identity.ChallengePasskey(c.Request().Context(), own(c, who.ID), web.SiteOf(c).BaseURL, who.ID)
	if err != nil {
		return noPasskeys(err)
	}
	return pose(c, ask, ceremony{Account: who.ID, How: confirmPasskey, Until: web.Now(c).Add(identity.PasskeyLife)})
}

// ConfirmByPasskey notes a fresh proof, of both factors, and goes on.
func (h Handlers) ConfirmByPasskey(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	p, ok := waiting(c)
	proved, status, err := h.answered(c, f, p, ok && p.How == confirmPasskey && p.Account == who.ID, "confirm")
	if err != nil {
		return err
	}
	if status == 0 && proved.ID != who.ID {
		f.Wrong("", "This passkey is another account's")
		status = http.StatusUnprocessableEntity
	}
	if status != 0 {
		return h.showConfirm(c, status, f)
	}
	if err := web.Confirm(c, web.Proof{Factors: 2, How: "passkey"}); err != nil {
		return err
	}
	return web.Redirect(c, f.Next("/account"))
}

// answered checks what a device answered to the challenge that waits in this session, which is spent by it. A status
// other than 0 says that the form has the words for why not.
func (h Handlers) answered(c echo.Context, f *web.Form, p ceremony, waits bool, action string) (identity.Account, int,
	error) {
	if !waits || len(p.WebAuthn) == 0 || f.Raw("answer") == "" {
		f.Wrong("", "Your device did not show a passkey in time. Try once more, or go on without it")
		return identity.Account{}, http.StatusUnprocessableEntity, nil
	}
	challenge := p.WebAuthn
	if err := spend(c, p); err != nil {
		return identity.Account{}, 0, err
	}
	who, err := identity.ProvePasskey(c.Request().Context(), h.Mail, web.AttemptLimiter(c), web.SiteOf(c).BaseURL,
		web.Caller(c),
		identity.PasskeyAnswer{State: challenge, Response: []byte(f.Raw("answer"))}, action, web.Now(c))
	said, often := tooMany(c, err)
	switch {
	case errors.Is(err, identity.ErrPasskeyCopied):
		f.Wrong("", "We refused this passkey: there may be a copy of it. Our email to you says what to do")
	case errors.Is(err, identity.ErrPasskey), errors.Is(err, identity.ErrNoPasskeys):
		f.Wrong("", "This passkey opens no account here. Go on without it")
	case often:
		f.Wrong("", said)
		return who, http.StatusTooManyRequests, nil
	default:
		return who, 0, err
	}
	return identity.Account{}, http.StatusUnprocessableEntity, nil
}

// spend lets a challenge have one answer. The second step of a sign-in still waits for another.
func spend(c echo.Context, p ceremony) error {
	if p.Account == uuid.Nil || p.How == confirmPasskey {
		return ceremonySlot.Clear(c)
	}
	p.WebAuthn = nil
	return ceremonySlot.Set(c, p)
}
