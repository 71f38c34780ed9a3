// Package handlers is the product's table of contents: every address, what answers it, and who may.
package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/account"
	"kindward/handlers/demo"
	"kindward/handlers/patient"
	"kindward/handlers/styleguide"
	"kindward/handlers/web"
	"kindward/static"
)

// Permission says who may use a route. What is theirs is for the query to decide.
type Permission string

// The permissions.
const (
	Anyone  Permission = "anyone"  // public pages
	Visitor Permission = "visitor" // the one whose hold it is
	Patient Permission = "patient" // a signed-in person, for what is their own
	Demo    Permission = "demo"    // anyone, where the deployment is a demonstration
)

// Route is one line of the table.
type Route struct {
	Method, Path, Name string
	Handler            echo.HandlerFunc
	Permission         Permission
}

// Pages are the families of handlers.
type Pages struct {
	Patient    *patient.Handlers
	Account    *account.Handlers
	Demo       *demo.Handlers // nil outside a demonstration
	Styleguide *styleguide.Handlers
}

// Routes is THE table.
func Routes(p Pages) []Route {
	get, post := http.MethodGet, http.MethodPost
	static := echo.WrapHandler(static.Handler())
	t := []Route{
		{get, "/", "home", p.Patient.ShowHome, Anyone},
		{get, "/search", "search", p.Patient.Search, Anyone},
		{get, "/suggestions", "suggestions", p.Patient.ListSuggestions, Anyone},
		{get, "/how-we-rank", "ranking", p.Patient.ShowRanking, Anyone},
		{get, "/privacy", "privacy", p.Patient.ShowPrivacy, Anyone},
		{get, "/accessibility", "accessibility", p.Patient.ShowAccessibility, Anyone},
		{get, "/help", "help", p.Patient.ShowHelp, Anyone},

		{get, "/places/:place", "place", p.Patient.ShowPlace, Anyone},
		{get, "/places/:place/listings/:listing/times", "times", p.Patient.ShowTimes, Anyone},
		{post, "/places/:place/holds", "create hold", p.Patient.CreateHold, Anyone},
		{get, "/places/:place/holds/:hold", "hold", p.Patient.ShowHold, Visitor},
		{post, "/places/:place/holds/:hold/extension", "extend hold", p.Patient.ExtendHold, Visitor},
		{post, "/places/:place/holds/:hold/release", "release hold", p.Patient.ReleaseHold, Visitor},
		{post, "/places/:place/holds/:hold/confirmation", "confirm hold", p.Patient.ConfirmHold, Patient},

		{get, "/bookings", "bookings", p.Patient.ListBookings, Patient},
		{get, "/bookings/:booking", "booking", p.Patient.ShowBooking, Patient},
		{get, "/bookings/:booking/calendar.ics", "calendar", p.Patient.ShowCalendar, Patient},
		{get, "/bookings/:booking/cancellation", "new cancellation", p.Patient.NewCancellation, Patient},
		{post, "/bookings/:booking/cancellation", "create cancellation", p.Patient.CreateCancellation, Patient},
		{get, "/bookings/:booking/reschedule", "new reschedule", p.Patient.NewReschedule, Patient},
		{post, "/bookings/:booking/reschedule", "create reschedule", p.Patient.CreateReschedule, Patient},

		{get, "/sign-in", "sign in", p.Account.ShowSignIn, Anyone},
		{post, "/sign-in", "create session", p.Account.CreateSession, Anyone},
		{post, "/sign-out", "delete session", p.Account.DeleteSession, Anyone},
		{get, "/sign-up", "sign up", p.Account.ShowSignUp, Anyone},
		{post, "/sign-up", "create sign-up", p.Account.CreateSignUp, Anyone},
		{get, "/sign-up/code", "code", p.Account.ShowCode, Anyone},
		{post, "/sign-up/code", "create account", p.Account.CreateAccount, Anyone},
		{get, "/password-reset", "password reset", p.Account.ShowPasswordReset, Anyone},
		{post, "/password-reset", "create password reset", p.Account.CreatePasswordReset, Anyone},
		{get, "/password-reset/:token", "new password", p.Account.ShowNewPassword, Anyone},
		{post, "/password-reset/:token", "update password", p.Account.UpdatePassword, Anyone},
		{get, "/account", "account", p.Account.ShowAccount, Patient},
		{post, "/account/sign-out-everywhere", "sign out everywhere", p.Account.SignOutEverywhere, Patient},

		{post, "/theme", "update theme", web.UpdateTheme, Anyone},
		{get, "/styleguide", "styleguide", p.Styleguide.Show, Anyone},
		{get, "/healthz", "health", web.Health, Anyone},
		{get, "/readyz", "ready", web.Ready, Anyone},
		{get, "/static/*", "static", static, Anyone},
		{get, "/favicon.ico", "favicon", static, Anyone},
	}
	if p.Demo != nil {
		t = append(t, Route{get, "/demo/mail", "mails", p.Demo.ListMails, Demo}, Route{get, "/demo/mail/:mail", "mail", p.Demo.ShowMail, Demo})
	}
	return t
}

// Mount adds the table to e.
func Mount(e *echo.Echo, table []Route) {
	for _, r := range table {
		e.Add(r.Method, r.Path, r.Handler).Name = r.Name
	}
}
