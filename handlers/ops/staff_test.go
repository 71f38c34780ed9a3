package ops_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
)

var tenancyOptions tenancy.Options

// administrators are a database where only these two are on the staff.
func administrators(t *testing.T) (h *house, ada, ben *person) {
	t.Helper()
	h = openIn(t, pgtest.Fresh(t, tenancyOptions))
	return h, h.person(t, "Ada", "administrator"), h.person(t, "Ben", "administrator")
}

func (b *person) role(t *testing.T, role string) string {
	t.Helper()
	return one[string](t, b.h, `select coalesce(max(id::text), '') from directory.staff where account_id = $1 and role = $2 and ended_at is null`, b.id, role)
}

func TestAnAdministratorGivesAndEndsRolesOfOthers(t *testing.T) {
	h, ada, ben := administrators(t)
	sam := h.person(t, "Sam")
	has(t, ada.get("/ops/staff"), 200, "2 people are on the staff, 2 of them administrators.", "Yours")
	goes(t, ada.post("/ops/staff", "email", strings.ToUpper(sam.email()), "role", "support"), "/ops/staff")
	has(t, ada.get("/ops/staff"), 200, "Sam has the role now.", "by Ada")
	sam.walkIn(true)
	has(t, sam.get("/ops/people"), 200)
	has(t, ada.post("/ops/staff", "email", sam.email(), "role", "support"), 422, "They have this role already", `value="`+sam.email()+`"`)
	has(t, ada.post("/ops/staff", "email", "nobody@example.test", "role", "support"), 422, "Nobody has an account")
	has(t, ada.post("/ops/staff", "email", ada.email(), "role", "compliance"), 422, "Nobody gives themselves a role")
	a := ada.htmx("/ops/staff", "email", "nonsense", "role", "emperor")
	has(t, a, 422, `id="new-staff"`, "Choose a role", `value="nonsense"`)
	lacks(t, a, "<html")
	has(t, ada.post("/ops/staff/"+ada.role(t, "administrator")+"/end"), 409)
	goes(t, ada.post("/ops/staff/"+sam.role(t, "support")+"/end"), "/ops/staff")
	has(t, sam.get("/ops/people"), 404)
	goes(t, ada.post("/ops/staff/"+ben.role(t, "administrator")+"/end"), "/ops/staff")
	has(t, ben.get("/ops/staff"), 404)
	if n := h.events(t, `actor = $1 and resource = 'Staff' and action in ('staff-grant', 'staff-end') and outcome = 'success'`, ada.id); n != 3 {
		t.Errorf("%d rows in the audit", n)
	}
	sam.walkIn(true)
	for _, path := range []string{"/ops/staff", "/ops/staff/" + ada.role(t, "administrator") + "/end"} {
		has(t, sam.post(path, "email", sam.email(), "role", "administrator"), 404)
	}
}

func TestTwoAdministratorsWhoEndEachOtherAtOnceLeaveOne(t *testing.T) {
	h, ada, ben := administrators(t)
	for range 5 {
		var both sync.WaitGroup
		for _, pair := range [][2]*person{{ada, ben}, {ben, ada}} {
			role := pair[1].role(t, "administrator")
			both.Go(func() {
				_, _ = h.accounts.EndStaff(t.Context(), tenancy.Caller{Subject: pair[0].id, Staff: true}, uuid.MustParse(role))
			})
		}
		both.Wait()
		if n := one[int](t, h, `select count(*) from directory.staff where role = 'administrator' and ended_at is null`); n != 1 {
			t.Fatalf("%d administrators are left", n)
		}
		h.Admin(t, `update directory.staff set ended_at = null, ended_by = null where role = 'administrator' and account_id in ($1, $2) and id in (select distinct on (account_id) id from directory.staff order by account_id, created_at)`, ada.id, ben.id)
	}
	h.Admin(t, `update directory.staff set ended_at = now() where account_id = $1`, ben.id)
	if _, err := h.accounts.EndStaffOf(t.Context(), tenancy.Caller{Staff: true}, ada.email(), "administrator"); err != identity.ErrLastRole {
		t.Error("the last one can be ended:", err)
	}
	if _, err := h.accounts.GrantStaff(t.Context(), tenancy.Caller{Staff: true}, ben.email(), "administrator"); err != nil {
		t.Error("the operator of the machine cannot make one:", err)
	}
	if _, err := h.accounts.EndStaffOf(t.Context(), tenancy.Caller{Staff: true}, ada.email(), "administrator"); err != nil {
		t.Error("control: one of two cannot be ended:", err)
	}
	if _, err := h.accounts.GrantStaff(t.Context(), tenancy.Caller{Subject: ada.id}, ada.email(), "support"); err == nil {
		t.Error("control: whoever is not let in as staff gives roles")
	}
}

