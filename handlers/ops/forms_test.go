package ops_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/intake"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

const intakeForm = "/ops/forms/intake"

// typed are what a page of the draft says which one it is about, with more fields.
func typed(page webtest.Answer, more ...string) []string {
	return append([]string{"base", page.Field("base"), "sequence", page.Field("sequence")}, more...)
}

// draft saves the newest version with something replaced.
func draft(t *testing.T, who *webtest.Person, old, with string) webtest.Answer {
	t.Helper()
	page := who.Get(intakeForm + "/text")
	page.Has(http.StatusOK, "Sections, questions and test cases")
	text := page.Field("text")
	if !strings.Contains(text, old) {
		t.Fatalf("the text has no %q:\n%s", old, text)
	}
	return who.Post(intakeForm+"/text", typed(page, "text", strings.Replace(text, old, with, 1))...)
}

func Test34StaffWritePreviewAndPublishWhatPatientsAreAskedByTwoPeople(t *testing.T) {
	site := webtest.Open(t)
	rita, omar, cora := site.Staff(t, "Rita", "reviewer"), site.Staff(t, "Omar", "operator"),
		site.Staff(t, "Cora", "compliance")
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	begun := maya.Book(maya.Hold(0)) + "/intake"
	maya.Post(begun, "version", "0", "asked", "reason", "reason", "A mole", "later", "yes").Goes(
		strings.TrimSuffix(begun, "/intake"))

	rita.Get("/ops/forms").Has(http.StatusOK, "Before a visit", intakeForm)
	rita.Get(intakeForm).Has(http.StatusOK, "Do you have any allergies?", "There is none.", "Comes with the program",
		"Nothing is asked before an X-ray", "Passes")
	t.Run("others can't", func(t *testing.T) {
		cora.Get(intakeForm).Has(http.StatusOK, "Do you have any allergies?")
		cora.Get(intakeForm).Lacks("Add a question", "Change them as text")
		for _, path := range []string{"/text", "/question", "/question/move", "/publication", "/discard", "/cases"} {
			cora.Post(intakeForm + path).Has(http.StatusForbidden)
			maya.Post(intakeForm + path).Has(http.StatusNotFound)
			site.Staff(t, "Sam", "support").Post(intakeForm + path).Has(http.StatusForbidden)
		}
		maya.Get(intakeForm).Has(http.StatusNotFound)
	})
	t.Run("a text that is wrong is named by its line and kept", func(t *testing.T) {
		for _, c := range []struct{ old, with, says string }{
			{`when: allergies == "yes"`, `when: alergies == "yes"`, "Line 12: general.allergy_list: "},
			{`when: allergies == "yes"`, `when: allergies == "yes" && allergies == "no"`, "allergy_list: it is never shown"},
			{"type: yes_no", "typ: yes_no", "Line 10: field typ not found"},
			{"What brings you here?", "Your credit card number?", "general.reason: nobody is asked for a "},
			{"sections:", "sections: [", "Line "},
		} {
			a := draft(t, rita, c.old, c.with)
			a.Has(http.StatusUnprocessableEntity, "There is a problem", c.says)
			if !strings.Contains(a.Field("text"), c.with) {
				t.Errorf("%s: what was typed is gone", c.with)
			}
		}
		if n := drafts(t, site); n != 0 {
			t.Errorf("%d drafts are saved", n)
		}
		page := rita.Get(intakeForm + "/text")
		rita.HTMX().Post(intakeForm+"/text", typed(page, "text", "x")...).IsPart("form-text")
		if again := rita.Get(intakeForm + "/text").Field("text"); again != "x" { // once
			t.Errorf("what was refused is shown again as %.100q", again)
		}
	})
	t.Run("a question is added, changed, moved and removed by fields", func(t *testing.T) {
		page := rita.Get(intakeForm + "/question?section=general")
		page.Has(http.StatusOK, "A new question")
		pain := typed(page, "section", "general", "old", "", "variable", "pain", "label", "How bad is it, <b>in numbers</b>?",
			"type", "number", "unit", "points of 10", "when", `reason != "" && allergy == "yes"`)
		a := rita.Post(intakeForm+"/question", pain...)
		a.Has(http.StatusUnprocessableEntity, "undeclared reference to &#39;allergy&#39;", "How bad is it, &lt;b&gt;in numbers")
		pain[len(pain)-1] = `reason != ""`
		rita.Post(intakeForm+"/question", append(pain, "least", "a few")...).Has(http.StatusUnprocessableEntity,
			"Write a whole number, like 1, or nothing", `value="a few"`)
		rita.Post(intakeForm+"/question", pain...).Goes(intakeForm)
		rita.Get(intakeForm).Has(http.StatusOK, "new question: How bad is it", "Whole number, in points of 10", "Rita")
		rita.Get(intakeForm+"/question?section=general&old=pain").Has(http.StatusOK, "points of 10", "Change a question")
		t.Run("a page of before saves nothing", func(t *testing.T) {
			rita.Post(intakeForm+"/question", pain...).Has(http.StatusConflict, "Somebody else has changed the draft")
		})
		page = rita.Get(intakeForm)
		up := typed(page, "section", "general", "key", "pain", "way", "up")
		rita.Post(intakeForm+"/question/move", up...).Goes(intakeForm)
		page = rita.Get(intakeForm)
		page.Has(http.StatusOK, "new question: How bad is it")
		rita.Post(intakeForm+"/question/removal", typed(page, "section", "blood", "key", "fainted")...).Goes(intakeForm)
		page = rita.Get(intakeForm)
		page.Has(http.StatusOK, "gone: Have you ever fainted", "Fails: there is no &#34;fainted&#34;")
		a = rita.Post(intakeForm+"/question/removal", typed(page, "section", "general", "key", "allergies")...)
		a.Has(http.StatusUnprocessableEntity, "undeclared reference to &#39;allergies&#39;", "Nothing was saved")
		if text := rita.Get(intakeForm + "/text").Field("text"); !strings.Contains(text, "# What is asked before a visit") {
			t.Errorf("remarks are gone: %.100q", text)
		}
	})
	t.Run("nobody publishes alone, nor while a test case fails", func(t *testing.T) {
		rita.Get(intakeForm).Has(http.StatusOK, "you have written in it")
		page := rita.Get(intakeForm)
		rita.Post(intakeForm+"/publication", typed(page, "reason", "As the clinics asked")...).Has(http.StatusConflict)
		page = omar.Get(intakeForm)
		page.Has(http.StatusOK, "while a test case fails")
		omar.Post(intakeForm+"/publication", typed(page, "reason", "As the clinics asked")...).Has(http.StatusConflict)
		if n := published(t, site); n != 0 {
			t.Errorf("%d are published", n)
		}
	})
	t.Run("it is tried, and what was tried is a test case", func(t *testing.T) {
		page := rita.Get(intakeForm + "/preview")
		page.Has(http.StatusOK, "What follows")
		fields := typed(page, "fact-kind", "blood_test", "fact-mode", "home", "fact-patient", "existing", "fact-age", "older",
			"fasting", "yes", "thinners", "yes", "stairs", "no", "animals", "no", "opener", "Leo", "name", "")
		a := rita.Post(intakeForm+"/preview", fields...)
		a.Has(http.StatusOK, "fasting, thinners, thinner_list, stairs, animals, opener", "thinner_list")
		rita.Post(intakeForm+"/cases", fields...).Has(http.StatusUnprocessableEntity, "Say what it is a case of", "Leo")
		fields[len(fields)-1] = "Blood is drawn at home"
		rita.Post(intakeForm+"/cases", fields...).Goes(intakeForm)
		rita.Get(intakeForm).Lacks("Fails:")
	})
	t.Run("somebody else publishes it, with a reason", func(t *testing.T) {
		page := omar.Get(intakeForm)
		omar.Post(intakeForm+"/publication", typed(page, "reason", "x")...).Has(http.StatusUnprocessableEntity,
			"Say in a sentence")
		omar.Post(intakeForm+"/publication", typed(page, "reason", "As the clinics asked")...).Goes(intakeForm)
		omar.Get(intakeForm).Has(http.StatusOK, "Version 1001", "As the clinics asked", "Omar", "There is none.")
		omar.Get(intakeForm+"/versions/1001").Has(http.StatusOK, "new question: How bad is it", "gone: Have you ever fainted")
		omar.Get(intakeForm + "/versions/1002").Has(http.StatusNotFound)
		if n := pgtest.One[int64](t, site.DB, `select count(*) from audit.event where resource = 'Form'
			and action in ('edit', 'publish') and actor is not null`); n != 5 {
			t.Errorf("the audit has %d events", n)
		}
	})
	t.Run("who begins now is asked by it, who had begun goes on by theirs", func(t *testing.T) {
		fresh := leo.Get(leo.Book(leo.Hold(1)) + "/intake")
		fresh.Has(http.StatusOK)
		if fresh.Field("form") != "1001" {
			t.Errorf("by version %q", fresh.Field("form"))
		}
		old := maya.Get(begun)
		if old.Has(http.StatusOK, "A mole"); old.Field("form") != "1" {
			t.Errorf("somebody who had begun is asked by version %s", old.Field("form"))
		}
	})
	t.Run("A73 a row that cannot be read is passed over", func(t *testing.T) {
		site.Admin(t, `insert into form.draft (form, base, sequence, text, by, at)
			values ('intake', 1001, 1, 'broken', $1, now())`, rita.ID)
		site.Admin(t, `insert into form.version (form, version, base, sequence, text, hash, reason, by, at)
			values ('intake', 1002, 1001, 1, 'broken', repeat('f', 64), 'x', $1, now())`, rita.ID)
		defer site.Admin(t, `delete from form.draft where base = 1001`)
		defer site.Admin(t, `delete from form.version where version = 1002`)
		page := leo.Get(leo.Book(leo.Hold(2)) + "/intake")
		if page.Has(http.StatusOK); page.Field("form") != "1001" {
			t.Errorf("by version %s", page.Field("form"))
		}
		page = rita.Get(intakeForm)
		page.Has(http.StatusOK, "Patients are asked by version 1001")
		if page.Field("base") != "1002" {
			t.Errorf("the next version would come behind %q", page.Field("base"))
		}
	})
}

