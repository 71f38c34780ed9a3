package provider_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/internal/pgtest"
)

// ownSignIn gives a clinic a provider, set by its owner Alice, who has connected her account.
func ownSignIn(t *testing.T, h *house, c *pgtest.Clinic, alice *person) *idp {
	t.Helper()
	p := newIDP(t, h.now)
	has(t, alice.post(at(c)+"/single-sign-on/provider", "issuer", p.URL, "client_id", clientID, "client_secret", clientSecret), http.StatusSeeOther)
	a := alice.through(p, c.Slug, map[string]any{"sub": "alice"}, "link", "yes")
	if a.status != http.StatusSeeOther || a.to != at(c) {
		t.Fatal(a.status, a.to, a.body)
	}
	return p
}

func TestAnOwnerSetsTheProviderAndNobodySeesItsSecret(t *testing.T) {
	h := open(t)
	alice, bob, charlie := h.worker(t, h.clinic, "Alice", "owner"), h.worker(t, h.clinic, "Bob", "manager"), h.worker(t, h.other, "Charlie", "owner")
	own := at(h.clinic) + "/single-sign-on"
	has(t, alice.get(own), http.StatusOK, "Your people sign in with Kindward", "Set your provider")
	has(t, bob.get(own), http.StatusForbidden)
	has(t, charlie.get(own), http.StatusNotFound)
	has(t, h.visitor(t).get(own), http.StatusSeeOther)
	p := newIDP(t, h.now)
	fields := []string{"issuer", p.URL, "client_id", clientID, "client_secret", clientSecret}
	for _, path := range []string{"/provider", "/test", "/requirement", "/removal", "/domains", "/domains/example.org/proof", "/domains/example.org/removal"} {
		has(t, bob.post(own+path, fields...), http.StatusForbidden)
		has(t, charlie.post(own+path, fields...), http.StatusNotFound)
	}
	for _, issuer := range []string{"", "login.example.org", "http://login.example.org", "https://user@login.example.org", "https://login.example.org/?a=b", "https://login.example.org#x", "javascript:alert(1)", "https://lo gin.example.org"} {
		has(t, alice.post(own+"/provider", "issuer", issuer, "client_id", "id <1>", "client_secret", clientSecret), http.StatusUnprocessableEntity, "address as it stands there", `value="id &lt;1&gt;"`)
	}
	alice.htmx = true
	part := alice.post(own+"/provider", "issuer", p.URL, "client_id", clientID)
	alice.htmx = false
	has(t, part, http.StatusUnprocessableEntity, `id="sso-form"`, "Enter the client secret")
	lacks(t, part, "<html")
	has(t, alice.post(own+"/provider", fields...), http.StatusSeeOther)
	page := alice.get(own)
	has(t, page, http.StatusOK, "Your own sign-in opens this workplace", p.URL, h.URL+"/sso/"+h.clinic.Slug+"/callback", "Connect your account")
	lacks(t, page, "canary 7QK4")
	lacks(t, alice.get(own+"/provider"), "canary 7QK4")
	if n := h.count(t, `select count(*) from directory.sso s where encode(s.client_secret, 'escape') like '%canary%'`); n > 0 {
		t.Error("the secret is kept as it is")
	}
	has(t, alice.post(own+"/provider", "issuer", "https://login.example.org", "client_id", clientID), http.StatusUnprocessableEntity, "Enter the client secret")
	has(t, alice.post(own+"/provider", "issuer", p.URL, "client_id", clientID), http.StatusSeeOther)
	has(t, alice.post(own+"/test"), http.StatusSeeOther)
	p.about = map[string]any{"issuer": "https://elsewhere.example.org"}
	has(t, alice.post(own+"/test"), http.StatusUnprocessableEntity, "does not answer as one")
	if n := h.count(t, `select count(*) from audit.event where tenant_id = $1 and resource = 'SingleSignOn' and action = 'update' and actor = $2 and policy_id <> ''`, h.clinic.ID, alice.ID); n != 2 {
		t.Errorf("%d events of two changes", n)
	}
	has(t, h.visitor(t).get("/sso/"+h.other.Slug), http.StatusNotFound)
	has(t, alice.post(own+"/removal"), http.StatusSeeOther)
	has(t, h.visitor(t).get("/sso/"+h.clinic.Slug), http.StatusNotFound)
}

