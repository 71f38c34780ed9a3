// Package account is the pages about who somebody is: signing in, up and out, a new password, where one is signed in.
package account

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	view "kindward/views/account"
	"kindward/views/layout"
	"kindward/views/ui"
)

// Handlers answer the pages of accounts.
type Handlers struct {
	Mail      identity.Mail
	Passwords *identity.Passwords
	SSO       identity.SSOClient
	Market    *search.Market // knows the towns of the region
	Zone      *time.Location // in which the access log tells the time; nil is UTC

	// the time that a visitor keeps meanwhile, on the way to next; nil: none
	Held func(c echo.Context, next string) *ui.HeldTime
	// makes what a visitor holds the account's that they have signed in to; nil: nobody holds anything
	TakeHolds func(c echo.Context)
	// keeps what they hold for them alone when they sign out; nil: nobody holds anything
	LeaveHolds func(c echo.Context) error
	// keeps where somebody works now; nil: nobody asks for it
	EnterWorkplace func(c echo.Context, organization string) error
	EndActing      func(c echo.Context) error // ends what one of the staff does as somebody else
}

// held is the time that a visitor keeps, which the page shows beside its form.
func (h Handlers) held(c echo.Context, p *layout.Page, next string) *ui.HeldTime {
	if h.Held == nil || web.Partial(c) {
		return nil
	}
	held := h.Held(c, next)
	if held != nil {
		p.Frame = layout.SplitEnd
	}
	return held
}

// signIn signs in. What the visitor held before is the account's from now on.
func (h Handlers) signIn(c echo.Context, who identity.Account, proof web.Proof) error {
	if err := web.SignIn(c, who, proof); err != nil {
		return err
	}
	if h.TakeHolds != nil {
		h.TakeHolds(c)
	}
	return nil
}

// home is where a visitor lands who came from nowhere in particular.
const home = "/bookings"

// page is one of the narrow pages with a form.
func page(c echo.Context, title string, problems ui.Problems) layout.Page {
	web.NoStore(c)
	p := web.Page(c, title)
	p.Frame, p.Here, p.Wrong = layout.Narrow, layout.Account, len(problems) > 0
	return p
}

// own gives queries over the rows of one account. It need not be signed in yet: its password was right, and the
// second step is to come.
func own(c echo.Context, id uuid.UUID) *shareddb.Queries {
	gateway, caller := web.SiteOf(c).Gateway, web.Caller(c)
	caller.Subject = id
	return gateway.Identity(gateway.Admit(tenancy.Tenant{}, caller))
}

// landing is where somebody lands who came from nowhere in particular: at their appointments, or where they work.
func landing(c echo.Context, id uuid.UUID) (path string, err error) {
	row, err := own(c, id).WorksAt(c.Request().Context(), id)
	switch {
	case row.Platform:
		return "/ops", err
	case row.Organizations:
		return "/organizations", err
	}
	return home, err
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
	ctx, q, now := c.Request().Context(), own(c, who.ID), web.Now(c)
	sessions, err := q.Sessions(ctx, shareddb.SessionsParams{AccountID: who.ID, Now: now,
		IdleSince: now.Add(-identity.SessionIdle), WorkIdleSince: now.Add(-identity.WorkIdle),
		WorkSince: now.Add(-identity.WorkLife)})
	if err != nil {
		return err
	}
	factors, err := q.Factors(ctx, who.ID)
	if err != nil {
		return err
	}
	browsers, err := q.Devices(ctx)
	if err != nil {
		return err
	}
	work, err := landing(c, who.ID)
	if err != nil {
		return err
	}
	p := view.AccountPage{Page: web.Page(c, "Your account"), Lasts: civil.Duration(identity.ResetLife), Work: work,
		Email: who.Email, Ways: ways(factors),
		Person:  person(who),
		Devices: devices(sessions, web.ThisSession(c), now), Known: known(browsers, now)}
	p.Frame, p.Here = layout.Narrow, layout.Account
	p.NoPasskey = factors.Passkeys == 0 && identity.PasskeysWork(web.SiteOf(c).BaseURL)
	return web.Render(c, 200, view.Account(p), "")
}

// signOut ends the session here.
func (h Handlers) signOut(c echo.Context) error {
	if h.LeaveHolds != nil {
		if err := h.LeaveHolds(c); err != nil {
			return err
		}
	}
	return web.SignOut(c)
}

// SignOutEverywhere ends every session of the account; this device asks for the password again too.
func (h Handlers) SignOutEverywhere(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	if err := own(c, who.ID).EndSessions(c.Request().Context(), who.ID); err != nil {
		return err
	}
	if err := h.signOut(c); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "You are signed out on every device.", Done: true})
	return web.Redirect(c, "/sign-in")
}