func TestA72NobodyPublishesWhatTheyHaveWrittenPastThePages(t *testing.T) {
	site := webtest.Open(t)
	rita, omar := site.Staff(t, "Rita", "reviewer"), site.Staff(t, "Omar", "operator")
	draft(t, rita, "What brings you here?", "What brings you to us?").Goes(intakeForm)
	before := published(t, site)
	publish := func(who *webtest.Person, staff bool) error {
		scope := site.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: who.ID, Staff: staff})
		return site.Gateway.WithinShared(t.Context(), scope, func(q *shareddb.Queries) error {
			versions, err := intake.Load(t.Context(), q)
			if err != nil {
				return err
			}
			d, err := intake.LoadDraft(t.Context(), q, versions.Last())
			if err != nil {
				return err
			}
			d.Writers = nil // as if the program did not look
			return d.Publish(t.Context(), q, who.ID, "as the test says", site.Clock.Now())
		})
	}
	for what, err := range map[string]error{"who wrote it": publish(rita, true),
		"who is not of the staff": publish(omar, false)} {
		if !errors.Is(err, intake.ErrChanged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := published(t, site); n != before {
		t.Errorf("%d are published", n)
	}
	if err := publish(omar, true); err != nil || published(t, site) != before+1 {
		t.Errorf("control: %v", err)
	}
}

func TestA72WhoIsNewOnTheStaffIsNoSecond(t *testing.T) {
	site := webtest.Open(t)
	rita, nina := site.Staff(t, "Rita", "reviewer"), site.Staff(t, "Nina")
	site.Admin(t, `insert into directory.staff (id, account_id, role, created_at) values ($1, $2, 'operator', now())`,
		uuid.New(), nina.ID)
	before := published(t, site)
	draft(t, rita, "name: About your health", "name: Your health").Goes(intakeForm)
	page := nina.Get(intakeForm)
	page.Has(http.StatusOK, "must have been on the staff for")
	nina.Post(intakeForm+"/publication", typed(page, "reason", "As the clinics asked")...).Has(http.StatusConflict)
	if n := published(t, site); n != before {
		t.Errorf("%d are published", n)
	}
}

func drafts(t *testing.T, site *webtest.Site) int64 {
	t.Helper()
	return pgtest.One[int64](t, site.DB, `select count(*) from form.draft`)
}

func published(t *testing.T, site *webtest.Site) int64 {
	t.Helper()
	return pgtest.One[int64](t, site.DB, `select count(*) from form.version`)
}
