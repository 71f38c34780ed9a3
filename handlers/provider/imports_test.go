package provider_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kindward/handlers/webtest"
	"kindward/internal/importing"
	"kindward/internal/pgtest"
)

const people = "Provider;Speciality;NPI Number;Languages;License expires;Notes\n" +
	"Ana Ruiz;Family doctor;1234567893;English, Spanish;12/31/2028;x\n" +
	"Ben Okafor;Skin docter;;English;31/12/2028;x\n" +
	"Cleo <b>;Dentist;1234567890;English;;x\n" +
	"=HYPERLINK(1);Dentist;;;;x\n"

// bringIn does what the worker does with an import.
func bringIn(t *testing.T, site *webtest.Site, path string) {
	t.Helper()
	c := site.Clinic()
	err := importing.Runner{Gateway: site.Gateway, Now: time.Now}.Run(t.Context(), c.Scope([16]byte{}), c.Tenant,
		webtest.IDOf(path))
	if err != nil {
		t.Fatal(err)
	}
}

func TestA45FilesOfAnOrganizationAreLimitedAndOnesOfAnotherAreNot(t *testing.T) {
	site := webtest.Open(t)
	alice, charlie, file := site.Alice(t), site.Charlie(t), []byte("Name,Specialty\nAna,Dentist\n")
	own, other := webtest.Workplace(site.Clinic())+"/imports", webtest.Workplace(site.Other())+"/imports"
	var a webtest.Answer
	for range 31 {
		a = alice.Upload(own, "a.csv", file, "kind", "practitioners")
	}
	a.Has(http.StatusTooManyRequests, "Many files were read within an hour", `value="practitioners" checked`)
	if a := charlie.Upload(other, "a.csv", file, "kind", "practitioners"); a.Status != http.StatusSeeOther {
		t.Errorf("the other organization: %d", a.Status)
	}
}

func TestAFileOfPractitionersIsReadCheckedMendedBroughtInAndUndone(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/imports"
	alice.Get(own).Has(http.StatusOK, "Bring your records along")
	alice.Get(own+"/sample.csv?kind=practitioners").Has(http.StatusOK, "Specialty", "Ana Ruiz, MD")
	alice.Get(own+"/sample.csv?kind=services").Has(http.StatusOK, "Also by video", "Skin check")
	alice.Get(own + "/sample.csv?kind=cars").Has(http.StatusNotFound)
	alice.Post(own, "kind", "practitioners").Has(http.StatusUnprocessableEntity, "Choose a file")
	alice.Upload(own, "a.csv", []byte(people)).Has(http.StatusUnprocessableEntity, "Choose what the file holds")
	alice.Upload(own, "a.csv", []byte("%PDF-1.7"), "kind", "practitioners").
		Has(http.StatusUnprocessableEntity, "This is a PDF")
	made := alice.Upload(own, "a.csv", []byte(people), "kind", "practitioners")
	at := made.Location
	if made.Status != http.StatusSeeOther {
		t.Fatal(made.Status, made.Body)
	}
	alice.Get(at).Has(http.StatusOK, "What is in each column?", "Such as Ana Ruiz")
	columns := []string{"column0", "name", "column1", "specialty", "column2", "npi", "column3", "languages", "column4",
		"valid_until", "column5", ""}
	twice := append(append([]string{}, columns...), "column5", "name")
	twice[11] = "name"
	part := alice.HTMX().Post(at+"/columns", append(twice[:10:10], "column5", "name")...)
	part.Has(http.StatusUnprocessableEntity, "is that already")
	part.IsPart("import")
	alice.Post(at+"/columns", columns[:2]...).Has(http.StatusUnprocessableEntity, "Say which column is the Specialty")
	alice.Post(at+"/columns", append(columns[:10:10], "column5", "password")...).Has(http.StatusUnprocessableEntity,
		"Choose one of the fields")
	alice.Post(at+"/columns", columns...).Goes(at)
	alice.Get(at).Has(http.StatusOK, "1 of 4 rows are ready", "Skin docter", "Use “Skin doctor”", "not a valid NPI",
		"is a formula", "Use the nearest spelling: 1 row", "Cleo &lt;b&gt;")
	alice.Post(at+"/proposals", "proposal", importing.DidYouMean).Goes(at)
	alice.Get(at).Has(http.StatusOK, "Use “2028-12-31”")
	alice.Post(at+"/proposals", "line", "3").Goes(at)
	alice.Get(at).Has(http.StatusOK, "2 of 4 rows are ready")
	back := alice.Get(at + "/rows.csv")
	back.Has(http.StatusOK, `"Cleo <b>"`, `"'=HYPERLINK(1)"`, "is not a valid NPI", `"4"`)
	back.Lacks("Ana Ruiz")

	charlie := site.Charlie(t)
	for _, path := range []string{at, at + "/rows.csv"} {
		charlie.Get(path).Has(http.StatusNotFound)
		charlie.Get(strings.Replace(path, site.Clinic().Slug, site.Other().Slug, 1)).Has(http.StatusNotFound)
	}
	charlie.Post(strings.Replace(at, site.Clinic().Slug, site.Other().Slug, 1) + "/run").Has(http.StatusNotFound)
	site.Bob(t, "clinician").Get(at).Has(http.StatusForbidden)
	site.Bob(t, "manager").Get(at).Has(http.StatusOK)

	alice.Post(at + "/run").Goes(at)
	alice.Get(at).Has(http.StatusOK, "0 of 2 rows are in", `hx-trigger="every 1s"`)
	alice.HTMX().Get(at + "/progress").IsPart("import")
	alice.Post(at+"/columns", columns...).Goes(at)
	alice.Get(at).Has(http.StatusOK, "has gone on meanwhile")
	bringIn(t, site, at)
	alice.Get(at).Has(http.StatusOK, "2 rows are in", "Need you: 2", "Undo the import", "Try the others again")
	alice.Get("/places/"+site.Clinic().Slug+"/clinicians").Has(http.StatusOK, "Ana Ruiz", "Ben Okafor")
	alice.Get(own).Has(http.StatusOK, "Practitioners", "a.csv")

	again := alice.Upload(own, "again.csv", []byte(people), "kind", "practitioners").Location
	if got := alice.Get(again); !strings.Contains(got.Body, `<option value="valid_until" selected`) {
		t.Error("the columns are not remembered", got.Body)
	}
	alice.Post(again+"/columns", columns...).Goes(again)
	alice.Get(again).Has(http.StatusOK, "0 of 4 rows are ready", "Left out: 1")

	alice.Post(at + "/retry").Goes(at)
	bringIn(t, site, at)
	alice.Post(at + "/undo").Goes(at)
	alice.Get(at).Has(http.StatusOK, "The import is undone", "Taken back: 2")
	alice.Get("/places/"+site.Clinic().Slug+"/clinicians").Lacks("Ana Ruiz", "Ben Okafor")
	alice.Get(webtest.Workplace(site.Clinic())+"/access-log").Has(http.StatusOK, "brought in what a file holds",
		"took back what a file had brought in")
}

