package join_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/browser"
	"kindward/internal/contract"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

var shots = flag.String("shots", "", "folder for pictures of the pages of contracts")

// looked is a page that somebody looks at.
type looked struct {
	as   *webtest.Person
	path string
}

// contractPages are those about contracts, full ones of staff and those before it is signed among them.
func contractPages(t *testing.T, w world) map[string]looked {
	t.Helper()
	maya, leo, rosa := w.Person(t, "Maya Okafor"), w.Person(t, "Leo Park"), w.Visitor(t)
	rita := w.Staff(t, "Rita", "reviewer")
	_, tenant := w.joins(maya)
	theirs := w.named(leo, "Park Imaging LLC")
	maya.SignIn(2)
	w.Admin(t, `insert into onboarding.change (id, tenant_id, kind, subject_id, name, was, becomes, license, license_state, said,
			by, at)
		select gen_random_uuid(), $1, 'location', gen_random_uuid(), 'Location ' || n,
			'{"street": "1 Test St", "valid_until": "2027-01-31"}',
			'{"street": "2 Old Post Road North, second floor, behind the pharmacy", "valid_until": "2029-01-31"}', 'LCI01234',
			'RI', 'The state''s register does not say whose this license is.', $2, $3::timestamptz + n * interval '1 minute'
		from generate_series(1, 30) n`, tenant.ID, uuid.New(), w.Clock.Now())
	rest := rita.Get("/ops/changes").All("a", "rel", "next")[0].Value("href")
	home := "/organizations/" + tenant.Slug + "/contract"
	t.Cleanup(contract.AddToCome(73, "# Another text\n\nFor {organization}, which signs again.\n\n## 1. What is new\n\nMuch.\n"))
	w.rewords(73)
	return map[string]looked{"contract asked": {maya, home}, "ops contracts": {rita, "/ops/contracts"},
		"ops changes": {rita, "/ops/changes"}, "ops changes rest": {rita, rest},
		"guest contract": {rosa, w.link(leo, theirs, "contract", "email", "rosa@law.example")},
		"guest links":    {leo, theirs + "/guest-links"}}
}

func Test36ThePagesOfContractsAreSound(t *testing.T) {
	browser.NeedTools(t)
	w := openWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})}) // the worker's rounds ask everybody
	w.Clinic()
	files := t.TempDir()
	ines := w.Person(t, "Ines Rocha")
	sent := w.sent(ines)
	ines.Post(sent + "/withdrawal").Goes(sent)
	ines.Post(sent + "/reopening").Goes(sent)
	isSound(t, files, "check and send", looked{ines, sent + "/steps/agreement"})
	for name, page := range contractPages(t, w) {
		isSound(t, files, name, page)
	}
	for _, line := range browser.HTMLValidate(t, files) {
		t.Error(line)
	}
}

// isSound looks at a page in both colors and at four widths, and keeps its markup in a folder.
func isSound(t *testing.T, files, name string, page looked) {
	t.Helper()
	a := page.as.Get(page.path)
	a.Has(http.StatusOK)
	if err := os.WriteFile(filepath.Join(files, name+".html"), []byte(a.Body), 0o600); err != nil {
		t.Fatal(err)
	}
	v := browser.Shared(t).Visit(t, browser.Options{Home: page.as.Site.URL, Cookies: page.as.Cookies()})
	v.Go(page.path)
	for n, width := range []int{1440, 390, 960, 320} {
		scheme := []string{"light", "dark"}[n%2]
		v.Resize(width, 900)
		v.Prefer(scheme, "screen")
		if wide := v.Sideways(); wide != "" {
			t.Error(name, width, wide)
		}
		if n < 2 {
			for _, finding := range append(v.Axe(), v.Console()...) {
				t.Error(name, width, finding)
			}
		}
		if *shots != "" {
			v.Shot(filepath.Join(*shots, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)))
		}
	}
	for _, nameless := range v.NamelessCells() {
		t.Error(name, nameless)
	}
}
