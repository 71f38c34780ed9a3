package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/views/layout"
)

// workplace has one route of each kind of resource, behind the policies.
func workplace(t *testing.T) (*house, *pgtest.Clinic) {
	t.Helper()
	say := func(c echo.Context) error {
		text := "let in by " + Caller(c).Policy + " as " + stateOf(c).account.Name
		if May(c, policy.ChangeMembers) {
			text += ", may invite"
		}
		return c.String(http.StatusOK, text)
	}
	page := defaultOptions
	page.Return = ReturnAfterward
	var more []Route
	for _, r := range []struct {
		method, path string
		action       policy.Action
	}{
		{"GET", "/public", policy.Anyone}, {"GET", "/account", policy.ReadOwn}, {"POST", "/account/move", policy.ChangeOwn}, {"POST", "/account/book", policy.ConsentOwn}, {"POST", "/account/factor", policy.ChangeAccount},
		{"GET", "/organizations/:place", policy.ReadOrganization}, {"GET", "/organizations/:place/appointments", policy.ReadAppointments}, {"GET", "/organizations/:place/api-keys", policy.ReadKeys},
		{"POST", "/organizations/:place/members", policy.ChangeMembers}, {"GET", "/ops", policy.ReadConsole}, {"GET", "/ops/audit", policy.ReadAudit}, {"GET", "/nothing", "no.such"},
	} {
		more = append(more, Route{r.method, r.path, r.path, say, r.action, page})
	}
	h := openWith(t, pgtest.Open(t), more, func(s *Site) { s.FindStaffAccess = findAccess })
	h.echo.POST("/prove/:factors", func(c echo.Context) error {
		if err := Confirm(c, Proof{Factors: len(c.Param("factors")), How: "totp"}); err != nil {
			return err
		}
		return Redirect(c, "/")
	})
	h.echo.POST("/act/:id/:kind", func(c echo.Context) error {
		id, err := ID(c, "id")
		if err != nil {
			return err
		}
		if err := accessSlot.Set(c, id); err != nil {
			return err
		}
		return Redirect(c, "/")
	})
	return h, h.Clinic(t)
}

// accessSlot and findAccess stand for the console: what began in this session runs as long as its row says.
var accessSlot = NewSlot[uuid.UUID]("test access", UntilSignIn)

