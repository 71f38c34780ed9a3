package ops_test

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// fieldsOf are the fields of a form with what a query says.
func fieldsOf(t *testing.T, query string) (fields []string) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	for name := range values {
		fields = append(fields, name, values.Get(name))
	}
	return fields
}

// findAudit sends the form of the log with what a query says.
func findAudit(t *testing.T, who *webtest.Person, query string) webtest.Answer {
	t.Helper()
	return who.Find("/ops/audit", fieldsOf(t, query)...)
}

var addresses = regexp.MustCompile(`(?:href|action)="[^"]+"`)

func TestNoAddressOfTheConsoleHasTheNameOfWhomItIsAbout(t *testing.T) {
	site := webtest.Open(t)
	clinic, officer := site.NewClinic(t), site.Staff(t, "Cora", "compliance")
	maya, ada := site.Person(t, "Maya Canary"), site.Staff(t, "Ada", "administrator")
	v := site.VisitOf(t, clinic, maya.ID, "Maya Canary", 1)
	tells := func(text string) bool {
		text, err := url.QueryUnescape(strings.ToLower(text))
		return err != nil || slices.ContainsFunc([]string{maya.Email, v.Ref, "maya canary"}, func(name string) bool {
			return strings.Contains(text, strings.ToLower(name))
		})
	}
	for _, query := range []string{"person=" + maya.Email, "patient=" + maya.Email, "patient=" + v.Ref,
		"patient=maya+canary&organization=" + clinic.Slug} {
		sent := officer.Post("/ops/audit", fieldsOf(t, query)...)
		page := officer.Get(sent.Location)
		page.Has(200, "Clear")
		if links := strings.Join(addresses.FindAllString(page.Body, -1), " "); tells(sent.Location) || tells(links) {
			t.Errorf("%s: an address says who is asked about: %s, %s", query, sent.Location, links)
		}
		if !tells("/ops/audit?" + query) {
			t.Error("control: an address that says it is not seen")
		}
		officer.Get("/ops/audit?"+query).Has(422, "stands in the address of a page")
		officer.Get("/ops/audit/export.csv?" + query).Has(422)
		officer.Get(strings.Replace(sent.Location, "/ops/audit", "/ops/audit/export.csv", 1)).Has(200)
	}
	officer.Get("/ops/audit?search=elsewhere").Has(422, "not kept any more")
	ada.Get("/ops/policies?action=staff.change&account="+maya.Email).Has(422, "stands in the address of a page")
	sent := ada.Post("/ops/policies", "account", maya.Email, "action", "staff.change")
	if tells(sent.Location) {
		t.Error("the address says who is asked about:", sent.Location)
	}
	ada.Get(sent.Location).Has(200, "Maya Canary may not")
	site.Staff(t, "Ben", "administrator").Get(sent.Location).Has(422, "not kept any more") // another session's
}

