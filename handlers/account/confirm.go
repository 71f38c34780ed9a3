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
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	factors, err := own(c, who.ID).Factors(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	check := h.provePassword
	if factors.TOTP {
		check = h.prove
	}
	proof, status, err := check(c, f, who)
	if err != nil {
		return err
	}
	if status != 0 {
		return h.showConfirm(c, status, f)
	}
	if err := web.Confirm(c, proof); err != nil {
		return err
	}
	return web.Redirect(c, f.Next("/account"))
}

// provePassword checks the field "password", as prove does a code.
func (h Handlers) provePassword(c echo.Context, f *web.Form, who identity.Account) (p web.Proof, status int,
	err error) {
	if f.Raw("password") == "" {
		f.Wrong("password", "Enter your password")
		return p, 422, nil
	}
	err = identity.CheckPassword(c.Request().Context(), web.SiteOf(c).Gateway, h.Passwords, web.AttemptLimiter(c),
		web.Caller(c), who.ID,
		f.Raw("password"))
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
	return web.Render(c, status,
		view.Confirm(view.ConfirmPage{Page: page(c, "Is it you?", f.Problems), Problems: f.Problems, Code: f.Raw("code"),
			ByCode: factors.TOTP, Passkeys: factors.Passkeys > 0 && identity.PasskeysWork(web.SiteOf(c).BaseURL),
			Email: who.Email, Next: f.Next(""), Lasts: civil.Duration(web.ProofLife)}), view.ConfirmForm)
}
