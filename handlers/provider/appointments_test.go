package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/civil"
)

func TestWhoMayDoWhatAtAWorkplace(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	own := webtest.Workplace(site.Clinic())
	paths := []string{own, own + "/appointments", own + "/patients", own + "/patients/" + visit.Patient.String(),
		own + "/members", own + "/invitations", own + "/api-keys", own + "/api-keys/new",
		own + "/patients/" + visit.Patient.String() + "/contact"}
	for _, row := range []struct{ role, may string }{
		{"owner", "yyyyyyyyy"},
		{"manager", "yyyyyynny"},
		{"clinician", "yyyynnnny"},
		{"front_desk", "yyynnnnny"},
		{"billing", "ynnnynnnn"},
	} {
		p := site.Member(t, site.Clinic(), "Alice "+row.role, row.role)
		for i, path := range paths {
			a, want := p.Get(path), http.StatusOK
			if row.may[i] == 'n' {
				want = http.StatusForbidden
				a.Lacks(webtest.PatientName(site.Clinic()))
			}
			if a.Status != want {
				t.Errorf("%s at %s: %d, not %d", row.role, path, a.Status, want)
			}
			if a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %s", path, a.Header.Get("Cache-Control"))
			}
		}
	}
}

func TestA01CharlieFindsNothingOfAnotherOrganization(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	theirs := site.Visit(t, site.Other(), 0)
	charlie := site.Charlie(t)
	for _, path := range []string{"", "/appointments", "/patients", "/patients/" + visit.Patient.String(),
		"/patients/" + visit.Patient.String() + "/contact",
		"/members", "/api-keys"} {
		a := charlie.Get(webtest.Workplace(site.Clinic()) + path)
		a.Has(http.StatusNotFound)
		a.Lacks(webtest.PatientName(site.Clinic()), "Test clinic")
	}
	charlie.Post(webtest.Workplace(site.Clinic())+"/appointments/"+visit.ID.String()+"/status", "status", "arrived", "was",
		"booked").Has(http.StatusNotFound)
	// The record of A under the address of B, where Charlie works.
	for _, path := range []string{"/patients/" + visit.Patient.String(),
		"/patients/" + visit.Patient.String() + "/contact", "/members/" + uuid.NewString()} {
		a := charlie.Get(webtest.Workplace(site.Other()) + path)
		a.Has(http.StatusNotFound)
		a.Lacks(webtest.PatientName(site.Clinic()))
	}
	a := charlie.Post(webtest.Workplace(site.Other())+"/appointments/"+visit.ID.String()+"/status", "status", "arrived",
		"was", "booked")
	a.Has(http.StatusNotFound)
	a.Lacks(webtest.PatientName(site.Clinic()))
	charlie.Find(webtest.Workplace(site.Clinic())+"/patients", "q", "Canary").Has(http.StatusNotFound)
	for _, q := range []string{"Canary", visit.Ref, "401 555 0134", "canary@example.test", "3/27/1988"} {
		charlie.Find(webtest.Workplace(site.Other())+"/patients", "q", q).Lacks(webtest.PatientName(site.Clinic()),
			visit.Patient.String())
	}
	if n := site.Count(t, `select count(*) from audit.event where patient = $1 and actor = $2`, visit.Account,
		charlie.ID); n > 0 {
		t.Error("something about the patient was read or written", n)
	}
	if n := site.Count(t, `select count(*) from audit.event where actor = $1 and outcome = 'denied'`, charlie.ID); n == 0 {
		t.Error("no denial was kept")
	}
	// the control: such a page shows canaries
	charlie.Get(webtest.Workplace(site.Other())+"/patients/"+theirs.Patient.String()).Has(http.StatusOK,
		webtest.PatientName(site.Other()))
}

// atNoon lets the clinic's clock stand a little behind noon, when the visits of this file begin.
func atNoon(t *testing.T) *webtest.Site {
	t.Helper()
	site := webtest.Open(t)
	local := site.Clock.Now().In(civil.ZoneOrUTC(site.Clinic().Zone))
	site.Clock.Set(time.Date(local.Year(), local.Month(), local.Day(), 12, 5, 0, 0, local.Location()))
	return site
}

