package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers"
	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
)

// everybody is somebody who may do everything at the clinic and of the platform.
func everybody(t *testing.T, s *webtest.Site) *webtest.Person {
	t.Helper()
	p := s.Staff(t, "Sam", policy.StaffRoles()...)
	p.Employ(s.Clinic(), "owner")
	return p
}

// leave ends all roles of somebody.
func leave(t *testing.T, s *webtest.Site, p *webtest.Person) {
	t.Helper()
	s.Admin(t, `update directory.staff set ended_at = now() where account_id = $1`, p.ID)
	s.Admin(t, `update directory.membership set ended_at = now() where account_id = $1`, p.ID)
}

// nobodysThing is the address of a route, about things that are not there.
func nobodysThing(s *webtest.Site, r handlers.Route) string {
	return parameter.ReplaceAllStringFunc(r.Path, func(name string) string {
		if name == ":place" {
			return s.Clinic().Slug
		}
		return uuid.NewString()
	})
}

func denied(t *testing.T, s *webtest.Site, p *webtest.Person) int {
	t.Helper()
	return s.Count(t, `select count(*) from audit.event where actor = $1 and outcome = 'denied'`, p.ID)
}

// A request whose body is still to come when a role, or all sessions, end is refused, at each route that acts.
func TestA56WhoseRightsEndWhileTheirRequestArrivesIsRefused(t *testing.T) {
	s := webtest.Open(t)
	asked := map[policy.Kind]int{}
	for _, r := range s.Routes {
		spec, _ := policy.SpecOf(r.Action)
		if r.Method == http.MethodGet || spec.Kind == policy.Site || spec.Kind == policy.API { // keys: handlers/api
			continue
		}
		if r.Options.Streamed { // refuses before its body what is about nothing: Test35A56
			continue
		}
		asked[spec.Kind]++
		p := everybody(t, s)
		held := p.HoldBack(nobodysThing(s, r), nil)
		if spec.Kind == policy.Own {
			s.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, p.ID)
			if a := held.Send(); !strings.HasPrefix(a.Location, "/sign-in") {
				t.Errorf("%s %s: %d %s", r.Method, r.Path, a.Status, a.Location)
			}
			continue
		}
		leave(t, s, p)
		if a := held.Send(); a.Status != http.StatusNotFound || denied(t, s, p) != 1 {
			t.Errorf("%s %s: %d", r.Method, r.Path, a.Status)
		}
	}
	if asked[policy.Own] < 10 || asked[policy.Organization] < 10 || asked[policy.Platform] < 10 {
		t.Error("few routes act:", asked)
	}
}

// late brings the body back only when everybody has been asked who they are, as if nobody had waited for it.
func late(e *echo.Echo) {
	const kept = "the body"
	e.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(kept, c.Request().Body)
			c.Request().Body = http.NoBody
			return next(c)
		}
	})
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if body, ok := c.Get(kept).(interface {
				Read([]byte) (int, error)
				Close() error
			}); ok {
				c.Request().Body = body
			}
			return next(c)
		}
	})
}

// outliving are requests that make or end what outlives them, in whose statement the role is judged once more, with
// what they would change. They have something to read: the test waits for that.
var outliving = []struct {
	path, changes string
	form          []string
}{
	{"/ops/staff", `select count(*) from directory.staff`, []string{"email", "leo@example.test", "role", "support"}},
	{"@/api-keys", `select count(*) from directory.api_key`,
		[]string{"name", "A screen", "scope", "slots.read", "life", "30"}},
	{"@/single-sign-on/provider", `select count(*) from directory.sso where issuer <> 'https://old.example.org'`,
		[]string{"issuer", "https://new.example.org", "client_id", "kindward", "client_secret", "secret"}},
	{"@/single-sign-on/requirement", `select count(*) from directory.sso where required`, []string{"required", "yes"}},
	{"@/single-sign-on/session", `select count(*) from directory.sso where session_minutes = 240`,
		[]string{"hours", "4"}},
	{"@/single-sign-on/domains", `select count(*) from directory.sso_domain`, []string{"domain", "new.example.org"}},
	{"@/invitations", `select count(*) from directory.invitation`, []string{"email", "leo@example.test", "role", "owner"}},
}

// tryTooLate sends each of them as somebody whose roles may end before the body comes, and says how many did something.
func tryTooLate(t *testing.T, ends bool) (did int) {
	t.Helper()
	s := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{}), Before: late})
	s.Admin(t, `insert into directory.account (id, email, name) values ($1, 'leo@example.test', 'Leo')`, uuid.New())
	c := s.Clinic()
	for _, o := range outliving {
		p := everybody(t, s)
		s.Admin(t, `insert into directory.sso (id, tenant_id, issuer, client_id, client_secret, required, updated_at, updated_by)
			values ($1, $2, 'https://old.example.org', 'kindward', '', false, now(), $3) on conflict (tenant_id) do nothing`,
			uuid.New(), c.ID, p.ID)
		s.Admin(t, `update directory.sso set required = false`)
		s.Admin(t, `insert into directory.external_identity (issuer, subject, tenant_id, account_id, created_at)
			select issuer, $1::uuid::text, tenant_id, $1, now() from directory.sso`, p.ID)
		held := p.HoldBack(strings.Replace(o.path, "@", webtest.Workplace(c), 1), webtest.Form(o.form...))
		before := s.Count(t, o.changes)
		if ends {
			leave(t, s, p)
		}
		a := held.Send()
		if denied(t, s, p) != 0 {
			t.Errorf("%s is refused before its statement: what does this prove?", o.path)
		}
		if a.Status >= 500 || ends && a.Status < 400 {
			t.Errorf("%s: %d", o.path, a.Status)
		}
		if s.Count(t, o.changes) != before {
			did++
			if ends {
				t.Errorf("%s is done by whoever has no role any more: %d", o.path, a.Status)
			}
		}
		leave(t, s, p)
	}
	return did
}

func TestA56WhatOutlivesARequestIsRefusedByItsStatementToWhoeverHasNoRoleAnyMore(t *testing.T) {
	tryTooLate(t, true)
}

func TestA56ControlTheSameRequestsDoSomethingForWhoeverHasTheirRoles(t *testing.T) {
	if did := tryTooLate(t, false); did != len(outliving) {
		t.Errorf("%d of %d did something", did, len(outliving))
	}
}

func TestA56NegativeControlWhereTheBodyIsReadAfterTheRolesAnEndedOneActs(t *testing.T) {
	s := webtest.OpenWith(t, webtest.Options{Before: late})
	sam := everybody(t, s)
	held := sam.HoldBack("/ops/staff", webtest.Form("email", "leo@example.test", "role", "support"))
	leave(t, s, sam)
	if held.Send(); denied(t, s, sam) != 0 {
		t.Error("an ended role is refused all the same: what do the tests of A56 prove?")
	}
}
