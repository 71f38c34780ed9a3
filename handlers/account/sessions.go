package account

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ShowSignIn asks for address and password.
func (h Handlers) ShowSignIn(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if done, err := passOn(c, f); done {
		return err
	}
	return h.showSignIn(c, 200, f)
}

// CreateSession signs in and goes on to where the visitor came from. Wrong: the address stays, the answer does not
// tell which of the two was wrong.
func (h Handlers) CreateSession(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Ticked("offered") && !web.SentCookies(c) {
		f.Wrong("email", "Your browser does not keep our cookie, and without it nobody can be signed in. Allow cookies for "+
			"this site, then sign in once more")
		return h.showSignIn(c, 422, f)
	}
	email, password := f.Email("email"), f.Raw("password")
	if done, err := h.toOrganization(c, f, email); done || err != nil {
		return err
	}
	if password == "" && !f.Ticked("organization") {
		f.Wrong("password", "Enter your password")
	}
	if !f.OK() {
		return h.showSignIn(c, 422, f)
	}
	who, err := identity.SignIn(c.Request().Context(), web.SiteOf(c).Gateway, h.Passwords, web.AttemptLimiter(c),
		web.Caller(c),
		email, password, web.Now(c))
	if errors.Is(err, identity.ErrNoMatch) {
		f.Wrong("email", "This address and password do not belong together. Check both")
		return h.showSignIn(c, 422, f)
	}
	if said, ok := tooMany(c, err); ok {
		f.Wrong("email", said)
		return h.showSignIn(c, 429, f)
	}
	if err != nil {
		return err
	}
	return h.enter(c, who, f.Next(""))
}

// toOrganization sends an address of an organization's own domain to its sign-in, before a password is asked for. It
// looks at the domain only: an address with an account and one without are the same to it.
func (h Handlers) toOrganization(c echo.Context, f *web.Form, email string) (done bool, err error) {
	if email == "" || f.Raw("password") != "" && !f.Ticked("organization") {
		return false, nil
	}
	organization, err := identity.SSOOrganization(c.Request().Context(), web.SiteOf(c).Gateway, web.Caller(c), email)
	if err != nil {
		return false, err
	}
	if organization != "" {
		return true, web.Redirect(c, web.SingleSignOnPath(organization, f.Next("")))
	}
	if f.Ticked("organization") {
		f.Wrong("email", "No organization signs in addresses like this. Use your password")
	}
	return false, nil
}

// ShowSession takes the place of a page of work that was left alone, in a browser without scripts. It is no use of the
// session: two windows that nobody looks at do not keep each other signed in.
func (h Handlers) ShowSession(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if _, ok := web.Account(c); !ok {
		web.Flash(c, ui.Notice{Text: "You were signed out, because your page was left alone."})
		return web.Redirect(c, web.SignInPath(f.Next("")))
	}
	p := view.SessionPage{Page: page(c, "Still signed in", nil), Next: f.Next(home)}
	if p.SignOff != nil {
		p.SignOff.Without = web.SessionPath(p.Next)
	}
	return web.Render(c, http.StatusOK, view.Session(p), "")
}

// ExtendSession is a press on "Stay signed in": a use of the session, of which the answer says how long it lasts now.
func (h Handlers) ExtendSession(c echo.Context) error {
	return c.NoContent(http.StatusNoContent)
}

// DeleteSession signs out here: whoever is signed in themself, not whom they see the site as. What runs as somebody
// else ends before.
func (h Handlers) DeleteSession(c echo.Context) error {
	if _, acts := web.StaffAccessOf(c); acts && h.EndActing != nil {
		if err := h.EndActing(c); err != nil {
			return err
		}
	}
	if who, ok := web.Actor(c); ok {
		themself, gateway := web.Caller(c), web.SiteOf(c).Gateway
		themself.Subject, themself.Actor, themself.StaffAccess = who.ID, uuid.Nil, uuid.Nil
		q := gateway.Identity(gateway.Admit(tenancy.Tenant{}, themself))
		if err := q.WriteAccountEvent(c.Request().Context(), &who.ID, "sign-out", "success"); err != nil {
			return err
		}
	}
	if err := h.signOut(c); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "You are signed out.", Done: true})
	return web.Redirect(c, "/")
}

func (h Handlers) showSignIn(c echo.Context, status int, f *web.Form) error {
	next := f.Next("")
	web.OfferCookie(c)
	p := view.SignInPage{Page: page(c, "Sign in", f.Problems), Problems: f.Problems, Email: f.Raw("email"), Next: next,
		Again:  f.SecretAgain("password", ""),
		SignUp: web.SignUpPath(next), Reset: web.ResetPath(next), Passkeys: identity.PasskeysWork(web.SiteOf(c).BaseURL)}
	p.Held = h.held(c, &p.Page, next)
	return web.Render(c, status, view.SignIn(p), view.SignInForm)
}

// tooMany turns a refusal for being too fast into words, and says when to come back.
func tooMany(c echo.Context, err error) (string, bool) {
	after := 5 * time.Second
	said := "Many people are signing in just now. Try again in a few seconds"
	if e, ok := errors.AsType[*identity.TooManyError](err); ok {
		after = e.After
		said = "Too many tries in a short time. Try again in " + span(after) + ", or choose a new password"
	} else if !errors.Is(err, identity.ErrBusy) {
		return "", false
	}
	web.RetryAfter(c.Response().Header(), after)
	return said, true
}

// span is a wait in words, rounded up.
func span(d time.Duration) string {
	minutes := int(math.Ceil(d.Minutes()))
	if minutes <= 1 {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", minutes)
}
