package provider_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
)

var invitationLink = regexp.MustCompile(`/invitations/[a-z0-9-]+/[A-Za-z0-9]+`)

func TestAnInvitationToAnAddressOfTheOrganizationsOwnSignInLeadsThereAndIsAcceptedByIt(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	domain := site.Clinic().Slug + ".example.org"
	site.Admin(t, `insert into directory.sso_domain (domain, tenant_id, proof, verified_at) values ($1, $2, 'x', now())`,
		domain, site.Clinic().ID)
	invite := func(email string) (link string) {
		t.Helper()
		alice.Post(webtest.Workplace(site.Clinic())+"/invitations", "email", email, "role",
			"front_desk").Has(http.StatusSeeOther)
		return invitationLink.FindString(site.Mailbox().Last(email).Text)
	}
	nora := "nora@" + domain
	link := invite(nora)
	in := site.Visitor(t)
	page := in.Get(link)
	page.Has(http.StatusOK, "It is for n…@"+domain, "Go to their sign-in", `value="`+link+`"`)
	page.Lacks("Create an account", "Sign in to accept")
	said := map[string]any{"sub": "nora", "email": nora, "email_verified": true, "name": "Nora"}
	other := map[string]any{"sub": "other", "email": "other@" + domain, "email_verified": true}
	through(site.Visitor(t), p, site.Clinic().Slug, other, "next", link).Has(http.StatusForbidden,
		"The invitation is for n…@"+domain)
	through(in, p, site.Clinic().Slug, said, "next", link).Goes(webtest.Workplace(site.Clinic()))
	in.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK, "Your role here: front desk")

	elsewhere := invite("nora@elsewhere.example.org") // control: no address of theirs
	site.Visitor(t).Get(elsewhere).Has(http.StatusOK, "Sign in to accept", "Create an account")
	alice.Get(elsewhere).Has(http.StatusOK, "It is for n…@elsewhere.example.org", alice.Email)

	known := site.Person(t, "Kim")
	site.Admin(t, `update directory.account set email = $1 where id = $2`, "kim@"+domain, known.ID)
	link = invite("kim@" + domain)
	through(site.Visitor(t), p, site.Clinic().Slug, map[string]any{"sub": "kim", "email": "kim@" + domain,
		"email_verified": true}, "next", link).Has(http.StatusForbidden, "You have an account already", url.QueryEscape(link))
	known.Post(link).Has(http.StatusSeeOther)
}

func TestDomainsAreKeptAsTheDNSHasThemAndTwentyAreTheMostAlsoAtOnce(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	for _, wrong := range []string{"pаypal.example.org", "аррӏе.example.org", "αρρ.example.org", "bücher日.example.org"} {
		alice.Post(own+"/domains", "domain", wrong).Has(http.StatusUnprocessableEntity, "look like those of another")
	}
	alice.Post(own+"/domains", "domain", "Klinik-München.example.org").Has(http.StatusSeeOther)
	alice.Get(own).Has(http.StatusOK, "klinik-münchen.example.org", "xn--klinik-m")
	for typed, want := range map[string]string{"пример.example.org": "xn--e1afmkfd.example.org",
		"日本.example.org": "xn--wgv71a.example.org", "Example.ORG.": "example.org"} {
		if got, err := identity.ReadDomain(typed); got != want || err != nil {
			t.Errorf("control %q: %q %v", typed, got, err)
		}
	}
	site.Admin(t, `insert into directory.sso_domain (domain, tenant_id, proof)
		select 'd' || n || '.example.org', $1, 'x' from generate_series(1, 17) n`, site.Clinic().ID)
	var all sync.WaitGroup
	for n := range 6 {
		all.Go(func() {
			domain := "p" + strconv.Itoa(n) + ".example.org"
			_ = identity.AddSSODomain(t.Context(), site.Gateway, site.Clinic().Scope(alice.ID), domain)
		})
	}
	all.Wait()
	if n := site.Count(t, `select count(*) from directory.sso_domain where tenant_id = $1`, site.Clinic().ID); n != 20 {
		t.Errorf("%d domains", n)
	}
}

func TestGuessesInASessionOfSingleSignOnLeaveTheOwnersOwn(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	in := site.Visitor(t)
	through(in, p, site.Clinic().Slug, map[string]any{"sub": "alice"}).Has(http.StatusSeeOther)
	for range 5 {
		in.Post("/account/confirm", "password", "a wrong one").Has(http.StatusUnprocessableEntity)
	}
	in.Post("/account/confirm", "password", "a wrong one").Has(http.StatusTooManyRequests)
	alice.Post("/account/confirm", "password", "a wrong one").Has(http.StatusUnprocessableEntity) // counts by itself
}