func TestTheDayIsKeptInTheAuditAndMarkedOnce(t *testing.T) {
	site := atNoon(t)
	visit := site.Visit(t, site.Clinic(), 0)
	bob := site.Bob(t, "front_desk")
	day := bob.Get(webtest.Workplace(site.Clinic()) + "/appointments")
	day.Has(http.StatusOK, "1 visit today", webtest.PatientName(site.Clinic()), "12:00 pm", "Skin check", "Dr. Test",
		"Arrived", "First visit", `hx-target="#visit-`+visit.ID.String(), `href="tel:+14015550134"`,
		"(401)\u00a0555\u20110134",
		"data-print", site.Clinic().Name)
	day.Lacks("canary note", "/patients/"+visit.Patient.String()+`"`) // the front desk sees the day, not the records
	if n := audited(t, site, visit.Account, "list"); n != 1 {
		t.Error("the look was kept", n, "times")
	}
	path := webtest.Workplace(site.Clinic()) + "/appointments/" + visit.ID.String() + "/status"
	row := webtest.Workplace(site.Clinic()) + "/appointments?day=" + visit.Day + "#visit-" + visit.ID.String()
	bob.Post(path, "status", "arrived", "was", "booked").Goes(row)
	again := bob.Post(path, "status", "arrived", "was", "booked")
	again.Goes(row)
	bob.Get(again.Location).Has(http.StatusOK, "marked already: Here", "1 here", "since 12:05 pm")
	bob.HTMX().Post(path, "status", "arrived", "was", "booked").Has(http.StatusOK, `<tr id="visit-`+visit.ID.String(),
		"Here")
	bob.HTMX().Post(path, "status", "arrived", "was", "arrived").Has(http.StatusOK, "Here") // a double click
	// what is not so is not said to be so already
	bob.Post(path, "status", "noshow", "was", "noshow").Has(http.StatusConflict, "was changed meanwhile", "Here")
	bob.Post(webtest.Workplace(site.Clinic())+"/appointments/"+uuid.NewString()+"/status", "status", "noshow", "was",
		"noshow").Has(http.StatusNotFound)
	bob.Post(path, "status", "noshow", "was", "booked", "state", "noshow").Has(http.StatusConflict,
		"The visit of "+webtest.PatientName(site.Clinic())+" at 12:00 pm was changed meanwhile", "Here")
	part := bob.HTMX().Post(path, "status", "fulfilled", "was", "arrived")
	part.Has(http.StatusOK, `<tr id="visit-`+visit.ID.String(), "Done", "Undo", `hx-swap-oob="true">1 done.`)
	part.Lacks("<html", `id="day-page"`)
	bob.HTMX().Post(path, "status", "cancelled", "was", "fulfilled").Has(http.StatusUnprocessableEntity, `id="day-page"`,
		"Choose arrived")
	// undo leads to what was before: here, since when they came; then expected
	bob.HTMX().Post(path, "status", "arrived", "was", "fulfilled").Has(http.StatusOK, "Here", "since 12:05 pm")
	bob.Post(path, "status", "booked", "was", "arrived").Goes(row)
	bob.Get(row).Lacks("since 12:05 pm")
	if n := audited(t, site, visit.Account, "mark"); n != 4 {
		t.Error("marks were kept", n, "times")
	}
}

func TestEveryVerbOfARowKeepsItsPlaceAndNothingIsMarkedBeforeItsTimeWithoutAQuestion(t *testing.T) {
	site := atNoon(t)
	visit := site.Visit(t, site.Clinic(), 0)
	site.Clinic().SQL(t, `update appointment set starts_at = starts_at + interval '3 hours', ends_at = ends_at + interval '3 hours'`)
	bob := site.Bob(t, "front_desk")
	own := webtest.Workplace(site.Clinic()) + "/appointments"
	path := own + "/" + visit.ID.String() + "/status"
	places := func(a webtest.Answer) {
		from := strings.Index(a.Body, `class="marks"`)
		for _, verb := range []string{"Arrived", "Done", "Missed", "Undo"} {
			at := strings.Index(a.Body[from:], ">"+verb)
			if at < 0 {
				t.Fatalf("%s is not behind the verbs before it", verb)
			}
			from += at
		}
	}
	for status, was := range map[string]string{"arrived": "booked", "fulfilled": "booked", "noshow": "booked"} {
		bob.Post(path, "status", status, "was", was).Has(http.StatusConflict, "at 3:00 pm is still to come",
			`value="sure:`+status+`"`, "Yes, mark it as")
	}
	places(bob.Get(own))
	part := bob.HTMX().Post(path, "status", "sure:arrived", "was", "booked")
	part.Has(http.StatusOK, "Here", `aria-pressed="true"`)
	places(part)
	site.Clinic().SQL(t, `update appointment set starts_at = starts_at - interval '3 hours', ends_at = ends_at - interval '3 hours'`)
	bob.HTMX().Post(path, "status", "fulfilled", "was", "arrived").Has(http.StatusOK, "Done")
}

