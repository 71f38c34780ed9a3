package provider_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
)

// lies are what a hostile provider, network or visitor may send back; each must be refused.
func lies(site *webtest.Site) map[string]func(p *idp, header, claims map[string]any) {
	set := func(name string, v any) func(*idp, map[string]any, map[string]any) {
		return func(_ *idp, _, c map[string]any) { c[name] = v }
	}
	return map[string]func(p *idp, header, claims map[string]any){
		"another nonce": set("nonce", "x"), "no nonce": func(_ *idp, _, c map[string]any) { delete(c, "nonce") },
		"another issuer": set("iss", "https://evil.example.org"), "another audience": set("aud", "somebody-else"),
		"two audiences, for the other": func(_ *idp, _, c map[string]any) {
			c["aud"], c["azp"] = []string{clientID, "other"},
				"other"
		},
		"two audiences, for nobody": set("aud", []string{clientID, "other"}),
		"for another party":         set("azp", "other"),
		"expired":                   set("exp", site.Clock.Now().Add(-time.Minute).Unix()),
		"not yet good":              set("nbf", site.Clock.Now().Add(time.Hour).Unix()),
		"no subject":                set("sub", ""), "a very long subject": set("sub", strings.Repeat("a", 256)),
		"a subject that is no text": set("sub", "alice\x00"),
		"unsigned":                  func(_ *idp, head, _ map[string]any) { head["alg"] = "none" },
		"signed by HMAC":            func(_ *idp, head, _ map[string]any) { head["alg"] = "HS256" },
		"another key's":             func(_ *idp, head, _ map[string]any) { head["kid"] = "2" },
		"another access":            set("at_hash", "x"),
	}
}

