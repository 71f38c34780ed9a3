package ops_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/identity"
)

const asked = "She cannot find her appointment"

// see lets one of support begin to see the site as somebody.
func (b *person) see(person *person, more ...string) {
	b.t.Helper()
	goes(b.t, b.post("/ops/impersonations", append([]string{"person", person.id.String(), "reason", asked}, more...)...), "/account")
}

func TestA35SupportSeesTheSiteAsAPersonWhoIsToldAndEveryRowIsMarked(t *testing.T) {
	h := open(t)
	maya, sam := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support")
	has(t, sam.get("/ops/people/"+maya.id.String()), 200, "Maya Okafor signs in with a password and nothing else.", "See the site as Maya")
	before := sam.token()
	sam.see(maya)
	if sam.token() == before {
		t.Error("the session's token stayed the same")
	}
	for _, path := range []string{"/account", "/bookings", "/help"} {
		has(t, sam.get(path), 200, "You see the site as Maya Okafor and change nothing.", "30 minutes", `action="/staff-access/end"`)
	}
	has(t, sam.get("/account"), 200, maya.email())
	letter := h.letter(maya.email())
	if letter.Kind != identity.ActedAs || !strings.Contains(letter.Text(), asked) || !strings.HasSuffix(letter.URL, "/account/access-log") || strings.Contains(letter.Text(), "Sam") {
		t.Error(letter, letter.Text())
	}
	act := one[uuid.UUID](t, h, `select id from directory.staff_access where person = $1`, maya.id)
	if n := h.events(t, `patient = $1 and action = 'impersonation-begin' and actor = $2 and resource_id = $3`, maya.id, sam.id, act); n != 1 {
		t.Errorf("%d rows say that it began", n)
	}
	has(t, sam.post("/account/sign-out-everywhere"), 403)
	if n := h.events(t, `staff_access_id = $1 and actor = $2 and on_behalf_of = $3 and outcome = 'denied' and policy_id <> ''`, act, sam.id, maya.id); n == 0 {
		t.Error("what was done under it is not marked")
	}
	goes(t, sam.post("/staff-access/end"), "/ops/people/"+maya.id.String())
	lacks(t, sam.get("/ops"), "/staff-access/end")
	has(t, sam.get("/account"), 200, sam.email())
	if n := h.events(t, `staff_access_id = $1 and action = 'impersonation-end' and actor = $2 and on_behalf_of = $3`, act, sam.id, maya.id); n != 1 {
		t.Errorf("%d rows say that it ended", n)
	}
	if n := h.events(t, `actor = $1 and on_behalf_of is null and staff_access_id is not null`, sam.id); n != 0 {
		t.Error("control: rows of their own are marked too")
	}
}