// workbook has people on two sheets.
func workbook(t *testing.T) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	_, err := book.NewSheet("Nurses")
	var body bytes.Buffer
	err = errors.Join(err, book.SetSheetRow("Sheet1", "A1", &[]any{"Name", "Specialty"}),
		book.SetSheetRow("Sheet1", "A2", &[]any{"Ana Ruiz", "Dentist"}),
		book.SetSheetRow("Nurses", "A1", &[]any{"Name", "Specialty"}),
		book.SetSheetRow("Nurses", "A2", &[]any{"Ben Okafor", "Midwife"}), book.Write(&body))
	if err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

func TestOfAWorkbookThePageAsksWhichSheet(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/imports"
	at := alice.Upload(own, "a.xlsx", workbook(t), "kind", "practitioners").Location
	alice.Get(at).Has(http.StatusOK, "Which sheet?", "Sheet1", "Nurses")
	part := alice.HTMX().Post(at + "/sheet")
	part.Has(http.StatusUnprocessableEntity, "Choose one of the sheets")
	part.IsPart("import")
	for _, p := range []*webtest.Person{site.Charlie(t), site.Bob(t, "clinician")} {
		if a := p.Post(at+"/sheet", "sheet", "Nurses"); a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
			t.Error("somebody else chooses:", a.Status)
		}
	}
	alice.Post(at+"/sheet", "sheet", "Nurses").Goes(at)
	alice.Get(at).Has(http.StatusOK, "What is in each column?", "Such as Ben Okafor", "a.xlsx, Nurses")
	alice.Post(at+"/sheet", "sheet", "Sheet1").Goes(at)
	alice.Get(at).Has(http.StatusOK, "has gone on meanwhile", "Such as Ben Okafor")
}

func TestAnotherPriceIsSaidBeforeItIsChanged(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	site.Clinic().SQL(t, `update service set reason_code = 'C09', minutes = 30, visit_mode = 'clinic', price_cents = 12000`)
	own := webtest.Workplace(site.Clinic()) + "/imports"
	at := alice.Upload(own, "prices.csv", []byte("Service,Minutes,Price\nSkin check,30,130\n"), "kind", "services").Location
	alice.Post(at+"/columns", "column0", "reason_code", "column1", "minutes", "column2", "price_cents").Goes(at)
	alice.Get(at).Has(http.StatusOK, "1 row changes a price", "Changes its price: $120 → $130.", "Nothing is added yet")
	alice.Post(at + "/run").Goes(at)
	bringIn(t, site, at)
	if n := pgtest.Value[int64](t, site.Clinic(), `select price_cents from service`); n != 13000 {
		t.Errorf("the price is %d", n)
	}
}

