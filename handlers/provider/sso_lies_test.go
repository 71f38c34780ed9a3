package provider_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
)

// lies are what a hostile provider, network or visitor may send back; each must be refused.
func lies(h *house) map[string]func(p *idp, header, claims map[string]any) {
	set := func(name string, v any) func(*idp, map[string]any, map[string]any) {
		return func(_ *idp, _, c map[string]any) { c[name] = v }
	}
	return map[string]func(p *idp, header, claims map[string]any){
		"another nonce": set("nonce", "x"), "no nonce": func(_ *idp, _, c map[string]any) { delete(c, "nonce") },
		"another issuer": set("iss", "https://evil.example.org"), "another audience": set("aud", "somebody-else"),
		"two audiences, for the other": func(_ *idp, _, c map[string]any) { c["aud"], c["azp"] = []string{clientID, "other"}, "other" },
		"two audiences, for nobody":    set("aud", []string{clientID, "other"}),
		"for another party":            set("azp", "other"),
		"expired":                      set("exp", h.now().Add(-time.Minute).Unix()), "not yet good": set("nbf", h.now().Add(time.Hour).Unix()),
		"no subject": set("sub", ""), "a very long subject": set("sub", strings.Repeat("a", 256)),
		"unsigned":       func(_ *idp, head, _ map[string]any) { head["alg"] = "none" },
		"signed by HMAC": func(_ *idp, head, _ map[string]any) { head["alg"] = "HS256" },
		"another key's":  func(_ *idp, head, _ map[string]any) { head["kid"] = "2" },
		"another access": set("at_hash", "x"),
	}
}

func TestEachLieOfAProviderIsRefused(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	p := ownSignIn(t, h, h.clinic, alice)
	for name, lie := range lies(h) {
		p.twist = func(header, claims map[string]any) { lie(p, header, claims) }
		in := h.visitor(t)
		a := in.through(p, h.clinic.Slug, map[string]any{"sub": "alice"})
		has(t, a, http.StatusForbidden, "Nobody was signed in")
		if a := in.get(at(h.clinic)); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/sign-in") {
			t.Errorf("%s: %d %s", name, a.status, a.to)
		}
	}
	p.twist = nil
	in := h.visitor(t)
	has(t, in.through(p, h.clinic.Slug, map[string]any{"sub": "alice"}), http.StatusSeeOther)
	has(t, in.get(at(h.clinic)), http.StatusOK) // control: the truth opens
	denied := h.count(t, `select count(*) from audit.event where tenant_id = $1 and action = 'sign-in' and outcome = 'denied' and fields[1] = 'single-sign-on'`, h.clinic.ID)
	if denied != len(lies(h)) {
		t.Errorf("%d of %d refusals are in the audit", denied, len(lies(h)))
	}
}

