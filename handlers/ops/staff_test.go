package ops_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// events counts those of the audit.
func events(t *testing.T, site *webtest.Site, where string, args ...any) int {
	t.Helper()
	return site.Count(t, "select count(*) from audit.event where "+where, args...)
}

// administrators are a database where only these two are on the staff.
func administrators(t *testing.T) (site *webtest.Site, ada, ben *webtest.Person) {
	t.Helper()
	site = webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	return site, site.Staff(t, "Ada", "administrator"), site.Staff(t, "Ben", "administrator")
}

func staffRole(t *testing.T, b *webtest.Person, role string) string {
	t.Helper()
	return pgtest.One[string](t, b.Site.DB,
		`select coalesce(max(id::text), '') from directory.staff where account_id = $1 and role = $2 and ended_at is null`,
		b.ID, role)
}

func TestAnAdministratorGivesAndEndsRolesOfOthers(t *testing.T) {
	site, ada, ben := administrators(t)
	sam := site.Person(t, "Sam")
	ada.Get("/ops/staff").Has(200, "2 people are on the staff, 2 of them administrators.", "Yours")
	ada.Post("/ops/staff", "email", strings.ToUpper(sam.Email), "role", "support").Goes("/ops/staff")
	ada.Get("/ops/staff").Has(200, "Sam has the role now.", "by Ada")
	sam.SignIn(2)
	sam.Get("/ops/people").Has(200)
	ada.Post("/ops/staff", "email", sam.Email, "role", "support").Has(422, "They have this role already",
		`value="`+sam.Email+`"`)
	ada.Post("/ops/staff", "email", "nobody@example.test", "role", "support").Has(422, "Nobody has an account")
	ada.Post("/ops/staff", "email", ada.Email, "role", "compliance").Has(422, "Nobody gives themselves a role")
	a := ada.HTMX().Post("/ops/staff", "email", "nonsense", "role", "emperor")
	a.Has(422, "Choose a role", `value="nonsense"`)
	a.IsPart("new-staff")
	if n := events(t, site, `actor = $1 and action = 'find'`, ada.ID); n != 3 {
		t.Errorf("of 3 refusals that tell about an address the audit keeps %d", n)
	}
	ada.Post("/ops/staff/" + staffRole(t, ada, "administrator") + "/end").Has(409)
	support := staffRole(t, sam, "support")
	ada.Get("/ops/staff").Has(200, "<summary", "Sam is no longer Support from their next page on.", "Yes, end it")
	ada.Post("/ops/staff/" + support + "/end").Goes("/ops/staff")
	ada.Post("/ops/staff/" + support + "/end").Has(404)
	sam.Get("/ops/people").Has(404)
	ada.Post("/ops/staff/" + staffRole(t, ben, "administrator") + "/end").Goes("/ops/staff")
	ben.Get("/ops/staff").Has(404)
	if n := events(t, site, `actor = $1 and resource = 'Staff' and action in ('staff-grant', 'staff-end') and outcome = 'success'`, ada.ID); n != 3 {
		t.Errorf("%d rows in the audit", n)
	}
	sam.SignIn(2)
	for _, path := range []string{"/ops/staff", "/ops/staff/" + staffRole(t, ada, "administrator") + "/end"} {
		sam.Post(path, "email", sam.Email, "role", "administrator").Has(404)
	}
}

// asCaller gives queries over shared rows as whoever calls sees them.
func asCaller(site *webtest.Site, c tenancy.Caller) *shareddb.Queries {
	return site.Gateway.Identity(site.Gateway.Admit(tenancy.Tenant{}, c))
}

func TestTwoAdministratorsWhoEndEachOtherAtOnceLeaveOne(t *testing.T) {
	site, ada, ben := administrators(t)
	for range 5 {
		var both sync.WaitGroup
		for _, pair := range [][2]*webtest.Person{{ada, ben}, {ben, ada}} {
			role := staffRole(t, pair[1], "administrator")
			both.Go(func() {
				_, _ = identity.EndStaff(t.Context(), asCaller(site, tenancy.Caller{Subject: pair[0].ID, Staff: true}),
					uuid.MustParse(role), time.Now())
			})
		}
		both.Wait()
		if n := pgtest.One[int](t, site.DB,
			`select count(*) from directory.staff where role = 'administrator' and ended_at is null`); n != 1 {
			t.Fatalf("%d administrators are left", n)
		}
		site.Admin(t, `update directory.staff set ended_at = null, ended_by = null where role = 'administrator' and account_id in ($1, $2) and id in (select distinct on (account_id) id from directory.staff order by account_id, created_at)`, ada.ID, ben.ID)
	}
	site.Admin(t, `update directory.staff set ended_at = now() where account_id = $1`, ben.ID)
	if _, err := identity.EndStaffOf(t.Context(), asCaller(site, tenancy.Caller{Staff: true}), ada.Email, "administrator",
		time.Now()); err != identity.ErrLastAdministrator {
		t.Error("the last one can be ended:", err)
	}
	if _, err := identity.GrantStaff(t.Context(), asCaller(site, tenancy.Caller{Staff: true}), site.Keys,
		ben.Email, "administrator", time.Now()); err != nil {
		t.Error("the operator of the machine cannot make one:", err)
	}
	if _, err := identity.EndStaffOf(t.Context(), asCaller(site, tenancy.Caller{Staff: true}), ada.Email, "administrator",
		time.Now()); err != nil {
		t.Error("control: one of two cannot be ended:", err)
	}
	if _, err := identity.GrantStaff(t.Context(), asCaller(site, tenancy.Caller{Subject: ada.ID}), site.Keys,
		ada.Email, "support", time.Now()); err == nil {
		t.Error("control: whoever is not let in as staff gives roles")
	}
}

