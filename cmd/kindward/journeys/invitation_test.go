package journeys_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/identity"
	"kindward/internal/sitetest"
)

func TestSomebodyIsInvitedSetsUpASecondStepAndWorksUntilTheyAreLetGo(t *testing.T) {
	hosts := []string{"owner@example.test", "manager@example.test"} // a code is good once, and there are two ways
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		host := hosts[0]
		hosts = hosts[1:]
		team := site.Visit(t, way)
		workAt(t, site, team, host)
		team.Press("Team")
		team.Press("Invite a person")
		email := site.NewEmail("Nora Quill")
		team.Type("Email address", email)
		team.PressAt(`input[value="front_desk"]`)
		team.PressAt("main form:not([data-passkey]) button[type=submit]")
		team.Sees("An invitation is on its way to " + email)

		link := regexp.MustCompile(regexp.QuoteMeta(site.Home) +
			`(/invitations/\S+)`).FindStringSubmatch(site.Email(t, email, "invites you").Text)
		if link == nil {
			t.Fatal("no link in the mail")
		}
		v := site.Visit(t, way)
		v.Go(link[1])
		v.Sees("Fox Point Family Clinic invites you to work there as front desk")
		v.Press("Create an account")
		v.Type("Full name", "Nora Quill")
		v.Type("Email address", email)
		v.Type("Password", "three-ferries-at-dawn")
		v.Press("Send me a code")
		v.Sees("Type the code we sent you")
		code := regexp.MustCompile(`\b\d{3} ?\d{3}\b`).FindString(site.Email(t, email, "code").Text)
		v.Type("Code", strings.ReplaceAll(code, " ", ""))
		v.Press("Create account")
		v.Sees("invited you")
		v.Press("Accept the invitation")
		v.Sees("Sign in with a second step")
		v.Press("Set up an app")
		secret := strings.ReplaceAll(browser.Eval[string](v, `document.querySelector("#main .ref").textContent`), " ", "")
		v.Type("Code", appCode(t, secret))
		v.Press("Turn on the second step")
		v.Sees("Keep these where your phone is not")
		v.Press("I have kept them")
		v.Sees("Your role here: front desk.")
		v.Press("Appointments")
		v.Sees("Every look at this list is kept in the access log")
		v.SeesNot("API keys")

		team.Go("/organizations/" + sitetest.FoxPoint + "/members")
		team.Sees("Nora Quill")
		team.PressAt(`tr:has(small) a[href$="` + memberOf(team, email) + `"]`)
		team.Press("End their work here")
		team.Press("Yes, end it")
		team.Sees("Their work here has ended.")
		v.Forget()
		v.Go("/organizations/" + sitetest.FoxPoint + "/appointments")
		if v.Status() != 404 {
			t.Errorf("let go, and the list is answered with %d", v.Status())
		}
		sitetest.Silent(t, team)
	})
}

// workAt signs somebody of the demonstration in, up to their workplace.
func workAt(t *testing.T, site *sitetest.Site, v *browser.Tab, email string) {
	t.Helper()
	v.Go("/sign-in?next=/organizations")
	v.Type("Email address", email)
	v.Type("Password", site.Login(t, email).Password)
	v.PressAt("main form:not([data-passkey]) button[type=submit]")
	v.Sees("What does your app show?")
	v.Type("Code", site.Code(t, email))
	v.PressAt("main form:not([data-passkey]) button[type=submit]")
	v.Sees("Your role here:")
}

func appCode(t *testing.T, secret string) string {
	t.Helper()
	code, err := identity.CodeAt(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// memberOf is the end of the address of a member's page.
func memberOf(v *browser.Tab, email string) string {
	return browser.Eval[string](v, `[...document.querySelectorAll("tr")].find(r => r.textContent.includes("`+email+
		`")).querySelector("a").pathname.split("/").pop()`)
}
