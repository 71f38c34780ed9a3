// Package handlers is the product's table of contents: every address, what answers it, and who may.
package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/account"
	"kindward/handlers/api"
	"kindward/handlers/demo"
	"kindward/handlers/ops"
	"kindward/handlers/patient"
	"kindward/handlers/provider"
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
	Ops        *ops.Handlers
	Provider   *provider.Handlers
	API        *api.Handlers
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

		{get, "/places/:place", "place", p.Patient.ShowOrganization, policy.Anyone},
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
		{get, "/sign-in/second-step", "second step", p.Account.ShowSecondStep, policy.Anyone},
		{post, "/sign-in/second-step", "create second step", p.Account.CreateSecondStep, policy.SignIn},
		{get, "/sign-up", "sign up", p.Account.ShowSignUp, policy.Anyone},
		{post, "/sign-up", "create sign-up", p.Account.CreateSignUp, policy.SignIn},
		{get, "/sign-up/code", "code", p.Account.ShowCode, policy.Anyone},
		{post, "/sign-up/code", "create account", p.Account.CreateAccount, policy.SignIn},
		{get, "/password-reset", "password reset", p.Account.ShowPasswordReset, policy.Anyone},
		{post, "/password-reset", "create password reset", p.Account.CreatePasswordReset, policy.SignIn},
		{get, "/password-reset/:token", "new password", p.Account.ShowNewPassword, policy.Anyone},
		{post, "/password-reset/:token", "update password", p.Account.UpdatePassword, policy.SignIn},
		{get, "/account", "account", p.Account.ShowAccount, policy.ReadOwn},
		{get, "/account/confirm", "confirm", p.Account.ShowConfirm, policy.ProveOwn},
		{post, "/account/confirm", "create confirm", p.Account.CreateConfirm, policy.ProveOwn},
		{get, "/account/second-factor", "second factor", p.Account.ShowSecondFactor, policy.ReadOwn},
		{post, "/account/second-factor", "create second factor", p.Account.CreateSecondFactor, policy.ChangeAccount},
		{post, "/account/second-factor/confirmation", "confirm second factor", p.Account.ConfirmSecondFactor, policy.ChangeAccount},
		{post, "/account/second-factor/recovery-codes", "create recovery codes", p.Account.CreateRecoveryCodes, policy.ChangeAccount},
		{post, "/account/second-factor/removal", "delete second factor", p.Account.DeleteSecondFactor, policy.ChangeAccount},
		{get, "/account/passkeys", "passkeys", p.Account.ListPasskeys, policy.ReadOwn},
		{get, "/account/passkeys/new", "new passkey", p.Account.NewPasskey, policy.ChangeAccount},
		{post, "/account/passkeys/question", "ask new passkey", p.Account.AskNewPasskey, policy.ChangeAccount},
		{post, "/account/passkeys", "create passkey", p.Account.CreatePasskey, policy.ChangeAccount},
		{post, "/account/passkeys/:passkey/removal", "delete passkey", p.Account.DeletePasskey, policy.ChangeAccount},
		{post, "/account/confirm/passkey/question", "ask confirming passkey", p.Account.AskConfirmPasskey, policy.ProveOwn},
		{post, "/account/confirm/passkey", "confirm by passkey", p.Account.ConfirmByPasskey, policy.ProveOwn},
		{post, "/sign-in/passkey/question", "ask passkey", p.Account.AskPasskey, policy.SignIn},
		{post, "/sign-in/passkey", "create session by passkey", p.Account.CreateSessionByPasskey, policy.SignIn},
		{get, "/account/email", "email change", p.Account.ShowEmailChange, policy.ChangeAccount},
		{post, "/account/email", "create email change", p.Account.CreateEmailChange, policy.ChangeAccount},
		{get, "/account/email/:token", "new email", p.Account.ShowNewEmail, policy.ReadOwn},
		{post, "/account/email/:token", "update email", p.Account.UpdateEmail, policy.ProveOwn},
		{post, "/account/devices/:session/revocation", "revoke device", p.Account.RevokeDevice, policy.EndSessions},
		{get, "/sso/:place", "organization sign-in", p.Account.ShowSSO, policy.Anyone},
		{post, "/sso/:place", "create organization sign-in", p.Account.CreateSSO, policy.SignIn},
		{get, "/sso/:place/callback", "finish organization sign-in", p.Account.FinishSSO, policy.SignIn},
		{post, "/account/sign-out-everywhere", "sign out everywhere", p.Account.SignOutEverywhere, policy.EndSessions},

		{get, "/account/access-log", "access log", p.Account.ShowAccessLog, policy.ReadOwn},
		{get, "/account/access-log.csv", "export access log", p.Account.ExportAccessLog, policy.ReadOwn},

		{get, "/organizations", "organizations", p.Provider.ListOrganizations, policy.ReadOwn},
		{get, "/organizations/:place", "organization", p.Provider.ShowOrganization, policy.ReadOrganization},
		{post, "/organizations/:place/switch", "switch organization", p.Provider.SwitchOrganization, policy.ReadOrganization},
		{get, "/organizations/:place/appointments", "appointments", p.Provider.ListAppointments, policy.ReadAppointments},
		{post, "/organizations/:place/appointments/:appointment/status", "update status", p.Provider.UpdateStatus, policy.ChangeAppointments},
		{get, "/organizations/:place/patients", "patients", p.Provider.ListPatients, policy.ReadPatients},
		{get, "/organizations/:place/patients/:patient", "patient", p.Provider.ShowPatient, policy.ReadPatients},
		{get, "/organizations/:place/members", "members", p.Provider.ListMembers, policy.ReadMembers},
		{get, "/organizations/:place/members/:member", "member", p.Provider.ShowMember, policy.ChangeMembers},
		{post, "/organizations/:place/members/:member/role", "update role", p.Provider.UpdateRole, policy.ChangeMembers},
		{post, "/organizations/:place/members/:member/end", "end member", p.Provider.EndMember, policy.ChangeMembers},
		{get, "/organizations/:place/invitations", "new invitation", p.Provider.NewInvitation, policy.ChangeMembers},
		{post, "/organizations/:place/invitations", "create invitation", p.Provider.CreateInvitation, policy.ChangeMembers},
		{post, "/organizations/:place/invitations/:invitation/letter", "resend invitation", p.Provider.ResendInvitation, policy.ChangeMembers},
		{post, "/organizations/:place/invitations/:invitation/revocation", "revoke invitation", p.Provider.RevokeInvitation, policy.ChangeMembers},
		{get, "/organizations/:place/api-keys", "keys", p.Provider.ListKeys, policy.ReadKeys},
		{get, "/organizations/:place/api-keys/new", "new key", p.Provider.NewKey, policy.ChangeKeys},
		{post, "/organizations/:place/api-keys", "create key", p.Provider.CreateKey, policy.ChangeKeys},
		{post, "/organizations/:place/api-keys/:key/revocation", "revoke key", p.Provider.RevokeKey, policy.ChangeKeys},
		{get, "/organizations/:place/single-sign-on", "single sign-on", p.Provider.ShowSSO, policy.ReadSSO},
		{get, "/organizations/:place/single-sign-on/provider", "new single sign-on", p.Provider.NewSSO, policy.ChangeSSO},
		{post, "/organizations/:place/single-sign-on/provider", "create single sign-on", p.Provider.CreateSSO, policy.ChangeSSO},
		{post, "/organizations/:place/single-sign-on/test", "test single sign-on", p.Provider.TestSSO, policy.ChangeSSO},
		{post, "/organizations/:place/single-sign-on/requirement", "require single sign-on", p.Provider.UpdateSSORequirement, policy.ChangeSSO},
		{post, "/organizations/:place/single-sign-on/removal", "delete single sign-on", p.Provider.DeleteSSO, policy.ChangeSSO},
		{get, "/organizations/:place/single-sign-on/domains", "new domain", p.Provider.NewSSODomain, policy.ChangeSSO},
		{post, "/organizations/:place/single-sign-on/domains", "create domain", p.Provider.CreateSSODomain, policy.ChangeSSO},
		{post, "/organizations/:place/single-sign-on/domains/:domain/proof", "verify domain", p.Provider.VerifySSODomain, policy.ChangeSSO},
		{post, "/organizations/:place/single-sign-on/domains/:domain/removal", "delete domain", p.Provider.DeleteSSODomain, policy.ChangeSSO},
		{get, "/organizations/:place/access-log", "organization access log", p.Provider.ShowAccessLog, policy.ReadAccessLog},
		{get, "/invitations/:place/:token", "invitation", p.Provider.ShowInvitation, policy.Anyone},
		{post, "/invitations/:place/:token", "accept invitation", p.Provider.AcceptInvitation, policy.ChangeAccount},

		{get, "/api/v1/organizations/:place/slots", "api slots", p.API.ListSlots, policy.KeySlots},
		{get, "/api/v1/organizations/:place/appointments", "api appointments", p.API.ListAppointments, policy.KeyAppointments},

		{get, "/ops", "overview", p.Ops.ShowOverview, policy.ReadConsole},
		{get, "/ops/people", "people", p.Ops.ListPeople, policy.ReadPeople},
		{get, "/ops/people/:account", "person", p.Ops.ShowPerson, policy.ReadPeople},
		{post, "/ops/people/:account/sign-out", "sign person out", p.Ops.SignOutPerson, policy.Impersonate},
		{post, "/ops/people/:account/second-factor-removal", "remove factors", p.Ops.RemovePersonFactors, policy.Impersonate},
		{post, "/ops/impersonations", "create impersonation", p.Ops.CreateImpersonation, policy.Impersonate},
		{post, "/ops/staff-access/:access/end", "end staff access of", p.Ops.EndStaffAccess, policy.ReadConsole},
		{post, "/staff-access/end", "end staff access", p.Ops.EndOwnStaffAccess, policy.Frame},
		{get, "/ops/emergency-access", "emergency access", p.Ops.ListEmergencyAccess, policy.ReadConsole},
		{post, "/ops/emergency-access", "create emergency access", p.Ops.CreateEmergencyAccess, policy.BeginEmergencyAccess},
		{post, "/ops/emergency-access/:access/review", "review emergency access", p.Ops.CreateReview, policy.ReviewEmergencyAccess},
		{get, "/ops/staff", "staff", p.Ops.ListStaff, policy.ReadStaff},
		{post, "/ops/staff", "create staff", p.Ops.CreateStaff, policy.ChangeStaff},
		{post, "/ops/staff/:role/end", "end staff", p.Ops.EndStaff, policy.ChangeStaff},
		{post, "/ops/staff/people/:account/sign-out", "sign staff out", p.Ops.SignOutStaff, policy.ChangeStaff},
		{post, "/ops/staff/people/:account/second-factor-removal", "remove staff factors", p.Ops.RemoveStaffFactors, policy.ChangeStaff},
		{get, "/ops/audit", "audit", p.Ops.ListAudit, policy.ReadAudit},
		{get, "/ops/audit/export.csv", "export audit", p.Ops.ExportAuditCSV, policy.ExportAudit},
		{get, "/ops/audit/export.jsonl", "export sealed audit", p.Ops.ExportAuditJSON, policy.ExportAudit},
		{get, "/ops/alerts", "alerts", p.Ops.ListAlerts, policy.ReviewAlerts},
		{post, "/ops/alerts/:alert/review", "review alert", p.Ops.ReviewAlert, policy.ReviewAlerts},
		{get, "/ops/policies", "policies", p.Ops.ListPolicies, policy.ReadPolicies},

		{post, "/theme", "update theme", web.UpdateTheme, policy.Frame},
		{get, "/styleguide", "styleguide", p.Styleguide.Show, policy.Anyone},
		{get, "/healthz", "health", web.Health, policy.Anyone},
		{get, "/readyz", "ready", web.Ready, policy.Anyone},
		{get, "/static/*", "static", static, policy.Anyone},
		{get, "/favicon.ico", "favicon", static, policy.Anyone},
	}
	if p.Demo != nil {
		t = append(t, Route{get, "/demo/mail", "mails", p.Demo.ListMails, policy.Demo}, Route{get, "/demo/mail/:mail", "mail", p.Demo.ShowMail, policy.Demo},
			Route{get, "/demo/codes", "codes", p.Demo.ListCodes, policy.Demo})
	}
	return t
}

// Mount adds the table to e. Nothing is reached but through the policies.
func Mount(e *echo.Echo, table []Route) {
	for _, r := range table {
		e.Add(r.Method, r.Path, web.Permit(r.Action, r.Handler)).Name = r.Name
	}
}
