package pages_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"kindward/handlers"
	"kindward/internal/sitetest"
)

// elsewhere tells which pages other tests look at, in a browser: workplaces in handlers/provider, the console in
// handlers/ops, an organization's own sign-in in the journey through it.
func elsewhere(r handlers.Route) bool {
	below := func(top string) bool { return strings.HasPrefix(r.Path, top) }
	return slices.ContainsFunc([]string{"/sso", "/organizations", "/invitations", "/ops"}, below)
}

// accountPages are those about how somebody signs in and who looked at their record.
func accountPages(t testing.TB, site *sitetest.Site) []visit {
	t.Helper()
	owner, halfway := site.SignedIn(t, "owner@example.test"), site.WithPassword(t, "clinician@example.test")
	without, settingUp := site.SignedIn(t, leo), site.SignedIn(t, maya)
	settingUp.Post(t, "/account/second-factor", nil)
	const email = "another@example.test"
	without.Post(t, "/account/email", url.Values{"email": {email}})
	newEmail := link(t, site, email, "address", `/account/email/\S+`)
	return []visit{
		{name: "second-step", route: "second step", path: "/sign-in/second-step", as: halfway},
		{name: "confirm", route: "confirm", path: "/account/confirm", as: without},
		{name: "confirm-code", route: "confirm", path: "/account/confirm?next=/account/second-factor", as: owner},
		{name: "second-factor", route: "second factor", path: "/account/second-factor", as: without},
		{name: "second-factor-set-up", route: "second factor", path: "/account/second-factor", as: settingUp},
		{name: "second-factor-on", route: "second factor", path: "/account/second-factor", as: owner},
		{name: "passkeys", route: "passkeys", path: "/account/passkeys", as: without},
		{name: "new-passkey", route: "new passkey", path: "/account/passkeys/new", as: without},
		{name: "email-change", route: "email change", path: "/account/email", as: without},
		{name: "new-email", route: "new email", path: newEmail, as: without},
		{name: "access-log", route: "access log", path: "/account/access-log?all=on", as: settingUp},
		{name: "profile", route: "profile", path: "/account/profile", as: settingUp},
		{name: "consents", route: "consents", path: "/account/consents", as: settingUp},
		{name: "account-owner", route: "account", path: "/account", as: owner},
		{name: "session", route: "session", path: "/session?next=/bookings", as: owner},
		{name: "codes", route: "codes", path: "/demo/codes"},
	}
}
