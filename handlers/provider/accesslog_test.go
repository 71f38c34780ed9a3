package provider_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

// patientOf signs the patient of a visit in.
func patientOf(t *testing.T, site *webtest.Site, c *pgtest.Clinic, account uuid.UUID) *webtest.Person {
	t.Helper()
	p := site.Known(t, account, "x@example.test", webtest.PatientName(c))
	p.SignIn(2)
	return p
}

func TestAPatientSeesWhoLookedAtTheirRecord(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	maya := patientOf(t, site, site.Clinic(), visit.Account)

	maya.Get("/account/access-log").Has(200, "Nobody else has looked at your record")

	doctor := site.Member(t, site.Clinic(), "Ann Lee <b>", "clinician")
	doctor.Get(webtest.Workplace(site.Clinic()) + "/patients/" + visit.Patient.String()).Has(200)
	doctor.Get(webtest.Workplace(site.Clinic()) + "/appointments")
	doctor.Get(webtest.Workplace(site.Clinic()) + "/appointments")

	page := maya.Get("/account/access-log")
	page.Has(200, "Who looked at your record", "Ann Lee &lt;b&gt;, clinician at Test clinic</b> opened your record",
		"looked at a list with your appointment", "2 times, ")
	page.Lacks("<b>You</b>", "Ann Lee <b>,")
	maya.Get("/account/access-log?all=on").Has(200, "<b>You</b> looked at this access log", "opened your record")

	// Charlie has a record of his own and sees nothing of hers.
	theirs := site.Visit(t, site.Other(), 0)
	charlie := patientOf(t, site, site.Other(), theirs.Account)
	charlie.Get("/account/access-log?all=on").Lacks("Ann Lee", webtest.PatientName(site.Clinic()))

	part := maya.HTMX().Get("/account/access-log?all=on")
	part.Has(200, "Ann Lee")
	part.IsPart("access-log")

	stranger := site.Visitor(t)
	if a := stranger.Get("/account/access-log"); a.Status != 303 || !strings.HasPrefix(a.Location, "/sign-in") {
		t.Error(a.Status, a.Location)
	}
	if n := site.Count(t, `select count(*) from audit.event where patient = $1 and resource = 'AuditEvent' and action = 'list'`, visit.Account); n != 4 {
		t.Errorf("%d of 4 looks at the log are kept", n)
	}
}

func TestAPatientSeesStaffActingAndAnEmergencyOnTop(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	maya := patientOf(t, site, site.Clinic(), visit.Account)
	staff, act, emergency := site.Account(t, "Secret Staff Name"), uuid.New(), uuid.New()
	site.Admin(t, `insert into directory.staff_access (id, kind, actor, person, reason, started_at, expires_at) values ($1, 'impersonation', $2, $3, 'She cannot find her booking', now(), now() + interval '30 minutes')`,
		act, staff, visit.Account)
	site.Admin(t, `insert into directory.staff_access (id, kind, actor, tenant_id, reason, started_at, expires_at) values ($1, 'emergency', $2, $3, 'Reason of the organization', now(), now() + interval '60 minutes')`,
		emergency, staff, site.Clinic().ID)
	site.Admin(t, `insert into audit.event (tenant_id, actor, on_behalf_of, staff_access_id, patient, purpose, resource, action, outcome, policy_id) values
		($1, $2, $3, $4, $3, 'own record', 'Appointment', 'list', 'success', 'own-record'), ($1, $2, null, $5, $3, 'emergency', 'Patient', 'read', 'success', 'emergency')`,
		site.Clinic().ID, staff, visit.Account, act, emergency)
	page := maya.Get("/account/access-log")
	page.Has(200, "Kindward staff used your account or record 2 times", "Kindward support saw the site as you see it",
		"Reason: She cannot find her booking",
		"Kindward opened your record at Test clinic in an emergency", "seeing Kindward as you", "as an emergency")
	page.Lacks("Secret Staff Name", "Reason of the organization")
	site.Admin(t, `insert into directory.staff_access (id, kind, actor, person, reason, started_at, expires_at, ended_at)
		select gen_random_uuid(), 'impersonation', $1, $2, 'She cannot find her booking', now(), now() + interval '1 minute',
		now() from generate_series(1, 21)`, staff, visit.Account)
	maya.Get("/account/access-log").Has(200, "Kindward staff used your account or record 23 times",
		"These are the latest 20 times.")
}

