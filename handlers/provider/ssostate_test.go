package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
)

// tryProvider presses the test and comes back, if the provider lets somebody go there.
func tryProvider(p *webtest.Person, at *idp, own string, claims map[string]any) webtest.Answer {
	p.T.Helper()
	a := p.Post(own + "/test")
	_, address, goes := strings.Cut(a.Header.Get("Refresh"), "0; url=")
	if !goes {
		a.Goes(own)
	} else {
		p.Get(ownPath(p, at.visit(address, claims))).Goes(own)
	}
	page := p.Get(own)
	page.Has(http.StatusOK)
	return page
}

func TestThePageSaysWhetherTheProviderWorksSinceWhenAndWhyNot(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	p := newIDP(t, site.Clock.Now)
	set := func(secret string) {
		t.Helper()
		alice.Post(own+"/provider", "issuer", p.URL, "client_id", clientID, "client_secret",
			secret).Has(http.StatusSeeOther)
	}
	set(clientSecret)
	alice.Get(own).Has(http.StatusOK, "Not tested yet")
	known := map[string]any{"sub": "alice", "email": "alice@example.test", "email_verified": true}
	good := func(name string) {
		t.Helper()
		page := tryProvider(alice, p, own, known)
		page.Has(http.StatusOK, "Works since")
		page.Lacks("does not say", name)
	}
	good("at first")
	alice.Get(own).Has(http.StatusOK, "Nobody has signed in by it yet")
	if n := site.Count(t, `select count(*) from directory.sso_session where tenant_id = $1`, site.Clinic().ID); n != 0 {
		t.Error("a test signs somebody in")
	}
	for _, c := range []struct {
		name, why string
		lie       func() (undo func())
	}{
		{"no discovery", "It does not answer, or does not describe itself", func() func() {
			p.about = map[string]any{"issuer": "https://elsewhere.example.org"}
			return func() { p.about = nil }
		}},
		{"another secret", "It refuses our client ID or client secret", func() func() {
			p.refuse = "invalid_client"
			return func() { p.refuse = "" }
		}},
		{"no token for its code", "gave no sign-in for it", func() func() {
			p.refuse = "invalid_grant"
			return func() { p.refuse = "" }
		}},
		{"another key", "not signed by its own key", func() func() {
			p.twist = func(head, _ map[string]any) { head["kid"] = "2" }
			return func() { p.twist = nil }
		}},
		{"another time", "Its clock and ours differ", func() func() {
			p.twist = func(_, c map[string]any) {
				c["iat"], c["exp"] = site.Clock.Now().Add(-time.Hour).Unix(), site.Clock.Now().Add(-50*time.Minute).Unix()
			}
			return func() { p.twist = nil }
		}},
		{"nobody", "It does not say who signed in", func() func() {
			p.twist = func(_, c map[string]any) { c["sub"] = "" }
			return func() { p.twist = nil }
		}},
	} {
		undo := c.lie()
		page := tryProvider(alice, p, own, known)
		page.Has(http.StatusOK, "Does not work since", c.why)
		undo()
		good(c.name)
	}
	set("another secret")
	alice.Get(own).Has(http.StatusOK, "Not tested yet")
	set(clientSecret)
	good("set anew")
	alice.Post(own+"/provider", "issuer", p.URL, "client_id", clientID).Has(http.StatusSeeOther)
	alice.Get(own).Has(http.StatusOK, "Works since") // control: nothing was changed

	silent := tryProvider(alice, p, own, map[string]any{"sub": "alice", "auth_time": 0, "email": "alice@example.test"})
	silent.Has(http.StatusOK, "Works since", "auth_time", "email_verified", "show Kindward itself")
	site.Visitor(t).Get("/sso/" + site.Clinic().Slug + "/callback?state=x&code=y").Has(http.StatusForbidden)
	alice.Get(own).Has(http.StatusOK, "Works since") // nobody breaks it who only says something
	connect(alice, p, site.Clinic().Slug, known).Has(http.StatusSeeOther)
	alice.Get(own).Has(http.StatusOK, "The last sign-in was on")
	p.refuse = "invalid_client"
	through(site.Visitor(t), p, site.Clinic().Slug, known).Has(http.StatusForbidden)
	alice.Get(own).Has(http.StatusOK, "Does not work since", "It refuses our client ID")
}

func TestATestOfTheProviderChangesNobodysSession(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	p := ownSignIn(t, site, site.Clinic(), alice)
	connect(site.Bob(t, "clinician"), p, site.Clinic().Slug, map[string]any{"sub": "bob"}).Has(http.StatusSeeOther)
	tryProvider(alice, p, own, map[string]any{"sub": "bob", "email": "bob@example.test"}).Has(http.StatusOK, "Works since")
	alice.Get("/account").Has(http.StatusOK, alice.Email) // control: it is Alice's own session still
	bob := site.Bob(t, "clinician")
	bob.Post(own + "/test").Has(http.StatusForbidden)
	leads := alice.Post(own + "/test")
	_, address, _ := strings.Cut(leads.Header.Get("Refresh"), "0; url=")
	back := ownPath(alice, p.visit(address, map[string]any{"sub": "alice", "email": "alice@example.test"}))
	bob.Get(back).Has(http.StatusForbidden)
	alice.Get(back).Goes(own)
	alice.Get(back).Has(http.StatusForbidden) // an answer is good once
}

func TestASignInLastsAsLongAsTheOrganizationSays(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	p := ownSignIn(t, site, site.Clinic(), alice)
	for _, wrong := range []string{"", "0", "-1", "13", "x", "1000000000000"} {
		alice.Post(own+"/session", "hours", wrong).Has(http.StatusUnprocessableEntity, "between 1 and 12 hours")
	}
	in := site.Visitor(t)
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice", "sid": "s1"}).Has(http.StatusSeeOther)
	work := func(d time.Duration) {
		for ; d > 0; d -= 20 * time.Minute { // they work
			site.Clock.Forward(min(d, 20*time.Minute))
			in.Get(webtest.Workplace(site.Clinic()))
		}
	}
	work(70 * time.Minute)
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK) // control: twelve hours, unless something is said
	alice.SignIn(2)
	alice.Post(own+"/session", "hours", "2").Has(http.StatusSeeOther)
	a := in.Get(webtest.Workplace(site.Clinic()))
	a.Has(http.StatusOK)
	if left := a.Header.Get("Kindward-Session-Seconds"); left < "1790" || left > "1800" {
		t.Errorf("of fifty minutes half an hour without a click counts: %q", left)
	}
	work(30 * time.Minute)
	if left := in.Get(webtest.Workplace(site.Clinic())).Header.Get("Kindward-Session-Seconds"); left < "1190" ||
		left > "1200" {
		t.Errorf("the page does not say that twenty minutes are left: %q", left)
	}
	site.Clock.Forward(20 * time.Minute)
	in.Get(webtest.Workplace(site.Clinic())).Goes("/sso/" + site.Clinic().Slug + "?next=" +
		url.QueryEscape(webtest.Workplace(site.Clinic())))
	in.Get("/sso/"+site.Clinic().Slug).Has(http.StatusOK, "opens your work for a time, and that is over",
		"Go to their sign-in")
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusSeeOther)
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK)
}