func TestTheDayIsNarrowedJumpedInAndFollowsWhatChanges(t *testing.T) {
	site := atNoon(t)
	visit, later := site.Visit(t, site.Clinic(), 0), site.Visit(t, site.Clinic(), 3)
	bob := site.Bob(t, "front_desk")
	own := webtest.Workplace(site.Clinic()) + "/appointments"
	var practitioner, location string
	err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(), `select r.practitioner_id::text, o.location_id::text
		from `+site.Clinic().Schema+`.resource r, `+site.Clinic().Schema+`.offering o where r.practitioner_id is not null and o.id = $1 limit 1`,
		site.Clinic().OfferingID).Scan(&practitioner, &location)
	if err != nil {
		t.Fatal(err)
	}
	name := webtest.PatientName(site.Clinic())
	bob.Get(own+"?day="+later.Day).Has(http.StatusOK, name, `type="date"`, "day="+visit.Day, "1 visit")
	for query, there := range map[string]bool{"with=" + practitioner: true, "with=" + uuid.NewString(): false,
		"location=" + location: true, "location=" + uuid.NewString(): false, "state=booked": true, "state=noshow": false} {
		a := bob.Get(own + "?" + query)
		if a.Status != http.StatusOK || strings.Contains(a.Body, name) != there {
			t.Errorf("%s: %d, shown %v", query, a.Status, !there)
		}
		if empty := strings.Count(a.Body, "No visits") >= 7; empty == there && !strings.HasPrefix(query, "state") {
			t.Errorf("%s: the week has no visits: %v", query, empty)
		}
	}
	for _, query := range []string{"with=x", "location=x", "state=held"} {
		bob.Get(own + "?" + query).Has(http.StatusNotFound)
	}
	poll := bob.Get(own).All("div", "id", "day-list")[0].Value("hx-get")
	looks := audited(t, site, visit.Account, "list")
	if a := bob.HTMX().Get(poll); a.Status != http.StatusNoContent || audited(t, site, visit.Account, "list") != looks {
		t.Error("nothing has changed, and it was looked at:", a.Status)
	}
	site.Clinic().SQL(t, `update appointment set status = 'noshow', updated_at = now() where id = $1`, visit.ID)
	a := bob.HTMX().Get(poll)
	a.Has(http.StatusOK, "1 missed", `id="day-heading"`)
	a.IsPart("day-list")
	bob.Get(poll).Goes(own + "?day=" + visit.Day)
}

func TestWhatIsToComeCannotBeMarked(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 3)
	bob := site.Bob(t, "front_desk")
	bob.Post(webtest.Workplace(site.Clinic())+"/appointments/"+visit.ID.String()+"/status", "status", "sure:noshow", "was",
		"booked", "day", visit.Day).Has(http.StatusConflict,
		webtest.PatientName(site.Clinic())+" at 12:00 pm is on a day to come")
	a := bob.Get(webtest.Workplace(site.Clinic()) + "/appointments?day=" + visit.Day)
	a.Lacks("Arrived")
	bob.Get(webtest.Workplace(site.Clinic())+"/appointments?day=2026-13-99").Has(http.StatusUnprocessableEntity,
		"No day is called so", " today, ")
}

func TestA12AVisitTakesOnlyTheWaysThereAre(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	bob := site.Bob(t, "owner")
	path := webtest.Workplace(site.Clinic()) + "/appointments/" + visit.ID.String() + "/status"
	for _, status := range []string{"held", "lapsed", "cancelled", "", "booked; drop table"} {
		bob.Post(path, "status", status, "was", "booked", "price_cents", "0", "patient_id",
			uuid.NewString()).Has(http.StatusUnprocessableEntity)
	}
	if n := site.Count(t, `select count(*) from `+site.Clinic().Schema+`.appointment where id = $1 and status = 'booked'`,
		visit.ID); n != 1 {
		t.Error("it was changed")
	}
}

