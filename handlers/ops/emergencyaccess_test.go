package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

const alarm = "A patient collapsed and nobody at the clinic answers"

// visit books a visit of a person on a day in 2030, and gives the reference.
func visit(t *testing.T, clinic *pgtest.Clinic, who *person) (ref string) {
	t.Helper()
	patient, id := uuid.New(), uuid.New()
	ref = "KW-" + code(id, 4) + "-" + code(patient, 3)
	clinic.SQL(t, `insert into patient (id, account_id, name, born, email) values ($1, $2, $3, '1988-03-27', $4)`, patient, who.id, who.name, who.email())
	clinic.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at, booked_at)
		values ($1, $2, $3, 'booked', $4, $5, $6, $7, '2030-03-05 15:00Z', '2030-03-05 15:20Z', now())`, id, ref, clinic.OfferingID, uuid.New(), who.id, patient, clinic.Resources[0])
	return ref
}

// code is some characters of a reference.
func code(from uuid.UUID, n int) string {
	const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	var b strings.Builder
	for i := range n {
		b.WriteByte(alphabet[int(from[i])%len(alphabet)])
	}
	return b.String()
}

// work gives somebody a role at an organization.
func (b *person) work(clinic *pgtest.Clinic, role string) {
	b.t.Helper()
	b.h.Admin(b.t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, $4)`, uuid.New(), clinic.ID, b.id, role)
	b.walkIn(true)
}

// broken is an emergency at a clinic: Olga has opened its records.
type broken struct {
	*house
	a, b              *pgtest.Clinic
	maya, leo, olga   *person
	owner, front, coy *person // coy is of compliance
	act               string
}

func beginEmergencyAccess(t *testing.T) broken {
	t.Helper()
	h := open(t)
	x := broken{house: h, a: h.Clinic(t), b: h.Clinic(t), maya: h.person(t, "Maya Okafor"), leo: h.person(t, "Leo Medeiros"), olga: h.person(t, "Olga", "operator", "compliance"),
		owner: h.person(t, "Owner"), front: h.person(t, "Front Desk"), coy: h.person(t, "Coy", "compliance")}
	visit(t, x.a, x.maya)
	visit(t, x.b, x.leo)
	x.owner.work(x.a, "owner")
	x.front.work(x.a, "front_desk")
	has(t, x.olga.get(records(x.a)), 404)
	before := x.olga.token()
	goes(t, x.olga.post("/ops/emergency-access", "organization", x.a.Slug, "reason", alarm), "/organizations/"+x.a.Slug+"/appointments")
	if x.olga.token() == before {
		t.Error("the session's token stayed the same")
	}
	x.act = one[string](t, h, `select id::text from directory.staff_access where tenant_id = $1`, x.a.ID)
	return x
}

func records(c *pgtest.Clinic) string {
	return "/organizations/" + c.Slug + "/appointments?day=2030-03-05"
}

func TestEmergencyAccessToOneOrganizationOpensItsRecordsAndNothingOfAnother(t *testing.T) {
	x := beginEmergencyAccess(t)
	has(t, x.olga.get(records(x.a)), 200, "Maya Okafor", "in an emergency", `action="/staff-access/end"`)
	has(t, x.olga.get("/organizations/"+x.a.Slug+"/patients"), 200)
	for _, path := range []string{records(x.b), "/organizations/" + x.b.Slug + "/patients", "/organizations/" + x.b.Slug} {
		has(t, x.olga.get(path), 404)
		lacks(t, x.olga.get(path), "Leo Medeiros")
	}
	for _, path := range []string{"/members", "/api-keys", "/single-sign-on", "/access-log"} {
		if a := x.olga.get("/organizations/" + x.a.Slug + path); a.status != 404 && a.status != 403 {
			t.Errorf("%s of the organization is open: %d", path, a.status)
		}
	}
	if a := x.olga.post("/organizations/"+x.a.Slug+"/appointments/"+uuid.NewString()+"/status", "status", "arrived"); a.status != 404 && a.status != 403 {
		t.Error("visits can be changed:", a.status)
	}
	if n := x.events(t, `staff_access_id = $1 and actor = $2 and tenant_id = $3 and patient = $4 and outcome = 'success' and policy_id like '%emergency%'`, x.act, x.olga.id, x.a.ID, x.maya.id); n == 0 {
		t.Error("reading her visit is not marked")
	}
	if n := x.events(t, `tenant_id = $1 and action = 'emergency-access-begin' and resource_id = $2`, x.a.ID, x.act); n != 1 {
		t.Error("the organization's log does not say that it began:", n)
	}
	h := x.house
	letter := h.letter(x.owner.email())
	if letter.Kind != identity.EmergencyAccessBegun || !strings.Contains(letter.Text(), alarm) || !strings.Contains(letter.URL, "/organizations/"+x.a.Slug+"/access-log") {
		t.Error("the owner was told:", letter)
	}
	if other := h.letter(x.front.email()); other.Kind != "" {
		t.Error("the front desk was told too:", other)
	}
}