// importPages are the pages of imports that look different.
func importPages(t *testing.T, site *webtest.Site, alice *webtest.Person) map[string]string {
	t.Helper()
	own := webtest.Workplace(site.Clinic()) + "/imports"
	upload := func() string {
		return alice.Upload(own, "people of the clinic.csv", []byte(people), "kind", "practitioners").Location
	}
	read, checked, done := upload(), upload(), upload()
	for _, at := range []string{checked, done} {
		alice.Post(at+"/columns", "column0", "name", "column1", "specialty", "column2", "npi").Goes(at)
	}
	alice.Post(done + "/run").Goes(done)
	bringIn(t, site, done)
	patients := func() string {
		return alice.Upload(own, "patients.csv", []byte(patientsFile), "kind", "patients").Location
	}
	site.Clinic().SQL(t, `insert into patient (id, name, born) values (gen_random_uuid(), 'Leo Medeiros', '1988-03-27')`)
	columns, alike := patients(), patients()
	alice.Post(alike+"/columns", "column0", "external_id", "column1", "name", "column2", "born", "column3",
		"phone").Goes(alike)
	return map[string]string{"patients to import": columns, "patients alike": alike, "imports": own,
		"new import": own + "/new", "import read": read, "import checked": checked,
		"import done": done}
}

func TestAFileThatCannotBeTakenIsSaidAndTheKindStaysChosen(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/imports"
	long := make([]byte, importing.MaxBytes+1)
	for body, said := range map[string]string{"": "Choose a file with something in it", "\n\n": "The file is empty",
		"Name\nAna\n": "only one column", "Name,Specialty\n": "no other row", "\xd0\xcf\x11\xe0": "old or protected kind",
		"PK\x03\x04half": "cut off or broken", "Name,Specialty\nA\x00,B\n": "Line 2 has characters",
		string(long): "larger than 4 MB"} {
		page := alice.Upload(own, "a.csv", []byte(body), "kind", "locations")
		page.Has(http.StatusUnprocessableEntity, said, "There is a problem")
		if !strings.Contains(page.Body, `value="locations" checked`) {
			t.Errorf("after “%s” the kind is chosen no more", said)
		}
	}
	alice.Get(own).Lacks("a.csv")
	control := alice.Upload(own, "b.csv", []byte("Name,City\nA,B\n"), "kind", "locations")
	if control.Status != http.StatusSeeOther {
		t.Error("a file that can be read is not taken:", control.Status)
	}
}

const patientsFile = "MRN,Name,DOB,Phone,Address,Language,Medications,SSN\n" +
	"A1,Noor Tahir,3/27/1988,401-555-0142,12 Hope St,Arabic,aspirin,123-45-6789\nA2,Leo Medeiros,3/27/1988,,,,,\n"

func TestPatientsOfAFileAreFoundAtTheDeskAndTheirHealthIsNotKept(t *testing.T) {
	site := webtest.Open(t)
	alice, c := site.Alice(t), site.Clinic()
	own := webtest.Workplace(c)
	c.SQL(t, `insert into patient (id, name, born) values (gen_random_uuid(), 'Leo Medeiros', '1988-03-27')`)
	alice.Get(own+"/imports/new").Has(http.StatusOK, "Who comes to you")
	at := alice.Upload(own+"/imports", "p.csv", []byte(patientsFile), "kind", "patients").Location
	page := alice.Get(at)
	page.Has(http.StatusOK, "It speaks of health: nothing of it is kept", "It is a number of the government")
	page.Lacks("aspirin", "123-45")
	columns := []string{"column0", "external_id", "column1", "name", "column2", "born", "column3", "phone", "column4",
		"street", "column5", "language"}
	alice.Post(at+"/columns", append(columns, "column6", "city")...).
		Has(http.StatusUnprocessableEntity, "It speaks of health. Leave it out")
	alice.Post(at+"/columns", columns...).Goes(at)
	alice.Get(at).Has(http.StatusOK, "1 of 2 rows are ready", "Looks like a patient who is here", "it is another person")
	alice.Post(at+"/proposals", "line", "3").Goes(at)
	alice.Get(at).Has(http.StatusOK, "2 of 2 rows are ready")
	alice.Post(at + "/run").Goes(at)
	bringIn(t, site, at)
	desk := site.Bob(t, "front_desk")
	for _, q := range []string{"tahir", "401 555 0142"} {
		desk.HTMX().Post(own+"/patients", "q", q).Has(http.StatusOK, "Noor Tahir")
	}
	id := pgtest.Value[string](t, c, `select id::text from patient where name = 'Noor Tahir'`)
	alice.Get(own+"/patients/"+id).Has(http.StatusOK, "12 Hope St", "Arabic", "A1")
	if n := site.Count(t, `select count(*) from directory.account where name = 'Noor Tahir'`); n != 0 {
		t.Error("an account came of it")
	}
	charlie := site.Charlie(t)
	charlie.Get(at).Has(http.StatusNotFound)
	site.Bob(t, "clinician").Get(at).Has(http.StatusForbidden)
}
