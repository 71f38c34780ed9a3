package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/views/layout"
)

// workplace has one route of each kind of resource, behind the policies.
func workplace(t *testing.T) (*webtest.Site, *pgtest.Clinic) {
	t.Helper()
	say := func(c echo.Context) error {
		account, _ := web.Account(c)
		text := "let in by " + web.Caller(c).Policy + " as " + account.Name
		if web.May(c, policy.ChangeMembers) {
			text += ", may invite"
		}
		return c.String(http.StatusOK, text)
	}
	page := web.DefaultOptions
	page.Return = web.ReturnAfterward
	var more []web.Route
	for _, r := range []struct {
		method, path string
		action       policy.Action
	}{
		{"GET", "/public", policy.Anyone}, {"GET", "/account", policy.ReadOwn}, {"POST", "/account/move", policy.ChangeOwn},
		{"POST", "/account/book", policy.ConsentOwn}, {"POST", "/account/factor", policy.ChangeAccount},
		{"GET", "/organizations/:place", policy.ReadOrganization},
		{"GET", "/organizations/:place/appointments", policy.ReadAppointments},
		{"GET", "/organizations/:place/api-keys", policy.ReadKeys},
		{"POST", "/organizations/:place/members", policy.ChangeMembers}, {"GET", "/ops", policy.ReadConsole},
		{"GET", "/ops/audit", policy.ReadAudit}, {"GET", "/nothing", "no.such"},
	} {
		more = append(more, web.Route{r.method, r.path, r.path, say, r.action, page})
	}
	site := openWith(t, pgtest.Open(t), more, func(s *web.Site) { s.FindStaffAccess = findAccess })
	site.Echo.POST("/prove/:factors", func(c echo.Context) error {
		if err := web.Confirm(c, web.Proof{Factors: len(c.Param("factors")), How: "totp"}); err != nil {
			return err
		}
		return web.Redirect(c, "/")
	})
	site.Echo.POST("/act/:id/:kind", func(c echo.Context) error {
		id, err := web.ID(c, "id")
		if err != nil {
			return err
		}
		if err := accessSlot.Set(c, id); err != nil {
			return err
		}
		return web.Redirect(c, "/")
	})
	return site, site.NewClinic(t)
}

// accessSlot and findAccess stand for the console: what began in this session runs as long as its row says.
var accessSlot = web.NewSlot[uuid.UUID]("test access", web.UntilSignIn)