func TestA23AnAccessLogIsAFileWithoutFormulas(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	site.Member(t, site.Clinic(), `=HYPERLINK("http://evil","x")`,
		"owner").Get(webtest.Workplace(site.Clinic()) + "/patients/" + visit.Patient.String())
	file := patientOf(t, site, site.Clinic(), visit.Account).Get("/account/access-log.csv")
	file.Has(200, "opened your record")
	if file.Header.Get("Cache-Control") != "no-store" ||
		!strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Error(file.Header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll()
	written := slices.ContainsFunc(rows, func(row []string) bool { return strings.HasPrefix(row[1], `'=HYPERLINK`) })
	if err != nil || !written {
		t.Errorf("%v %q", err, rows)
	}
}

func TestAnOrganizationsLogIsForItsOwnersAndManagersAlone(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	doctor := site.Member(t, site.Clinic(), "Ann Lee", "clinician")
	doctor.Get(webtest.Workplace(site.Clinic()) + "/patients/" + visit.Patient.String())
	path := webtest.Workplace(site.Clinic()) + "/access-log"

	owner := site.Member(t, site.Clinic(), "Olive Owner", "owner")
	page := owner.Get(path)
	page.Has(200, "Who looked at what here", "Ann Lee, clinician", "opened a patient&#39;s record",
		webtest.PatientName(site.Clinic()), `<option value="`+doctor.ID.String())
	owner.Get(path+"?who="+doctor.ID.String()).Has(200, "Ann Lee, clinician")
	owner.Get(path+"?who="+owner.ID.String()).Has(200, "looked at this access log")
	owner.Get(path + "?who=" + owner.ID.String()).Lacks("Ann Lee, clinician")
	site.Member(t, site.Clinic(), "Mia Manager", "manager").Get(path).Has(200)
	maya := patientOf(t, site, site.Clinic(), visit.Account)
	maya.Get("/account/access-log").Has(200, "Olive Owner, owner at Test clinic</b> saw your name in this access log")
	if strings.Contains(owner.Get(path).Body, "saw a patient") {
		t.Error("looks at the log push what it shows off its pages")
	}
	chart := visit.Patient.String()
	owner.Get(path+"?patient="+chart).Has(200, "About "+webtest.PatientName(site.Clinic())+" only.", "Ann Lee, clinician")
	owner.Get(path+"?patient="+uuid.NewString()).Has(200, "No entries for this choice")
	owner.Get(path + "?action=mark").Lacks("Ann Lee, clinician")
	owner.Get(path+"?action=read&from="+site.Day(0)).Has(200, "Ann Lee, clinician")
	owner.Get(path+"?to="+site.Day(-2)).Has(200, "No entries for this choice")
	owner.Get(path+"?from=soon").Has(422, "Enter a day")
	owner.Get(path+"?action=raed").Has(422, "Choose from the list")
	owner.Get(webtest.Workplace(site.Clinic())+"/patients/"+chart).Has(200, path+"?patient="+chart)
	owner.Post(webtest.Workplace(site.Clinic())+"/api-keys", "name", "Waiting room", "life", "90", "scope", "slots.read")
	site.Admin(t, `insert into audit.event (tenant_id, purpose, resource, action, fields, outcome)
		select tenant_id, 'api', 'Slot', 'read', array['key:' || id], 'success' from directory.api_key where tenant_id = $1`, site.Clinic().ID)
	site.Admin(t, `insert into audit.event (tenant_id, actor, purpose, resource, resource_id, action, outcome) select $1, $2, 'administration', 'Membership', m.id, 'end', 'success' from directory.membership m where m.account_id = $3`, site.Clinic().ID, owner.ID, doctor.ID)
	site.Admin(t, `insert into audit.event (tenant_id, actor, purpose, resource, action, outcome) values
		($1, $2, 'administration', 'SingleSignOn', 'add-domain', 'success'),
		($1, $2, 'emergency', 'StaffAccess', 'emergency-access-begin', 'success')`, site.Clinic().ID, owner.ID)
	sso := owner.Get(path + "?action=sso")
	sso.Has(200, "named a domain for single sign-on")
	sso.Lacks("Ann Lee, clinician", "opened the records in an emergency")
	owner.Get(path+"?action=emergency").Has(200, "opened the records in an emergency")
	owner.Get(path).Has(200, "with the key “Waiting room”", "looked at free times", "ended somebody&#39;s work in the team: Ann Lee")
	file := owner.Get(path + ".csv?action=read")
	if text, marked := strings.CutPrefix(file.Body, "\ufeff"); file.Status != 200 || !marked ||
		!strings.Contains(text, webtest.PatientName(site.Clinic())) {
		t.Error("the log as a file:", file.Status, file.Body)
	}
	if a := owner.Get(path + "?who=x"); a.Status != 404 {
		t.Error(a.Status)
	}
	for _, role := range []string{"clinician", "front_desk", "billing"} {
		if a := site.Member(t, site.Clinic(), "Nobody", role).Get(path); a.Status != 403 ||
			strings.Contains(a.Body, webtest.PatientName(site.Clinic())) {
			t.Errorf("%s: %d", role, a.Status)
		}
	}
	charlie := site.Charlie(t).Get(path)
	if charlie.Status != 404 || strings.Contains(charlie.Body, webtest.PatientName(site.Clinic())) ||
		strings.Contains(charlie.Body, "Ann Lee") {
		t.Error(charlie.Status)
	}
	site.Member(t, site.Other(), "Carla", "owner").Get(
		webtest.Workplace(site.Other())+"/access-log?all=on&who="+doctor.ID.String()).Lacks("Ann Lee, clinician",
		webtest.PatientName(site.Clinic()))

	part := owner.HTMX().Get(path)
	part.Has(200)
	part.IsPart("access-log")
}

// Whoever works somewhere does not put a colleague's name under what they do: not by taking it before, nor after.
func TestALogNamesPeopleAsTheyWereCalledThenAndWithTheNameThatTheyHadFirst(t *testing.T) {
	site := webtest.Open(t)
	visit, alice := site.Visit(t, site.Clinic(), 0), site.Alice(t)
	maya := patientOf(t, site, site.Clinic(), visit.Account)
	dana := site.Member(t, site.Clinic(), "Dana Whitfield", "clinician")
	record := webtest.Workplace(site.Clinic()) + "/patients/" + visit.Patient.String()
	names := func(want string, not ...string) {
		t.Helper()
		for _, page := range []webtest.Answer{maya.Get("/account/access-log"),
			alice.Get(webtest.Workplace(site.Clinic()) + "/access-log")} {
			page.Has(200, want)
			page.Lacks(not...)
		}
	}
	rename := func(who *webtest.Person, name string) { who.Post("/account/profile", "name", name).Goes("/account") }
	dana.Get(record).Has(200)
	names("Dana Whitfield, clinician")
	rename(dana, "Ines Carvalho")
	maya.Get("/account/access-log").Lacks("Ines")
	dana.Get(record).Has(200)
	names("Ines Carvalho, formerly Dana Whitfield, clinician", "Ines Carvalho, clinician")
	rename(dana, "Dana Whitfield")
	dana.Get(record).Has(200)
	names("Dana Whitfield, clinician", "Ines Carvalho, clinician")
	rename(maya, "Maya Lee")
	if n := site.Count(t, `select count(*) from directory.account where id = $1 and former_names = '[]'`,
		visit.Account); n != 1 {
		t.Error("the former name of somebody who works nowhere is kept")
	}
	site.Admin(t, `with crowd as (insert into directory.account (id, email, name) select gen_random_uuid(),
			'crowd' || n || '@example.test', 'Aaron ' || n from generate_series(1, 501) n returning id)
		insert into directory.membership (id, tenant_id, account_id, role)
			select gen_random_uuid(), $1, id, 'clinician' from crowd`, site.Clinic().ID)
	names("Dana Whitfield, clinician") // behind 500 others by name
	log := webtest.Workplace(site.Clinic()) + "/access-log"
	alice.Get(log).Has(200, "The list has the first 500 by name")
	alice.Get(log).Lacks(dana.ID.String())
	alice.Get(log+"?who="+dana.ID.String()).Has(200, dana.ID.String()+`" selected`)
	alice.Get(log+".csv").Has(200, `"Dana Whitfield, clinician"`, `"Ines Carvalho, formerly Dana Whitfield, clinician"`)
}

// All that somebody was called is read for each line that names them, so there is never much of it.
func TestA58WhoeverWorksSomewhereChangesTheirNameAFewTimesAndIsToldWhenItIsTooOften(t *testing.T) {
	site := webtest.Open(t)
	dana, maya := site.Member(t, site.Clinic(), "Dana Whitfield", "clinician"), site.Person(t, "Maya")
	kept := func(who *webtest.Person) int {
		return site.Count(t, `select jsonb_array_length(former_names) from directory.account where id = $1`, who.ID)
	}
	rename := func(who *webtest.Person, n int) webtest.Answer {
		return who.Post("/account/profile", "name", fmt.Sprint("Name ", n), "city", "Providence")
	}
	older := func(days int) {
		site.Admin(t, `update directory.account set former_names = (select jsonb_agg(jsonb_build_object('name', f ->> 'name',
			'until', (f ->> 'until')::timestamptz - make_interval(days => $2))) from jsonb_array_elements(former_names) f)
			where id = $1`, dana.ID, days)
	}
	for n := range identity.RenamesInYear {
		if n%identity.RenamesInDay == 0 && n > 0 {
			refused := rename(dana, 100)
			refused.Has(429, "changed your name as often", "Name 100")
			dana.Post("/account/profile", "name", fmt.Sprint("Name ", n-1), "city", "Cranston").Goes("/account") // control
			older(2)
		}
		rename(dana, n).Goes("/account")
		rename(maya, n).Goes("/account")
	}
	older(2)
	rename(dana, 100).Has(429, "10 in a year")
	if kept(dana) != identity.RenamesInYear || kept(maya) != 0 {
		t.Errorf("%d former names are kept, %d of somebody who works nowhere", kept(dana), kept(maya))
	}
	older(365)
	rename(dana, 100).Goes("/account")
}

// What the team's history says of who began and ended somebody's work is in the name of then.
func TestA58TheTeamsHistoryNamesWhoDidItAsTheyWereCalledThen(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	dana := site.Member(t, site.Clinic(), "Dana Whitfield", "owner")
	site.Admin(t, `update directory.membership set created_at = now() - interval '2 days', created_by = $1, ended_at = now() - interval '1 day',
		ended_by = $1 where account_id = $2`, dana.ID, site.Member(t, site.Clinic(), "Leo", "clinician").ID)
	dana.Post("/account/profile", "name", "Alice Owner").Goes("/account")
	alice.Get(webtest.Workplace(site.Clinic())+"/members").Has(200, "What changed", "Dana Whitfield")
}