func TestOwnSignInOpensItsOrganizationAndNothingElse(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	alice.employ(h.other, "clinician")
	p := ownSignIn(t, h, h.clinic, alice)
	has(t, alice.get("/bookings"), http.StatusOK)
	has(t, alice.get(at(h.other)), http.StatusOK)
	if l := h.letter(alice.Email); !strings.Contains(l.Text(), "with its own sign-in") {
		t.Errorf("no letter says that the account was connected: %+v", l)
	}

	has(t, h.worker(t, h.clinic, "Bob", "clinician").through(p, h.clinic.Slug, map[string]any{"sub": "bob"}, "link", "yes"), http.StatusSeeOther)

	in := h.visitor(t)
	a := in.through(p, h.clinic.Slug, map[string]any{"sub": "alice"}, "next", at(h.clinic)+"/members")
	if a.status != http.StatusSeeOther || a.to != at(h.clinic)+"/members" {
		t.Fatal(a.status, a.to, a.body)
	}
	has(t, in.get(at(h.clinic)+"/members"), http.StatusOK, "Alice")
	has(t, in.get(at(h.clinic)+"/single-sign-on/provider"), http.StatusOK)
	for _, path := range []string{"/bookings", "/account", "/organizations", at(h.other), at(h.other) + "/appointments", "/account/passkeys", "/account/access-log"} {
		if a := in.get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/account/confirm") {
			t.Errorf("%s with an organization's sign-in: %d %s", path, a.status, a.to)
		}
	}
	has(t, in.get("/account/confirm"), http.StatusOK)
	has(t, in.get("/ops"), http.StatusNotFound)
	h.ahead.Add(int64(11 * time.Minute))
	if a := in.get(at(h.clinic) + "/single-sign-on/provider"); a.to != "/sso/"+h.clinic.Slug+"?next="+url.QueryEscape(at(h.clinic)+"/single-sign-on/provider") {
		t.Error("a fresh proof is asked for at ", a.to)
	}
	has(t, in.get("/sso/"+h.clinic.Slug), http.StatusOK, "Is it still you?")
	old := map[string]any{"sub": "alice", "auth_time": h.now().Add(-10 * time.Minute).Unix()}
	has(t, in.through(p, h.clinic.Slug, old), http.StatusForbidden)
	for _, other := range []string{"somebody", "bob"} {
		has(t, in.through(p, h.clinic.Slug, map[string]any{"sub": other}), http.StatusForbidden, "somebody else")
	}
	has(t, in.through(p, h.clinic.Slug, map[string]any{"sub": "alice"}), http.StatusSeeOther)
	has(t, in.get(at(h.clinic)+"/single-sign-on/provider"), http.StatusOK)

	h.Admin(t, `update directory.membership set ended_at = now() where account_id = $1 and tenant_id = $2`, alice.ID, h.clinic.ID)
	has(t, in.get(at(h.clinic)), http.StatusNotFound)
	has(t, h.visitor(t).through(p, h.clinic.Slug, map[string]any{"sub": "alice", "email": alice.Email, "email_verified": true}), http.StatusForbidden)
}

