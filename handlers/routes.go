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
	"kindward/internal/policy"
	"kindward/static"
)

// Route is one line of the table. Action is what the policies are asked about; what is somebody's own is for the query to decide.
type Route struct {
	Method, Path, Name string
	Handler            echo.HandlerFunc
	Action             policy.Action
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
		{get, "/", "home", p.Patient.ShowHome, policy.Anyone},
		{get, "/search", "search", p.Patient.Search, policy.Anyone},
		{get, "/suggestions", "suggestions", p.Patient.ListSuggestions, policy.Anyone},
		{get, "/how-we-rank", "ranking", p.Patient.ShowRanking, policy.Anyone},
		{get, "/privacy", "privacy", p.Patient.ShowPrivacy, policy.Anyone},
		{get, "/accessibility", "accessibility", p.Patient.ShowAccessibility, policy.Anyone},
		{get, "/help", "help", p.Patient.ShowHelp, policy.Anyone},

		{get, "/places/:place", "place", p.Patient.ShowPlace, policy.Anyone},
		{get, "/places/:place/listings/:listing/times", "times", p.Patient.ShowTimes, policy.Anyone},
		{post, "/places/:place/holds", "create hold", p.Patient.CreateHold, policy.Anyone},
		{get, "/places/:place/holds/:hold", "hold", p.Patient.ShowHold, policy.Visitor},
		{post, "/places/:place/holds/:hold/extension", "extend hold", p.Patient.ExtendHold, policy.Visitor},
		{post, "/places/:place/holds/:hold/release", "release hold", p.Patient.ReleaseHold, policy.Visitor},
		{post, "/places/:place/holds/:hold/confirmation", "confirm hold", p.Patient.ConfirmHold, policy.ConsentOwn},

		{get, "/bookings", "bookings", p.Patient.ListBookings, policy.ReadOwn},
		{get, "/bookings/:booking", "booking", p.Patient.ShowBooking, policy.ReadOwn},
		{get, "/bookings/:booking/calendar.ics", "calendar", p.Patient.ShowCalendar, policy.ReadOwn},
		{get, "/bookings/:booking/cancellation", "new cancellation", p.Patient.NewCancellation, policy.ReadOwn},
		{post, "/bookings/:booking/cancellation", "create cancellation", p.Patient.CreateCancellation, policy.ChangeOwn},
		{get, "/bookings/:booking/reschedule", "new reschedule", p.Patient.NewReschedule, policy.ReadOwn},
		{post, "/bookings/:booking/reschedule", "create reschedule", p.Patient.CreateReschedule, policy.ChangeOwn},

		{get, "/sign-in", "sign in", p.Account.ShowSignIn, policy.Anyone},
		{post, "/sign-in", "create session", p.Account.CreateSession, policy.SignIn},
		{post, "/sign-out", "delete session", p.Account.DeleteSession, policy.Frame},
		{get, "/sign-up", "sign up", p.Account.ShowSignUp, policy.Anyone},
		{post, "/sign-up", "create sign-up", p.Account.CreateSignUp, policy.SignIn},
		{get, "/sign-up/code", "code", p.Account.ShowCode, policy.Anyone},
		{post, "/sign-up/code", "create account", p.Account.CreateAccount, policy.SignIn},
		{get, "/password-reset", "password reset", p.Account.ShowPasswordReset, policy.Anyone},
		{post, "/password-reset", "create password reset", p.Account.CreatePasswordReset, policy.SignIn},
		{get, "/password-reset/:token", "new password", p.Account.ShowNewPassword, policy.Anyone},
		{post, "/password-reset/:token", "update password", p.Account.UpdatePassword, policy.SignIn},
		{get, "/account", "account", p.Account.ShowAccount, policy.ReadOwn},
		{post, "/account/sign-out-everywhere", "sign out everywhere", p.Account.SignOutEverywhere, policy.EndSessions},

		{post, "/theme", "update theme", web.UpdateTheme, policy.Frame},
		{get, "/styleguide", "styleguide", p.Styleguide.Show, policy.Anyone},
		{get, "/healthz", "health", web.Health, policy.Anyone},
		{get, "/readyz", "ready", web.Ready, policy.Anyone},
		{get, "/static/*", "static", static, policy.Anyone},
		{get, "/favicon.ico", "favicon", static, policy.Anyone},
	}
	if p.Demo != nil {
		t = append(t, Route{get, "/demo/mail", "mails", p.Demo.ListMails, policy.Demo}, Route{get, "/demo/mail/:mail", "mail", p.Demo.ShowMail, policy.Demo})
	}
	return t
}

// Mount adds the table to e. Nothing is reached but through the policies.
func Mount(e *echo.Echo, table []Route) {
	for _, r := range table {
		e.Add(r.Method, r.Path, web.Permit(r.Action, r.Handler)).Name = r.Name
	}
}
