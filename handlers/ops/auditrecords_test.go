package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// walkIn is the chart of somebody without an account and a visit of theirs.
func walkIn(t *testing.T, site *webtest.Site, c *pgtest.Clinic, name, email string) webtest.Visit {
	t.Helper()
	v := site.VisitOf(t, c, site.Account(t, "Nobody"), name, 1)
	c.SQL(t, `update patient set account_id = null, email = $2 where id = $1`, v.Patient, email)
	c.SQL(t, `update appointment set account_id = null where id = $1`, v.ID)
	return v
}

func TestWhoReadTheChartOfSomebodyWithoutAnAccountIsFoundByAllThatNamesIt(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	clinic, other := site.NewClinic(t), site.NewClinic(t)
	v := walkIn(t, site, clinic, "Esperanza Guzman", "Esperanza@mail.example.test")
	noor := site.Member(t, clinic, "Noor Haddad", "clinician")
	noor.Get(webtest.Workplace(clinic)+"/patients/"+v.Patient.String()).Has(200, "Esperanza Guzman")
	noor.Get(webtest.Workplace(clinic)+"/appointments?day="+v.Day).Has(200, "Esperanza Guzman")
	site.Visit(t, other, 1)
	officer := site.Staff(t, "Cora", "compliance")
	id := v.Patient.String()
	for _, asked := range []string{id, id[24:], "chart " + id[24:], v.Ref, strings.TrimPrefix(v.Ref, "KW-"),
		"esperanza%40mail.example.test", "guzman,+esperanza", "Esperanza%E2%80%8B", strings.ToUpper(id)} {
		page := findAudit(t, officer, "person="+noor.ID.String()+"&patient="+asked)
		page.Has(200, "Noor Haddad", "Patient, read", "Appointment, list", "chart "+id[24:])
		elsewhere := findAudit(t, officer, "patient="+asked+"&organization="+other.Slug)
		if strings.Contains(elsewhere.Body, "Patient, read") {
			t.Error(asked, "is found where it is not on file")
		}
	}
	if n := events(t, site, `resource = 'Appointment' and action = 'list' and patient is null
		and fields = array['chart:' || $1::text]`, id); n != 1 {
		t.Errorf("%d events of the day's list carry the chart", n)
	}
	officer.Get("/ops/audit?action=READ&patient="+id).Has(200, "Patient, read",
		`href="/ops/audit?organization=`+clinic.Slug+`&amp;patient=`+id+`"`)
	if n := events(t, site, `actor = $1 and resource = 'Patient' and resource_id = $2 and action = 'list'
		and purpose = 'compliance' and tenant_id = $3`, officer.ID, v.Patient, clinic.ID); n != 10 {
		t.Errorf("%d of 10 looks at them are kept", n)
	}
	sent := officer.Post("/ops/audit", "patient", "guzman", "organization", clinic.Slug)
	file := officer.Get(strings.Replace(sent.Location, "/ops/audit", "/ops/audit/export.csv", 1))
	if file.Status != 200 || !strings.Contains(file.Body, id) || strings.Contains(file.Body, other.ID.String()) {
		t.Error("the file is not about the chart:", file.Status, file.Body)
	}
}

func TestOfSeveralWhoFitOneIsChosenAndEachIsToldOfTheLook(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	clinic, other := site.NewClinic(t), site.NewClinic(t)
	first, second := walkIn(t, site, clinic, "Rosa Lima", ""), walkIn(t, site, other, "Rosa Lima-Prado", "")
	third := site.Account(t, "Ana Nunes") // who is called otherwise there
	site.VisitOf(t, clinic, third, "Rosa Limana", 1)
	officer := site.Staff(t, "Cora", "compliance")
	sent := officer.Post("/ops/audit", "patient", "rosa lima", "action", "read")
	page := officer.Get(sent.Location)
	page.Has(200, "Whose record do you mean?", "3 fit", "Rosa Lima-Prado", clinic.Name, other.Name,
		"patient="+first.Patient.String(), "patient="+second.Patient.String(), "patient="+third.String(), "action=read")
	page.Lacks("<table", "Save for a spreadsheet")
	if a := officer.Get(strings.Replace(sent.Location, "/ops/audit", "/ops/audit/export.csv", 1)); a.Status != 422 {
		t.Error("a file about several people:", a.Status)
	}
	for _, who := range []uuid.UUID{first.Patient, second.Patient} {
		if n := events(t, site, `actor = $1 and resource_id = $2 and action = 'list'`, officer.ID, who); n != 2 {
			t.Errorf("%d of 2 looks at a chart are kept", n)
		}
	}
	if n := events(t, site, `actor = $1 and patient = $2 and action = 'list'`, officer.ID, third); n != 2 {
		t.Errorf("%d of 2 looks are the account's to see", n)
	}
	findAudit(t, officer, "patient=rosa+lima&organization=Test+clinic").Has(422, "Several are called so", other.Slug)
	site.Admin(t, `update directory.tenant set name = 'Elm Clinic' where id = $1`, other.ID)
	findAudit(t, officer, "patient=rosa+lima&organization=elm+clinic").Has(200, "chart "+second.Patient.String()[24:])
}

func TestTheAuditSaysWhatWasAskedAndWhatCannotBe(t *testing.T) {
	site := webtest.Open(t)
	officer, nobody := site.Staff(t, "Cora", "compliance"), site.Account(t, "Quiet")
	day := time.Now().AddDate(2, 0, 0).Format(time.DateOnly)
	officer.Get("/ops/audit?patient="+nobody.String()+"&from="+day+"&action=Read").Has(200,
		"Nothing was found for whose record "+nobody.String()+", from "+day+", action Read.", `list="actions"`,
		`<option value="factor-removal-approve">`)
	officer.Get("/ops/audit?from="+day+"&to=2026-01-01").Has(422, "The last day is before the first")
	findAudit(t, officer, "patient=Xyzzy+Nemo").Has(422, "No account, chart or booking was found for “Xyzzy Nemo”")
	findAudit(t, officer, "patient=x").Has(422, "3 characters or more")
}
