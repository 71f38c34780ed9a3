package importing

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"kindward/internal/pgtest"
	"kindward/queries/tenantdb"
)

const patients = "MRN,Patient Name,DOB,Cell Phone,Email Address,Address,City,State,Zip,Preferred Language,Diagnosis\n"

func TestEachCellOfAPatientIsReadOrSaidWhatIsWrong(t *testing.T) {
	b := brought{t, pgtest.Open(t).Clinic(t), uuid.Nil}
	rows := []struct{ cells, want string }{
		{"1,Leo Medeiros,3/27/1988,401-555-0142,Leo@Example.COM,12 Hope St,Providence,ri,2906,portuguese,flu", "lost a zero"},
		{"2,Ana Ruiz,3/27/1988,401-555-0143,,,Miami,FL,33101,es,flu", ""},
		{"3,Ben Okafor,27/3/1988,,,,,,,,", "no such month"},
		{"4,Cleo Hart,3/27/58,,,,,,,,", "two digits"},
		{"5,Dan Ito,3/27/2999,,,,,,,,", "in the future"},
		{"6,Eve Lund,3/27/1799,,,,,,,,", "longer ago"},
		{"7,Fay Mock,,555-0142,,,,,,,", "no phone number"},
		{"8,Gil Nash,,,gil at home,,,,,,", "no email address"},
		{"9,Hal Orr,,,,,,Rhode,,,", "is no state"},
		{"10,Ida Poe,,,,,,,,English; Spanish,", "has 2 languages"},
		{",Jo Quist,,,,,,,,,", "alone tells nobody apart"},
		{"123-45-6789,Kim Ray,,,,,,,,,", "Social Security number"},
		{"11,Lou Sand,,+44 20 7946 0958,,,,,,,", ""},
		{"12,Ana Ruiz,3/27/1988,401-555-0199,,,,,,,", "date of birth of line 3"},
		{"2,Ana Ruiz,3/27/1988,,,,,,,,", "The same as line 3"},
	}
	file := patients
	for _, r := range rows {
		file += r.cells + "\n"
	}
	b.id = stage(t, b.c, Patients, []byte(file))
	said := problems(t, b.c, b.id)
	for i, r := range rows {
		if got := said[i]; r.want == "" && !strings.HasSuffix(got, " ready ") || !strings.Contains(got, r.want) {
			t.Errorf("line %d: %q, not %q", i+2, got, r.want)
		}
	}
	if n := b.c.DB.Count(t, `select count(*) from `+b.c.Schema+`.import_row where cells::text like '%flu%'
		or cells::text like '%123-45%'`); n != 0 {
		t.Errorf("%d rows keep what speaks of health, or a number of the government", n)
	}
	if n := b.c.DB.Count(t, `select count(*) from `+b.c.Schema+`.import_row where cells::text like '%Hope%'`); n != 1 {
		t.Error("the control: what is kept is not")
	}
}

func TestNothingOfAWorkbookOfSeveralSheetsIsKeptOfPatients(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	book := excelize.NewFile()
	defer book.Close()
	_, err := book.NewSheet("Notes")
	var body bytes.Buffer
	err = errors.Join(err, book.SetSheetRow("Sheet1", "A1", &[]any{"Name", "DOB"}),
		book.SetSheetRow("Notes", "A1", &[]any{"Name", "Diagnosis"}), book.Write(&body))
	if err != nil {
		t.Fatal(err)
	}
	err = Stage(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), tenantdb.AddImportParams{ID: uuid.New(), Kind: Patients,
		CreatedAt: time.Now()}, body.Bytes())
	if bad, ok := errors.AsType[*UnreadableError](err); !ok || !strings.Contains(bad.Reason, "several sheets") {
		t.Error(err)
	}
	if n := c.DB.Count(t, "select count(*) from "+c.Schema+".import_batch"); n != 0 {
		t.Error("it is kept")
	}
}

// Nothing is merged: whoever looks like a patient who is here is added only if somebody says that it is another person.
func TestWhoLooksLikeAPatientWhoIsHereWaitsForSomebodyToSaySo(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	here := []string{uuid.NewString(), uuid.NewString(), uuid.NewString()}
	c.SQL(t, `insert into patient (id, name, born, phone, email) values ($1, 'José Díaz', '1988-03-27', '', ''),
		($2, 'Ana Ruiz', null, '(401) 555-0142', ''), ($3, 'Ben Okafor', null, '', 'ben@example.com')`,
		here[0], here[1], here[2])
	c.SQL(t, `insert into consent (id, patient_id, purpose, version, text_hash, state) values ($2, $1, 'share', '1', '',
		'withdrawn')`, here[2], uuid.NewString())
	file := "MRN,Name,DOB,Phone,Email\nA,Jose Diaz,3/27/1988,,\nB,Jose Diaz,3/28/1988,,\nC,ana ruiz,,4015550142,\n" +
		"D,Ana Ruiz,,4015550143,\nE,Ben Okafor,,,Ben@example.com\n"
	b := brought{t, c, stage(t, c, Patients, []byte(file))}
	if got := counts(t, c, b.id); got != "ready 3, wrong 2" {
		t.Fatalf("%s %q", got, problems(t, c, b.id))
	}
	c.SQL(t, `update import_batch set state = 'checked'`)
	accept := func(r tenantdb.ImportRowsRow) bool { return r.Line == 2 }
	if err := Check(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), c.Tenant, b.id, nil, accept); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.check(), b.begin(), b.run()); err != nil || counts(t, c, b.id) != "added 4, wrong 1" {
		t.Fatal(err, counts(t, c, b.id))
	}
	again := brought{t, c, stage(t, c, Patients, []byte(file))}
	if got := counts(t, c, again.id); got != "same 4, wrong 1" {
		t.Errorf("the same rows again: %s", got)
	}
	if n := pgtest.Value[int64](t, c, `select count(*) from patient where name ilike '%jos%'`); n != 3 {
		t.Errorf("there are %d of the name", n)
	}
}

func TestUndoneImportsOfPatientsLeaveNoWordsAndWhoHasAVisitStays(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	words := func() int64 { return pgtest.Value[int64](t, c, "select count(*) from patient_name_word") }
	before, by := words(), uuid.New()
	file := "MRN,Name,DOB\nA,Maria Sousa,3/27/1988\nB,Noor Tahir,3/27/1989\n"
	b := brought{t, c, stage(t, c, Patients, []byte(file))}
	c.SQL(t, `update import_batch set created_by = $1`, by)
	if err := b.run(); err != nil || words() != before+4 {
		t.Fatal(err, words())
	}
	c.SQL(t, `insert into consent (id, patient_id, purpose, version, text_hash, state)
		select $1, id, 'share', '1', '', 'granted' from patient where name = 'Noor Tahir'`, uuid.NewString())
	if err := b.undo(); err != nil || counts(t, c, b.id) != "kept 1, undone 1" {
		t.Fatal(err, counts(t, c, b.id))
	}
	if words() != before+2 {
		t.Errorf("%d words are left behind", words()-before-2)
	}
	audited := func(action string) int {
		return c.DB.Count(t, fmt.Sprintf(`select count(*) from audit.event where tenant_id = '%s'
			and resource = 'Patient' and action = '%s' and fields = array['import:%s', 'by:%s']`, c.ID, action, b.id, by))
	}
	if audited("import") != 2 || audited("remove") != 1 {
		t.Errorf("in the audit: %d added, %d removed", audited("import"), audited("remove"))
	}
}
