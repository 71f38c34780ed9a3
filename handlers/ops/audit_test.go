package ops_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestTheAuditIsSearchedByAllThatIsAskedAndEachLookIsKept(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	clinic := h.Clinic(t)
	actor, patient, other := h.Account(t, "Ann Lee"), h.Account(t, "Maya Canary"), h.Account(t, "Noa")
	h.Admin(t, `insert into audit.event (tenant_id, actor, patient, purpose, resource, action, outcome, at) values
		($1, $2, $3, 'care', 'Patient', 'read', 'success', now()), ($1, $2, $4, 'care', 'Appointment', 'read', 'denied', now() - interval '3 days'),
		(null, $4, $4, 'own record', 'Appointment', 'list', 'success', now())`, clinic.ID, actor, patient, other)
	officer := h.person(t, "Cora Compliance", "compliance")
	email := func(id uuid.UUID) string { return id.String() + "@example.test" }
	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }

	has(t, officer.get("/ops/audit"), 200, "What was done, the latest first", "Patient, read", "Appointment, list")
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
		page := officer.get("/ops/audit?" + c.query)
		has(t, page, 200, c.in)
		lacks(t, page, c.out, "Maya Canary")
	}
	if n := h.events(t, `resource = 'AuditEvent' and action = 'search' and purpose = 'compliance' and actor = $1 and policy_id = 'compliance'`, officer.id); n != 9 {
		t.Errorf("%d of 9 looks are kept", n)
	}
	if n := h.events(t, `patient = $1 and action = 'search' and fields = '{patient}'`, patient); n != 1 {
		t.Error("the person asked about cannot see that somebody asked", n)
	}
	bad := officer.get("/ops/audit?person=nobody@example.test&organization=nowhere&from=soon&purpose=fun")
	has(t, bad, 422, "No account has this address or id", "word in its address", "Enter a day", "Choose a purpose", `value="nobody@example.test"`, `value="nowhere"`)
	part := officer.do("GET", "/ops/audit?outcome=denied", nil, true)
	has(t, part, 200, `id="audit"`, "Appointment, read")
	lacks(t, part, "<html")

	for _, role := range []string{"support", "operator", "administrator", "reviewer"} {
		if a := h.person(t, "No", role).get("/ops/audit"); a.status != 403 {
			t.Errorf("%s: %d", role, a.status)
		}
	}
	if a := h.person(t, "Charlie").get("/ops/audit"); a.status != 404 {
		t.Error(a.status)
	}
}