func findAccess(c echo.Context) (a web.StaffAccess, runs bool, err error) {
	id, begun := accessSlot.Get(c)
	if !begun {
		return a, false, nil
	}
	row, err := web.SiteOf(c).Gateway.Identity(web.PublicScope(c)).ActiveStaffAccess(c.Request().Context(), id,
		web.Caller(c).Subject, web.Now(c))
	if errors.Is(err, pgx.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	a = web.StaffAccess{ID: row.ID, MayChange: row.MayChange,
		Banner: layout.StaffAccess{Text: "You see the site as " + row.Name, Left: "30 minutes"}}
	if row.TenantID != nil {
		a.Organization = *row.TenantID
	}
	if row.PersonID != nil {
		a.Person = identity.Account{ID: *row.PersonID, Name: row.Name}
	}
	return a, true, nil
}

// member has an account and a role at a clinic, and is not signed in.
func member(t *testing.T, site *webtest.Site, c *pgtest.Clinic, role string) *webtest.Person {
	t.Helper()
	p := maya(t, site)
	p.Employ(c, role)
	return p
}

// staff has a role on the platform's staff, and is not signed in.
func staff(t *testing.T, site *webtest.Site, role string) *webtest.Person {
	t.Helper()
	p := maya(t, site)
	site.Admin(t, "insert into directory.staff (id, account_id, role, created_at) values ($1, $2, $3, now() - interval '30 days')", uuid.New(), p.ID, role)
	return p
}

func TestAWorkplaceIsForItsPeopleWithTwoFactorsAndNobodyElse(t *testing.T) {
	site, clinic := workplace(t)
	home := "/organizations/" + clinic.Slug
	site.Visitor(t).Get("/public").Has(200, "public-pages@")
	site.Visitor(t).Get(home).Has(303, "/sign-in?next=")
	site.Visitor(t).Get("/nothing").Has(500)

	desk := site.Visitor(t)
	desk.SignInAs(member(t, site, clinic, "front_desk"), 1)
	desk.Get(home).Has(303, "/account/second-factor?next=%2Forganizations%2F"+clinic.Slug)
	desk.Do("POST", "/prove/2f", nil)
	desk.Get(home).Has(200, "front-desk@")
	desk.Get(home + "/api-keys").Has(403)
	desk.Get("/ops").Has(404)

	charlie, other := site.Visitor(t), site.NewClinic(t)
	charlie.SignInAs(member(t, site, other, "owner"), 1)
	charlie.Do("POST", "/prove/2f", nil)
	charlie.Get("/organizations/"+other.Slug).Has(200, "owner@", "may invite")
	refused := charlie.Get(home + "/appointments")
	refused.Has(404)
	if len(refused.Body) > 8<<10 || strings.Contains(refused.Body, clinic.Name) {
		t.Error("A05: the statusError says too much")
	}
	if n := pgtest.Value[int](t, clinic,
		"select count(*)::int from audit.event where tenant_id = $1 and outcome = 'denied' and action = 'appointments.read' and policy_id = 'default-deny' and policy_version <> ''", clinic.ID); n != 1 {
		t.Errorf("%d denials in the audit", n)
	}
	site.Visitor(t).Get("/organizations/no-such-place").Has(303) // signed out, nothing tells which places there are
	charlie.Get("/organizations/no-such-place").Has(404)
}

func TestARoleThatIsTakenAwayIsGoneWithTheNextRequest(t *testing.T) {
	site, clinic := workplace(t)
	who := member(t, site, clinic, "manager")
	b := site.Visitor(t)
	b.SignInAs(who, 1)
	b.Do("POST", "/prove/2f", nil)
	b.Get("/organizations/" + clinic.Slug).Has(200)
	site.Admin(t, "update directory.membership set ended_at = now() where account_id = $1", who.ID)
	b.Get("/organizations/" + clinic.Slug).Has(404)
}

func TestSensitiveActsAskOnceMoreAfterTenMinutes(t *testing.T) {
	site, clinic := workplace(t)
	b := site.Visitor(t)
	b.SignInAs(member(t, site, clinic, "manager"), 1)
	before := b.Cookie("kindward")
	b.Do("POST", "/prove/2f", nil)
	if b.Cookie("kindward") == before {
		t.Error("A17: the token stays when rights are gained")
	}
	path := "/organizations/" + clinic.Slug + "/members"
	b.Do("POST", path, nil).Has(200, "manager@")
	site.Clock.Forward(11 * time.Minute)
	b.Do("POST", path, nil, "Referer", site.URL+"/organizations/"+clinic.Slug).Has(303,
		"/account/confirm?next=%2Forganizations%2F"+clinic.Slug)
	b.Do("POST", "/prove/x", nil) // one factor now, and two before: both count
	b.Do("POST", path, nil).Has(200)

	desk := site.Visitor(t)
	desk.SignInAs(member(t, site, clinic, "front_desk"), 1)
	desk.Do("POST", path, nil).Has(403) // nobody is asked for a proof of what they may not do
}

func TestAProofIsGoodForTenMinutesAndNoSecondMore(t *testing.T) {
	at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	for after, good := range map[time.Duration]bool{0: true, 10*time.Minute - time.Second: true, 10 * time.Minute: false,
		10*time.Minute + time.Second: false} {
		if (web.Proof{At: at}).Recent(at.Add(after)) != good {
			t.Errorf("after %s: good %v", after, !good)
		}
	}
}

func TestACodeAloneIsNoProofWhereAnOrganizationsSignInLetSomebodyIn(t *testing.T) {
	site, clinic := workplace(t)
	b := site.Visitor(t)
	who := member(t, site, clinic, "manager")
	b.SignInAs(who, 1, "organization", clinic.ID.String())
	b.Do("POST", "/prove/2f", nil).Has(403)
	b.Get("/account").Has(303, "/account/confirm")
	b.SignInAs(who, 1) // control: by the password
	b.Do("POST", "/prove/2f", nil).Has(303)
	b.Get("/account").Has(200)
}

func TestA35SeeingTheSiteAsAPersonChangesNothingAndEndsByItself(t *testing.T) {
	site, clinic := workplace(t)
	support, maya := staff(t, site, "support"), member(t, site, clinic, "owner")
	act := func(expires time.Duration, mayChange bool) (*webtest.Person, uuid.UUID) {
		id := uuid.New()
		site.Admin(t, "insert into directory.staff_access (id, kind, actor, person, reason, may_change, started_at, expires_at) values ($1, 'impersonation', $2, $3, 'she cannot find her visit', $4, $5, $6)",
			id, support.ID, maya.ID, mayChange, site.Clock.Now(), site.Clock.Now().Add(expires))
		b := site.Visitor(t)
		b.SignInAs(support, 1)
		b.Do("POST", "/prove/2f", nil)
		b.Do("POST", "/act/"+id.String()+"/impersonation", nil)
		return b, id
	}
	b, id := act(30*time.Minute, false)
	b.Get("/account").Has(200, "as Maya")
	for _, path := range []string{"/account/move", "/account/book", "/account/factor"} {
		b.Do("POST", path, nil).Has(403)
	}
	b.Get("/organizations/" + clinic.Slug).Has(403)
	b.Get("/ops").Has(403)
	if n := pgtest.Value[int](t, clinic,
		"select count(*)::int from audit.event where staff_access_id = $1 and actor = $2 and on_behalf_of = $3 and outcome = 'denied'", id, support.ID, maya.ID); n != 5 {
		t.Errorf("%d marked rows in the audit, want 5", n)
	}
	page := b.Get("/")
	page.Has(200, "You see the site as Maya Okafor", "30 minutes", `action="/staff-access/end"`)
	site.Clock.Forward(31 * time.Minute)
	b.Get("/ops").Has(200, "staff@") // the act is over, the staff member's own session goes on

	b, id = act(30*time.Minute, true)
	b.Do("POST", "/account/move", nil).Has(200, "own-record@")
	b.Do("POST", "/account/book", nil).Has(403)
	b.Do("POST", "/account/factor", nil).Has(403)
	site.Admin(t, "update directory.staff_access set ended_at = now() where id = $1", id)
	b.Do("POST", "/account/move", nil).Has(200, "as "+support.Name) // her own, not the person's

	thief := site.Visitor(t)
	thief.SignInAs(staff(t, site, "support"), 1)
	thief.Do("POST", "/prove/2f", nil)
	_, id = act(30*time.Minute, false)
	thief.Do("POST", "/act/"+id.String()+"/impersonation", nil)
	if rows := pgtest.Value[int](t, clinic, "select count(*)::int from audit.event where staff_access_id = $1",
		id); rows != 0 {
		t.Error("somebody else's act was used")
	}
	thief.Get("/ops").Has(200)
}

func TestEmergencyAccessOpensOneOrganizationsRecordsForItsTime(t *testing.T) {
	site, clinic := workplace(t)
	other, support := site.NewClinic(t), staff(t, site, "support")
	id := uuid.New()
	site.Admin(t, "insert into directory.staff_access (id, kind, actor, tenant_id, reason, started_at, expires_at) values ($1, 'emergency', $2, $3, 'the clinic cannot be reached and a patient is in danger', $4, $5)",
		id, support.ID, clinic.ID, site.Clock.Now(), site.Clock.Now().Add(time.Hour))
	b := site.Visitor(t)
	b.SignInAs(support, 1)
	b.Do("POST", "/prove/2f", nil)
	path := "/organizations/" + clinic.Slug + "/appointments"
	b.Get(path).Has(404)
	b.Do("POST", "/act/"+id.String()+"/emergency_access", nil)
	b.Get(path).Has(200, "emergency@")
	b.Get("/organizations/" + clinic.Slug + "/api-keys").Has(404)
	b.Get("/organizations/" + other.Slug + "/appointments").Has(404)
	for range 3 { // nobody works who asks for nothing for half an hour
		site.Clock.Forward(61 * time.Minute / 3)
		b.Get("/")
	}
	b.Get(path).Has(404)
}

func TestF20WhatCannotBeToldIsNotGranted(t *testing.T) {
	site, clinic := workplace(t)
	b := site.Visitor(t)
	b.SignInAs(member(t, site, clinic, "owner"), 1)
	b.Do("POST", "/prove/2f", nil)
	site.Web.Gateway = must(tenancy.Open(t.Context(), site.AppURL(), site.Keys, tenancy.Options{MaxConns: 1}))
	site.Web.Gateway.Close()
	if got := b.Get("/organizations/" + clinic.Slug); got.Status < 500 {
		t.Errorf("without a database: %d", got.Status)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// The policy is told whether a proof is recent, not how old it is: its words have the number from nowhere else.
func TestThePolicyOfSensitiveActsSaysHowLongAProofIsGood(t *testing.T) {
	engine, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	says := func(life time.Duration) bool {
		return strings.Contains(engine.Words("recent-proof"), " "+civil.Duration(life)+" ")
	}
	if !says(web.ProofLife) {
		t.Errorf("%q does not say that a proof is good for %s", engine.Words("recent-proof"), civil.Duration(web.ProofLife))
	}
	if says(web.ProofLife + time.Minute) {
		t.Error("control: it says another time as well")
	}
}
