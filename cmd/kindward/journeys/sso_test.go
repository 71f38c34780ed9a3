package journeys_test

import (
	"strings"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

func TestAnOrganizationsPeopleComeInByItsOwnSignIn(t *testing.T) {
	names := []string{"nora", "ruth"}
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		who, domain := names[0], names[0]+"-care.example.test"
		names = names[1:]
		issuer := browser.Provider(t, site.Home+"/sso/"+sitetest.Blackstone+"/callback", "kindward", "a secret of the test's",
			domain)
		own := "/organizations/" + sitetest.Blackstone + "/single-sign-on"

		v := site.Visit(t, way)
		v.Go("/sign-in")
		email := signUpAt(t, site, v, "Ana Sousa")
		site.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role)
			select gen_random_uuid(), t.id, a.id, 'owner' from directory.tenant t, directory.account a where t.slug = $1 and a.email = $2`, sitetest.Blackstone, email)
		v.Go(own)
		v.Press("Set up an app")
		v.Type("Code", appCode(t,
			strings.ReplaceAll(browser.Eval[string](v, `document.querySelector("#main .ref").textContent`), " ", "")))
		v.Press("Turn on the second step")
		v.Press("I have kept them")
		v.Sees("Your people sign in with Kindward")
		v.Press("Set your provider")
		v.Type("Provider's address", "http://login.example.org")
		v.Type("Client ID", "kindward")
		v.Press("Keep this provider")
		v.Sees("There is a problem", "as it stands there")
		if got := v.Value("Client ID"); got != "kindward" {
			t.Errorf("what was typed is lost: %q", got)
		}
		v.Type("Provider's address", issuer)
		v.Type("Client secret", "a secret of the test's")
		v.Press("Keep this provider")
		v.Sees("Your own sign-in opens this workplace", "Connect your account", "Not tested yet")
		axe(t, v)
		v.Press("Test the connection")
		atProvider(t, v, "ana")
		v.Sees("Works since", "Nobody has signed in by it yet.")
		v.Press("Add a domain")
		v.Type("Domain", domain)
		v.Press("Add this domain")
		v.Sees("Not proved yet", "kindward-verify=")
		axe(t, v)
		// this machine's DNS knows no such domain
		site.Admin(t, `update directory.sso_domain set verified_at = now() where domain = $1`, domain)
		v.Press("Connect your account")
		v.Sees("Connect my account")
		axe(t, v)
		v.Press("Connect my account")
		atProvider(t, v, "ana")
		v.Sees("Your account is connected.")
		v.Press("Require it for everybody")
		v.Sees("Only your own sign-in opens this workplace")

		w := site.Visit(t, way)
		w.Go("/sign-in?next=/organizations/" + sitetest.Blackstone)
		w.Type("Email address", who+"@"+domain)
		w.Press("Use my organization's sign-in")
		w.Sees("Sign in at Blackstone", "nothing else of your account")
		w.Press("Go to their sign-in")
		atProvider(t, w, who)
		w.Sees("You are not on the team yet")
		axe(t, w)
		v.Go("/organizations/" + sitetest.Blackstone + "/invitations")
		v.Type("Email address", who+"@"+domain)
		v.PressAt(`input[value="front_desk"]`)
		v.Press("Send invitation")
		w.Press("Begin once more")
		w.Press("Go to their sign-in") // they are signed in there still
		w.Sees("Your role here: front desk.")
		w.Go("/bookings")
		w.Sees("Is it you?")
		if w.Path() != "/account/confirm" {
			t.Errorf("their own record leads to %s", w.Path())
		}
		v.Go(own)
		v.Press("Remove your own sign-in")
		v.Press("Yes, remove it")
		v.Sees("Your people sign in with Kindward")
	})
}

// atProvider signs in there and lets it tell who that is.
func atProvider(t *testing.T, v *browser.Tab, name string) {
	t.Helper()
	v.Until("the provider's sign-in", `!!document.querySelector("input[name=login]")`)
	browser.Eval[bool](v, `(document.querySelector("input[name=login]").value = "`+name+
		`", document.querySelector("input[name=password]").value = "x", true)`)
	v.PressAt("button[type=submit]")
	v.Until("the provider's question, which it asks once, or the way back",
		`document.querySelector("#main") !== null || document.body.textContent.includes("Authorize")`)
	if browser.Eval[bool](v, `document.querySelector("#main") === null`) {
		v.PressAt("button[type=submit]")
	}
}

// axe judges the page where scripts run, which axe is one of.
func axe(t *testing.T, v *browser.Tab) {
	t.Helper()
	if !script(v) {
		return
	}
	for _, wrong := range v.Axe() {
		t.Error(wrong)
	}
}