func TestA08NobodyComesIntoAnAccountByItsAddress(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	p := ownSignIn(t, h, h.clinic, alice)
	bob := h.worker(t, h.clinic, "Bob", "clinician")
	h.Admin(t, `insert into directory.sso_domain (domain, tenant_id, proof, verified_at) values ('example.test', $1, 'x', now()), ('pending.test', $1, 'x', null)`, h.clinic.ID)
	person := func(email string, more ...any) map[string]any {
		c := map[string]any{"sub": "new " + email, "email": email, "email_verified": true, "name": "Nora New"}
		for i := 0; i+1 < len(more); i += 2 {
			c[more[i].(string)] = more[i+1]
		}
		return c
	}
	has(t, h.visitor(t).through(p, h.clinic.Slug, person(bob.Email)), http.StatusForbidden, "You have an account already", "Sign in once as usual")
	has(t, h.visitor(t).through(p, h.clinic.Slug, person(strings.ToUpper(bob.Email))), http.StatusForbidden, "You have an account already")
	has(t, h.visitor(t).through(p, h.clinic.Slug, person("uninvited@example.test")), http.StatusForbidden, "not on the team yet")

	for _, email := range []string{"nora@example.test", "nora@elsewhere.test", "nora@pending.test"} {
		has(t, alice.post(at(h.clinic)+"/invitations", "email", email, "role", "front_desk"), http.StatusSeeOther)
	}
	for name, claims := range map[string]map[string]any{
		"another domain": person("nora@elsewhere.test"), "a domain not proved": person("nora@pending.test"), "not vouched for": person("nora@example.test", "email_verified", false),
		"vouched for by a word": person("nora@example.test", "email_verified", "true"), "nothing said": {"sub": "x"}, "two at once": person("nora@evil.test@example.test"),
		"a name with an address": person("Nora <nora@example.test>"),
	} {
		if a := h.visitor(t).through(p, h.clinic.Slug, claims); a.status != http.StatusForbidden && !(name == "nothing said" && a.status == http.StatusServiceUnavailable) {
			t.Errorf("%s: %d %s", name, a.status, a.to)
		}
	}
	p.info = map[string]any{"sub": "another", "email": "nora@example.test", "email_verified": true}
	has(t, h.visitor(t).through(p, h.clinic.Slug, map[string]any{"sub": "nora"}), http.StatusForbidden)
	if n := h.count(t, `select count(*) from directory.account where name = 'Nora New' or email like 'nora@%'`); n != 0 {
		t.Fatalf("%d accounts were made", n)
	}
	p.info["sub"], p.info["name"] = "nora", "Nora New"
	in := h.visitor(t)
	a := in.through(p, h.clinic.Slug, map[string]any{"sub": "nora"})
	if a.status != http.StatusSeeOther || a.to != at(h.clinic) {
		t.Fatal(a.status, a.to, a.body)
	}
	has(t, in.get(at(h.clinic)), http.StatusOK, "Your role here: front desk")
	has(t, in.get(at(h.clinic)+"/members"), http.StatusForbidden)
	again := h.visitor(t)
	has(t, again.through(p, h.clinic.Slug, map[string]any{"sub": "nora", "email": alice.Email, "email_verified": true}), http.StatusSeeOther)
	has(t, again.get(at(h.clinic)), http.StatusOK, "Your role here: front desk") // the subject counts, not the address
}

func TestADomainIsProvedByItsDNSAndLeadsToTheOrganizationsSignIn(t *testing.T) {
	h := open(t)
	alice, charlie := h.worker(t, h.clinic, "Alice", "owner"), h.worker(t, h.other, "Charlie", "owner")
	dns := map[string][]string{}
	h.accounts.TXT = func(_ context.Context, name string) ([]string, error) {
		if texts, ok := dns[name]; ok {
			return texts, nil
		}
		return nil, errors.New("no such name")
	}
	own := at(h.clinic) + "/single-sign-on"
	for _, wrong := range []string{"", "localhost", "a b.org", "-x.org", "exa_mple.org", "example.org/x", "10.0.0.1"} {
		has(t, alice.post(own+"/domains", "domain", wrong), http.StatusUnprocessableEntity, "like example.org")
	}
	domain := h.clinic.Slug + ".example.org"
	has(t, alice.post(own+"/domains", "domain", " "+strings.ToUpper(domain)+"."), http.StatusSeeOther)
	has(t, charlie.post(at(h.other)+"/single-sign-on/domains", "domain", domain), http.StatusSeeOther)
	page := alice.get(own)
	has(t, page, http.StatusOK, domain, "kindward-verify=", "Not proved yet")
	_, record, _ := strings.Cut(page.body, "kindward-verify=")
	record = "kindward-verify=" + record[:26]
	has(t, alice.post(own+"/domains/"+domain+"/proof"), http.StatusUnprocessableEntity, "We do not see the record")
	dns[domain+"."] = []string{"v=spf1 -all", record}
	has(t, charlie.post(at(h.other)+"/single-sign-on/domains/"+domain+"/proof"), http.StatusUnprocessableEntity) // it is Alice's proof

	guess := func(email string, more ...string) answer {
		return h.visitor(t).post("/sign-in", append([]string{"email", email, "password", ""}, more...)...)
	}
	ownSignIn(t, h, h.clinic, alice)
	has(t, guess("who@"+domain), http.StatusUnprocessableEntity, "Enter your password") // control: not proved, not sent
	has(t, alice.post(own+"/domains/"+domain+"/proof"), http.StatusSeeOther)
	known := h.Account(t, "Known")
	h.Admin(t, `update directory.account set email = $1 where id = $2`, "known@"+domain, known)
	for _, email := range []string{"known@" + domain, "unknown@" + domain, "UNKNOWN@" + strings.ToUpper(domain)} {
		if a := guess(email, "next", at(h.clinic)); a.status != http.StatusSeeOther || a.to != "/sso/"+h.clinic.Slug+"?next="+url.QueryEscape(at(h.clinic)) {
			t.Errorf("%s: %d %s", email, a.status, a.to)
		}
	}
	has(t, guess("who@elsewhere.example.org"), http.StatusUnprocessableEntity, "Enter your password")
	has(t, guess("who@elsewhere.example.org", "organization", "yes"), http.StatusUnprocessableEntity, "No organization signs in addresses like this")
	has(t, h.visitor(t).get("/sso/"+h.clinic.Slug), http.StatusOK, "Go to their sign-in")

	_, hers, _ := strings.Cut(charlie.get(at(h.other)+"/single-sign-on").body, "kindward-verify=")
	dns[domain+"."] = append(dns[domain+"."], "kindward-verify="+hers[:26])
	has(t, charlie.post(at(h.other)+"/single-sign-on/domains/"+domain+"/proof"), http.StatusConflict, "Another organization has proved")
	has(t, charlie.post(at(h.other)+"/single-sign-on/domains/"+domain+"/removal"), http.StatusSeeOther)
	has(t, charlie.post(at(h.other)+"/single-sign-on/domains/"+domain+"/removal"), http.StatusNotFound)
	has(t, alice.get(own), http.StatusOK, "Proved on")
	has(t, alice.post(own+"/removal"), http.StatusSeeOther)
	has(t, guess("who@"+domain), http.StatusUnprocessableEntity, "Enter your password")
}