func findAccess(c echo.Context) (a StaffAccess, runs bool, err error) {
	id, begun := accessSlot.Get(c)
	if !begun {
		return a, false, nil
	}
	row, err := SiteOf(c).Gateway.Shared(PublicScope(c)).ActiveStaffAccess(c.Request().Context(), id, Caller(c).Subject, Now(c))
	if errors.Is(err, pgx.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	a = StaffAccess{ID: row.ID, MayChange: row.MayChange, Banner: layout.StaffAccess{Text: "You see the site as " + row.Name, Left: "30 minutes"}}
	if row.TenantID != nil {
		a.Organization = *row.TenantID
	}
	if row.PersonID != nil {
		a.Person = identity.Account{ID: *row.PersonID, Name: row.Name}
	}
	return a, true, nil
}

func (h *house) member(t *testing.T, c *pgtest.Clinic, role string) identity.Account {
	t.Helper()
	a := h.person(t)
	h.Admin(t, "insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, $4)", uuid.New(), c.ID, a.ID, role)
	return a
}

func (h *house) staff(t *testing.T, role string) identity.Account {
	t.Helper()
	a := h.person(t)
	h.Admin(t, "insert into directory.staff (id, account_id, role) values ($1, $2, $3)", uuid.New(), a.ID, role)
	return a
}

func want(t *testing.T, got answer, code int, words ...string) {
	t.Helper()
	if got.StatusCode != code {
		t.Errorf("%s %s: %d, want %d", got.Request.Method, got.Request.URL.Path, got.StatusCode, code)
	}
	for _, w := range words {
		if !strings.Contains(got.body+got.Header.Get("Location"), w) {
			t.Errorf("%s: lacks %q: %s%.200s", got.Request.URL.Path, w, got.Header.Get("Location"), got.body)
		}
	}
}

func TestAWorkplaceIsForItsPeopleWithTwoFactorsAndNobodyElse(t *testing.T) {
	h, clinic := workplace(t)
	home := "/organizations/" + clinic.Slug
	want(t, h.browser(t).get("/public"), 200, "public-pages@")
	want(t, h.browser(t).get(home), 303, "/sign-in?next=")
	want(t, h.browser(t).get("/nothing"), 500)

	desk := h.browser(t)
	desk.become(h.member(t, clinic, "front_desk"))
	want(t, desk.get(home), 303, "/account/second-factor?next=%2Forganizations%2F"+clinic.Slug)
	desk.post("/prove/2f", nil)
	want(t, desk.get(home), 200, "front-desk@")
	want(t, desk.get(home+"/api-keys"), 403)
	want(t, desk.get("/ops"), 404)

	charlie, other := h.browser(t), h.Clinic(t)
	charlie.become(h.member(t, other, "owner"))
	charlie.post("/prove/2f", nil)
	want(t, charlie.get("/organizations/"+other.Slug), 200, "owner@", "may invite")
	refused := charlie.get(home + "/appointments")
	want(t, refused, 404)
	if len(refused.body) > 8<<10 || strings.Contains(refused.body, clinic.Name) {
		t.Error("A05: the statusError says too much")
	}
	if n := pgtest.Value[int](t, clinic, "select count(*)::int from audit.event where tenant_id = $1 and outcome = 'denied' and action = 'appointments.read' and policy_id = 'default-deny' and policy_version <> ''", clinic.ID); n != 1 {
		t.Errorf("%d denials in the audit", n)
	}
	want(t, h.browser(t).get("/organizations/no-such-place"), 303) // signed out, nothing tells which places there are
	want(t, charlie.get("/organizations/no-such-place"), 404)
}

func TestARoleThatIsTakenAwayIsGoneWithTheNextRequest(t *testing.T) {
	h, clinic := workplace(t)
	who := h.member(t, clinic, "manager")
	b := h.browser(t)
	b.become(who)
	b.post("/prove/2f", nil)
	want(t, b.get("/organizations/"+clinic.Slug), 200)
	h.Admin(t, "update directory.membership set ended_at = now() where account_id = $1", who.ID)
	want(t, b.get("/organizations/"+clinic.Slug), 404)
}

func TestSensitiveActsAskOnceMoreAfterTenMinutes(t *testing.T) {
	h, clinic := workplace(t)
	b := h.browser(t)
	b.become(h.member(t, clinic, "manager"))
	before := b.cookie("kindward")
	b.post("/prove/2f", nil)
	if b.cookie("kindward") == before {
		t.Error("A17: the token stays when rights are gained")
	}
	way := "/organizations/" + clinic.Slug + "/members"
	want(t, b.post(way, nil), 200, "manager@")
	h.clock.forward(11 * time.Minute)
	want(t, b.post(way, nil, "Referer", h.url+"/organizations/"+clinic.Slug), 303, "/account/confirm?next=%2Forganizations%2F"+clinic.Slug)
	b.post("/prove/x", nil) // one factor now, and two before: both count
	want(t, b.post(way, nil), 200)

	desk := h.browser(t)
	desk.become(h.member(t, clinic, "front_desk"))
	want(t, desk.post(way, nil), 403) // nobody is asked for a proof of what they may not do
}

func TestA35SeeingTheSiteAsAPersonChangesNothingAndEndsByItself(t *testing.T) {
	h, clinic := workplace(t)
	support, maya := h.staff(t, "support"), h.member(t, clinic, "owner")
	act := func(expires time.Duration, mayChange bool) (*browser, uuid.UUID) {
		id := uuid.New()
		h.Admin(t, "insert into directory.staff_access (id, kind, actor, person, reason, may_change, started_at, expires_at) values ($1, 'impersonation', $2, $3, 'she cannot find her visit', $4, $5, $6)",
			id, support.ID, maya.ID, mayChange, h.clock.now(), h.clock.now().Add(expires))
		b := h.browser(t)
		b.become(support)
		b.post("/prove/2f", nil)
		b.post("/act/"+id.String()+"/impersonation", nil)
		return b, id
	}
	b, id := act(30*time.Minute, false)
	want(t, b.get("/account"), 200, "as Maya")
	for _, way := range []string{"/account/move", "/account/book", "/account/factor"} {
		want(t, b.post(way, nil), 403)
	}
	want(t, b.get("/organizations/"+clinic.Slug), 403)
	want(t, b.get("/ops"), 403)
	if n := pgtest.Value[int](t, clinic, "select count(*)::int from audit.event where staff_access_id = $1 and actor = $2 and on_behalf_of = $3 and outcome = 'denied'", id, support.ID, maya.ID); n != 5 {
		t.Errorf("%d marked rows in the audit, want 5", n)
	}
	page := b.get("/")
	want(t, page, 200, "You see the site as Maya Okafor", "30 minutes", `action="/staff-access/end"`)
	h.clock.forward(31 * time.Minute)
	want(t, b.get("/ops"), 200, "staff@") // the act is over, the staff member's own session goes on

	b, id = act(30*time.Minute, true)
	want(t, b.post("/account/move", nil), 200, "own-record@")
	want(t, b.post("/account/book", nil), 403)
	want(t, b.post("/account/factor", nil), 403)
	h.Admin(t, "update directory.staff_access set ended_at = now() where id = $1", id)
	want(t, b.post("/account/move", nil), 200, "as "+support.Name) // her own, not the person's

	thief := h.browser(t)
	thief.become(h.staff(t, "support"))
	thief.post("/prove/2f", nil)
	_, id = act(30*time.Minute, false)
	thief.post("/act/"+id.String()+"/impersonation", nil)
	if rows := pgtest.Value[int](t, clinic, "select count(*)::int from audit.event where staff_access_id = $1", id); rows != 0 {
		t.Error("somebody else's act was used")
	}
	want(t, thief.get("/ops"), 200)
}

func TestEmergencyAccessOpensOneOrganizationsRecordsForItsTime(t *testing.T) {
	h, clinic := workplace(t)
	other, support := h.Clinic(t), h.staff(t, "support")
	id := uuid.New()
	h.Admin(t, "insert into directory.staff_access (id, kind, actor, tenant_id, reason, started_at, expires_at) values ($1, 'emergency', $2, $3, 'the clinic cannot be reached and a patient is in danger', $4, $5)",
		id, support.ID, clinic.ID, h.clock.now(), h.clock.now().Add(time.Hour))
	b := h.browser(t)
	b.become(support)
	b.post("/prove/2f", nil)
	way := "/organizations/" + clinic.Slug + "/appointments"
	want(t, b.get(way), 404)
	b.post("/act/"+id.String()+"/emergency_access", nil)
	want(t, b.get(way), 200, "emergency@")
	want(t, b.get("/organizations/"+clinic.Slug+"/api-keys"), 404)
	want(t, b.get("/organizations/"+other.Slug+"/appointments"), 404)
	h.clock.forward(61 * time.Minute)
	want(t, b.get(way), 404)
}

func TestF20WhatCannotBeToldIsNotGranted(t *testing.T) {
	h, clinic := workplace(t)
	b := h.browser(t)
	b.become(h.member(t, clinic, "owner"))
	b.post("/prove/2f", nil)
	h.site.Gateway = must(tenancy.Open(t.Context(), h.AppURL(), h.Keys, tenancy.Options{MaxConns: 1}))
	h.site.Gateway.Close()
	if got := b.get("/organizations/" + clinic.Slug); got.StatusCode < 500 {
		t.Errorf("without a database: %d", got.StatusCode)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
