package account

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ListPasskeys shows a person's passkeys and when each was used.
func (h Handlers) ListPasskeys(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	all, err := own(c, who.ID).Passkeys(c.Request().Context())
	if err != nil {
		return err
	}
	p := view.PasskeysPage{Page: page(c, "Passkeys", nil), Possible: identity.PasskeysWork(web.SiteOf(c).BaseURL)}
	now := web.Now(c)
	for _, k := range all {
		row := view.Passkey{Name: k.Name, Used: "Not used yet", Added: "Added " + ago(now.Sub(k.CreatedAt)),
			Remove: "/account/passkeys/" + k.ID.String() + "/removal"}
		if k.LastUsedAt != nil {
			row.Used = "Used " + ago(now.Sub(*k.LastUsedAt))
		}
		p.Passkeys = append(p.Passkeys, row)
	}
	return web.Render(c, http.StatusOK, view.Passkeys(p), "")
}

// NewPasskey asks for a name and then the device.
func (h Handlers) NewPasskey(c echo.Context) error {
	_, f, err := asked(c)
	if err != nil {
		return err
	}
	return h.showNewPasskey(c, http.StatusOK, f)
}

// CreateNewPasskeyChallenge asks for a new passkey: the challenge as JSON for the page's script. Without a name there
// is none (422): the device would make and keep a passkey that nobody knows.
func (h Handlers) CreateNewPasskeyChallenge(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	if passkeyName(f); !f.OK() {
		return c.NoContent(http.StatusUnprocessableEntity)
	}
	ask, err := identity.ChallengeNewPasskey(c.Request().Context(), own(c, who.ID), web.SiteOf(c).BaseURL, who.ID)
	if err != nil {
		return noPasskeys(err)
	}
	return pose(c, ask, ceremony{Account: who.ID, How: newPasskey, Until: web.Now(c).Add(identity.PasskeyLife)})
}

func passkeyName(f *web.Form) string {
	return f.Text("name", 60, "Name the device, like “My phone”")
}

// CreatePasskey keeps the passkey that the device made.
func (h Handlers) CreatePasskey(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	name := passkeyName(f)
	p, ok := waiting(c)
	if f.OK() && (!ok || p.How != newPasskey || p.Account != who.ID || f.Raw("answer") == "") {
		f.Wrong("name", "Your device did not answer in time. Try once more")
	}
	if !f.OK() {
		return h.showNewPasskey(c, http.StatusUnprocessableEntity, f)
	}
	epoch, err := identity.AddPasskey(c.Request().Context(), h.Mail, web.SiteOf(c).BaseURL, web.Caller(c), who,
		identity.PasskeyAnswer{State: p.WebAuthn, Response: []byte(f.Raw("answer"))}, name, web.Now(c))
	if done := ceremonySlot.Clear(c); done != nil { // right or wrong, a challenge has one answer
		return done
	}
	switch {
	case errors.Is(err, identity.ErrPasskey):
		f.Wrong("name", "We could not read what your device answered. Try once more")
		return h.showNewPasskey(c, http.StatusUnprocessableEntity, f)
	case errors.Is(err, identity.ErrPasskeyKnown):
		f.Wrong("name", "This device has a passkey here already, or you have twenty. Remove one first")
		return h.showNewPasskey(c, http.StatusConflict, f)
	case err != nil:
		return err
	}
	if err := web.KeepSignedIn(c, epoch); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "You can sign in with " + name + " from now on. Everywhere else you are signed out.",
		Done: true})
	return web.Redirect(c, f.Next("/account/passkeys"))
}

// DeletePasskey takes one away: it signs in no more.
func (h Handlers) DeletePasskey(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "passkey")
	if err != nil {
		return err
	}
	name, epoch, err := identity.RemovePasskey(c.Request().Context(), h.Mail, web.Caller(c), who, id, web.Now(c))
	if errors.Is(err, identity.ErrNotFound) {
		return fmt.Errorf("no such passkey of theirs: %w", web.ErrNotFound)
	}
	if err != nil {
		return err
	}
	if err := web.KeepSignedIn(c, epoch); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "The passkey " + name +
		" is removed, and everywhere else you are signed out. Your device may still offer it; it opens nothing here.", Done: true})
	return web.Redirect(c, "/account/passkeys")
}

func (h Handlers) showNewPasskey(c echo.Context, status int, f *web.Form) error {
	return web.Render(c, status,
		view.NewPasskey(view.NewPasskeyPage{Page: page(c, "A new passkey", f.Problems), Problems: f.Problems,
			Name: f.Raw("name"), Next: f.Next(""),
			Possible: identity.PasskeysWork(web.SiteOf(c).BaseURL)}), view.NewPasskeyForm)
}

// pose keeps what belongs to a challenge in the session and sends the challenge.
func pose(c echo.Context, ask identity.Challenge, p ceremony) error {
	p.WebAuthn = ask.State
	if err := ceremonySlot.Set(c, p); err != nil {
		return err
	}
	web.NoStore(c)
	return web.Send(c, http.StatusOK, echo.MIMEApplicationJSON, ask.Options)
}

// noPasskeys is nowhere, on a site that cannot have any or for an account that has none.
func noPasskeys(err error) error {
	if errors.Is(err, identity.ErrNoPasskeys) || errors.Is(err, identity.ErrPasskey) {
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	}
	return err
}
