package journeys_test

import (
	"strings"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

func TestASecondStepIsSetUpAskedForAndReplacedByARecoveryCode(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Go("/sign-in")
		email := signUpAt(t, site, v, "Tomas Almeida")
		v.Go("/account")
		v.Press("Manage the second step")
		v.Press("Set up an app")
		v.Sees("Let your app read this")
		v.Type("Code", "000 000")
		v.Forget()
		v.Press("Turn on the second step")
		v.Sees("There is a problem", "This is not the code that your app shows now")
		secret := strings.ReplaceAll(browser.Eval[string](v, `document.querySelector("#main .ref").textContent`), " ", "")
		v.Type("Code", appCode(t, secret))
		v.Press("Turn on the second step")
		v.Sees("Keep these where your phone is not")
		recovery := browser.Eval[string](v, `document.querySelector(".codes .ref").textContent`)
		v.Press("I have kept them")
		v.Sees("On, by an app", "10 recovery codes are left")
		v.Press("Sign out")
		v.Sees("You are signed out.")

		v.Go("/sign-in")
		v.Type("Email address", email)
		v.Type("Password", "three-ferries-at-dawn")
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("What does your app show?")
		v.Forget()
		v.Go("/bookings")
		v.Sees("Email address") // the password alone opens nothing
		v.Go("/sign-in/second-step")
		v.Type("Code", strings.ToLower(strings.ReplaceAll(recovery, "-", " ")))
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("You used a recovery code. 9 are left.")
		site.Email(t, email, "recovery code")

		v.Go("/account/second-factor")
		v.Press("Make new recovery codes")
		v.Sees("Keep these where your phone is not")
		if fresh := browser.Eval[string](v, `document.querySelector(".codes .ref").textContent`); fresh == recovery {
			t.Error("the codes are the old ones")
		}
		v.Go("/account/second-factor")
		v.Press("Turn off the second step")
		v.Press("Yes, turn it off")
		v.Sees("Your password alone signs you in now.")
		sitetest.Silent(t, v)
	})
}
