// Package handlers is the product's table of contents: every address, what answers it, and who may.
package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"kindward/handlers/account"
	"kindward/handlers/api"
	"kindward/handlers/demo"
	"kindward/handlers/join"
	"kindward/handlers/ops"
	"kindward/handlers/patient"
	"kindward/handlers/provider"
	"kindward/handlers/styleguide"
	"kindward/handlers/web"
	"kindward/internal/policy"
	"kindward/static"
)

// Route is one line of the table: a type of this package, so that lines may be written without the names of fields.
type Route web.Route

// Pages are the families of handlers.
type Pages struct {
	Patient    *patient.Handlers
	Account    *account.Handlers
	Ops        *ops.Handlers
	Provider   *provider.Handlers
	Join       *join.Handlers
	API        *api.Handlers
	Demo       *demo.Handlers // nil outside a demonstration
	Styleguide *styleguide.Handlers
}

// The columns that most lines have in common: how errors are answered, how long a body may be and of which type, and
// whether people are sent back to an address.
var (
	forms  = []string{echo.MIMEApplicationForm}
	page   = web.RouteOptions{BodyLimit: web.FormLimit, Accepts: forms, Return: web.ReturnAfterward}
	entry  = web.RouteOptions{BodyLimit: web.FormLimit, Accepts: forms, Return: web.ReturnFromTheme} // pages of signing in
	action = web.RouteOptions{BodyLimit: web.FormLimit, Accepts: forms}                              // forms that act, parts of pages
	file   = web.RouteOptions{BodyLimit: web.FormLimit, NoSession: true}
	client = web.RouteOptions{BodyLimit: web.FormLimit, NoSession: true, Errors: web.ErrorProblem}
)

// logout is what an organization's provider sends: a token, and no cookie.
var logout = web.RouteOptions{BodyLimit: 16 << 10, Accepts: forms, NoSession: true}

// webhook is what whoever verifies identities sends: signed JSON, and no cookie.
var webhook = web.RouteOptions{BodyLimit: 64 << 10, Accepts: []string{echo.MIMEApplicationJSON}, NoSession: true}

// What pages ask for by themselves again and again: a page that shows what changes, one that finds out how it ended.
var (
	polled = web.RouteOptions{BodyLimit: web.FormLimit, Accepts: forms, Return: web.ReturnFromTheme, Polled: true}
	asking = web.RouteOptions{BodyLimit: web.FormLimit, Accepts: forms, Polled: true}
)

// followed is a page that is asked for again by itself, with scripts and without; also at the address of a form, where
// the browser shows one that was refused.
var followed = web.RouteOptions{BodyLimit: web.FormLimit, Accepts: forms, Polled: true, Return: web.ReturnAfterward}

// guarded is a form that acts, on a page that only its owner is shown, by more than who is signed in.
var guarded = web.RouteOptions{BodyLimit: web.FormLimit, Accepts: forms, Guarded: true}