func TestTheAuditIsSearchedByAllThatIsAskedAndEachLookIsKept(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	clinic := site.NewClinic(t)
	actor, patient, other := site.Account(t, "Ann Lee"), site.Account(t, "Maya Canary"), site.Account(t, "Noa")
	site.Admin(t, `insert into audit.event (tenant_id, actor, patient, purpose, resource, action, outcome, at) values
		($1, $2, $3, 'care', 'Patient', 'read', 'success', now()), ($1, $2, $4, 'care', 'Appointment', 'read', 'denied', now() - interval '3 days'),
		(null, $4, $4, 'own record', 'Appointment', 'list', 'success', now())`, clinic.ID, actor, patient, other)
	officer := site.Staff(t, "Cora Compliance", "compliance")
	email := func(id uuid.UUID) string { return id.String() + "@example.test" }
	day := site.Day

	officer.Get("/ops/audit").Has(200, "What was done, the latest first", "Patient, read", "Appointment, list")
	for _, c := range []struct{ query, in, out string }{
		{"person=" + email(actor), "Patient, read", "Appointment, list"},
		{"person=" + actor.String(), "Patient, read", "Appointment, list"},
		{"patient=" + email(patient), "Patient, read", "Appointment, read"},
		{"organization=" + clinic.Slug, "Appointment, read", "Appointment, list"},
		{"outcome=denied", "Appointment, read", "Patient, read"},
		{"purpose=own+record", "Appointment, list", "Patient, read"},
		{"action=read&from=" + day(-1), "Patient, read", "Appointment, read"},
		{"to=" + day(-2), "Appointment, read", "Patient, read"},
	} {
		page := findAudit(t, officer, c.query)
		page.Has(200, c.in)
		page.Lacks(c.out, "Maya Canary")
	}
	if n := events(t, site, `resource = 'AuditEvent' and action = 'search' and purpose = 'compliance' and actor = $1 and policy_id = 'compliance'`, officer.ID); n != 9 {
		t.Errorf("%d of 9 looks are kept", n)
	}
	if n := events(t, site, `patient = $1 and action = 'search' and fields = '{patient}'`, patient); n != 1 {
		t.Error("the person asked about cannot see that somebody asked", n)
	}
	bad := findAudit(t, officer, "person=nobody@example.test&organization=nowhere&from=soon&purpose=fun")
	bad.Has(422, "word in its address", "Enter a day", "Choose a purpose", `value="nobody@example.test"`,
		`value="nowhere"`)
	bad.Lacks("No account has this address") // what is kept in no audit tells not who has an account
	findAudit(t, officer, "person=nobody@example.test").Has(422, "No account has this address or id")
	part := officer.HTMX().Post("/ops/audit", "outcome", "denied")
	part.Has(200, "Appointment, read", `<h1 id="headline" hx-swap-oob="true">1 event fits, the latest first</h1>`)
	site.Admin(t, `insert into directory.staff_access (id, kind, actor, person, reason, started_at, expires_at) values ($1, 'impersonation', $2, $3, 'as asked', now(), now())`,
		other, actor, patient)
	site.Admin(t, `insert into audit.event (actor, on_behalf_of, staff_access_id, patient, purpose, resource, action, outcome, request_id) values
		($2, $3, $1, $3, 'own record', 'Appointment', 'list', 'success', 'R-one'), ($2, $3, $1, $3, 'own record', 'Appointment', 'book', 'success', 'R-one')`, other, actor, patient)
	officer.Get("/ops/audit?how=impersonation").Has(200, "2 events fit", "Seeing Kindward as the patient",
		"2 events of one request, about 1 person", "<details>")
	officer.Get("/ops/audit?how=emergency").Has(200, "No event fits")
	alone := officer.Get("/ops/audit?how=others&patient=" + other.String())
	alone.Has(200, "1 event fits", "Appointment, read")
	alone.Lacks("Appointment, list") // what they did themself
	officer.Get("/ops/audit?how=others&patient="+patient.String()).Has(200, "Patient, read")
	officer.Get("/ops/audit?how=magic&action=raed").Has(422, "No event is called so", "how it was done")

	for _, role := range []string{"support", "operator", "administrator", "reviewer"} {
		if a := site.Staff(t, "No", role).Get("/ops/audit"); a.Status != 403 {
			t.Errorf("%s: %d", role, a.Status)
		}
	}
	if a := site.Person(t, "Charlie").Get("/ops/audit"); a.Status != 404 {
		t.Error(a.Status)
	}
}

