package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

const alarm = "A patient collapsed and nobody at the clinic answers"

// emergency is one at clinic a: Olga has opened its records.
type emergency struct {
	*webtest.Site
	a, b              *pgtest.Clinic
	maya, leo, olga   *webtest.Person
	owner, front, coy *webtest.Person // coy is of compliance
	act, day          string          // day is that of the visits
}

func beginEmergencyAccess(t *testing.T) emergency {
	t.Helper()
	site := webtest.Open(t)
	x := emergency{Site: site, a: site.NewClinic(t), b: site.NewClinic(t), maya: site.Person(t, "Maya Okafor"),
		leo: site.Person(t, "Leo Medeiros"), olga: site.Staff(t, "Olga", "operator", "compliance"),
		coy: site.Staff(t, "Coy", "compliance")}
	x.owner, x.front = site.Member(t, x.a, "Owner", "owner"), site.Member(t, x.a, "Front Desk", "front_desk")
	x.day = site.VisitOf(t, x.a, x.maya.ID, x.maya.Name, 30).Day
	site.VisitOf(t, x.b, x.leo.ID, x.leo.Name, 30)
	x.olga.Get(records(x.a, x.day)).Has(404)
	before := x.olga.Token()
	x.olga.Post("/ops/emergency-access", "organization", x.a.Slug, "reason",
		alarm).Goes("/organizations/" + x.a.Slug + "/appointments")
	if x.olga.Token() == before {
		t.Error("the session's token stayed the same")
	}
	x.act = pgtest.One[string](t, site.DB, `select id::text from directory.staff_access where tenant_id = $1`, x.a.ID)
	return x
}

// records is the page of a day at a clinic.
func records(c *pgtest.Clinic, day string) string {
	return webtest.Workplace(c) + "/appointments?day=" + day
}

func TestEmergencyAccessToOneOrganizationOpensItsRecordsAndNothingOfAnother(t *testing.T) {
	x := beginEmergencyAccess(t)
	x.olga.Get(records(x.a, x.day)).Has(200, "Maya Okafor", "in an emergency", `action="/staff-access/end"`)
	x.olga.Get("/organizations/" + x.a.Slug + "/patients").Has(200)
	for _, path := range []string{records(x.b, x.day), "/organizations/" + x.b.Slug + "/patients",
		"/organizations/" + x.b.Slug} {
		x.olga.Get(path).Has(404)
		x.olga.Get(path).Lacks("Leo Medeiros")
	}
	for _, path := range []string{"/members", "/api-keys", "/single-sign-on", "/access-log"} {
		if a := x.olga.Get("/organizations/" + x.a.Slug + path); a.Status != 404 && a.Status != 403 {
			t.Errorf("%s of the organization is open: %d", path, a.Status)
		}
	}
	if a := x.olga.Post("/organizations/"+x.a.Slug+"/appointments/"+uuid.NewString()+"/status", "status",
		"arrived"); a.Status != 404 && a.Status != 403 {
		t.Error("visits can be changed:", a.Status)
	}
	if n := events(t, x.Site,
		`staff_access_id = $1 and actor = $2 and tenant_id = $3 and patient = $4 and outcome = 'success' and policy_id like '%emergency%'`, x.act, x.olga.ID, x.a.ID, x.maya.ID); n == 0 {
		t.Error("reading her visit is not marked")
	}
	if n := events(t, x.Site, `tenant_id = $1 and action = 'emergency-access-begin' and resource_id = $2`, x.a.ID,
		x.act); n != 1 {
		t.Error("the organization's log does not say that it began:", n)
	}
	email := x.Mailbox().Last(x.owner.Email)
	if email.Kind != notify.KindEmergencyAccessBegun || !strings.Contains(email.Text, alarm) ||
		!strings.Contains(email.Link, "/organizations/"+x.a.Slug+"/access-log") {
		t.Error("the owner was told:", email)
	}
	if other := x.Mailbox().Last(x.front.Email); other.Kind != "" {
		t.Error("the front desk was told too:", other)
	}
}