// Routes is THE table.
func Routes(p Pages) []Route {
	get, post := http.MethodGet, http.MethodPost
	static := echo.WrapHandler(static.Handler())
	t := []Route{
		{get, "/", "home", p.Patient.ShowHome, policy.Anyone, page},
		{get, "/search", "search", p.Patient.Search, policy.Anyone, page},
		{get, "/suggestions", "suggestions", p.Patient.ListSuggestions, policy.Anyone, action},
		{post, "/nearest-zip-code", "nearest zip code", p.Patient.FindNearestZIPCode, policy.Anyone, action},
		{get, "/how-we-rank", "ranking", p.Patient.ShowRanking, policy.Anyone, page},
		{get, "/privacy", "privacy", p.Patient.ShowPrivacy, policy.Anyone, page},
		{get, "/accessibility", "accessibility", p.Patient.ShowAccessibility, policy.Anyone, page},
		{get, "/help", "help", p.Patient.ShowHelp, policy.Anyone, page},
		{post, "/help", "create help message", p.Patient.CreateHelpMessage, policy.Anyone, action},

		{get, "/places/:place", "place", p.Patient.ShowOrganization, policy.Anyone, page},
		{get, "/places/:place/clinicians", "clinicians", p.Patient.ListClinicians, policy.Anyone, page},
		{get, "/places/:place/clinicians/:clinician", "clinician", p.Patient.ShowClinician, policy.Anyone, page},
		{get, "/places/:place/listings/:listing/times", "times", p.Patient.ShowTimes, policy.Anyone, page},
		{post, "/places/:place/holds", "create hold", p.Patient.CreateHold, policy.Anyone, action},
		{get, "/places/:place/holding", "holding", p.Patient.ShowHolding, policy.Visitor, asking},
		{get, "/places/:place/holds/:hold", "hold", p.Patient.ShowHold, policy.Visitor, page},
		{post, "/places/:place/holds/:hold/extension", "extend hold", p.Patient.ExtendHold, policy.Visitor, action},
		{post, "/places/:place/holds/:hold/release", "release hold", p.Patient.ReleaseHold, policy.Visitor, action},
		{get, "/places/:place/holds/:hold/confirmation", "confirmation", p.Patient.ShowConfirmation, policy.Visitor, followed},
		{post, "/places/:place/holds/:hold/confirmation", "confirm hold", p.Patient.ConfirmHold, policy.ConsentOwn, guarded},

		{get, "/bookings", "bookings", p.Patient.ListBookings, policy.ReadOwn, page},
		{get, "/bookings/:booking", "booking", p.Patient.ShowBooking, policy.ReadOwn, page},
		{get, "/bookings/:booking/calendar.ics", "calendar", p.Patient.ShowCalendar, policy.ReadOwn, page},
		{get, "/bookings/:booking/change", "change", p.Patient.ShowChange, policy.Visitor, asking},
		{get, "/bookings/:booking/cancellation", "new cancellation", p.Patient.NewCancellation, policy.ReadOwn, page},
		{post, "/bookings/:booking/cancellation", "create cancellation", p.Patient.CreateCancellation, policy.ChangeOwn, action},
		{get, "/bookings/:booking/reschedule", "new reschedule", p.Patient.NewReschedule, policy.ReadOwn, page},
		{get, "/bookings/:booking/address", "new address", p.Patient.NewAddress, policy.ReadOwn, page},
		{post, "/bookings/:booking/address", "create address", p.Patient.CreateAddress, policy.ChangeOwn, action},
		{get, "/bookings/:booking/intake", "intake", p.Patient.ShowIntake, policy.AnswerOwn, page},
		{post, "/bookings/:booking/intake", "update intake", p.Patient.UpdateIntake, policy.AnswerOwn, action},
		{get, "/bookings/:booking/reschedule/confirmation", "confirm reschedule", p.Patient.ConfirmReschedule, policy.ReadOwn, page},
		{post, "/bookings/:booking/reschedule", "create reschedule", p.Patient.CreateReschedule, policy.ChangeOwn, action},

		{get, "/sign-in", "sign in", p.Account.ShowSignIn, policy.Anyone, entry},
		{post, "/sign-in", "create session", p.Account.CreateSession, policy.SignIn, action},
		{post, "/sign-out", "delete session", p.Account.DeleteSession, policy.Frame, action},
		{get, "/sign-in/second-step", "second step", p.Account.ShowSecondStep, policy.Anyone, entry},
		{post, "/sign-in/second-step", "create second step", p.Account.CreateSecondStep, policy.SignIn, action},
		{get, "/sign-up", "sign up", p.Account.ShowSignUp, policy.Anyone, entry},
		{post, "/sign-up", "create sign-up", p.Account.CreateSignUp, policy.SignIn, action},
		{get, "/sign-up/code", "code", p.Account.ShowCode, policy.Anyone, entry},
		{post, "/sign-up/code", "create account", p.Account.CreateAccount, policy.SignIn, action},
		{get, "/password-reset", "password reset", p.Account.ShowPasswordReset, policy.Anyone, entry},
		{post, "/password-reset", "create password reset", p.Account.CreatePasswordReset, policy.SignIn, action},
		{get, "/password-reset/:token", "new password", p.Account.ShowNewPassword, policy.Anyone, entry},
		{post, "/password-reset/:token", "update password", p.Account.UpdatePassword, policy.SignIn, action},
		{get, "/account", "account", p.Account.ShowAccount, policy.ReadOwn, page},
		{get, "/account/confirm", "confirm", p.Account.ShowConfirm, policy.ProveOwn, page},
		{post, "/account/confirm", "create confirm", p.Account.CreateConfirm, policy.ProveOwn, action},
		{get, "/account/second-factor", "second factor", p.Account.ShowSecondFactor, policy.ReadOwn, page},
		{post, "/account/second-factor", "create second factor", p.Account.CreateSecondFactor, policy.ChangeAccount, action},
		{post, "/account/second-factor/confirmation", "confirm second factor", p.Account.ConfirmSecondFactor, policy.ChangeAccount, action},
		{post, "/account/second-factor/recovery-codes", "create recovery codes", p.Account.CreateRecoveryCodes, policy.ChangeAccount, action},
		{post, "/account/second-factor/removal", "delete second factor", p.Account.DeleteSecondFactor, policy.ChangeAccount, action},
		{get, "/account/passkeys", "passkeys", p.Account.ListPasskeys, policy.ReadOwn, page},
		{get, "/account/passkeys/new", "new passkey", p.Account.NewPasskey, policy.ChangeAccount, page},
		{post, "/account/passkeys/challenge", "create new passkey challenge", p.Account.CreateNewPasskeyChallenge, policy.ChangeAccount, action},
		{post, "/account/passkeys", "create passkey", p.Account.CreatePasskey, policy.ChangeAccount, action},
		{post, "/account/passkeys/:passkey/removal", "delete passkey", p.Account.DeletePasskey, policy.ChangeAccount, action},
		{post, "/account/confirm/passkey/challenge", "create confirming passkey challenge", p.Account.CreateConfirmPasskeyChallenge, policy.ProveOwn, action},
		{post, "/account/confirm/passkey", "confirm by passkey", p.Account.ConfirmByPasskey, policy.ProveOwn, action},
		{post, "/sign-in/passkey/challenge", "create passkey challenge", p.Account.CreatePasskeyChallenge, policy.SignIn, action},
		{post, "/sign-in/passkey", "create session by passkey", p.Account.CreateSessionByPasskey, policy.SignIn, action},
		{get, "/account/email", "email change", p.Account.ShowEmailChange, policy.ChangeAccount, page},
		{post, "/account/email", "create email change", p.Account.CreateEmailChange, policy.ChangeAccount, action},
		{get, "/account/email/:token", "new email", p.Account.ShowNewEmail, policy.ReadOwn, page},
		{post, "/account/email/:token", "update email", p.Account.UpdateEmail, policy.ChangeEmail, action},
		{post, "/account/devices/:session/revocation", "revoke device", p.Account.RevokeDevice, policy.EndSessions, action},
		{get, "/sso/:place", "organization sign-in", p.Account.ShowSSO, policy.Anyone, page},
		{post, "/sso/:place", "create organization sign-in", p.Account.CreateSSO, policy.SignIn, action},
		{post, "/sso/:place/link", "link organization sign-in", p.Account.CreateSSOLink, policy.ChangeAccount, action},
		{post, "/sso/:place/logout", "log out by organization sign-in", p.Account.CreateSSOLogout, policy.Anyone, logout},
		{get, "/sso/:place/callback", "finish organization sign-in", p.Account.FinishSSO, policy.SignIn, action},
		{post, "/account/sign-out-everywhere", "sign out everywhere", p.Account.SignOutEverywhere, policy.EndSessions, action},

		{get, "/session", "session", p.Account.ShowSession, policy.Anyone, polled},
		{post, "/session/extension", "extend session", p.Account.ExtendSession, policy.Frame, action},
		{get, "/account/profile", "profile", p.Account.ShowProfile, policy.ReadOwn, page},
		{post, "/account/profile", "update profile", p.Account.UpdateProfile, policy.ChangeOwn, action},
		{get, "/account/consents", "consents", p.Account.ListConsents, policy.ReadOwn, page},
		{post, "/account/consents/:place/withdrawal", "create withdrawal", p.Account.CreateWithdrawal, policy.ConsentOwn, action},
		{post, "/account/consents/:place/withdrawal/removal", "delete withdrawal", p.Account.DeleteWithdrawal, policy.ConsentOwn, action},
		{get, "/account/access-log", "access log", p.Account.ShowAccessLog, policy.ReadOwn, page},
		{get, "/account/access-log.csv", "export access log", p.Account.ExportAccessLog, policy.ReadOwn, page},

		{post, "/webhooks/identity", "create identity hint", p.Join.CreateIdentityHint, policy.Anyone, webhook},
		{get, "/join", "join", p.Join.ListApplications, policy.Anyone, page},
		{post, "/join", "create application", p.Join.CreateApplication, policy.Anyone, action},
		{get, "/join/:application", "tracker", p.Join.ShowTracker, policy.ReadApplication, followed},
		{get, "/join/:application/progress", "progress", p.Join.ListProgress, policy.ReadApplication, asking},
		{get, "/join/:application/steps/:step", "step", p.Join.ShowStep, policy.ReadApplication, page},
		{post, "/join/:application/steps/:step", "update step", p.Join.UpdateStep, policy.ChangeApplication, action},
		{post, "/join/:application/withdrawal", "withdraw application", p.Join.CreateWithdrawal, policy.ChangeApplication, action},
		{post, "/join/:application/reopening", "reopen application", p.Join.CreateReopening, policy.ChangeApplication, action},
		{get, "/join/:application/guest-links", "guest links", p.Join.ListGuestLinks, policy.ReadApplication, page},
		{post, "/join/:application/guest-links", "create guest link", p.Join.CreateGuestLink, policy.ChangeApplication, action},
		{post, "/join/:application/guest-links/:link/end", "end guest link", p.Join.EndGuestLink, policy.ChangeApplication, action},
		{get, "/join/:application/guest/:token", "guest step", p.Join.ShowGuestStep, policy.Anyone, action},
		{post, "/join/:application/guest/:token", "update guest step", p.Join.UpdateGuestStep, policy.Anyone, action},
		{get, "/join/:application/participants", "participants", p.Join.ListParticipants, policy.ReadApplication, page},
		{post, "/join/:application/participants/:participant/removal", "remove participant", p.Join.RemoveParticipant, policy.ChangeApplication, action},
		{post, "/join/:application/invitations", "create applicant invitation", p.Join.CreateInvitation, policy.ChangeApplication, action},
		{post, "/join/:application/invitations/:invitation/revocation", "revoke applicant invitation", p.Join.RevokeInvitation, policy.ChangeApplication, action},
		{get, "/join/:application/invitations/:token", "applicant invitation", p.Join.ShowInvitation, policy.Anyone, page},
		{post, "/join/:application/invitations/:token", "accept applicant invitation", p.Join.AcceptInvitation, policy.ChangeAccount, action},

		{get, "/organizations", "organizations", p.Provider.ListOrganizations, policy.ReadOwn, page},
		{get, "/organizations/:place", "organization", p.Provider.ShowOrganization, policy.ReadOrganization, page},
		{post, "/organizations/:place/switch", "switch organization", p.Provider.SwitchOrganization, policy.ReadOrganization, action},
		{get, "/organizations/:place/members", "members", p.Provider.ListMembers, policy.ReadMembers, page},
		{post, "/organizations/:place/members", "find members", p.Provider.FindMembers, policy.ReadMembers, action},
		{get, "/organizations/:place/members/:member", "member", p.Provider.ShowMember, policy.ChangeMembers, page},
		{post, "/organizations/:place/members/:member/role", "update role", p.Provider.UpdateRole, policy.ChangeMembers, action},
		{post, "/organizations/:place/members/:member/end", "end member", p.Provider.EndMember, policy.ChangeMembers, action},
		{get, "/organizations/:place/invitations", "new invitation", p.Provider.NewInvitation, policy.ChangeMembers, page},
		{post, "/organizations/:place/invitations", "create invitation", p.Provider.CreateInvitation, policy.ChangeMembers, action},
		{post, "/organizations/:place/invitations/:invitation/email", "resend invitation", p.Provider.ResendInvitation, policy.ChangeMembers, action},
		{post, "/organizations/:place/invitations/:invitation/revocation", "revoke invitation", p.Provider.RevokeInvitation, policy.ChangeMembers, action},
		{get, "/organizations/:place/api-keys", "keys", p.Provider.ListKeys, policy.ReadKeys, page},
		{get, "/organizations/:place/api-keys/new", "new key", p.Provider.NewKey, policy.ChangeKeys, page},
		{post, "/organizations/:place/api-keys", "create key", p.Provider.CreateKey, policy.ChangeKeys, action},
		{post, "/organizations/:place/api-keys/:key/revocation", "revoke key", p.Provider.RevokeKey, policy.ChangeKeys, action},
		{get, "/organizations/:place/single-sign-on", "single sign-on", p.Provider.ShowSSO, policy.ReadSSO, page},
		{get, "/organizations/:place/single-sign-on/provider", "new single sign-on", p.Provider.NewSSO, policy.ChangeSSO, page},
		{post, "/organizations/:place/single-sign-on/provider", "create single sign-on", p.Provider.CreateSSO, policy.ChangeSSO, action},
		{post, "/organizations/:place/single-sign-on/test", "test single sign-on", p.Account.TestSSO, policy.ChangeSSO, action},
		{post, "/organizations/:place/single-sign-on/requirement", "require single sign-on", p.Provider.UpdateSSORequirement, policy.ChangeSSO, action},
		{post, "/organizations/:place/single-sign-on/session", "update single sign-on session", p.Provider.UpdateSSOSession, policy.ChangeSSO, action},
		{get, "/organizations/:place/single-sign-on/people", "single sign-on people", p.Provider.ListSSOPeople, policy.ReadSSO, page},
		{post, "/organizations/:place/single-sign-on/people/:member/removal", "disconnect single sign-on", p.Provider.DisconnectSSO, policy.ChangeSSO, action},
		{post, "/organizations/:place/single-sign-on/removal", "delete single sign-on", p.Provider.DeleteSSO, policy.ChangeSSO, action},
		{get, "/organizations/:place/single-sign-on/domains", "new domain", p.Provider.NewSSODomain, policy.ChangeSSO, page},
		{post, "/organizations/:place/single-sign-on/domains", "create domain", p.Provider.CreateSSODomain, policy.ChangeSSO, action},
		{post, "/organizations/:place/single-sign-on/domains/:domain/proof", "verify domain", p.Provider.VerifySSODomain, policy.ChangeSSO, action},
		{post, "/organizations/:place/single-sign-on/domains/:domain/removal", "delete domain", p.Provider.DeleteSSODomain, policy.ChangeSSO, action},
		{get, "/organizations/:place/access-log", "organization access log", p.Provider.ShowAccessLog, policy.ReadAccessLog, page},
		{get, "/organizations/:place/access-log.csv", "export organization access log", p.Provider.ExportAccessLog, policy.ReadAccessLog, page},
		{get, "/invitations/:place/:token", "invitation", p.Provider.ShowInvitation, policy.Anyone, page},
		{post, "/invitations/:place/:token", "accept invitation", p.Provider.AcceptInvitation, policy.ChangeAccount, action},

		{get, "/api-documentation", "api documentation", p.API.ShowDocumentation, policy.Anyone, page},
		{get, "/api/v1/organizations/:place/listings", "api listings", p.API.ListListings, policy.KeySlots, client},
		{get, "/api/v1/organizations/:place/slots", "api slots", p.API.ListSlots, policy.KeySlots, client},
		{get, "/api/v1/organizations/:place/appointments", "api appointments", p.API.ListAppointments, policy.KeyAppointments, client},

		{get, "/ops", "overview", p.Ops.ShowOverview, policy.ReadConsole, page},
		{get, "/ops/people", "people", p.Ops.ListPeople, policy.ReadPeople, page},
		{post, "/ops/people", "find people", p.Ops.FindPeople, policy.ReadPeople, action},
		{get, "/ops/people/:account", "person", p.Ops.ShowPerson, policy.ReadPeople, page},
		{get, "/ops/people/:account/bookings/:booking", "find booking", p.Ops.FindBooking, policy.ReadPeople, action},
		{get, "/ops/bookings/:place/:booking", "found booking", p.Ops.ShowBooking, policy.ReadPeople, page},
		{get, "/ops/organizations", "found organizations", p.Ops.ListOrganizations, policy.ReadOrganizations, page},
		{get, "/ops/organizations/:place/availability", "availability explained", p.Ops.ShowAvailability,
			policy.ReadOrganizations, page},
		{get, "/ops/onboarding", "onboarding", p.Ops.ListOnboarding, policy.ReadOnboarding, page},
		{get, "/ops/onboarding/changes", "onboarding changes", p.Ops.ListOnboardingChanges, policy.ReadOnboarding, asking},
		{get, "/ops/onboarding/:application", "application", p.Ops.ShowApplication, policy.ReadOnboarding, page},
		{post, "/ops/onboarding/:application/claim", "claim application", p.Ops.ClaimApplication, policy.ChangeOnboarding, action},
		{post, "/ops/onboarding/:application/release", "release application", p.Ops.ReleaseApplication, policy.ChangeOnboarding, action},
		{post, "/ops/onboarding/:application/return", "return application", p.Ops.ReturnApplication, policy.ChangeOnboarding, action},
		{post, "/ops/onboarding/:application/steps/:step/waiver", "create waiver", p.Ops.CreateWaiver, policy.ChangeOnboarding, action},
		{post, "/ops/onboarding/:application/approval", "approve application", p.Ops.ApproveApplication, policy.ApproveOnboarding, action},
		{get, "/ops/onboarding/:application/rejection", "new rejection", p.Ops.NewRejection, policy.ReadOnboarding, page},
		{post, "/ops/onboarding/:application/rejection", "create rejection", p.Ops.CreateRejection, policy.ChangeOnboarding, action},
		{post, "/ops/people/:account/sign-out", "sign person out", p.Ops.SignOutPerson, policy.Impersonate, action},
		{post, "/ops/people/:account/second-factor-removal", "create factor removal", p.Ops.CreateFactorRemoval, policy.Impersonate, action},
		{post, "/ops/people/:account/second-factor-removal/approval", "approve factor removal", p.Ops.ApproveFactorRemoval, policy.Impersonate, action},
		{post, "/ops/people/:account/second-factor-removal/withdrawal", "withdraw factor removal", p.Ops.WithdrawFactorRemoval, policy.ReadPeople, action},
		{post, "/ops/impersonations", "create impersonation", p.Ops.CreateImpersonation, policy.Impersonate, action},
		{post, "/ops/staff-access/:access/end", "end staff access of", p.Ops.EndStaffAccess, policy.ReadConsole, action},
		{post, "/staff-access/end", "end staff access", p.Ops.EndOwnStaffAccess, policy.Frame, action},
		{get, "/ops/emergency-access", "emergency access", p.Ops.ListEmergencyAccess, policy.ReadConsole, page},
		{post, "/ops/emergency-access", "create emergency access", p.Ops.CreateEmergencyAccess, policy.BeginEmergencyAccess, action},
		{post, "/ops/emergency-access/:access/review", "review emergency access", p.Ops.CreateReview, policy.ReviewEmergencyAccess, action},
		{get, "/ops/emergency-access/:access/records", "opened records", p.Ops.ListOpenedRecords, policy.ReviewEmergencyAccess, page},
		{get, "/ops/staff", "staff", p.Ops.ListStaff, policy.ReadStaff, page},
		{post, "/ops/staff", "create staff", p.Ops.CreateStaff, policy.ChangeStaff, action},
		{post, "/ops/staff/:role/end", "end staff", p.Ops.EndStaff, policy.ChangeStaff, action},
		{post, "/ops/staff/people/:account/sign-out", "sign staff out", p.Ops.SignOutStaff, policy.ChangeStaff, action},
		{post, "/ops/staff/people/:account/second-factor-removal", "create staff factor removal", p.Ops.CreateStaffFactorRemoval, policy.ChangeStaff, action},
		{post, "/ops/staff/people/:account/second-factor-removal/approval", "approve staff factor removal", p.Ops.ApproveStaffFactorRemoval, policy.ChangeStaff, action},
		{get, "/ops/audit", "audit", p.Ops.ListAudit, policy.ReadAudit, page},
		{post, "/ops/audit", "find audit", p.Ops.FindAudit, policy.ReadAudit, action},
		{get, "/ops/audit/export.csv", "export audit", p.Ops.ExportAuditCSV, policy.ExportAudit, page},
		{get, "/ops/audit/export.jsonl", "export sealed audit", p.Ops.ExportAuditJSON, policy.ExportAudit, page},
		{get, "/ops/alerts", "alerts", p.Ops.ListAlerts, policy.ReviewAlerts, page},
		{post, "/ops/alerts/:alert/review", "review alert", p.Ops.ReviewAlert, policy.ReviewAlerts, action},
		{get, "/ops/health", "console health", p.Ops.ShowHealth, policy.ReadConsole, polled},
		{get, "/ops/policies", "policies", p.Ops.ListPolicies, policy.ReadPolicies, page},
		{post, "/ops/policies", "find answer", p.Ops.FindAnswer, policy.ReadPolicies, action},
		{post, "/theme", "update theme", web.UpdateTheme, policy.Frame, action},
		{get, "/styleguide", "styleguide", p.Styleguide.Show, policy.Anyone, page},
		{get, "/healthz", "health", web.Health, policy.Anyone, file},
		{get, "/readyz", "ready", web.Ready, policy.Anyone, file},
		{get, "/static/*", "static", static, policy.Anyone, file},
		{get, "/favicon.ico", "favicon", static, policy.Anyone, file},
	}
	t = slices.Concat(t, imports(p.Provider, p.API), documents(p), contracts(p), likenesses(p.Ops), formEditor(p.Ops),
		offered(p), desk(p))
	if p.Demo != nil {
		t = append(t, []Route{
			{get, "/demo/mail", "mails", p.Demo.ListMails, policy.Demo, entry},
			{get, "/demo/mail/:mail", "mail", p.Demo.ShowMail, policy.Demo, entry},
			{get, "/demo/codes", "codes", p.Demo.ListCodes, policy.Demo, polled},
		}...)
	}
	return t
}