func TestWhereItIsRequiredNoOtherSignInOpensTheOrganization(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	own := at(h.clinic) + "/single-sign-on"
	p := newIDP(t, h.now)
	fields := []string{"issuer", p.URL, "client_id", clientID, "client_secret", clientSecret}
	has(t, alice.post(own+"/provider", fields...), http.StatusSeeOther)
	has(t, alice.post(own+"/requirement", "required", "yes"), http.StatusConflict, "Connect your own account first")
	has(t, alice.through(p, h.clinic.Slug, map[string]any{"sub": "alice"}, "link", "yes"), http.StatusSeeOther)
	has(t, h.worker(t, h.clinic, "Dora", "owner").post(own+"/requirement", "required", "yes"), http.StatusConflict, "Connect your own account first")
	bob := h.worker(t, h.clinic, "Bob", "clinician")
	bob.employ(h.other, "clinician")
	has(t, bob.get(at(h.clinic)), http.StatusOK) // control: not required yet
	has(t, alice.post(own+"/requirement", "required", "yes"), http.StatusSeeOther)
	for _, path := range []string{"", "/appointments", "/patients"} {
		if a := bob.get(at(h.clinic) + path); a.to != "/sso/"+h.clinic.Slug+"?next="+url.QueryEscape(at(h.clinic)+path) {
			t.Errorf("%q with a password: %d %s", path, a.status, a.to)
		}
	}
	has(t, bob.get("/bookings"), http.StatusOK)
	has(t, bob.get(at(h.other)), http.StatusOK)
	has(t, bob.get("/sso/"+h.clinic.Slug), http.StatusOK, "Connect my account")
	has(t, h.worker(t, h.other, "Charlie", "owner").get(at(h.clinic)), http.StatusNotFound)
	has(t, bob.through(p, h.clinic.Slug, map[string]any{"sub": "bob"}, "link", "yes"), http.StatusSeeOther)
	has(t, bob.get(at(h.clinic)), http.StatusOK)
	has(t, bob.get("/bookings"), http.StatusOK) // what he had shown us himself still counts

	owner := h.visitor(t)
	has(t, owner.post("/test/sign-in", "id", alice.ID.String(), "email", alice.Email, "name", "Alice"), http.StatusOK)
	has(t, owner.get(own), http.StatusOK, "Only your own sign-in opens this workplace")
	if a := owner.get(at(h.clinic)); !strings.HasPrefix(a.to, "/sso/") {
		t.Error(a.status, a.to)
	}
	has(t, owner.post(own+"/requirement", "required", "no"), http.StatusSeeOther)
	has(t, owner.get(at(h.clinic)), http.StatusOK)
	has(t, owner.post(own+"/requirement", "required", "yes"), http.StatusSeeOther)
	has(t, owner.post(own+"/provider", "issuer", "http://127.0.0.1:1", "client_id", clientID, "client_secret", clientSecret), http.StatusSeeOther)
	has(t, owner.get(at(h.clinic)), http.StatusOK) // another provider is required of nobody
	has(t, h.visitor(t).post("/sso/"+h.clinic.Slug), http.StatusServiceUnavailable, "does not answer")
}