func TestEachLieOfAProviderIsRefused(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	for name, lie := range lies(site) {
		p.twist = func(header, claims map[string]any) { lie(p, header, claims) }
		in := site.Visitor(t)
		a := through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"})
		a.Has(http.StatusForbidden, "Nobody was signed in")
		if a := in.Get(webtest.Workplace(site.Clinic())); a.Status != http.StatusSeeOther ||
			!strings.HasPrefix(a.Location, "/sign-in") {
			t.Errorf("%s: %d %s", name, a.Status, a.Location)
		}
	}
	p.twist = nil
	in := site.Visitor(t)
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusSeeOther)
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK) // control: the truth opens
	denied := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and action = 'sign-in' and outcome = 'denied' and fields[1] = 'single-sign-on'`, site.Clinic().ID)
	if denied != len(lies(site)) {
		t.Errorf("%d of %d refusals are in the audit", denied, len(lies(site)))
	}
}

func TestAnAnswerIsGoodOnceForItsOwnJourney(t *testing.T) {
	site := webtest.Open(t)
	alice, charlie := site.Alice(t), site.Charlie(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	q := ownSignIn(t, site, site.Other(), charlie)
	sub := map[string]any{"sub": "alice"}
	refused := func(name string, in *webtest.Person, path string) {
		t.Helper()
		if a := in.Get(path); a.Status != http.StatusForbidden && a.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, a.Status, a.Location)
		}
		if a := in.Get(webtest.Workplace(site.Clinic())); !strings.HasPrefix(a.Location, "/sign-in") {
			t.Errorf("%s: somebody is signed in: %d", name, a.Status)
		}
	}
	change := func(path, name, value string) string {
		u, _ := url.Parse(path)
		v := u.Query()
		v.Set(name, value)
		if value == "" {
			v.Del(name)
		}
		u.RawQuery = v.Encode()
		return u.String()
	}
	for name, edit := range map[string]func(string) string{
		"another state":           func(s string) string { return change(s, "state", "x") },
		"no state":                func(s string) string { return change(s, "state", "") },
		"another issuer's answer": func(s string) string { return change(s, "iss", q.URL) },
		"nobody's answer":         func(s string) string { return change(s, "iss", "") },
		"another code":            func(s string) string { return change(s, "code", "x") },
		"no code":                 func(s string) string { return change(s, "code", "") },
		"a refusal":               func(s string) string { return change(s, "error", "access_denied") },
		"another organization's place": func(s string) string {
			return strings.Replace(s, site.Clinic().Slug, site.Other().Slug, 1)
		},
	} {
		in := site.Visitor(t)
		back := ownPath(in, p.visit(leave(in, site.Clinic().Slug), sub))
		refused(name, in, edit(back))
		refused(name+", then the true one", in, back) // what waited is spent
	}
	if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and fields[2] = 'refused:organization'`,
		site.Other().ID); n != 1 {
		t.Error("a journey to another organization is refused for another reason")
	}
	in := site.Visitor(t)
	back := ownPath(in, p.visit(leave(in, site.Clinic().Slug), sub))
	refused("in another's browser", site.Visitor(t), back)
	stranger := site.Visitor(t)
	leave(stranger, site.Clinic().Slug)
	refused("in a browser with a journey of its own", stranger, back)
	in.Get(back).Has(http.StatusSeeOther)
	in.Get(back).Has(http.StatusForbidden)

	late := site.Visitor(t)
	back = ownPath(late, p.visit(leave(late, site.Clinic().Slug), sub))
	site.Clock.Forward(11 * time.Minute)
	refused("after ten minutes", late, back)

	moved := site.Visitor(t)
	back = ownPath(moved, p.visit(leave(moved, site.Clinic().Slug), sub))
	site.Admin(t, `update directory.sso set issuer = $1 where tenant_id = $2`, "https://login.example.org",
		site.Clinic().ID)
	moved.Get(back).Has(http.StatusForbidden)
	if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and fields[2] = 'refused:changed'`,
		site.Clinic().ID); n != 1 {
		t.Error("an answer of the provider before is refused for another reason, or taken")
	}
	site.Admin(t, `update directory.sso set issuer = $1 where tenant_id = $2`, p.URL, site.Clinic().ID)

	// The other clinic's provider means nobody here, though it is the same subject: Charlie's word opens Charlie's clinic
	// only.
	through(site.Visitor(t), q, site.Other().Slug, sub).Has(http.StatusSeeOther) // "alice" is Charlie there
	over := site.Visitor(t)
	a := through(over, q, site.Other().Slug, sub)
	a.Has(http.StatusSeeOther)
	over.Get(webtest.Workplace(site.Clinic())).Has(http.StatusNotFound)
}

func TestAConnectionNeedsItsOwnersHandsAndIsOnePersons(t *testing.T) {
	site := webtest.Open(t)
	alice, bob := site.Alice(t), site.Bob(t, "clinician")
	p := ownSignIn(t, site, site.Clinic(), alice)
	stranger := site.Charlie(t)
	connect(stranger, p, site.Clinic().Slug, map[string]any{"sub": "charlie"}).Has(http.StatusForbidden,
		"You do not work at")
	connect(bob, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusForbidden,
		"somebody else")
	connect(alice, p, site.Clinic().Slug, map[string]any{"sub": "alice-2"}).Has(http.StatusForbidden,
		"somebody else")
	connect(bob, p, site.Clinic().Slug, map[string]any{"sub": "bob", "auth_time": 1}).Has(http.StatusForbidden)

	back := ownPath(bob, p.visit(leave(bob, site.Clinic().Slug+"/link"), map[string]any{"sub": "bob"}))
	bob.SignInAs(stranger, 2)
	bob.Get(back).Has(http.StatusForbidden) // signed in as somebody else meanwhile
	here := site.Gateway.Identity(site.Clinic().Scope(uuid.Nil))
	journey, err := identity.BeginSSO(t.Context(), here, site.SSO, identity.SSOAsker{}, site.Clinic().Tenant,
		identity.SSOLink, bob.ID, site.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(p.visit(journey.URL, map[string]any{"sub": "bob"}))
	said := identity.SSOAnswer{State: u.Query().Get("state"), Code: u.Query().Get("code"), Issuer: p.URL}
	_, err = identity.FinishSSO(t.Context(), site.Mail, site.SSO, site.Passwords, tenancy.Caller{Subject: alice.ID},
		site.Clinic().Tenant, journey.State, said, site.Clock.Now())
	if !errors.Is(err, identity.ErrSSO) {
		t.Errorf("Bob's journey ends in Alice's account: %v", err)
	}
	if n := site.Count(t, `select count(*) from directory.external_identity where tenant_id = $1`,
		site.Clinic().ID); n != 1 {
		t.Errorf("%d are connected, not Alice alone", n)
	}
	site.Clock.Forward(11 * time.Minute)
	if a := alice.Post("/sso/" + site.Clinic().Slug + "/link"); !strings.HasPrefix(a.Location, "/account/confirm") {
		t.Error("without a recent proof: ", a.Status, a.Location)
	}
}
