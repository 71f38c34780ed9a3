package provider_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// ownSignIn gives a clinic a provider, set by its owner Alice, who has connected her account.
func ownSignIn(t *testing.T, site *webtest.Site, c *pgtest.Clinic, alice *webtest.Person) *idp {
	t.Helper()
	p := newIDP(t, site.Clock.Now)
	alice.Post(webtest.Workplace(c)+"/single-sign-on/provider", "issuer", p.URL, "client_id", clientID, "client_secret",
		clientSecret).Has(http.StatusSeeOther)
	a := connect(alice, p, c.Slug, map[string]any{"sub": "alice"})
	if a.Status != http.StatusSeeOther || a.Location != webtest.Workplace(c) {
		t.Fatal(a.Status, a.Location, a.Body)
	}
	return p
}

func TestAnOwnerSetsTheProviderAndNobodySeesItsSecret(t *testing.T) {
	site := webtest.Open(t)
	alice, bob, charlie := site.Alice(t), site.Bob(t, "manager"), site.Charlie(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	alice.Get(own).Has(http.StatusOK, "Your people sign in with Kindward", "Set your provider")
	bob.Get(own).Has(http.StatusForbidden)
	charlie.Get(own).Has(http.StatusNotFound)
	site.Visitor(t).Get(own).Has(http.StatusSeeOther)
	p := newIDP(t, site.Clock.Now)
	fields := []string{"issuer", p.URL, "client_id", clientID, "client_secret", clientSecret}
	for _, path := range []string{"/provider", "/test", "/requirement", "/removal", "/domains",
		"/domains/example.org/proof", "/domains/example.org/removal"} {
		bob.Post(own+path, fields...).Has(http.StatusForbidden)
		charlie.Post(own+path, fields...).Has(http.StatusNotFound)
	}
	for _, issuer := range []string{"", "login.example.org", "http://login.example.org", "https://user@login.example.org",
		"https://login.example.org/?a=b", "https://login.example.org#x", "javascript:alert(1)",
		"https://lo gin.example.org"} {
		alice.Post(own+"/provider", "issuer", issuer, "client_id", "id <1>", "client_secret",
			clientSecret).Has(http.StatusUnprocessableEntity, "address as it stands there", `value="id &lt;1&gt;"`)
	}
	part := alice.HTMX().Post(own+"/provider", "issuer", p.URL, "client_id", clientID)
	part.Has(http.StatusUnprocessableEntity, "Enter the client secret")
	part.IsPart("sso-form")
	alice.Post(own+"/provider", fields...).Has(http.StatusSeeOther)
	page := alice.Get(own)
	page.Has(http.StatusOK, "Your own sign-in opens this workplace", p.URL,
		site.URL+"/sso/"+site.Clinic().Slug+"/callback", "Connect your account")
	page.Lacks("canary 7QK4")
	alice.Get(own + "/provider").Lacks("canary 7QK4")
	if n := site.Count(t, `select count(*) from directory.sso s where encode(s.client_secret, 'escape') like '%canary%'`); n > 0 {
		t.Error("the secret is kept as it is")
	}
	alice.Post(own+"/provider", "issuer", "https://login.example.org", "client_id",
		clientID).Has(http.StatusUnprocessableEntity, "Enter the client secret")
	alice.Post(own+"/provider", "issuer", p.URL, "client_id", clientID).Has(http.StatusSeeOther)
	if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and resource = 'SingleSignOn' and action = 'update' and actor = $2 and policy_id <> ''`, site.Clinic().ID, alice.ID); n != 2 {
		t.Errorf("%d events of two changes", n)
	}
	site.Visitor(t).Get("/sso/" + site.Other().Slug).Has(http.StatusNotFound)
	alice.Post(own + "/removal").Has(http.StatusSeeOther)
	site.Visitor(t).Get("/sso/" + site.Clinic().Slug).Has(http.StatusNotFound)
}

func TestOwnSignInOpensItsOrganizationAndNothingElse(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	alice.Employ(site.Other(), "clinician")
	p := ownSignIn(t, site, site.Clinic(), alice)
	alice.Get("/bookings").Has(http.StatusOK)
	alice.Get(webtest.Workplace(site.Other())).Has(http.StatusOK)
	if l := site.Mailbox().Last(alice.Email); !strings.Contains(l.Text, "with its own sign-in") {
		t.Errorf("no email says that the account was connected: %+v", l)
	}

	connect(site.Bob(t, "clinician"), p, site.Clinic().Slug, map[string]any{"sub": "bob"}).Has(http.StatusSeeOther)

	in := site.Visitor(t)
	a := through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"}, "next",
		webtest.Workplace(site.Clinic())+"/members")
	if a.Status != http.StatusSeeOther || a.Location != webtest.Workplace(site.Clinic())+"/members" {
		t.Fatal(a.Status, a.Location, a.Body)
	}
	in.Get(webtest.Workplace(site.Clinic())+"/members").Has(http.StatusOK, "Alice")
	in.Get(webtest.Workplace(site.Clinic()) + "/single-sign-on/provider").Has(http.StatusOK)
	for _, path := range []string{"/bookings", "/account", "/organizations", webtest.Workplace(site.Other()),
		webtest.Workplace(site.Other()) + "/appointments", "/account/passkeys", "/account/access-log"} {
		if a := in.Get(path); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/account/confirm") {
			t.Errorf("%s with an organization's sign-in: %d %s", path, a.Status, a.Location)
		}
	}
	in.Get("/account/confirm").Has(http.StatusOK)
	in.Get("/ops").Has(http.StatusNotFound)
	site.Clock.Forward(11 * time.Minute)
	if a := in.Get(webtest.Workplace(site.Clinic()) + "/single-sign-on/provider"); a.Location != "/sso/"+
		site.Clinic().Slug+"?next="+url.QueryEscape(webtest.Workplace(site.Clinic())+"/single-sign-on/provider") {
		t.Error("a fresh proof is asked for at ", a.Location)
	}
	in.Get("/sso/"+site.Clinic().Slug).Has(http.StatusOK, "Is it still you?")
	old := map[string]any{"sub": "alice", "auth_time": site.Clock.Now().Add(-10 * time.Minute).Unix()}
	through(in, p, site.Clinic().Slug, old).Has(http.StatusForbidden)
	for _, other := range []string{"somebody", "bob"} {
		through(in, p, site.Clinic().Slug, map[string]any{"sub": other}).Has(http.StatusForbidden, "somebody else")
	}
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusSeeOther)
	in.Get(webtest.Workplace(site.Clinic()) + "/single-sign-on/provider").Has(http.StatusOK)

	site.Admin(t, `update directory.membership set ended_at = now() where account_id = $1 and tenant_id = $2`, alice.ID,
		site.Clinic().ID)
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusNotFound)
	through(site.Visitor(t), p, site.Clinic().Slug, map[string]any{"sub": "alice", "email": alice.Email,
		"email_verified": true}).Has(http.StatusForbidden)
}

// A provider answers from its own session, which may be days old: what asks for a fresh proof goes by when it was
// shown.
func TestA41AnOldSessionAtTheProviderIsNoFreshProof(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	keys := webtest.Workplace(site.Clinic()) + "/api-keys"
	makeKey := func(in *webtest.Person) webtest.Answer {
		return in.Post(keys, "name", "A screen", "scope", "slots.read", "life", "30")
	}
	for name, at := range map[string]any{"eight hours ago": site.Clock.Now().Add(-8 * time.Hour).Unix(), "not said": 0,
		"before time began": -1 << 62} {
		in := site.Visitor(t)
		through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice", "auth_time": at}).Has(http.StatusSeeOther)
		in.Get(keys).Has(http.StatusOK)
		if a := makeKey(in); !strings.HasPrefix(a.Location, "/sso/"+site.Clinic().Slug) {
			t.Errorf("%s: %d %s", name, a.Status, a.Location)
		}
		through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusSeeOther)
		if name == "not said" {
			makeKey(in).Has(http.StatusOK)
		}
	}
	if n := site.Count(t, `select count(*) from directory.api_key where tenant_id = $1`, site.Clinic().ID); n != 1 {
		t.Errorf("%d keys", n)
	}
	// One that is said to be yet to come is of now.
	in := site.Visitor(t)
	later := map[string]any{"sub": "alice", "auth_time": site.Clock.Now().Add(24 * time.Hour).Unix()}
	through(in, p, site.Clinic().Slug, later).Has(http.StatusSeeOther)
	makeKey(in).Has(http.StatusOK)
	site.Clock.Forward(11 * time.Minute)
	if a := makeKey(in); !strings.HasPrefix(a.Location, "/sso/") {
		t.Errorf("eleven minutes later: %d %s", a.Status, a.Location)
	}
}

func TestA08NobodyComesIntoAnAccountByItsAddress(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	bob := site.Bob(t, "clinician")
	site.Admin(t, `insert into directory.sso_domain (domain, tenant_id, proof, verified_at) values ('example.test', $1, 'x', now()), ('pending.test', $1, 'x', null)`, site.Clinic().ID)
	person := func(email string, more ...any) map[string]any {
		c := map[string]any{"sub": "new " + email, "email": email, "email_verified": true, "name": "Nora New"}
		for i := 0; i+1 < len(more); i += 2 {
			c[more[i].(string)] = more[i+1]
		}
		return c
	}
	through(site.Visitor(t), p, site.Clinic().Slug, person(bob.Email)).Has(http.StatusForbidden,
		"You have an account already", "Sign in once as usual")
	through(site.Visitor(t), p, site.Clinic().Slug, person(strings.ToUpper(bob.Email))).Has(http.StatusForbidden,
		"You have an account already")
	through(site.Visitor(t), p, site.Clinic().Slug, person("uninvited@example.test")).Has(http.StatusForbidden,
		"not on the team yet")

	for _, email := range []string{"nora@example.test", "nora@elsewhere.test", "nora@pending.test"} {
		alice.Post(webtest.Workplace(site.Clinic())+"/invitations", "email", email, "role",
			"front_desk").Has(http.StatusSeeOther)
	}
	for name, claims := range map[string]map[string]any{
		"another domain": person("nora@elsewhere.test"), "a domain not proved": person("nora@pending.test"),
		"not vouched for":       person("nora@example.test", "email_verified", false),
		"vouched for by a word": person("nora@example.test", "email_verified", "true"), "nothing said": {"sub": "x"},
		"two at once":            person("nora@evil.test@example.test"),
		"a name with an address": person("Nora <nora@example.test>"),
	} {
		if a := through(site.Visitor(t), p, site.Clinic().Slug, claims); a.Status != http.StatusForbidden &&
			!(name == "nothing said" && a.Status == http.StatusServiceUnavailable) {
			t.Errorf("%s: %d %s", name, a.Status, a.Location)
		}
	}
	p.info = map[string]any{"sub": "another", "email": "nora@example.test", "email_verified": true}
	through(site.Visitor(t), p, site.Clinic().Slug, map[string]any{"sub": "nora"}).Has(http.StatusForbidden)
	if n := site.Count(t, `select count(*) from directory.account where name = 'Nora New' or email like 'nora@%'`); n != 0 {
		t.Fatalf("%d accounts were made", n)
	}
	p.info["sub"], p.info["name"] = "nora", "Nora New"
	in := site.Visitor(t)
	a := through(in, p, site.Clinic().Slug, map[string]any{"sub": "nora"})
	if a.Status != http.StatusSeeOther || a.Location != webtest.Workplace(site.Clinic()) {
		t.Fatal(a.Status, a.Location, a.Body)
	}
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK, "Your role here: front desk")
	in.Get(webtest.Workplace(site.Clinic()) + "/members").Has(http.StatusForbidden)
	again := site.Visitor(t)
	through(again, p, site.Clinic().Slug, map[string]any{"sub": "nora", "email": alice.Email,
		"email_verified": true}).Has(http.StatusSeeOther)
	// the subject counts, not the address
	again.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK, "Your role here: front desk")
}

func TestADomainIsProvedByItsDNSAndLeadsToTheOrganizationsSignIn(t *testing.T) {
	site := webtest.Open(t)
	alice, charlie := site.Alice(t), site.Charlie(t)
	dns := map[string][]string{}
	site.TXT = func(_ context.Context, name string) ([]string, error) {
		if texts, ok := dns[name]; ok {
			return texts, nil
		}
		return nil, errors.New("no such name")
	}
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	for _, wrong := range []string{"", "localhost", "a b.org", "-x.org", "exa_mple.org", "example.org/x", "10.0.0.1"} {
		alice.Post(own+"/domains", "domain", wrong).Has(http.StatusUnprocessableEntity, "like example.org")
	}
	domain := site.Clinic().Slug + ".example.org"
	alice.Post(own+"/domains", "domain", " "+strings.ToUpper(domain)+".").Has(http.StatusSeeOther)
	charlie.Post(webtest.Workplace(site.Other())+"/single-sign-on/domains", "domain", domain).Has(http.StatusSeeOther)
	page := alice.Get(own)
	page.Has(http.StatusOK, domain, "kindward-verify=", "Not proved yet")
	_, record, _ := strings.Cut(page.Body, "kindward-verify=")
	record = "kindward-verify=" + record[:26]
	alice.Post(own+"/domains/"+domain+"/proof").Has(http.StatusUnprocessableEntity, "We do not see the record")
	dns[domain+"."] = []string{"v=spf1 -all", record}
	// it is Alice's proof
	charlie.Post(webtest.Workplace(site.Other()) + "/single-sign-on/domains/" + domain +
		"/proof").Has(http.StatusUnprocessableEntity)

	guess := func(email string, more ...string) webtest.Answer {
		return site.Visitor(t).Post("/sign-in", append([]string{"email", email, "password", ""}, more...)...)
	}
	ownSignIn(t, site, site.Clinic(), alice)
	guess("who@"+domain).Has(http.StatusUnprocessableEntity, "Enter your password") // control: not proved, not sent
	alice.Post(own + "/domains/" + domain + "/proof").Has(http.StatusSeeOther)
	known := site.Account(t, "Known")
	site.Admin(t, `update directory.account set email = $1 where id = $2`, "known@"+domain, known)
	for _, email := range []string{"known@" + domain, "unknown@" + domain, "UNKNOWN@" + strings.ToUpper(domain)} {
		if a := guess(email, "next", webtest.Workplace(site.Clinic())); a.Status != http.StatusSeeOther ||
			a.Location != "/sso/"+site.Clinic().Slug+"?next="+url.QueryEscape(webtest.Workplace(site.Clinic())) {
			t.Errorf("%s: %d %s", email, a.Status, a.Location)
		}
	}
	guess("who@elsewhere.example.org").Has(http.StatusUnprocessableEntity, "Enter your password")
	guess("who@elsewhere.example.org", "organization", "yes").Has(http.StatusUnprocessableEntity,
		"No organization signs in addresses like this")
	site.Visitor(t).Get("/sso/"+site.Clinic().Slug).Has(http.StatusOK, "Go to their sign-in")

	_, hers, _ := strings.Cut(charlie.Get(webtest.Workplace(site.Other())+"/single-sign-on").Body, "kindward-verify=")
	dns[domain+"."] = append(dns[domain+"."], "kindward-verify="+hers[:26])
	charlie.Post(webtest.Workplace(site.Other())+"/single-sign-on/domains/"+domain+"/proof").Has(http.StatusConflict,
		"Another organization has proved")
	charlie.Post(webtest.Workplace(site.Other()) + "/single-sign-on/domains/" + domain +
		"/removal").Has(http.StatusSeeOther)
	charlie.Post(webtest.Workplace(site.Other()) + "/single-sign-on/domains/" + domain +
		"/removal").Has(http.StatusNotFound)
	alice.Get(own).Has(http.StatusOK, "Proved on")
	alice.Post(own + "/removal").Has(http.StatusSeeOther)
	guess("who@"+domain).Has(http.StatusUnprocessableEntity, "Enter your password")
}

func TestWhereItIsRequiredNoOtherSignInOpensTheOrganization(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	p := newIDP(t, site.Clock.Now)
	fields := []string{"issuer", p.URL, "client_id", clientID, "client_secret", clientSecret}
	alice.Post(own+"/provider", fields...).Has(http.StatusSeeOther)
	alice.Post(own+"/requirement", "required", "yes").Has(http.StatusConflict, "Connect your own account first")
	connect(alice, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusSeeOther)
	site.Member(t, site.Clinic(), "Dora", "owner").Post(own+"/requirement", "required", "yes").Has(http.StatusConflict,
		"Connect your own account first")
	bob := site.Bob(t, "clinician")
	bob.Employ(site.Other(), "clinician")
	bob.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK) // control: not required yet
	alice.Post(own+"/requirement", "required", "yes").Has(http.StatusSeeOther)
	for _, path := range []string{"", "/appointments", "/patients"} {
		if a := bob.Get(webtest.Workplace(site.Clinic()) + path); a.Location != "/sso/"+site.Clinic().Slug+"?next="+
			url.QueryEscape(webtest.Workplace(site.Clinic())+path) {
			t.Errorf("%q with a password: %d %s", path, a.Status, a.Location)
		}
	}
	bob.Get("/bookings").Has(http.StatusOK)
	bob.Get(webtest.Workplace(site.Other())).Has(http.StatusOK)
	bob.Get("/sso/"+site.Clinic().Slug).Has(http.StatusOK, "Connect my account")
	site.Charlie(t).Get(webtest.Workplace(site.Clinic())).Has(http.StatusNotFound)
	connect(bob, p, site.Clinic().Slug, map[string]any{"sub": "bob"}).Has(http.StatusSeeOther)
	bob.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK)
	bob.Get("/bookings").Has(http.StatusOK) // what he had shown us himself still counts

	owner := site.Visitor(t)
	owner.SignInAs(alice, 2)
	owner.Get(own).Has(http.StatusOK, "Only your own sign-in opens this workplace")
	if a := owner.Get(webtest.Workplace(site.Clinic())); !strings.HasPrefix(a.Location, "/sso/") {
		t.Error(a.Status, a.Location)
	}
	owner.Post(own+"/requirement", "required", "no").Has(http.StatusSeeOther)
	owner.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK)
	owner.Post(own+"/requirement", "required", "yes").Has(http.StatusSeeOther)
	owner.Post(own+"/provider", "issuer", "http://127.0.0.1:1", "client_id", clientID, "client_secret",
		clientSecret).Has(http.StatusSeeOther)
	owner.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK) // another provider is required of nobody
	site.Visitor(t).Post("/sso/"+site.Clinic().Slug).Has(http.StatusServiceUnavailable, "does not answer")
}

// What let somebody in is gone, and so is what it opened: nobody removes a provider that is still trusted.
func TestWhatCameByAProviderIsInNoMoreOnceItIsRemovedOrReplaced(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	p := ownSignIn(t, site, site.Clinic(), alice)
	set := func(client string) {
		alice.Post(own+"/provider", "issuer", p.URL, "client_id", client, "client_secret",
			clientSecret).Has(http.StatusSeeOther)
	}
	enter := func() *webtest.Person {
		in := site.Visitor(t)
		through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusSeeOther)
		return in
	}
	pages := []string{"", "/members", "/appointments", "/patients", "/api-keys/new"}
	opens := func(in *webtest.Person) (n int) {
		for _, page := range pages {
			if in.Get(webtest.Workplace(site.Clinic())+page).Status == http.StatusOK {
				n++
			}
		}
		return n
	}
	for name, change := range map[string]func(){
		"removed":                func() { alice.Post(own + "/removal").Has(http.StatusSeeOther) },
		"another client":         func() { set("another client") },
		"removed, set as before": func() { alice.Post(own + "/removal"); set(clientID) },
	} {
		set(clientID)
		in := enter()
		if n := opens(in); n != len(pages) {
			t.Fatalf("control, %s: %d pages open before", name, n)
		}
		change()
		if n := opens(in); n != 0 {
			t.Errorf("%s: %d pages are open still", name, n)
		}
		in.Get(webtest.Workplace(site.Clinic())).Goes("/account/confirm?next=" +
			url.QueryEscape(webtest.Workplace(site.Clinic())))
		if n := opens(alice); n != len(pages) {
			t.Errorf("%s: who came by no provider: %d pages", name, n)
		}
	}
	set(clientID)
	in := enter()
	set(clientID) // another secret of the same provider
	if n := opens(in); n != len(pages) {
		t.Errorf("control, the same provider: %d pages", n)
	}
}
