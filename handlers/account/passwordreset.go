package account

import (
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ShowPasswordReset asks for the address that the link goes to.
func (h Handlers) ShowPasswordReset(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showReset(c, 200, f)
}

// CreatePasswordReset sends a link if the address has an account, and says the same if it has none.
func (h Handlers) CreatePasswordReset(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	email := f.Email("email")
	if !f.OK() {
		return h.showReset(c, 422, f)
	}
	err = identity.AskReset(c.Request().Context(), h.Mail, web.AttemptLimiter(c), web.Caller(c), email, f.Next(""),
		web.Now(c))
	if said, ok := tooMany(c, err); ok {
		f.Wrong("email", said)
		return h.showReset(c, 429, f)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "If " + email + " has an account, a link is on its way. It works once, for " +
		civil.Duration(identity.ResetLife) + ".", Done: true})
	if _, ok := web.Account(c); ok {
		return web.Redirect(c, "/account")
	}
	return web.Redirect(c, web.SignInPath(f.Next("")))
}

// ShowNewPassword takes a link from an email; one that was used or has run out is 410.
func (h Handlers) ShowNewPassword(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	who, err := identity.ResetPending(c.Request().Context(), h.Mail, c.Param("token"),
		web.Now(c))
	if err != nil {
		return runOut(err)
	}
	return showNewPassword(c, 200, f, who)
}

// UpdatePassword changes the password once and signs out every device; then the new password is asked for.
func (h Handlers) UpdatePassword(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, token, password := c.Request().Context(), c.Param("token"), f.Raw("password")
	who, err := identity.ResetPending(ctx, h.Mail, token, web.Now(c))
	if err != nil {
		return runOut(err)
	}
	if problem := h.Passwords.Problem(ctx, password, who.Email, who.Name); problem != "" {
		f.Wrong("password", problem)
		return showNewPassword(c, 422, f, who)
	}
	who, err = identity.UseReset(ctx, h.Mail, h.Passwords, web.Caller(c), token, password, web.Now(c))
	if said, ok := tooMany(c, err); ok {
		f.Wrong("password", said)
		return showNewPassword(c, 429, f, who)
	}
	if err != nil {
		return runOut(err)
	}
	web.NoteReset(c, who.ID)
	web.Flash(c, ui.Notice{Text: "Your new password is saved. Sign in with it.", Done: true})
	return web.Redirect(c, web.SignInPath(f.Next("")))
}

func runOut(err error) error {
	if errors.Is(err, identity.ErrRunOut) {
		return fmt.Errorf("%w: %w", err, web.ErrGone)
	}
	return err
}

func (h Handlers) showReset(c echo.Context, status int, f *web.Form) error {
	next := f.Next("")
	p := view.ResetPage{Page: page(c, "Choose a new password", f.Problems), Problems: f.Problems, Email: f.Raw("email"),
		Next: next, SignIn: web.SignInPath(next), Lasts: civil.Duration(identity.ResetLife)}
	p.Held = h.held(c, &p.Page, next)
	return web.Render(c, status, view.Reset(p), view.ResetForm)
}

func showNewPassword(c echo.Context, status int, f *web.Form, who identity.Account) error {
	return web.Render(c, status, view.NewPassword(view.NewPasswordPage{
		Page: page(c, "Choose a new password", f.Problems), Problems: f.Problems, Action: c.Request().URL.Path,
		Email: who.Email, Next: f.Next(""),
	}), view.NewPasswordForm)
}