func TestARecordIsFoundOpenedAndKeptInTheAudit(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 2)
	alice := site.Member(t, site.Clinic(), "Alice", "clinician")
	own := webtest.Workplace(site.Clinic()) + "/patients"
	find := func(q string) webtest.Answer { return alice.Find(own, "q", q) }
	alice.Get(own).Has(http.StatusOK, "Whom are you looking for?", `method="post"`)
	find("c").Has(http.StatusUnprocessableEntity, "Type three letters", `value="c"`)
	find("canary").Has(http.StatusOK, "1 person matches", webtest.PatientName(site.Clinic()), "27 March 1988",
		own+"/"+visit.Patient.String(), "(401) 555-0134")
	find("%%").Has(http.StatusUnprocessableEntity)
	for _, folded := range []string{"ʼʼʼ", "cʼʼ", "ˈˈˈ", "ー々〱", "cˈˈ"} { // letters, of which fold leaves none
		find(folded).Lacks("27 March 1988")
	}
	for _, none := range []string{"abc\x00def", "\x00\x00\x00abc", "ab\x00@x", "\xff\xfeabc"} { // A10
		if a := find(none); a.Status >= http.StatusInternalServerError {
			t.Errorf("%q: %d", none, a.Status)
		}
	}
	if a := alice.Find(own, "q", "canary", "place", "0", "id", uuid.NewString(), "name",
		"a\x00b"); a.Status >= http.StatusInternalServerError {
		t.Error("the place of a page with NUL:", a.Status)
	}
	find("ca").Has(http.StatusOK, "Nobody on file here matches") // the beginning of the name, two letters of it
	site.Clinic().SQL(t, `insert into patient (id, name) values (gen_random_uuid(), 'Ca Nguyen')`)
	find("CA").Has(http.StatusOK, "1 person matches", "Ca Nguyen") // the whole name
	alice.Get(own+"/"+visit.Patient.String()).Has(http.StatusOK, webtest.PatientName(site.Clinic()), "(401) 555-0134",
		"canary note", "Expected", "None is on file")
	if audited(t, site, visit.Account, "list") != 1 || audited(t, site, visit.Account, "read") != 1 {
		t.Error("looks:", audited(t, site, visit.Account, "list"), audited(t, site, visit.Account, "read"))
	}
	alice.Get(own + "/" + uuid.NewString()).Has(http.StatusNotFound)
	alice.Get(own + "/nobody").Has(http.StatusNotFound)
}

func TestWorkNeedsASecondFactor(t *testing.T) {
	site := webtest.Open(t)
	p := site.Person(t, "Alice")
	p.Employ(site.Clinic(), "owner")
	if a := p.Get(webtest.Workplace(site.Clinic()) + "/appointments"); a.Status != http.StatusSeeOther ||
		!strings.Contains(a.Location, "second") {
		t.Error(a.Status, a.Location)
	}
}

func TestOneWorkplaceIsGoneToAndTwoAreChosenFrom(t *testing.T) {
	site := webtest.Open(t)
	p := site.WithTwoFactors(t, "Alice")
	p.Get("/organizations").Has(http.StatusOK, "You work at no organization")
	p.Employ(site.Clinic(), "manager")
	if a := p.Get("/organizations"); a.Location != webtest.Workplace(site.Clinic()) {
		t.Error(a.Status, a.Location)
	}
	p.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK, "Nobody is expected today", "Your role here: manager")
	p.Employ(site.Other(), "billing")
	p.Get("/organizations").Has(http.StatusOK, "You work at 2 organizations", "Manager", "Billing")
	u := p.Token()
	if a := p.Post(webtest.Workplace(site.Other()) + "/switch"); a.Location != webtest.Workplace(site.Other()) {
		t.Error(a.Status, a.Location)
	}
	if p.Token() == u {
		t.Error("the token stayed")
	}
	p.Get("/organizations").Has(http.StatusOK, "You were here last")
	p.Get(webtest.Workplace(site.Other())).Has(http.StatusOK, "Other workplaces")
	stranger := site.Charlie(t)
	stranger.Post(webtest.Workplace(site.Clinic()) + "/switch").Has(http.StatusNotFound)
}

// audited counts the successful acts of care of one kind about a patient.
func audited(t *testing.T, site *webtest.Site, patient uuid.UUID, action string) int {
	t.Helper()
	return site.Count(t, `select count(*) from audit.event where patient = $1 and action = $2 and outcome = 'success' and purpose = 'care' and policy_id <> ''`,
		patient, action)
}

func TestALongDaySaysWhereItsListEnds(t *testing.T) {
	site := atNoon(t)
	visit := site.Visit(t, site.Clinic(), 3)
	alice := site.Member(t, site.Clinic(), "Alice Owner", "owner")
	list := webtest.Workplace(site.Clinic()) + "/appointments?day=" + visit.Day
	site.Clinic().SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id,
		resource_id, starts_at, ends_at, booked_at, is_new) select gen_random_uuid(), 'LONG' || n, offering_id, status, holder,
		account_id, patient_id, resource_id, starts_at, ends_at, booked_at, true
		from appointment, generate_series(2, 1001) n where id = $1`, visit.ID)
	alice.Get(list).Has(http.StatusOK, "1001 visits on", "The list ends here, at 1000 visits.")
	site.Clinic().SQL(t, `delete from appointment where ref in ('LONG2', 'LONG3')`)
	whole := alice.Get(list)
	whole.Has(http.StatusOK, "999 visits on")
	whole.Lacks("The list ends here")
}