func TestEmergencyAccessEndsAfterAnHourOrWhenItIsStopped(t *testing.T) {
	x := beginEmergencyAccess(t)
	x.Clock.Forward(29 * time.Minute)
	x.olga.Get(records(x.a, x.day)).Has(200, "31 minutes")
	x.Clock.Forward(29 * time.Minute) // half an hour without a request would end the session as well
	x.olga.Get(records(x.a, x.day)).Has(200, "2 minutes")
	x.Clock.Forward(time.Minute)
	x.olga.Get(records(x.a, x.day)).Has(200, "1 minute")
	x.Clock.Forward(time.Minute + time.Second)
	x.olga.Get(records(x.a, x.day)).Has(404)
	x.olga.SignIn(2)
	x.olga.Post("/ops/emergency-access", "organization", x.a.Slug, "reason",
		alarm).Goes("/organizations/" + x.a.Slug + "/appointments")
	x.olga.Get(records(x.a, x.day)).Has(200)
	x.olga.Post("/staff-access/end").Goes("/ops/emergency-access")
	x.olga.Get(records(x.a, x.day)).Has(404)
	if n := events(t, x.Site, `tenant_id = $1 and action = 'emergency-access-end'`, x.a.ID); n != 1 {
		t.Error("its end is not in the organization's log:", n)
	}
}

func TestEmergencyAccessNeedsARoleAReasonAndAFreshProof(t *testing.T) {
	site := webtest.Open(t)
	clinic := site.NewClinic(t)
	olga, coy, ada := site.Staff(t, "Olga", "operator"), site.Staff(t, "Coy", "compliance"),
		site.Staff(t, "Ada", "administrator")
	for _, who := range []*webtest.Person{coy, ada} {
		who.Post("/ops/emergency-access", "organization", clinic.Slug, "reason", alarm).Has(403)
	}
	a := olga.Post("/ops/emergency-access", "organization", "no-such-place", "reason", "it burns")
	a.Has(422, `href="#organization"`, `href="#reason"`, `value="no-such-place"`, `value="it burns"`)
	a = olga.HTMX().Post("/ops/emergency-access", "organization", clinic.Slug, "reason", "nineteen characters")
	a.Has(422, `id="begin-emergency-access"`, `value="`+clinic.Slug+`"`)
	a.Lacks("<html", `href="#organization"`)
	site.Clock.Forward(11 * time.Minute)
	if a := olga.Post("/ops/emergency-access", "organization", clinic.Slug, "reason",
		alarm); !strings.HasPrefix(a.Location, "/account/confirm") {
		t.Error("an old proof is enough:", a.Status, a.Location)
	}
	if n := pgtest.One[int](t, site.DB, `select count(*) from directory.staff_access where tenant_id = $1`,
		clinic.ID); n != 0 {
		t.Error("it was opened")
	}
}

