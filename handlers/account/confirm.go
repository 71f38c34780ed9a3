package account

import (
	"errors"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	view "kindward/views/account"
)

// ShowConfirm asks once more who somebody is, before something that matters.
func (h Handlers) ShowConfirm(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showConfirm(c, 200, f)
}

// CreateConfirm notes a fresh proof, by the second factor where there is one and else by the password, and goes on.
func (h Handlers) CreateConfirm(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	factors, err := own(c, who.ID).Factors(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	var shown []web.Proof
	for _, check := range h.checks(c, factors.TOTP) {
		proof, status, err := check(c, f, who)
		if err != nil {
			return err
		}
		if status != 0 {
			return h.showConfirm(c, status, f)
		}
		shown = append(shown, proof)
	}
	if err := web.Confirm(c, shown...); err != nil {
		return err
	}
	return web.Redirect(c, f.Next("/account"))
}

type check func(c echo.Context, f *web.Form, who identity.Account) (p web.Proof, status int, err error)

// checks are what somebody is asked for. A session that came by an organization's sign-in rests on no password of
// theirs: there a code is asked for after the password, as at the sign-in page.
func (h Handlers) checks(c echo.Context, app bool) []check {
	proof, _ := web.ProofOf(c)
	switch {
	case !app:
		return []check{h.provePassword}
	case proof.Own():
		return []check{h.prove}
	}
	return []check{h.provePassword, h.prove}
}

// provePassword checks the field "password", as prove does a code.
func (h Handlers) provePassword(c echo.Context, f *web.Form, who identity.Account) (p web.Proof, status int,
	err error) {
	if f.Raw("password") == "" {
		f.Wrong("password", "Enter your password")
		return p, 422, nil
	}
	proof, _ := web.ProofOf(c)
	err = identity.CheckPassword(c.Request().Context(), web.SiteOf(c).Gateway, h.Passwords, web.AttemptLimiter(c),
		web.Caller(c), who.ID,
		f.Raw("password"), !proof.Own())
	if errors.Is(err, identity.ErrNoMatch) {
		f.Wrong("password", "This is not your password")
		return p, 422, nil
	}
	if said, ok := tooMany(c, err); ok {
		f.Wrong("password", said)
		return p, 429, nil
	}
	return web.Proof{Factors: 1, How: "password"}, 0, err
}

func (h Handlers) showConfirm(c echo.Context, status int, f *web.Form) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	factors, err := own(c, who.ID).Factors(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	proof, _ := web.ProofOf(c)
	return web.Render(c, status,
		view.Confirm(view.ConfirmPage{Page: page(c, "Is it you?", f.Problems), Problems: f.Problems, Code: f.Raw("code"),
			ByCode: factors.TOTP, ByPassword: !factors.TOTP || !proof.Own(), Email: who.Email, Next: f.Next(""),
			Passkeys: factors.Passkeys > 0 && identity.PasskeysWork(web.SiteOf(c).BaseURL),
			Lasts:    civil.Duration(web.ProofLife)}), view.ConfirmForm)
}
