package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers"
	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/region"
)

// elsewhere tells which pages other tests look at, in a browser: workplaces in handlers/provider, the console in handlers/ops, an
// organization's own sign-in in the journey through it.
func elsewhere(r handlers.Route) bool {
	return strings.HasPrefix(r.Path, "/sso") || strings.HasPrefix(r.Path, "/organizations") || strings.HasPrefix(r.Path, "/invitations") || strings.HasPrefix(r.Path, "/ops")
}

// walkIn signs somebody in with two factors: what is looked at is behind the gateway.
func walkIn(c echo.Context) error {
	id, err := web.ID(c, "account")
	if err != nil {
		return err
	}
	if err := web.SignIn(c, identity.Account{ID: id}, web.Proof{Factors: 2, How: "passkey"}); err != nil {
		return err
	}
	return web.Redirect(c, "/account")
}

// worker is somebody of the demonstration who works, signed in with two factors.
func (h *house) worker(t testing.TB, email string) *someone {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var id uuid.UUID
	if err := conn.QueryRow(t.Context(), "select id from directory.account where email = $1", email).Scan(&id); err != nil {
		t.Fatal(email, err)
	}
	s := h.someone(t)
	if r := s.post("/walk-in/"+id.String(), nil); r.status != http.StatusSeeOther {
		t.Fatalf("%s cannot walk in: %d", email, r.status)
	}
	return s
}

// halfway is a worker whose password was right and who has not typed the code.
func (h *house) halfway(t testing.TB, email, password string) *someone {
	t.Helper()
	s := h.someone(t)
	if r := s.post("/sign-in", url.Values{"email": {email}, "password": {password}}); r.location != "/sign-in/second-step" {
		t.Fatalf("%s is not asked for a code: %d %s", email, r.status, r.location)
	}
	return s
}

// accountSights are the pages about how somebody signs in and who looked at their record.
func (h *house) accountSights(t *testing.T) []sight {
	t.Helper()
	owner, leo, rosa := h.worker(t, "owner@example.test"), h.worker(t, "leo@example.test"), h.worker(t, "maya@example.test")
	rosa.post("/account/second-factor", nil)
	return []sight{
		{name: "second-step", route: "second step", path: "/sign-in/second-step", as: h.halfway(t, "clinician@example.test", region.Password)},
		{name: "confirm", route: "confirm", path: "/account/confirm", as: leo},
		{name: "confirm-code", route: "confirm", path: "/account/confirm?next=/account/second-factor", as: owner},
		{name: "second-factor", route: "second factor", path: "/account/second-factor", as: leo},
		{name: "second-factor-set-up", route: "second factor", path: "/account/second-factor", as: rosa},
		{name: "second-factor-on", route: "second factor", path: "/account/second-factor", as: owner},
		{name: "passkeys", route: "passkeys", path: "/account/passkeys", as: leo},
		{name: "new-passkey", route: "new passkey", path: "/account/passkeys/new", as: leo},
		{name: "email-change", route: "email change", path: "/account/email", as: leo},
		{name: "new-email", route: "new email", path: h.emailLink(t, leo), as: leo},
		{name: "access-log", route: "access log", path: "/account/access-log?all=on", as: rosa},
		{name: "account-owner", route: "account", path: "/account", as: owner},
		{name: "codes", route: "codes", path: "/demo/codes"},
	}
}