func TestA35NothingIsChangedConsentedOrSignedInForSomebodyElse(t *testing.T) {
	h := open(t)
	clinic := h.Clinic(t)
	maya, sam := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support")
	h.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, 'owner')`, uuid.New(), clinic.ID, maya.id)
	maya.walkIn(true)
	change, consent := "/bookings/"+uuid.NewString()+"/cancellation", "/places/"+clinic.Slug+"/holds/"+uuid.NewString()+"/confirmation"
	own := []string{"/account/sign-out-everywhere", "/sign-in", "/password-reset", consent}
	work := []string{"/organizations/" + clinic.Slug + "/appointments", "/organizations/" + clinic.Slug + "/members", "/ops", "/ops/people"}
	refused := func(kind string) {
		t.Helper()
		for _, path := range own {
			if a := sam.post(path); a.status != 403 {
				t.Errorf("%s: POST %s is %d", kind, path, a.status)
			}
		}
		for _, path := range work {
			if a := sam.get(path); a.status != 403 {
				t.Errorf("%s: GET %s is %d", kind, path, a.status)
			}
		}
	}
	sam.see(maya)
	has(t, sam.post(change), 403)
	refused("looking")
	goes(t, sam.post("/staff-access/end"), "/ops/people/"+maya.id.String())
	sam.see(maya, "may_change", "on")
	has(t, sam.get("/account"), 200, "You act for Maya Okafor.")
	if a := sam.post(change); a.status == 403 {
		t.Error("control: what she asked to have changed is refused too")
	}
	refused("changing")
	if a := maya.post(consent); a.status == 403 {
		t.Error("control: she may not consent herself")
	}
	has(t, maya.get(work[0]), 200)
}

func TestA35ItEndsAfterThirtyMinutes(t *testing.T) {
	h := open(t)
	maya, sam := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support")
	sam.see(maya)
	h.forward(29 * time.Minute)
	has(t, sam.get("/account"), 200, maya.email(), "1 minute")
	h.forward(time.Minute + time.Second)
	a := sam.get("/account")
	has(t, a, 200, sam.email())
	lacks(t, a, maya.email(), "/staff-access/end")
	if n := one[float64](t, h, `select extract(epoch from expires_at - started_at)::float8 from directory.staff_access where person = $1`, maya.id); n != 1800 {
		t.Errorf("it may last %v seconds", n)
	}
}

func TestA35ItEndsWithTheNextRequestWhenSomebodyElseEndsIt(t *testing.T) {
	h := open(t)
	maya, sam, olga := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support"), h.person(t, "Olga", "operator")
	act := func() string {
		return one[string](t, h, `select id::text from directory.staff_access where person = $1 and ended_at is null`, maya.id)
	}
	sam.see(maya)
	has(t, olga.get("/ops"), 200, "As Maya Okafor", "Sam Support", asked)
	goes(t, olga.post("/ops/staff-access/"+act()+"/end"), "/ops")
	has(t, sam.get("/account"), 200, sam.email())
	sam.see(maya)
	id := act()
	h.Admin(t, `update directory.staff_access set ended_at = now() where id = $1`, id)
	has(t, sam.get("/account"), 200, sam.email())
	has(t, olga.post("/ops/staff-access/"+id+"/end"), 409)
	sam.see(maya)
	has(t, sam.get("/account"), 200, maya.email())
	h.Admin(t, `update directory.account set disabled_at = now() where id = $1`, sam.id)
	if a := sam.get("/account"); a.status != http.StatusSeeOther {
		t.Error("the account of a member of staff is closed and their act goes on:", a.status)
	}
}

func TestA35TakingTheRoleAwayEndsWhatItBegan(t *testing.T) {
	h := open(t)
	maya, sam, ada := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support"), h.person(t, "Ada", "administrator")
	sam.see(maya)
	role := one[string](t, h, `select id::text from directory.staff where account_id = $1`, sam.id)
	goes(t, ada.post("/ops/staff/"+role+"/end"), "/ops/staff")
	a := sam.get("/account")
	has(t, a, 200, sam.email())
	lacks(t, a, maya.email())
	has(t, sam.get("/ops"), 404)
}

func TestA35NobodyActsAsStaffNorAsThemselvesNorWithoutAFreshProof(t *testing.T) {
	h := open(t)
	maya, sam, ada := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support"), h.person(t, "Ada", "administrator")
	for _, who := range []*person{ada, sam} {
		has(t, sam.post("/ops/impersonations", "person", who.id.String(), "reason", asked), 403)
		lacks(t, sam.get("/ops/people/"+who.id.String()), "See the site as")
	}
	has(t, sam.post("/ops/impersonations", "person", uuid.NewString(), "reason", asked), 403)
	has(t, sam.post("/ops/impersonations", "person", "nobody", "reason", asked), 422)
	h.Admin(t, `update directory.account set disabled_at = now() where id = $1`, maya.id)
	has(t, sam.post("/ops/impersonations", "person", maya.id.String(), "reason", asked), 403)
	h.Admin(t, `update directory.account set disabled_at = null where id = $1`, maya.id)
	h.forward(11 * time.Minute)
	if a := sam.post("/ops/impersonations", "person", maya.id.String(), "reason", asked); !strings.HasPrefix(a.to, "/account/confirm") {
		t.Error("an old proof is enough:", a.status, a.to)
	}
	if n := one[int](t, h, `select count(*) from directory.staff_access where actor = $1`, sam.id); n != 0 {
		t.Errorf("%d acts began", n)
	}
	sam.walkIn(true)
	sam.see(maya)
}

func TestA35AReasonOfTenCharactersIsNeededAndWhatWasTypedStays(t *testing.T) {
	h := open(t)
	maya, sam := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support")
	for _, reason := range []string{"", "too short", "         x", strings.Repeat("a", 401)} {
		a := sam.post("/ops/impersonations", "person", maya.id.String(), "reason", reason, "may_change", "on")
		has(t, a, 422, "<title>Error: ", "There is a problem", `href="#reason"`, `aria-invalid="true"`, "checked")
		if kept := url.QueryEscape(reason); len(reason) < 20 && reason != "" && !strings.Contains(a.body, `value="`+reason+`"`) {
			t.Errorf("%q is lost", kept)
		}
	}
	a := sam.htmx("/ops/impersonations", "person", maya.id.String(), "reason", "no")
	has(t, a, 422, `id="see-as"`)
	lacks(t, a, "<html", "They lost their phone")
	if a := sam.htmx("/ops/impersonations", "person", maya.id.String(), "reason", asked); a.status != 204 || a.htmxTo != "/account" {
		t.Error(a.status, a.htmxTo)
	}
}

func TestTheConsoleIsNothingToStrangersAndRefusesOtherRoles(t *testing.T) {
	h := open(t)
	maya, charlie, olga := h.person(t, "Maya Okafor"), h.person(t, "Charlie"), h.person(t, "Olga", "operator")
	charlie.walkIn(true)
	id := uuid.NewString()
	pages := []string{"/ops", "/ops/people", "/ops/people/" + maya.id.String(), "/ops/staff", "/ops/emergency-access", "/ops/policies"}
	acts := []string{"/ops/impersonations", "/ops/staff-access/" + id + "/end", "/ops/people/" + maya.id.String() + "/sign-out", "/ops/people/" + maya.id.String() + "/second-factor-removal",
		"/ops/emergency-access", "/ops/emergency-access/" + id + "/review", "/ops/staff", "/ops/staff/" + id + "/end", "/ops/staff/people/" + maya.id.String() + "/sign-out", "/ops/staff/people/" + maya.id.String() + "/second-factor-removal"}
	for _, path := range pages {
		has(t, charlie.get(path), 404)
	}
	for _, path := range acts {
		has(t, charlie.post(path, "person", maya.id.String(), "reason", asked), 404)
	}
	for _, path := range []string{"/ops/impersonations", "/ops/staff", acts[2], acts[3], acts[5]} {
		has(t, olga.post(path, "person", maya.id.String(), "reason", asked), 403)
	}
	has(t, olga.get("/ops/policies"), 403)
	rea, pat, sam := h.person(t, "Rea", "reviewer"), h.person(t, "Pat Patient"), h.person(t, "Sam Support", "support")
	sam.see(pat)
	has(t, olga.get("/ops"), 200, "As Pat Patient")
	has(t, rea.get("/ops"), 200, "for those to see who help people")
	lacks(t, rea.get("/ops"), "Pat Patient")
	has(t, olga.get("/ops/people/"+maya.id.String()), 200)
	lacks(t, olga.get("/ops/people/"+maya.id.String()), "See the site as", "Sign them out")
	olga.walkIn(false)
	if a := olga.get("/ops"); !strings.HasPrefix(a.to, "/account/second-factor") {
		t.Error("the console opens without a second factor:", a.status, a.to)
	}
	if n := one[int](t, h, `select count(*) from directory.staff_access where person = $1`, maya.id); n != 0 {
		t.Error("somebody acts as her")
	}
}