func TestPeopleAreFoundAndEachLookIsKept(t *testing.T) {
	h := open(t)
	clinic := h.Clinic(t)
	name := "Zz" + uuid.NewString()[:8] + " 100%_x"
	maya, sam := h.person(t, name), h.person(t, "Sam Support", "support")
	ref := visit(t, clinic, maya)
	for _, q := range []string{maya.email(), maya.email()[:20], name[:10], "00%25_", ref, strings.ToLower(strings.ReplaceAll(ref, "-", "+"))} {
		has(t, sam.get("/ops/people?q="+q), 200, maya.email(), "/ops/people/"+maya.id.String())
	}
	for _, q := range []string{"KW-2222-222", "nobody%40nowhere", "%25%25%25"} {
		a := sam.get("/ops/people?q=" + q)
		has(t, a, 200, "Nobody was found")
		lacks(t, a, maya.email())
	}
	has(t, sam.get("/ops/people?q=zz"), 422, "3 characters or more", `value="zz"`)
	has(t, sam.get("/ops/people"), 200, "Whom are you looking for?")
	if n := h.events(t, `actor = $1 and action = 'find' and resource = 'Account' and fields = '{results,1}' and length(after_hash) = 32`, sam.id); n != 6 {
		t.Errorf("%d look-ups with one result are kept", n)
	}
	if n := h.events(t, `actor = $1 and action = 'find' and fields = '{results,0}'`, sam.id); n != 3 {
		t.Errorf("%d look-ups without a result are kept", n)
	}
	if n := h.events(t, `tenant_id = $1 and patient = $2 and action = 'find' and actor = $3`, clinic.ID, maya.id, sam.id); n != 2 {
		t.Errorf("the organization and the person see %d looks at the visit", n)
	}
	if n := h.events(t, `actor = $1 and (to_jsonb(event)::text ilike '%' || $2 || '%' or to_jsonb(event)::text like '%' || $3 || '%')`, sam.id, name[:10], ref); n != 0 {
		t.Error("the audit has what was asked")
	}
	part := sam.do("GET", "/ops/people?q="+maya.email(), nil, true)
	has(t, part, 200, `id="people"`, maya.email())
	lacks(t, part, "<html")
	before := h.events(t, `patient = $1 and action = 'read' and actor = $2`, maya.id, sam.id)
	has(t, sam.get("/ops/people/"+maya.id.String()), 200)
	if n := h.events(t, `patient = $1 and action = 'read' and actor = $2 and outcome = 'success' and policy_id = 'support'`, maya.id, sam.id); n != before+1 {
		t.Error("opening the account is not kept")
	}
	lacks(t, sam.get("/ops/people/"+maya.id.String()), ref, clinic.Name, "Skin check")
	has(t, sam.get("/ops/people/"+uuid.NewString()), 404)
	has(t, sam.get("/ops/people/x"), 404)
}

