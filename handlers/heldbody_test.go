package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers"
	"kindward/handlers/webtest"
	"kindward/internal/policy"
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
		if r.Method == http.MethodGet || spec.Kind == policy.Site {
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

func TestA56NegativeControlWhereTheBodyIsReadAfterTheRolesAnEndedOneActs(t *testing.T) {
	s := webtest.OpenWith(t, webtest.Options{Before: late})
	sam, leo := everybody(t, s), s.Person(t, "Leo")
	held := sam.HoldBack("/ops/staff", webtest.Form("email", leo.Email, "role", "support"))
	leave(t, s, sam)
	if held.Send(); denied(t, s, sam) != 0 {
		t.Error("an ended role is refused all the same: what do the tests of A56 prove?")
	}
}
