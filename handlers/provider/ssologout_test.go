package provider_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

const loggedOut = "http://schemas.openid.net/event/backchannel-logout"

// loggingOut are the claims of a good logout token.
func (p *idp) loggingOut(claims map[string]any) (header, all map[string]any) {
	now := p.now()
	all = map[string]any{"iss": p.URL, "aud": clientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"jti": rand.Text(), "events": map[string]any{loggedOut: map[string]any{}}}
	for name, v := range claims {
		all[name] = v
	}
	return map[string]any{"alg": "RS256", "kid": "1", "typ": "logout+jwt"}, all
}

// logOut is the provider's own request: no browser, no cookie.
func logOut(t *testing.T, site *webtest.Site, c *pgtest.Clinic, token string) *http.Response {
	t.Helper()
	res, err := http.PostForm(site.URL+"/sso/"+c.Slug+"/logout", url.Values{"logout_token": {token}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if len(res.Cookies()) > 0 || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d with %v, %q", res.StatusCode, res.Cookies(), res.Header.Get("Cache-Control"))
	}
	return res
}

func TestA57EachLieOfALogoutTokenEndsNothing(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	in := site.Visitor(t)
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice", "sid": "s1"}).Has(http.StatusSeeOther)
	now := site.Clock.Now
	set := func(name string, v any) func(map[string]any, map[string]any) {
		return func(_, c map[string]any) { c[name] = v }
	}
	without := func(name string) func(map[string]any, map[string]any) {
		return func(_, c map[string]any) { delete(c, name) }
	}
	for name, lie := range map[string]func(head, claims map[string]any){
		"unsigned":          func(head, _ map[string]any) { head["alg"] = "none" },
		"signed by HMAC":    func(head, _ map[string]any) { head["alg"] = "HS256" },
		"another key's":     func(head, _ map[string]any) { head["kid"] = "2" },
		"an access token":   func(head, _ map[string]any) { head["typ"] = "at+jwt" },
		"another issuer":    set("iss", "https://evil.example.org"),
		"another audience":  set("aud", "somebody-else"),
		"no audience":       without("aud"),
		"no time":           without("iat"),
		"too old":           set("iat", now().Add(-11*time.Minute).Unix()),
		"yet to come":       set("iat", now().Add(2*time.Minute).Unix()),
		"expired":           set("exp", now().Add(-time.Minute).Unix()),
		"without an end":    without("exp"),
		"no id of its own":  without("jti"),
		"an empty id":       set("jti", ""),
		"a very long id":    set("jti", strings.Repeat("a", 256)),
		"no events":         without("events"),
		"another event":     set("events", map[string]any{"http://schemas.openid.net/event/other": map[string]any{}}),
		"an event of text":  set("events", map[string]any{loggedOut: "yes"}),
		"an event of null":  set("events", map[string]any{loggedOut: nil}),
		"a nonce":           set("nonce", "x"),
		"a nonce of null":   set("nonce", nil),
		"nobody's":          func(_, c map[string]any) { delete(c, "sub"); delete(c, "sid") },
		"empty":             func(_, c map[string]any) { c["sub"], c["sid"] = "", "" },
		"a sid of numbers":  set("sid", 7),
		"a subject no text": set("sub", "alice\x00"),
	} {
		head, claims := p.loggingOut(map[string]any{"sub": "alice", "sid": "s1"})
		lie(head, claims)
		if res := logOut(t, site, site.Clinic(), p.sign(head, claims)); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		if a := in.Get(webtest.Workplace(site.Clinic())); a.Status != http.StatusOK {
			t.Fatalf("%s ended the session: %d", name, a.Status)
		}
	}
	head, claims := p.loggingOut(map[string]any{"sub": "alice", "sid": "s1"})
	good := p.sign(head, claims)
	body, mac := good[:strings.LastIndex(good, ".")], good[strings.LastIndex(good, "."):]
	for name, raw := range map[string]string{"nothing": "", "no token": "x", "two parts": body, "too many": good + ".x",
		"another's signature": body + mac[:20] + "AAAA" + mac[24:], "a large one": good + strings.Repeat("x", 12<<10)} {
		if res := logOut(t, site, site.Clinic(), raw); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if res := logOut(t, site, site.Clinic(), strings.Repeat("x", 20<<10)); res.StatusCode !=
		http.StatusRequestEntityTooLarge {
		t.Error("a very large one:", res.StatusCode)
	}
	if res := logOut(t, site, site.Other(), good); res.StatusCode != http.StatusNotFound {
		t.Error("where there is no single sign-on:", res.StatusCode)
	}
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK)
	if res := logOut(t, site, site.Clinic(), good); res.StatusCode != http.StatusOK { // control: the truth ends it
		t.Error("the truth:", res.StatusCode)
	}
	in.Get(webtest.Workplace(site.Clinic())).Goes("/sign-in?next=" + url.QueryEscape(webtest.Workplace(site.Clinic())))
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice", "sid": "s1"}).Has(http.StatusSeeOther)
	if res := logOut(t, site, site.Clinic(), good); res.StatusCode != http.StatusBadRequest {
		t.Error("the truth again:", res.StatusCode)
	}
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK)
	for what, want := range map[string]int{"action = 'end-single-sign-on' and outcome = 'success'": 1,
		"action = 'log-out' and outcome = 'denied' and fields[1] = 'refused:again'": 1} {
		if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and `+what,
			site.Clinic().ID); n != want {
			t.Errorf("%s: %d events", what, n)
		}
	}
}

func TestTheProviderEndsOneOfItsSessionsOrAllOfASubjectAndNobodyElses(t *testing.T) {
	site := webtest.Open(t)
	alice, bob := site.Alice(t), site.Bob(t, "clinician")
	p := ownSignIn(t, site, site.Clinic(), alice)
	connect(bob, p, site.Clinic().Slug, map[string]any{"sub": "bob", "sid": "s4"}).Has(http.StatusSeeOther)
	work := webtest.Workplace(site.Clinic())
	enter := func(sub, sid string) *webtest.Person {
		in := site.Visitor(t)
		through(in, p, site.Clinic().Slug, map[string]any{"sub": sub, "sid": sid}).Has(http.StatusSeeOther)
		in.Get(work).Has(http.StatusOK)
		return in
	}
	end := func(claims map[string]any) {
		t.Helper()
		head, all := p.loggingOut(claims)
		if res := logOut(t, site, site.Clinic(), p.sign(head, all)); res.StatusCode != http.StatusOK {
			t.Error(claims, res.StatusCode)
		}
	}
	in := map[string]*webtest.Person{"alice 1": enter("alice", "s1"), "alice 2": enter("alice", "s2"),
		"bob": enter("bob", "s3"), "unnamed": enter("alice", "")}
	living := func(when, want string) {
		t.Helper()
		got := ""
		for _, name := range []string{"alice 1", "alice 2", "bob", "unnamed"} {
			if in[name].Get(work).Status == http.StatusOK {
				got += name + ", "
			}
		}
		if got != want {
			t.Errorf("%s: %q live, not %q", when, got, want)
		}
	}
	living("before", "alice 1, alice 2, bob, unnamed, ")
	end(map[string]any{"sid": "s9"})
	end(map[string]any{"sub": "bob", "sid": "s1"})
	living("what is nobody's", "alice 1, alice 2, bob, unnamed, ")
	end(map[string]any{"sid": "s1"})
	living("one session", "alice 2, bob, unnamed, ")
	end(map[string]any{"sub": "alice"})
	living("a subject", "bob, ")
	// Whoever has shown Kindward itself who they are stays, and comes in by their own proof.
	alice.Get("/account").Has(http.StatusOK)
	alice.Post(work+"/single-sign-on/requirement", "required", "yes").Has(http.StatusSeeOther)
	bob.Get(work).Has(http.StatusOK) // by what he connected with, besides his own proof
	end(map[string]any{"sub": "bob"})
	living("the other", "")
	bob.Get(work).Goes("/sso/" + site.Clinic().Slug + "?next=" + url.QueryEscape(work))
	bob.Get("/account").Has(http.StatusOK)
}

func TestAnOwnerDisconnectsSomebodyWhoIsTold(t *testing.T) {
	site := webtest.Open(t)
	alice, bob := site.Alice(t), site.WithTwoFactors(t, "Bob")
	member := bob.Employ(site.Clinic(), "clinician")
	p := ownSignIn(t, site, site.Clinic(), alice)
	connect(bob, p, site.Clinic().Slug, map[string]any{"sub": "bob"}).Has(http.StatusSeeOther)
	people := webtest.Workplace(site.Clinic()) + "/single-sign-on/people"
	alice.Get(people).Has(http.StatusOK, "2 people are connected", bob.Email, "Yes, disconnect Bob")
	alice.Get(people+"?name=BO").Has(http.StatusOK, "1 person is found", bob.Email)
	alice.Get(people+"?name=nobody").Has(http.StatusOK, "0 people are found")
	in := site.Visitor(t)
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "bob"}).Has(http.StatusSeeOther)
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK)
	path := people + "/" + member.String() + "/removal"
	bob.Post(path).Has(http.StatusForbidden)
	site.Charlie(t).Post(path).Has(http.StatusNotFound)
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK) // control: until somebody does it who may
	alice.Post(path).Goes(people)
	if a := in.Get(webtest.Workplace(site.Clinic())); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Error("what it let in goes on:", a.Status, a.Location)
	}
	through(site.Visitor(t), p, site.Clinic().Slug, map[string]any{"sub": "bob"}).Has(http.StatusForbidden)
	alice.Get(people).Has(http.StatusOK, "1 person is connected")
	alice.Post(path).Has(http.StatusNotFound)
	if l := site.Mailbox().Last(bob.Email); !strings.Contains(l.Text, "has disconnected your account") {
		t.Errorf("no email tells of it: %+v", l)
	}
	if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and actor = $2 and patient = $3 and action = 'unlink-single-sign-on'`, site.Clinic().ID, alice.ID, bob.ID); n != 1 {
		t.Errorf("%d events", n)
	}
	bob.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK) // his own proof opens his work still
	connect(bob, p, site.Clinic().Slug, map[string]any{"sub": "bob"}).Has(http.StatusSeeOther)
}