func TestOfThreeAdministratorsTwoWhoEndEachOtherAtOnceAreNotBothOut(t *testing.T) {
	site, ada, ben := administrators(t)
	site.Staff(t, "Cleo", "administrator")
	for range 5 {
		var both sync.WaitGroup
		for _, pair := range [][2]*webtest.Person{{ada, ben}, {ben, ada}} {
			role := staffRole(t, pair[1], "administrator")
			both.Go(func() {
				_, _ = identity.EndStaff(t.Context(), asCaller(site, tenancy.Caller{Subject: pair[0].ID, Staff: true}),
					uuid.MustParse(role), time.Now())
			})
		}
		both.Wait()
		if n := pgtest.One[int](t, site.DB,
			`select count(*) from directory.staff where role = 'administrator' and ended_at is null`); n != 2 {
			t.Fatalf("%d administrators are left", n)
		}
		site.Admin(t, `update directory.staff set ended_at = null, ended_by = null where role = 'administrator' and account_id in ($1, $2)`, ada.ID, ben.ID)
	}
}

func TestPeopleAreFoundAndEachLookIsKept(t *testing.T) {
	site := webtest.Open(t)
	clinic := site.NewClinic(t)
	name := "Zz" + uuid.NewString()[:8] + " 100%_x"
	maya, sam := site.Person(t, name), site.Staff(t, "Sam Support", "support")
	ref := site.VisitOf(t, clinic, maya.ID, maya.Name, 30).Ref
	for _, q := range []string{maya.Email, maya.Email[:20], name[:10], "x 100%_", ref,
		strings.ToLower(strings.ReplaceAll(ref, "-", " "))} {
		sam.Find("/ops/people", "q", q).Has(200, maya.Email, "/ops/people/"+maya.ID.String())
	}
	for _, q := range []string{"KW-2222-222", "nobody@nowhere", "%%%"} {
		a := sam.Find("/ops/people", "q", q)
		a.Has(200, "Nobody was found")
		a.Lacks(maya.Email)
	}
	sam.Find("/ops/people", "q", "zz").Has(422, "3 characters or more", `value="zz"`)
	sam.Get("/ops/people").Has(200, "Whom are you looking for?")
	if n := events(t, site, `actor = $1 and action = 'find' and resource = 'Account' and fields = '{results,1}' and length(after_hash) = 32`, sam.ID); n != 6 {
		t.Errorf("%d look-ups with one result are kept", n)
	}
	if n := events(t, site, `actor = $1 and action = 'find' and fields = '{results,0}'`, sam.ID); n != 3 {
		t.Errorf("%d look-ups without a result are kept", n)
	}
	if n := events(t, site, `tenant_id = $1 and patient = $2 and action = 'find' and actor = $3`, clinic.ID, maya.ID,
		sam.ID); n != 2 {
		t.Errorf("the organization and the person see %d looks at the visit", n)
	}
	if n := events(t, site, `actor = $1 and patient = $2 and resource = 'Account' and action = 'list'`, sam.ID,
		maya.ID); n != 6 {
		t.Errorf("the person found sees %d of 6 searches that showed them", n)
	}
	maya.Get("/account/access-log").Has(200, "saw your name and email address in a search", "6 times")
	if n := events(t, site, `actor = $1 and (to_jsonb(event)::text ilike '%' || $2 || '%' or to_jsonb(event)::text like '%' || $3 || '%')`, sam.ID, name[:10], ref); n != 0 {
		t.Error("the audit has what was asked")
	}
	part := sam.HTMX().Find("/ops/people", "q", maya.Email)
	part.Has(200, maya.Email)
	part.IsPart("people")
	before := events(t, site, `patient = $1 and action = 'read' and actor = $2`, maya.ID, sam.ID)
	sam.Get("/ops/people/" + maya.ID.String()).Has(200)
	if n := events(t, site, `patient = $1 and action = 'read' and actor = $2 and outcome = 'success' and policy_id = 'support'`, maya.ID, sam.ID); n != before+1 {
		t.Error("opening the account is not kept")
	}
	sam.Get("/ops/people/"+maya.ID.String()).Lacks(ref, clinic.Name, "Skin check")
	sam.Get("/ops/people/" + uuid.NewString()).Has(404)
	sam.Get("/ops/people/x").Has(404)
}