func TestALostPhoneIsHelpedAndItsOwnerIsTold(t *testing.T) {
	h := open(t)
	maya, sam, ada := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support"), h.person(t, "Ada", "administrator")
	for _, id := range []uuid.UUID{maya.id, ada.id} {
		h.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, '\x0badc0de', now())`, id)
		h.Admin(t, `insert into directory.recovery_code (account_id, hash) values ($1, '\x01'), ($1, '\x02')`, id)
	}
	page, remove := "/ops/people/"+maya.id.String(), "/second-factor-removal"
	a := sam.get(page)
	has(t, a, 200, "signs in with a password and an authenticator app.", "2 codes", "They lost their phone")
	lacks(t, a, "0badc0de")
	has(t, sam.post(page+remove, "case", "no"), 422, `href="#case"`, `value="no"`)
	a = sam.htmx(page+remove, "case", "no")
	has(t, a, 422, `id="remove-factor"`)
	lacks(t, a, "<html")
	for _, who := range []*person{ada, sam} {
		has(t, sam.post("/ops/people/"+who.id.String()+remove, "case", "She read her code to me"), 403)
		has(t, sam.post("/ops/people/"+who.id.String()+"/sign-out"), 403)
		has(t, sam.post("/ops/staff/people/"+who.id.String()+remove, "case", "She read her code to me"), 403)
	}
	goes(t, sam.post(page+remove, "case", "She read her code to me"), page)
	has(t, sam.get(page), 200, "with a password and nothing else", "0 devices", "Second factor removed")
	if a := maya.get("/account"); a.status != 303 {
		t.Error("her devices are signed in still:", a.status)
	}
	if n := one[int](t, h, `select (select count(*) from directory.totp where account_id = $1) + (select count(*) from directory.recovery_code where account_id = $1)`, maya.id); n != 0 {
		t.Error("factors are left:", n)
	}
	if n := one[int](t, h, `select count(*) from directory.recovery_code where account_id = $1`, ada.id); n != 2 {
		t.Error("control: somebody else's went too")
	}
	if l := h.letter(maya.email()); l.Kind != identity.FactorsRemoved || !strings.Contains(l.Text(), "She read her code to me") {
		t.Error(l)
	}
	if n := h.events(t, `action = 'factor-removed' and actor = $1 and on_behalf_of = $2 and patient = $2`, sam.id, maya.id); n != 1 {
		t.Error("the audit does not know:", n)
	}
	has(t, sam.post(page+remove, "case", "She read her code to me"), 409)
	maya.walkIn(false)
	goes(t, sam.post(page+"/sign-out"), page)
	if a := maya.get("/account"); a.status != 303 {
		t.Error("she is signed in still:", a.status)
	}
	ben := h.person(t, "Ben", "administrator")
	has(t, ben.get("/ops/people/"+ada.id.String()), 200, "/ops/staff/people/"+ada.id.String()+remove)
	goes(t, ben.post("/ops/staff/people/"+ada.id.String()+remove, "case", "I stood beside her"), "/ops/people/"+ada.id.String())
	has(t, ben.post("/ops/staff/people/"+ben.id.String()+"/sign-out"), 403)
	has(t, ben.post("/ops/staff/people/"+maya.id.String()+"/sign-out"), 403)
	h.forward(11 * time.Minute)
	if a := sam.post(page + "/sign-out"); !strings.HasPrefix(a.to, "/account/confirm") {
		t.Error("an old proof is enough:", a.status, a.to)
	}
}

func TestThePoliciesPageSaysWhatTheEngineSaysAndWhy(t *testing.T) {
	h := open(t)
	clinic := h.Clinic(t)
	ada, front := h.person(t, "Ada", "administrator"), h.person(t, "Front Desk")
	front.work(clinic, "front_desk")
	engine, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	a := ada.get("/ops/policies")
	has(t, a, 200, engine.Version())
	for _, p := range engine.Policies() {
		has(t, a, 200, p.ID+", "+p.File)
	}
	why := func(account, action string) answer {
		return ada.get("/ops/policies?account=" + account + "&organization=" + clinic.Slug + "&action=" + action)
	}
	has(t, why(front.email(), "appointments.read"), 200, "Front Desk may: See the day", "The front desk sees the day, not the records.", "They sign in with a second factor for it.")
	has(t, why(front.email(), "patients.read"), 200, "Front Desk may not: Open a patient", "No policy permits it.", "with the role owner or manager or clinician.")
	has(t, why(ada.email(), "staff.change"), 200, "Ada may: Give and take roles", "when that was longer than ten minutes ago")
	has(t, why(front.email(), "staff.change"), 200, "Front Desk may not", "with the role administrator.")
	has(t, why("nobody@example.test", "staff.change"), 422, "Nobody has an account", `value="nobody@example.test"`)
	has(t, why("nonsense", "nothing"), 422, `href="#account"`, `href="#action"`)
	has(t, ada.get("/ops/policies?account="+front.email()+"&action=patients.read"), 422, "Say at which organization")
	part := ada.do("GET", "/ops/policies?account="+front.email()+"&organization="+clinic.Slug+"&action=patients.read", nil, true)
	has(t, part, 200, `id="why"`, "Front Desk may not")
	lacks(t, part, "<html")
	if yes := bytes.Count([]byte(a.body), []byte(`<td class="good">Yes</td>`)); yes < 20 {
		t.Errorf("the tables say yes %d times", yes)
	}
}
