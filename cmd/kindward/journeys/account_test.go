package journeys_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

func TestSigningInLeadsToOnesAppointmentsAndOutAgain(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Go("/bookings")
		v.Sees("Email address")
		v.Type("Email address", "maya@example.test")
		v.Type("Password", "not-the-password")
		v.Forget()
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("There is a problem", "do not belong together")
		if got := v.Value("Email address"); got != "maya@example.test" {
			t.Errorf("the address was lost: %q", got)
		}
		v.Type("Password", site.Login(t, "maya@example.test").Password)
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("Your next appointment is on")
		if v.Path() != "/bookings" {
			t.Errorf("signing in leads to %s", v.Path())
		}
		v.Go("/account")
		v.Sees("Maya Okafor", "maya@example.test", "This device")
		v.Press("Sign out")
		v.Sees("You are signed out.")
		v.Back() // what was on the screen must not come out of a cache
		v.SeesNot("maya@example.test")
		v.Go("/bookings")
		v.Sees("Email address")
		sitetest.Silent(t, v)
	})
}

func TestAForgottenPasswordIsReplacedByALinkThatWorksOnce(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Go("/sign-in")
		email := signUpAt(t, site, v, "Tomas Almeida")
		v.Go("/account")
		v.Press("Sign out")
		v.Sees("You are signed out.")

		v.Go("/sign-in")
		v.PressAt("main a[href^='/password-reset']")
		v.Type("Email address", email)
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("has an account, a link is on its way")
		link := regexp.MustCompile(regexp.QuoteMeta(site.Home) +
			`(/password-reset/\S+)`).FindStringSubmatch(site.Email(t, email, "password").Text)
		if link == nil {
			t.Fatal("no link in the mail")
		}
		v.Go(link[1])
		v.Sees("All devices are signed out when you save it")
		v.Type("New password", "kettle")
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("There is a problem")
		v.Type("New password", "a-kettle-on-the-ferry")
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("Your new password is saved")
		v.Type("Email address", email)
		v.Type("Password", "a-kettle-on-the-ferry")
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("My appointments", "You have no appointments to come")
		v.Forget()
		v.Go(link[1])
		v.Sees("This link has been used or has run out")
		if v.Status() != http.StatusGone {
			t.Errorf("a used link is answered with %d", v.Status())
		}
		sitetest.Silent(t, v)
	})
}

// signUpAt makes an account from the sign-in page.
func signUpAt(t *testing.T, site *sitetest.Site, v *browser.Tab, name string) (email string) {
	t.Helper()
	email = site.NewEmail(name)
	v.Press("Create an account")
	v.Type("Full name", name)
	v.Type("Email address", email)
	v.Type("Password", "three-ferries-at-dawn")
	v.Press("Send me a code")
	v.Sees("Type the code we sent you")
	code := regexp.MustCompile(`\b\d{3} ?\d{3}\b`).FindString(site.Email(t, email, "code").Text)
	v.Type("Code", strings.ReplaceAll(code, " ", ""))
	v.Press("Create account")
	v.Sees("Your account is ready.")
	return email
}