func TestEmergencyAccessEndsAfterAnHourOrWhenItIsStopped(t *testing.T) {
	x := beginEmergencyAccess(t)
	x.forward(59 * time.Minute)
	has(t, x.olga.get(records(x.a)), 200, "1 minute")
	x.forward(time.Minute + time.Second)
	has(t, x.olga.get(records(x.a)), 404)
	x.olga.walkIn(true)
	goes(t, x.olga.post("/ops/emergency-access", "organization", x.a.Slug, "reason", alarm), "/organizations/"+x.a.Slug+"/appointments")
	has(t, x.olga.get(records(x.a)), 200)
	goes(t, x.olga.post("/staff-access/end"), "/ops/emergency-access")
	has(t, x.olga.get(records(x.a)), 404)
	if n := x.events(t, `tenant_id = $1 and action = 'emergency-access-end'`, x.a.ID); n != 1 {
		t.Error("its end is not in the organization's log:", n)
	}
}

func TestEmergencyAccessNeedsARoleAReasonAndAFreshProof(t *testing.T) {
	h := open(t)
	clinic := h.Clinic(t)
	olga, coy, ada := h.person(t, "Olga", "operator"), h.person(t, "Coy", "compliance"), h.person(t, "Ada", "administrator")
	for _, who := range []*person{coy, ada} {
		has(t, who.post("/ops/emergency-access", "organization", clinic.Slug, "reason", alarm), 403)
	}
	a := olga.post("/ops/emergency-access", "organization", "no-such-place", "reason", "it burns")
	has(t, a, 422, `href="#organization"`, `href="#reason"`, `value="no-such-place"`, `value="it burns"`)
	a = olga.htmx("/ops/emergency-access", "organization", clinic.Slug, "reason", "nineteen characters")
	has(t, a, 422, `id="begin-emergency-access"`, `value="`+clinic.Slug+`"`)
	lacks(t, a, "<html", `href="#organization"`)
	h.forward(11 * time.Minute)
	if a := olga.post("/ops/emergency-access", "organization", clinic.Slug, "reason", alarm); !strings.HasPrefix(a.to, "/account/confirm") {
		t.Error("an old proof is enough:", a.status, a.to)
	}
	if n := one[int](t, h, `select count(*) from directory.staff_access where tenant_id = $1`, clinic.ID); n != 0 {
		t.Error("it was opened")
	}
}

func TestSomebodyElseReviewsEmergencyAccessOnce(t *testing.T) {
	x := beginEmergencyAccess(t)
	has(t, x.olga.get(records(x.a)), 200)
	review := "/ops/emergency-access/" + x.act + "/review"
	verdict := []string{"verdict", "not_justified", "note", "The clinic had answered by then"}
	has(t, x.coy.post(review, verdict...), 409) // it runs still
	goes(t, x.olga.post("/staff-access/end"), "/ops/emergency-access")
	own := x.olga.get("/ops/emergency-access")
	has(t, own, 200, alarm)
	lacks(t, own, `action="`+review+`"`)
	has(t, x.olga.post(review, verdict...), 409)
	queue := x.coy.get("/ops/emergency-access")
	has(t, queue, 200, alarm, "of 1 person opened", "Appointment", `action="`+review+`"`)
	lacks(t, queue, "Maya Okafor")
	a := x.coy.post(review, "note", "kept")
	has(t, a, 422, `href="#verdict-`+x.act, `value="kept"`)
	a = x.coy.htmx(review, "verdict", "justified")
	has(t, a, 422, `id="review-`+x.act, `href="#note-`+x.act)
	lacks(t, a, "<html")
	goes(t, x.coy.post(review, verdict...), "/ops/emergency-access")
	has(t, x.coy.post(review, verdict...), 409)
	has(t, x.coy.get("/ops/emergency-access"), 200, "Not justified", "The clinic had answered by then")
	if n := x.events(t, `tenant_id = $1 and action = 'emergency-access-review' and actor = $2 and fields = '{not_justified}'`, x.a.ID, x.coy.id); n != 1 {
		t.Error("the review is not in the log:", n)
	}
	if l := x.letter(x.owner.email()); l.Kind != identity.EmergencyAccessReviewed || !strings.Contains(l.Text(), "not justified") {
		t.Error("the owner does not know:", l)
	}
	sam := x.person(t, "Sam", "support")
	has(t, sam.post(review, verdict...), 403)
	lacks(t, sam.get("/ops/emergency-access"), alarm, "Not justified")
	_, err := x.Connect(t, x.AdminURL()).Exec(t.Context(), `update directory.staff_access set reviewed_by = actor where id = $1`, x.act)
	if err == nil {
		t.Error("control: the table lets somebody review themselves")
	}
}

func TestTheOverviewSaysHowLongAReviewIsLate(t *testing.T) {
	db := pgtest.Fresh(t, tenancyOptions)
	h := openIn(t, db)
	coy := h.person(t, "Coy", "compliance")
	has(t, coy.get("/ops"), 200, "Nothing needs a person now.", "Nobody acts for anybody.")
	clinic := h.Clinic(t)
	olga := h.person(t, "Olga", "operator")
	goes(t, olga.post("/ops/emergency-access", "organization", clinic.Slug, "reason", alarm), "/organizations/"+clinic.Slug+"/appointments")
	has(t, coy.get("/ops"), 200, "1 emergency access needs a person.", "1 waiting, none late", "Records of "+clinic.Name)
	h.forward(71 * time.Hour)
	coy.walkIn(true)
	has(t, coy.get("/ops/emergency-access"), 200, "1 emergency access waits for a review.", "1 hour left")
	h.forward(2 * time.Hour)
	has(t, coy.get("/ops"), 200, "1 late needs a person.", `class="bad"`)
	has(t, coy.get("/ops/emergency-access"), 200, "longer than 72 hours", "Late by 2 hours", `class="bad"`)
}
