package account

import (
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ShowEmailChange asks for another address.
func (h Handlers) ShowEmailChange(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showEmailChange(c, 200, f)
}

// CreateEmailChange sends a link to the new address. The answer is the same for an address that has an account.
func (h Handlers) CreateEmailChange(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	email := f.Email("email")
	if f.OK() && email == who.Email {
		f.Wrong("email", "This is your address already")
	}
	if !f.OK() {
		return h.showEmailChange(c, 422, f)
	}
	err = identity.AskEmailChange(c.Request().Context(), h.Mail, web.AttemptLimiter(c), web.Caller(c), who.ID, email,
		web.Now(c))
	if said, often := tooMany(c, err); often {
		f.Wrong("email", said)
		return h.showEmailChange(c, 429, f)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "If nobody else uses " + email +
		", a link is on its way there. It works once, for " + civil.Duration(identity.EmailChangeLife) + ".", Done: true})
	return web.Redirect(c, "/account")
}

// ShowNewEmail takes a link from an email and asks whether it is meant; one that was used, has run out or is
// another's is 410.
func (h Handlers) ShowNewEmail(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	email, err := identity.EmailChangePending(c.Request().Context(), h.Mail, own(c, who.ID),
		c.Param("token"), web.Now(c))
	if err != nil {
		return runOut(err)
	}
	return web.Render(c, 200, view.NewEmail(view.NewEmailPage{
		Page: page(c, "Your email address", nil), Action: c.Request().URL.Path, Current: who.Email, Email: email,
	}), view.NewEmailForm)
}

// UpdateEmail makes the address that got the link the account's.
func (h Handlers) UpdateEmail(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	email, epoch, err := identity.UseEmailChange(c.Request().Context(), h.Mail, web.Caller(c), who, c.Param("token"),
		web.Now(c))
	if err != nil {
		return runOut(err)
	}
	if err := web.KeepSignedIn(c, epoch); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "Your address is " + email + " now. Everywhere else you are signed out.", Done: true})
	return web.Redirect(c, "/account")
}

func (h Handlers) showEmailChange(c echo.Context, status int, f *web.Form) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	return web.Render(c, status, view.Email(view.EmailPage{
		Page: page(c, "Your email address", f.Problems), Problems: f.Problems, Current: who.Email, Email: f.Raw("email"),
	}), view.EmailForm)
}