func TestAnAnswerIsGoodOnceForItsOwnJourney(t *testing.T) {
	h := open(t)
	alice, charlie := h.worker(t, h.clinic, "Alice", "owner"), h.worker(t, h.other, "Charlie", "owner")
	p := ownSignIn(t, h, h.clinic, alice)
	q := ownSignIn(t, h, h.other, charlie)
	sub := map[string]any{"sub": "alice"}
	refused := func(name string, in *person, path string) {
		t.Helper()
		if a := in.get(path); a.status != http.StatusForbidden && a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, a.status, a.to)
		}
		if a := in.get(at(h.clinic)); !strings.HasPrefix(a.to, "/sign-in") {
			t.Errorf("%s: somebody is signed in: %d", name, a.status)
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
		"another state": func(s string) string { return change(s, "state", "x") }, "no state": func(s string) string { return change(s, "state", "") },
		"another issuer's answer": func(s string) string { return change(s, "iss", q.URL) }, "nobody's answer": func(s string) string { return change(s, "iss", "") },
		"another code": func(s string) string { return change(s, "code", "x") }, "no code": func(s string) string { return change(s, "code", "") },
		"a refusal":                    func(s string) string { return change(s, "error", "access_denied") },
		"another organization's place": func(s string) string { return strings.Replace(s, h.clinic.Slug, h.other.Slug, 1) },
	} {
		in := h.visitor(t)
		back := in.path(p.visit(in.leave(h.clinic.Slug), sub))
		refused(name, in, edit(back))
		refused(name+", then the true one", in, back) // what waited is spent
	}
	if n := h.count(t, `select count(*) from audit.event where tenant_id = $1 and fields[2] = 'refused:organization'`, h.other.ID); n != 1 {
		t.Error("a journey to another organization is refused for another reason")
	}
	in := h.visitor(t)
	back := in.path(p.visit(in.leave(h.clinic.Slug), sub))
	refused("in another's browser", h.visitor(t), back)
	stranger := h.visitor(t)
	stranger.leave(h.clinic.Slug)
	refused("in a browser with a journey of its own", stranger, back)
	has(t, in.get(back), http.StatusSeeOther)
	has(t, in.get(back), http.StatusForbidden)

	late := h.visitor(t)
	back = late.path(p.visit(late.leave(h.clinic.Slug), sub))
	h.ahead.Add(int64(11 * time.Minute))
	refused("after ten minutes", late, back)

	moved := h.visitor(t)
	back = moved.path(p.visit(moved.leave(h.clinic.Slug), sub))
	h.Admin(t, `update directory.sso set issuer = $1 where tenant_id = $2`, "https://login.example.org", h.clinic.ID)
	has(t, moved.get(back), http.StatusForbidden)
	if n := h.count(t, `select count(*) from audit.event where tenant_id = $1 and fields[2] = 'refused:changed'`, h.clinic.ID); n != 1 {
		t.Error("an answer of the provider before is refused for another reason, or taken")
	}
	h.Admin(t, `update directory.sso set issuer = $1 where tenant_id = $2`, p.URL, h.clinic.ID)

	// The other clinic's provider means nobody here, though it is the same subject: Charlie's word opens Charlie's clinic only.
	has(t, h.visitor(t).through(q, h.other.Slug, sub), http.StatusSeeOther) // "alice" is Charlie there
	over := h.visitor(t)
	a := over.through(q, h.other.Slug, sub)
	has(t, a, http.StatusSeeOther)
	has(t, over.get(at(h.clinic)), http.StatusNotFound)
}

func TestAConnectionNeedsItsOwnersHandsAndIsOnePersons(t *testing.T) {
	h := open(t)
	alice, bob := h.worker(t, h.clinic, "Alice", "owner"), h.worker(t, h.clinic, "Bob", "clinician")
	p := ownSignIn(t, h, h.clinic, alice)
	stranger := h.worker(t, h.other, "Charlie", "owner")
	has(t, stranger.through(p, h.clinic.Slug, map[string]any{"sub": "charlie"}, "link", "yes"), http.StatusForbidden, "You do not work at")
	has(t, bob.through(p, h.clinic.Slug, map[string]any{"sub": "alice"}, "link", "yes"), http.StatusForbidden, "somebody else")
	has(t, alice.through(p, h.clinic.Slug, map[string]any{"sub": "alice-2"}, "link", "yes"), http.StatusForbidden, "somebody else")
	has(t, bob.through(p, h.clinic.Slug, map[string]any{"sub": "bob", "auth_time": 1}, "link", "yes"), http.StatusForbidden)

	back := bob.path(p.visit(bob.leave(h.clinic.Slug, "link", "yes"), map[string]any{"sub": "bob"}))
	has(t, bob.post("/test/sign-in", "id", stranger.ID.String(), "email", stranger.Email, "name", "Charlie"), http.StatusOK)
	has(t, bob.get(back), http.StatusForbidden) // signed in as somebody else meanwhile
	journey, err := h.accounts.BeginSSO(t.Context(), tenancy.Caller{Subject: bob.ID}, h.clinic.Tenant, identity.SSOLink, bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(p.visit(journey.URL, map[string]any{"sub": "bob"}))
	said := identity.SSOAnswer{State: u.Query().Get("state"), Code: u.Query().Get("code"), Issuer: p.URL}
	if _, _, err := h.accounts.FinishSSO(t.Context(), tenancy.Caller{Subject: alice.ID}, h.clinic.Tenant, journey.State, said); !errors.Is(err, identity.ErrSSO) {
		t.Errorf("Bob's journey ends in Alice's account: %v", err)
	}
	if n := h.count(t, `select count(*) from directory.external_identity where tenant_id = $1`, h.clinic.ID); n != 1 {
		t.Errorf("%d are connected, not Alice alone", n)
	}
	h.ahead.Add(int64(11 * time.Minute))
	if a := alice.post("/sso/"+h.clinic.Slug, "link", "yes"); !strings.HasPrefix(a.to, "/account/confirm") {
		t.Error("without a recent proof: ", a.status, a.to)
	}
}
