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
	"kindward/queries/shareddb"
)

func TestA61WhoIsNoOwnerAnyMoreFinishesNoTestOfTheProvider(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/single-sign-on"
	p := ownSignIn(t, site, site.Clinic(), alice)
	tests := func() int {
		return site.Count(t, `select count(*) from audit.event where tenant_id = $1 and action = 'test'
			and resource = 'SingleSignOn' and actor = $2`, site.Clinic().ID, alice.ID)
	}
	state := func() int {
		return site.Count(t, `select count(*) from directory.sso where fault <> '' and tenant_id = $1`, site.Clinic().ID)
	}
	claims := map[string]any{"sub": "alice", "email": "alice@example.test"}
	back := func() string {
		_, address, _ := strings.Cut(alice.Post(own+"/test").Header.Get("Refresh"), "0; url=")
		return ownPath(alice, p.visit(address, claims))
	}
	role := func(to string) {
		site.Admin(t, `update directory.membership set role = $1 where account_id = $2 and tenant_id = $3`, to, alice.ID, site.Clinic().ID)
	}
	before := tests()
	path := back()
	role("manager")
	alice.Get(path).Has(http.StatusForbidden)
	role("owner")
	path = back()
	p.twist = func(head, _ map[string]any) { head["kid"] = "2" } // what is wrong with it is kept in nobody's name either
	role("manager")
	alice.Get(path).Has(http.StatusForbidden)
	if n := tests() - before; n != 0 || state() != 0 {
		t.Errorf("%d tests are kept, and %d faults", n, state())
	}
	role("owner")
	alice.Get(back()).Goes(own)
	if n := tests() - before; n != 1 || state() != 1 {
		t.Errorf("control: %d tests of an owner are kept, and %d faults", n, state())
	}
}

func TestA61ATestOfTheProviderEndsInTheNameOfWhoeverBeganItAlone(t *testing.T) {
	site := webtest.Open(t)
	alice, other := site.Alice(t), site.Member(t, site.Clinic(), "Ada", "owner")
	p := ownSignIn(t, site, site.Clinic(), alice)
	finish := func(caller tenancy.Caller) error {
		q := site.Gateway.Identity(site.Clinic().Scope(alice.ID))
		journey, err := identity.BeginSSO(t.Context(), q, site.SSO, identity.SSOAsker{}, site.Clinic().Tenant,
			identity.SSOTest, alice.ID, site.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse(p.visit(journey.URL, map[string]any{"sub": "alice"}))
		_, err = identity.FinishSSO(t.Context(), site.Mail, site.SSO, site.Passwords, caller, site.Clinic().Tenant,
			journey.State, identity.SSOAnswer{State: u.Query().Get("state"), Code: u.Query().Get("code"), Issuer: p.URL},
			site.Clock.Now())
		return err
	}
	for name, caller := range map[string]tenancy.Caller{"another owner": {Subject: other.ID},
		"somebody who acts as them": {Subject: alice.ID, Actor: other.ID}, "nobody": {}} {
		if err := finish(caller); identity.SSORefusal(err) != "other-account" {
			t.Errorf("%s ends Alice's test: %v", name, err)
		}
	}
	if err := finish(tenancy.Caller{Subject: alice.ID}); err != nil && !errors.Is(err, identity.ErrSSO) {
		t.Error("control:", err)
	}
}

func TestA57AProviderEndsNoSessionsThatAnotherLetIn(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	p := ownSignIn(t, site, site.Clinic(), alice)
	through(site.Visitor(t), p, site.Clinic().Slug, map[string]any{"sub": "alice", "sid": "s1"}).Has(http.StatusSeeOther)
	q := site.Gateway.Identity(site.Clinic().Scope(uuid.Nil))
	set, err := q.SSO(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	subject, now := "alice", site.Clock.Now()
	end := func(provider uuid.UUID, jti string) int64 {
		n, err := q.EndSSOSessions(t.Context(), shareddb.EndSSOSessionsParams{Provider: provider, Subject: subject,
			JTI: jti, Now: now, HourBefore: now.Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := end(uuid.New(), "one"); n != 0 {
		t.Errorf("another provider ends %d", n)
	}
	if n := end(set.ID, "two"); n < 1 {
		t.Errorf("control: its own ends %d", n)
	}
}