func TestTheAuditIsPagedByItsNumbers(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	site.Admin(t, `insert into audit.event (purpose, resource, action, outcome, request_id) select 'care', 'Patient', 'n' || n, 'success', '' from generate_series(1, 120) n`)
	officer := site.Staff(t, "Cora", "compliance")
	seen, path := map[string]bool{}, "/ops/audit?purpose=care"
	for pages := 0; path != "" && pages < 10; pages++ {
		page := officer.Get(path)
		for word := range strings.FieldsSeq(strings.NewReplacer("<", " ", ",", " ").Replace(page.Body)) {
			if len(word) > 1 && word[0] == 'n' && word[1] >= '0' && word[1] <= '9' {
				if seen[word] {
					t.Fatal("twice:", word)
				}
				seen[word] = true
			}
		}
		before, _, more := strings.Cut(page.Body, `">Earlier events</a>`)
		if path = ""; more {
			path = strings.ReplaceAll(before[strings.LastIndex(before, `"`)+1:], "&amp;", "&")
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d of 120 events on the pages", len(seen))
	}
}

func TestA23TheAuditsExportHasNoFormulaAndTheSealedOneHasItsCheckpoint(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	evil := site.Account(t, `=cmd|' /C calc'!A0`)
	site.Admin(t, `insert into audit.event (actor, purpose, resource, resource_id, action, outcome, fields, request_id, ip) select $1, 'care', 'Patient', md5('p' || n % 70)::uuid, '+1', 'success', '{@SUM(1)}', '-2', '10.0.0.1' from generate_series(1, 2500) n`, evil)
	officer := site.Staff(t, "Cora", "compliance")
	file := officer.Get("/ops/audit/export.csv?person=" + evil.String())
	text, marked := strings.CutPrefix(file.Body, "\ufeff") // by which a spreadsheet keeps the accents
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 2503 || !strings.Contains(rows[2501][0], "2500 events") {
		t.Fatal(err, len(rows), file.Status)
	}
	for _, row := range rows[1:2501] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Fatalf("a formula: %q", cell)
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(officer.Get("/ops/audit/export.jsonl?person="+evil.String()).Body), "\n")
	var last struct {
		End, Cut bool
		Size     int
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || !last.End || last.Cut ||
		last.Size != 2500 || len(lines) != 2502 {
		t.Error(err, last, len(lines))
	}
	for people, steps := range map[string]int{"people:70": 2, "people:0": 4} { // of 3 steps the first names all
		if n := events(t, site, `action = 'export' and fields = array['person', $2] and actor = $1`, officer.ID,
			people); n != steps {
			t.Errorf("%d steps of two exports are kept with %s", n, people)
		}
	}
	site.Clock.Forward(11 * time.Minute)
	if a := officer.Get("/ops/audit/export.csv"); a.Status != 303 || !strings.HasPrefix(a.Location, "/account/confirm") {
		t.Error("an export without a recent proof:", a.Status, a.Location)
	}
	if a := site.Staff(t, "Sam", "support").Get("/ops/audit/export.jsonl"); a.Status != 403 {
		t.Error(a.Status)
	}
}

func TestA36AnAlertIsReviewedBySomebodyElse(t *testing.T) {
	site := webtest.Open(t)
	officer, colleague := site.Staff(t, "Cora", "compliance"), site.Staff(t, "Carl", "compliance")
	alert := func(actor uuid.UUID) string {
		id := uuid.Must(uuid.NewV7())
		site.Admin(t, `insert into audit.alert (id, kind, actor, since, facts) values ($1, 'many_records', $2, now(), '{"people": 46, "unrelated": 21, "most": 20, "from": "2026-11-22T10:00:00Z", "to": "2026-11-22T10:40:00Z"}')`, id, actor)
		return id.String()
	}
	desk := site.Account(t, "Fred Front Desk")
	id, own := alert(desk), alert(officer.ID)
	officer.Get("/ops/alerts").Has(200, "Fred Front Desk", "opened the records of 46 people", "21 of them",
		"This is about you")

	officer.Post("/ops/alerts/"+id+"/review", "note-"+id, "short").Has(422, "Say what you found out", "short")
	part := officer.HTMX().Post("/ops/alerts/"+id+"/review", "note-"+id, "")
	part.Has(422, `id="alert-`+id)
	part.Lacks("<html")
	if a := officer.Post("/ops/alerts/"+own+"/review", "note-"+own, "Nothing to see here at all"); a.Status != 409 {
		t.Error("one's own alert was closed:", a.Status)
	}
	officer.Post("/ops/alerts/"+id+"/review", "note-"+id, "Asked: a list for the flu shots.").Goes("/ops/alerts")
	officer.Get("/ops/alerts").Has(200, "Found out: Asked: a list for the flu shots.", "by Cora",
		"opened the records of 46 people")
	if a := officer.Post("/ops/alerts/"+id+"/review", "note-"+id, "Once more, later on."); a.Status != 409 {
		t.Error("closed twice:", a.Status)
	}
	colleague.Post("/ops/alerts/"+own+"/review", "note-"+own, "She prepared an audit.").Goes("/ops/alerts")
	if n := events(t, site, `resource = 'Alert' and action = 'review' and resource_id in ($1, $2)`, id, own); n != 2 {
		t.Error("reviews that are kept:", n)
	}
	if a := site.Staff(t, "Sam", "support").Post("/ops/alerts/"+id+"/review", "note-"+id,
		"I did not do it, believe me"); a.Status != 403 {
		t.Error(a.Status)
	}
	if a := site.Person(t, "Charlie").Get("/ops/alerts"); a.Status != 404 {
		t.Error(a.Status)
	}
}
