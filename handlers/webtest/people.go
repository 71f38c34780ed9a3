package webtest

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/ops"
	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

// signInPath is past passwords and codes, which the tests of those pages are about.
const signInPath = "/test/sign-in"

func signIn(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	proof := web.Proof{Factors: 1, How: "password"}
	if f.Raw("factors") == "2" {
		proof = web.Proof{Factors: 2, How: "totp"}
	}
	if organization := f.Raw("organization"); organization != "" { // by its own sign-in
		proof = web.Proof{Factors: 1, How: "sso", Organization: f.ID("organization"), At: web.Now(c)}
	}
	who, err := identity.ActiveAccount(c.Request().Context(), web.SiteOf(c).Gateway.Anonymous(), f.ID("id"))
	if err != nil {
		return err
	}
	if err := web.SignIn(c, who, proof); err != nil {
		return err
	}
	if access := f.Raw("access"); access != "" {
		if err := ops.BeginStaffAccess(c, f.ID("access")); err != nil {
			return err
		}
	}
	return web.Redirect(c, "/")
}

// Person has an account and is signed in with one factor.
func (s *Site) Person(t testing.TB, name string) *Person { t.Helper(); return s.person(t, name, 1) }

// WithTwoFactors has an account, is signed in with two factors, and works nowhere.
func (s *Site) WithTwoFactors(t testing.TB, name string) *Person {
	t.Helper()
	return s.person(t, name, 2)
}

// Member has a role at a clinic, and is signed in with two factors.
func (s *Site) Member(t testing.TB, at *pgtest.Clinic, name, role string) *Person {
	t.Helper()
	p := s.person(t, name, 2)
	p.Employ(at, role)
	return p
}

// Staff has had these roles on the platform's staff for a month, and is signed in with two factors.
func (s *Site) Staff(t testing.TB, name string, roles ...string) *Person {
	t.Helper()
	p := s.person(t, name, 2)
	for _, r := range roles {
		s.Admin(t, `insert into directory.staff (id, account_id, role, created_at) values ($1, $2, $3, now() - interval '30 days')`, uuid.New(), p.ID, r)
	}
	return p
}

// Alice owns the clinic.
func (s *Site) Alice(t testing.TB) *Person {
	t.Helper()
	return s.Member(t, s.Clinic(), "Alice", "owner")
}

// Bob is on Alice's team, in a role.
func (s *Site) Bob(t testing.TB, role string) *Person {
	t.Helper()
	return s.Member(t, s.Clinic(), "Bob", role)
}

// Charlie owns the other clinic and must see nothing of Alice's.
func (s *Site) Charlie(t testing.TB) *Person {
	t.Helper()
	return s.Member(t, s.Other(), "Charlie", "owner")
}

func (s *Site) person(t testing.TB, name string, factors int) *Person {
	t.Helper()
	id := s.Account(t, name)
	p := s.Known(t, id, id.String()+"@example.test", name)
	p.SignIn(factors)
	return p
}

// Known is the owner of an account that is there already, not signed in yet.
func (s *Site) Known(t testing.TB, id uuid.UUID, email, name string) *Person {
	t.Helper()
	p := s.Visitor(t)
	p.ID, p.Email, p.Name = id, email, name
	return p
}

// SignIn begins a session in a browser that knows nothing yet, with one factor or two. Fields may name the access that
// somebody of the staff has begun, or the organization by whose own sign-in somebody came.
func (p *Person) SignIn(factors int, fields ...string) {
	p.T.Helper()
	p.forgetCookies()
	p.SignInAs(p, factors, fields...)
}

// SignInAs makes this browser somebody's.
func (p *Person) SignInAs(who *Person, factors int, fields ...string) {
	p.T.Helper()
	a := p.Post(signInPath, append([]string{"id", who.ID.String(), "factors",
		strconv.Itoa(factors)}, fields...)...)
	if a.Status != http.StatusSeeOther {
		p.T.Fatal(who.Name, a.Status, a.Body)
	}
}

// Employ gives somebody a role at a clinic.
func (p *Person) Employ(at *pgtest.Clinic, role string) (membership uuid.UUID) {
	p.T.Helper()
	membership = uuid.Must(uuid.NewV7())
	p.Site.Admin(p.T, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, $4)`,
		membership, at.ID, p.ID, role)
	return membership
}