func TestTheAuditIsPagedByItsNumbers(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	h.Admin(t, `insert into audit.event (purpose, resource, action, outcome, request_id) select 'care', 'Patient', 'n' || n, 'success', '' from generate_series(1, 120) n`)
	officer := h.person(t, "Cora", "compliance")
	seen, path := map[string]bool{}, "/ops/audit?purpose=care"
	for pages := 0; path != "" && pages < 10; pages++ {
		page := officer.get(path)
		for word := range strings.FieldsSeq(strings.NewReplacer("<", " ", ",", " ").Replace(page.body)) {
			if len(word) > 1 && word[0] == 'n' && word[1] >= '0' && word[1] <= '9' {
				if seen[word] {
					t.Fatal("twice:", word)
				}
				seen[word] = true
			}
		}
		before, _, more := strings.Cut(page.body, `">Earlier events</a>`)
		if path = ""; more {
			path = strings.ReplaceAll(before[strings.LastIndex(before, `"`)+1:], "&amp;", "&")
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d of 120 events on the pages", len(seen))
	}
}

func TestA23TheAuditsExportHasNoFormulaAndTheSealedOneHasItsCheckpoint(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	evil := h.Account(t, `=cmd|' /C calc'!A0`)
	h.Admin(t, `insert into audit.event (actor, purpose, resource, action, outcome, fields, request_id, ip) select $1, 'care', 'Patient', '+1', 'success', '{@SUM(1)}', '-2', '10.0.0.1' from generate_series(1, 2500)`, evil)
	officer := h.person(t, "Cora", "compliance")
	file := officer.get("/ops/audit/export.csv?person=" + evil.String())
	rows, err := csv.NewReader(strings.NewReader(file.body)).ReadAll()
	if err != nil || len(rows) != 2503 || !strings.Contains(rows[2501][0], "2500 events") {
		t.Fatal(err, len(rows), file.status)
	}
	for _, row := range rows[1:2501] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Fatalf("a formula: %q", cell)
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(officer.get("/ops/audit/export.jsonl?person="+evil.String()).body), "\n")
	var last struct {
		End, Cut   bool
		Events     int
		Checkpoint string
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || !last.End || last.Cut || last.Events != 2500 || len(lines) != 2501 {
		t.Error(err, last, len(lines))
	}
	if n := h.events(t, `action = 'export' and fields = '{person}' and actor = $1`, officer.id); n != 2 {
		t.Error("exports that are kept:", n)
	}
	h.forward(11 * time.Minute)
	if a := officer.get("/ops/audit/export.csv"); a.status != 303 || !strings.HasPrefix(a.to, "/account/confirm") {
		t.Error("an export without a recent proof:", a.status, a.to)
	}
	if a := h.person(t, "Sam", "support").get("/ops/audit/export.jsonl"); a.status != 403 {
		t.Error(a.status)
	}
}

func TestA36AnAlertIsReviewedBySomebodyElse(t *testing.T) {
	h := open(t)
	officer, colleague := h.person(t, "Cora", "compliance"), h.person(t, "Carl", "compliance")
	alert := func(actor uuid.UUID) string {
		id := uuid.Must(uuid.NewV7())
		h.Admin(t, `insert into audit.alert (id, kind, actor, since, facts) values ($1, 'many_records', $2, now(), '{"people": 46, "unrelated": 21, "most": 20, "from": "2026-11-22T10:00:00Z", "to": "2026-11-22T10:40:00Z"}')`, id, actor)
		return id.String()
	}
	desk := h.Account(t, "Fred Front Desk")
	id, own := alert(desk), alert(officer.id)
	has(t, officer.get("/ops/alerts"), 200, "Fred Front Desk", "opened the records of 46 people", "21 of them", "This is about you")

	has(t, officer.post("/ops/alerts/"+id+"/review", "note-"+id, "short"), 422, "Say what you found out", "short")
	part := officer.htmx("/ops/alerts/"+id+"/review", "note-"+id, "")
	has(t, part, 422, `id="alert-`+id)
	lacks(t, part, "<html")
	if a := officer.post("/ops/alerts/"+own+"/review", "note-"+own, "Nothing to see here at all"); a.status != 409 {
		t.Error("one's own alert was closed:", a.status)
	}
	goes(t, officer.post("/ops/alerts/"+id+"/review", "note-"+id, "Asked: a list for the flu shots."), "/ops/alerts")
	has(t, officer.get("/ops/alerts"), 200, "Asked: a list for the flu shots.", "by Cora")
	if a := officer.post("/ops/alerts/"+id+"/review", "note-"+id, "Once more, later on."); a.status != 409 {
		t.Error("closed twice:", a.status)
	}
	goes(t, colleague.post("/ops/alerts/"+own+"/review", "note-"+own, "She prepared an audit."), "/ops/alerts")
	if n := h.events(t, `resource = 'Alert' and action = 'review' and resource_id in ($1, $2)`, id, own); n != 2 {
		t.Error("reviews that are kept:", n)
	}
	if a := h.person(t, "Sam", "support").post("/ops/alerts/"+id+"/review", "note-"+id, "I did not do it, believe me"); a.status != 403 {
		t.Error(a.status)
	}
	if a := h.person(t, "Charlie").get("/ops/alerts"); a.status != 404 {
		t.Error(a.status)
	}
}
