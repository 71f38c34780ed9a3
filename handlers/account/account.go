// Package account is the pages about who somebody is: signing in, up and out, a new password, where one is signed in.
package account

import (
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	view "kindward/views/account"
	"kindward/views/layout"
	"kindward/views/ui"
)

// Handlers answer the pages of accounts.
type Handlers struct {
	Accounts *identity.Accounts
	Zone     *time.Location // in which the access log tells the time; nil is UTC

	Holding        func(c echo.Context) bool                       // whether a visitor keeps a time meanwhile; nil: nobody does
	EnterWorkplace func(c echo.Context, organization string) error // keeps where somebody works now; nil: nobody asks for it
}

func (h Handlers) holding(c echo.Context) bool { return h.Holding != nil && h.Holding(c) }

// home is where a visitor lands who came from nowhere in particular.
const home = "/bookings"

// page is one of the narrow pages with a form.
func page(c echo.Context, title string, problems ui.Problems) layout.Page {
	web.NoStore(c)
	p := web.Page(c, title)
	p.Frame, p.Here, p.Wrong = layout.Narrow, layout.Account, len(problems) > 0
	return p
}

// passOn sends somebody who is signed in already to where the form would have led.
func passOn(c echo.Context, f *web.Form) (done bool, err error) {
	if _, ok := web.Account(c); !ok {
		return false, nil
	}
	return true, web.Redirect(c, f.Next(home))
}

// ShowAccount shows what is kept about a person and where they are signed in.
func (h Handlers) ShowAccount(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	sessions, err := h.Accounts.Sessions(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	factors, err := h.Accounts.Factors(c.Request().Context(), web.Caller(c), who.ID)
	if err != nil {
		return err
	}
	browsers, err := h.Accounts.KnownBrowsers(c.Request().Context(), web.Caller(c), who.ID)
	if err != nil {
		return err
	}
	work, err := h.Accounts.Home(c.Request().Context(), web.Caller(c), who.ID)
	if err != nil {
		return err
	}
	p := view.OverviewPage{Page: web.Page(c, "Your account"), Work: work, Email: who.Email, Ways: ways(factors), Person: person(who),
		Devices: devices(sessions, web.ThisSession(c), web.Now(c)), Known: known(browsers, web.Now(c))}
	p.Frame, p.Here = layout.Narrow, layout.Account
	return web.Render(c, 200, view.Overview(p), "")
}

// SignOutEverywhere ends every session of the account; this device asks for the password again too.
func (h Handlers) SignOutEverywhere(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	if err := h.Accounts.SignOutEverywhere(c.Request().Context(), web.Caller(c), who.ID); err != nil {
		return err
	}
	if err := web.SignOut(c); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "You are signed out on every device.", Done: true})
	return web.Redirect(c, "/sign-in")
}