func TestALostPhoneIsHelpedAndItsOwnerIsTold(t *testing.T) {
	site := webtest.Open(t)
	maya, sam, ada := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support"),
		site.Staff(t, "Ada", "administrator")
	for _, id := range []uuid.UUID{maya.ID, ada.ID} {
		site.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, '\x0badc0de', now())`, id)
		site.Admin(t, `insert into directory.recovery_code (account_id, hash) values ($1, '\x01'), ($1, '\x02')`, id)
	}
	page, remove := "/ops/people/"+maya.ID.String(), "/second-factor-removal"
	a := sam.Get(page)
	a.Has(200, "signs in with a password and an authenticator app.", "2 codes", "They lost their phone")
	a.Lacks("0badc0de")
	sam.Post(page+remove, "case", "no").Has(422, `href="#case"`, `value="no"`)
	a = sam.HTMX().Post(page+remove, "case", "no")
	a.Has(422)
	a.IsPart("factor-removal")
	for _, who := range []*webtest.Person{ada, sam} {
		sam.Post("/ops/people/"+who.ID.String()+remove, "case", "She read her code to me").Has(403)
		sam.Post("/ops/people/" + who.ID.String() + "/sign-out").Has(403)
		sam.Post("/ops/staff/people/"+who.ID.String()+remove, "case", "She read her code to me").Has(403)
	}
	sam.Post(page+remove, "case", "She read her code to me").Goes(page)
	sam.Get(page).Has(200, "with a password and nothing else", "0 devices", "Second factor removed")
	if a := maya.Get("/account"); a.Status != 303 {
		t.Error("her devices are signed in still:", a.Status)
	}
	if n := pgtest.One[int](t, site.DB,
		`select (select count(*) from directory.totp where account_id = $1) + (select count(*) from directory.recovery_code where account_id = $1)`, maya.ID); n != 0 {
		t.Error("factors are left:", n)
	}
	if n := pgtest.One[int](t, site.DB, `select count(*) from directory.recovery_code where account_id = $1`,
		ada.ID); n != 2 {
		t.Error("control: somebody else's went too")
	}
	if l := site.Mailbox().Last(maya.Email); l.Kind != notify.KindFactorsRemoved ||
		!strings.Contains(l.Text, "She read her code to me") {
		t.Error(l)
	}
	if n := events(t, site, `action = 'factor-removed' and actor = $1 and on_behalf_of = $2 and patient = $2`, sam.ID,
		maya.ID); n != 1 {
		t.Error("the audit does not know:", n)
	}
	sam.Post(page+remove, "case", "She read her code to me").Has(409)
	maya.SignIn(1)
	sam.Post(page + "/sign-out").Goes(page)
	if a := maya.Get("/account"); a.Status != 303 {
		t.Error("she is signed in still:", a.Status)
	}
	ben := site.Staff(t, "Ben", "administrator")
	ben.Get("/ops/people/"+ada.ID.String()).Has(200, "/ops/staff/people/"+ada.ID.String()+remove)
	ben.Post("/ops/staff/people/" + ben.ID.String() + "/sign-out").Has(403)
	ben.Post("/ops/staff/people/" + maya.ID.String() + "/sign-out").Has(403)
	site.Clock.Forward(11 * time.Minute)
	if a := sam.Post(page + "/sign-out"); !strings.HasPrefix(a.Location, "/account/confirm") {
		t.Error("an old proof is enough:", a.Status, a.Location)
	}
}

func TestThePoliciesPageSaysWhatTheEngineSaysAndWhy(t *testing.T) {
	site := webtest.Open(t)
	clinic := site.NewClinic(t)
	ada, front := site.Staff(t, "Ada", "administrator"), site.Member(t, clinic, "Front Desk", "front_desk")
	engine, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	a := ada.Get("/ops/policies")
	a.Has(200, engine.Version())
	for _, p := range engine.Policies() {
		a.Has(200, p.ID+", "+p.File)
	}
	why := func(account, action string) webtest.Answer {
		return ada.Find("/ops/policies", "account", account, "organization", clinic.Slug, "action", action)
	}
	why(front.Email, "appointments.read").Has(200, "Front Desk may: See the day",
		"The front desk sees the day and how patients are reached, not the records; it books, moves and cancels for those "+
			"who call.",
		"They sign in with a second factor for it.")
	why(front.Email, "patients.read").Has(200, "Front Desk may not: Open a patient", "No policy permits it.",
		"with the role owner or manager or clinician.")
	why(ada.Email, "staff.change").Has(200, "Ada may: Give and take roles", "when that was longer than 10 minutes ago")
	why(front.Email, "staff.change").Has(200, "Front Desk may not", "with the role administrator.")
	why("nobody@example.test", "staff.change").Has(422, "Nobody has an account", `value="nobody@example.test"`)
	why("nonsense", "nothing").Has(422, `href="#account"`, `href="#action"`)
	ada.Find("/ops/policies", "account", front.Email, "action", "patients.read").Has(422, "Say at which organization")
	part := ada.HTMX().Post("/ops/policies", "account", front.Email, "organization", clinic.Slug, "action",
		"patients.read")
	part.Has(200, "Front Desk may not")
	part.IsPart("why")
	if yes := bytes.Count([]byte(a.Body), []byte(`class="good">Yes</td>`)); yes < 20 {
		t.Errorf("the tables say yes %d times", yes)
	}
}
