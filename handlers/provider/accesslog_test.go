package provider_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
)

// patientOf signs the patient of a visit in.
func (h *house) patientOf(t *testing.T, c *pgtest.Clinic, account uuid.UUID) *person {
	t.Helper()
	p := h.visitor(t)
	p.ID = account
	if a := p.post("/test/sign-in", "id", account.String(), "email", "x@example.test", "name", canary(c)); a.status != 200 {
		t.Fatal(a.status, a.body)
	}
	return p
}

func TestAPatientSeesWhoLookedAtTheirRecord(t *testing.T) {
	h := open(t)
	_, patient, account := h.visit(t, h.clinic, 0)
	maya := h.patientOf(t, h.clinic, account)

	has(t, maya.get("/account/access-log"), 200, "Nobody else has looked at your record")

	doctor := h.worker(t, h.clinic, "Ann Lee <b>", "clinician")
	has(t, doctor.get(at(h.clinic)+"/patients/"+patient.String()), 200)
	doctor.get(at(h.clinic) + "/appointments")
	doctor.get(at(h.clinic) + "/appointments")

	page := maya.get("/account/access-log")
	has(t, page, 200, "Who looked at your record", "Ann Lee &lt;b&gt;, clinician at Test clinic</b> opened your record", "looked at a list with your appointment", "2 times, ")
	lacks(t, page, "<b>You</b>", "Ann Lee <b>,")
	has(t, maya.get("/account/access-log?all=on"), 200, "<b>You</b> looked at this access log", "opened your record")

	// Charlie has a record of his own and sees nothing of hers.
	_, _, other := h.visit(t, h.other, 0)
	charlie := h.patientOf(t, h.other, other)
	lacks(t, charlie.get("/account/access-log?all=on"), "Ann Lee", canary(h.clinic))

	maya.htmx = true
	part := maya.get("/account/access-log?all=on")
	has(t, part, 200, `id="access-log"`, "Ann Lee")
	lacks(t, part, "<html", "<header")

	stranger := h.visitor(t)
	if a := stranger.get("/account/access-log"); a.status != 303 || !strings.HasPrefix(a.to, "/sign-in") {
		t.Error(a.status, a.to)
	}
	if n := h.count(t, `select count(*) from audit.event where patient = $1 and resource = 'AuditEvent' and action = 'list'`, account); n != 4 {
		t.Errorf("%d of 4 looks at the log are kept", n)
	}
}

func TestAPatientSeesStaffActingAndAnEmergencyOnTop(t *testing.T) {
	h := open(t)
	_, patient, account := h.visit(t, h.clinic, 0)
	maya := h.patientOf(t, h.clinic, account)
	staff, act, emergency := h.Account(t, "Secret Staff Name"), uuid.New(), uuid.New()
	h.Admin(t, `insert into directory.staff_access (id, kind, actor, person, reason, started_at, expires_at) values ($1, 'impersonation', $2, $3, 'She cannot find her booking', now(), now() + interval '30 minutes')`,
		act, staff, account)
	h.Admin(t, `insert into directory.staff_access (id, kind, actor, tenant_id, reason, started_at, expires_at) values ($1, 'emergency', $2, $3, 'Reason of the organization', now(), now() + interval '60 minutes')`,
		emergency, staff, h.clinic.ID)
	h.Admin(t, `insert into audit.event (tenant_id, actor, on_behalf_of, staff_access_id, patient, purpose, resource, action, outcome, policy_id) values
		($1, $2, $3, $4, $3, 'own record', 'Appointment', 'list', 'success', 'own-record'), ($1, $2, null, $5, $3, 'emergency', 'Patient', 'read', 'success', 'emergency')`,
		h.clinic.ID, staff, account, act, emergency)
	page := maya.get("/account/access-log")
	has(t, page, 200, "Kindward staff used your account or record 2 times", "Kindward support saw the site as you see it", "Reason: She cannot find her booking",
		"Kindward opened your record at Test clinic in an emergency", "seeing Kindward as you", "as an emergency")
	lacks(t, page, "Secret Staff Name", "Reason of the organization")
	_ = patient
}

func TestA23AnAccessLogIsAFileWithoutFormulas(t *testing.T) {
	h := open(t)
	_, patient, account := h.visit(t, h.clinic, 0)
	h.worker(t, h.clinic, `=HYPERLINK("http://evil","x")`, "owner").get(at(h.clinic) + "/patients/" + patient.String())
	file := h.patientOf(t, h.clinic, account).get("/account/access-log.csv")
	has(t, file, 200, "opened your record")
	if file.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
		t.Error(file.header)
	}
	rows, err := csv.NewReader(strings.NewReader(file.body)).ReadAll()
	if err != nil || len(rows) < 2 || !strings.HasPrefix(rows[1][1], `'=HYPERLINK`) {
		t.Errorf("%v %q", err, rows)
	}
}

func TestAnOrganizationsLogIsForItsOwnersAndManagersAlone(t *testing.T) {
	h := open(t)
	_, patient, _ := h.visit(t, h.clinic, 0)
	doctor := h.worker(t, h.clinic, "Ann Lee", "clinician")
	doctor.get(at(h.clinic) + "/patients/" + patient.String())
	path := at(h.clinic) + "/access-log"

	owner := h.worker(t, h.clinic, "Olive Owner", "owner")
	page := owner.get(path)
	has(t, page, 200, "Who looked at what here", "Ann Lee, clinician", "opened a patient&#39;s record", canary(h.clinic), `<option value="`+doctor.ID.String())
	has(t, owner.get(path+"?who="+doctor.ID.String()), 200, "Ann Lee, clinician")
	has(t, owner.get(path+"?who="+owner.ID.String()), 200, "looked at this access log")
	lacks(t, owner.get(path+"?who="+owner.ID.String()), "Ann Lee, clinician")
	has(t, h.worker(t, h.clinic, "Mia Manager", "manager").get(path), 200)
	if a := owner.get(path + "?who=x"); a.status != 404 {
		t.Error(a.status)
	}
	for _, role := range []string{"clinician", "front_desk", "billing"} {
		if a := h.worker(t, h.clinic, "Nobody", role).get(path); a.status != 403 || strings.Contains(a.body, canary(h.clinic)) {
			t.Errorf("%s: %d", role, a.status)
		}
	}
	charlie := h.worker(t, h.other, "Charlie", "owner").get(path)
	if charlie.status != 404 || strings.Contains(charlie.body, canary(h.clinic)) || strings.Contains(charlie.body, "Ann Lee") {
		t.Error(charlie.status)
	}
	lacks(t, h.worker(t, h.other, "Carla", "owner").get(at(h.other)+"/access-log?all=on&who="+doctor.ID.String()), "Ann Lee, clinician", canary(h.clinic))

	owner.htmx = true
	part := owner.get(path)
	has(t, part, 200, `id="access-log"`)
	lacks(t, part, "<html")
}