func TestSomebodyElseReviewsEmergencyAccessOnce(t *testing.T) {
	x := beginEmergencyAccess(t)
	guest := walkIn(t, x.Site, x.a, "Esperanza Guzman", "")
	x.olga.Get(records(x.a, guest.Day)).Has(200, "Esperanza Guzman")
	x.olga.Get(webtest.Workplace(x.a)+"/patients/"+guest.Patient.String()).Has(200, "Esperanza Guzman")
	x.olga.Get(records(x.a, x.day)).Has(200)
	review, opened := "/ops/emergency-access/"+x.act+"/review", "/ops/emergency-access/"+x.act+"/records"
	verdict := []string{"verdict", "not_justified", "note", "The clinic had answered by then"}
	x.coy.Post(review, verdict...).Has(409) // it runs still
	x.olga.Post("/staff-access/end").Goes("/ops/emergency-access")
	own := x.olga.Get("/ops/emergency-access")
	own.Has(200, alarm)
	own.Lacks(`action="` + review + `"`)
	x.olga.Post(review, verdict...).Has(409)
	queue := x.coy.Get("/ops/emergency-access")
	queue.Has(200, alarm, "2 people seen", "opened a patient&#39;s record", `action="`+review+`"`,
		opened, "/ops/audit?access="+x.act)
	queue.Lacks("Maya Okafor")
	x.coy.Get(opened).Has(200, "2 people were seen.", "Maya Okafor", "Esperanza Guzman", "opened a patient&#39;s record")
	if n := events(t, x.Site, `actor = $1 and tenant_id = $2 and purpose = 'compliance' and resource = 'Patient'`, x.coy.ID,
		x.a.ID); n != 2 {
		t.Errorf("%d of 2 people can see that the reviewer was told of them", n)
	}
	// No number of lists buries what was opened, nor keeps it from being counted.
	x.Admin(t, `insert into audit.event (tenant_id, actor, patient, purpose, resource, resource_id, action, outcome,
		staff_access_id) select $1, $2, case when n > 2100 then gen_random_uuid() end, 'emergency', 'Patient',
		case when n <= 2100 then $3::uuid else gen_random_uuid() end, 'list', 'success', $4
		from generate_series(1, 4200) n`, x.a.ID, x.olga.ID, guest.Patient, x.act)
	x.coy.Get(opened).Has(200, "This is not all", "Esperanza Guzman",
		"opened a patient&#39;s record")
	a := x.coy.Post(review, "note", "kept")
	a.Has(422, `href="#verdict-`+x.act, `value="kept"`)
	a = x.coy.HTMX().Post(review, "verdict", "justified")
	a.Has(422, `id="review-`+x.act, `href="#note-`+x.act)
	a.Lacks("<html")
	x.coy.Post(review, verdict...).Goes("/ops/emergency-access")
	x.coy.Post(review, verdict...).Has(409)
	x.coy.Get("/ops/emergency-access").Has(200, "Not justified", "The clinic had answered by then")
	if n := events(t, x.Site,
		`tenant_id = $1 and action = 'emergency-access-review' and actor = $2 and fields = '{not_justified}'`, x.a.ID,
		x.coy.ID); n != 1 {
		t.Error("the review is not in the log:", n)
	}
	if l := x.Mailbox().Last(x.owner.Email); l.Kind != notify.KindEmergencyAccessReviewed ||
		!strings.Contains(l.Text, "not justified") {
		t.Error("the owner does not know:", l)
	}
	sam := x.Staff(t, "Sam", "support")
	sam.Post(review, verdict...).Has(403)
	sam.Get(opened).Has(403)
	x.front.Get(opened).Has(404)
	sam.Get("/ops/emergency-access").Lacks(alarm, "Not justified")
	_, err := x.Connect(t, x.AdminURL()).Exec(t.Context(),
		`update directory.staff_access set reviewed_by = actor where id = $1`, x.act)
	if err == nil {
		t.Error("control: the table lets somebody review themselves")
	}
}

func TestTheOverviewSaysHowLongAReviewIsLate(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	site := webtest.OpenWith(t, webtest.Options{DB: db})
	coy := site.Staff(t, "Coy", "compliance")
	coy.Get("/ops").Has(200, "Nothing needs a person now.", "Nobody acts for anybody.")
	clinic := site.NewClinic(t)
	olga := site.Staff(t, "Olga", "operator")
	olga.Post("/ops/emergency-access", "organization", clinic.Slug, "reason",
		alarm).Goes("/organizations/" + clinic.Slug + "/appointments")
	coy.Get("/ops").Has(200, "1 emergency access needs a person.", "1 waiting, none late", "Records of "+clinic.Name)
	site.Clock.Forward(70 * time.Hour)
	coy.SignIn(2)
	coy.Get("/ops/emergency-access").Has(200, "1 emergency access waits for a review.", "1 hour left")
	site.Clock.Forward(3 * time.Hour)
	coy.SignIn(2)
	coy.Get("/ops").Has(200, "1 late needs a person.", `class="bad"`)
	coy.Get("/ops/emergency-access").Has(200, "longer than 72 hours", "Late by 2 hours", `class="bad"`)
}
