package patient_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// healthy are answers to what somebody new is asked.
func healthy(version string, more ...string) []string {
	return append([]string{"version", version, "asked", "reason allergies medicines sex interpreter", "reason", "A canary mole",
		"allergies", "no", "medicines", "no", "sex", "male", "interpreter", "no"}, more...)
}

func Test34QuestionsBeforeAVisitAreAnsweredLaterChangedAndKept(t *testing.T) {
	site := webtest.Open(t)
	maya, charlie := site.Person(t, "Maya"), site.Person(t, "Charlie")
	booking := maya.Book(maya.Hold(0))
	intake := booking + "/intake"
	maya.Get(booking).Has(http.StatusOK, "Answer 5 questions before your visit", intake)
	maya.Get(intake).Has(http.StatusOK, "What brings you here?", "NPSG.03.06.01", "About your health")
	t.Run("A03 Charlie can't", func(t *testing.T) {
		charlie.Get(intake).Has(http.StatusNotFound)
		charlie.Post(intake, healthy("0")...).Has(http.StatusNotFound)
		if n := saves(t, site); n != 0 {
			t.Errorf("Charlie saved %d", n)
		}
	})
	t.Run("what is wrong keeps what was typed", func(t *testing.T) {
		a := maya.Post(intake, "version", "0", "asked", "reason allergies medicines sex interpreter", "reason", "A <b>mole",
			"sex", "none")
		a.Has(http.StatusUnprocessableEntity, "A &lt;b&gt;mole", "Choose an answer: Sex at birth")
		if n := saves(t, site); n != 0 {
			t.Errorf("it was saved: %d", n)
		}
		maya.HTMX().Post(intake, "version", "0", "asked", "reason", "reason", "").IsPart("intake-form")
	})
	t.Run("half of it is kept to go on later", func(t *testing.T) {
		seeOther(t, maya.Post(intake, "version", "0", "asked", "reason allergies medicines sex interpreter", "reason",
			"A canary mole", "later", "yes"))
		maya.Get(booking).Has(http.StatusOK, "Go on with the questions before your visit")
		maya.Get(intake).Has(http.StatusOK, "A canary mole")
	})
	t.Run("an answer brings up another question, and what goes is said and kept", func(t *testing.T) {
		fields := healthy("1")
		fields[7] = "yes"
		seeOther(t, maya.Post(intake, fields...))
		page := maya.Get(intake)
		page.Has(http.StatusOK, "To what, and what happens?")
		fields = healthy(page.Field("version"), "allergy_list", "Penicillin, hives")
		fields[3], fields[7] = page.Field("asked"), "yes"
		seeOther(t, maya.Post(intake, fields...))
		maya.Get(booking).Has(http.StatusOK, "Change what you answered before your visit")
		page = maya.Get(intake)
		fields = healthy(page.Field("version"))
		seeOther(t, maya.Post(intake, fields...))
		maya.Get(booking).Has(http.StatusOK, "Not asked any more: To what, and what happens?")
		maya.Get(intake).Has(http.StatusOK, "Penicillin, hives") // waits in its place
	})
	t.Run("another window's answers are not overwritten unseen", func(t *testing.T) {
		before := saves(t, site)
		maya.Post(intake, healthy("1", "reason", "x")...).Has(http.StatusConflict, "changed in another window")
		if n := saves(t, site); n != before {
			t.Errorf("saved: %d", n-before)
		}
	})
	t.Run("a database that refuses them is an error, and no panic", func(t *testing.T) {
		site.Clinic().SQL(t, `alter table intake_answer rename to intake_gone`)
		defer site.Clinic().SQL(t, `alter table intake_gone rename to intake_answer`)
		for _, path := range []string{booking, intake} {
			maya.Get(path).Has(http.StatusInternalServerError)
		}
		if log := site.Log.Text(); strings.Contains(log, "panic") || !strings.Contains(log, "42P01") {
			t.Error("it panics, or the error is not logged")
		}
	})
	t.Run("nothing is asked once the visit has begun", func(t *testing.T) {
		before := saves(t, site)
		seeOther(t, maya.Post(booking+"/cancellation", "why", "time", "sequence", "0"))
		if a := maya.Post(intake, healthy("9")...); a.Location != booking || saves(t, site) != before {
			t.Errorf("of a canceled visit: %d %s", a.Status, a.Location)
		}
		maya.Get(booking).Lacks(intake)
	})
}

func seeOther(t *testing.T, a webtest.Answer) {
	t.Helper()
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
}

func saves(t *testing.T, site *webtest.Site) int64 {
	t.Helper()
	return pgtest.Value[int64](t, site.Clinic(), `select count(*) from intake_answer`)
}

func Test34WhoReadsRecordsReadsAnswersBeforeTheVisitAndNobodyElse(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(0))
	chart := webtest.Workplace(site.Clinic()) + "/patients/" +
		pgtest.Value[string](t, site.Clinic(), `select patient_id::text from appointment where id = $1`, webtest.IDOf(booking))
	day := pgtest.Value[time.Time](t, site.Clinic(), `select starts_at from appointment where id = $1`,
		webtest.IDOf(booking)).In(site.Zone).Format(time.DateOnly)
	clinician, desk := site.Bob(t, "clinician"), site.Bob(t, "front_desk")
	clinician.Get(chart).Has(http.StatusOK, "Answers before the visit", "No answers yet")
	seeOther(t, maya.Post(booking+"/intake", healthy("0")...))
	clinician.Get(chart).Has(http.StatusOK, "As of ", "A canary mole", "Do you take any medicines?")
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from audit.event where action = 'read' and resource = 'Patient'
		and 'intake' = any (fields) and patient = (select account_id from appointment where id = $1)`, webtest.IDOf(booking)); n != 1 {
		t.Errorf("the look is in the access log %d times", n)
	}
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from audit.event where action = 'answer'
		and resource_id = $1`, webtest.IDOf(booking)); n != 1 {
		t.Errorf("that they were answered is in the audit %d times", n)
	}
	for _, a := range []webtest.Answer{desk.Get(chart), desk.Get(chart + "/contact"),
		desk.Get(webtest.Workplace(site.Clinic()) + "/appointments?day=" + day), site.Charlie(t).Get(chart),
		site.Person(t, "Eve").Get(chart)} {
		if strings.Contains(a.Body, "canary mole") {
			t.Errorf("%d shows it", a.Status)
		}
	}
	t.Run("A59 not once the consent is ended", func(t *testing.T) {
		site.Clinic().SQL(t, `insert into consent select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),
			'state', 'withdrawn', 'at', $1::timestamptz))).* from consent c limit 1`, time.Now().Add(time.Minute))
		if a := clinician.Get(chart); strings.Contains(a.Body, "canary mole") {
			t.Errorf("%d shows it", a.Status)
		}
	})
}

func TestA35NobodyReadsOrGivesSomebodyElsesAnswersBeforeAVisit(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(0))
	intake := booking + "/intake"
	seeOther(t, maya.Post(intake, healthy("0")...))
	maya.Get(intake).Has(http.StatusOK, "canary mole") // the control
	sam, id := site.Staff(t, "Sam", "support"), uuid.New()
	site.Admin(t, `insert into directory.staff_access (id, kind, actor, person, reason, may_change, started_at, expires_at)
		values ($1, 'impersonation', $2, $3, 'as the test says', true, $4, $5)`, id, sam.ID, maya.ID, site.Clock.Now(),
		site.Clock.Now().Add(20*time.Minute))
	support := site.Known(t, maya.ID, maya.Email, maya.Name)
	support.SignInAs(sam, 2, "access", id.String())
	support.Get(booking).Lacks(intake)
	refused := support.Get(intake)
	refused.Has(http.StatusForbidden)
	refused.Lacks("canary mole")
	support.Post(intake, healthy("1")...).Has(http.StatusForbidden)
	t.Run("nor is a number taken that no page had", func(t *testing.T) {
		maya.Post(intake, healthy("199")...).Has(http.StatusUnprocessableEntity)
	})
	if n := saves(t, site); n != 1 {
		t.Errorf("saved %d times", n)
	}
}

func TestA03AnswersAreTakenOfOnesOwnVisitThatIsToComeAlone(t *testing.T) {
	site := webtest.Open(t)
	maya, charlie := site.Person(t, "Maya"), site.Person(t, "Charlie")
	booking := maya.Book(maya.Hold(0))
	id, q := webtest.IDOf(booking), site.Clinic().Queries(uuid.Nil) // no subject: the queries' own conditions alone
	seeOther(t, maya.Post(booking+"/intake", healthy("0")...))
	start := pgtest.Value[time.Time](t, site.Clinic(), `select starts_at from appointment where id = $1`, id)
	lock := func(who uuid.UUID, now time.Time) error {
		_, err := q.LockComing(t.Context(), id, who, now)
		return err
	}
	own := func(who uuid.UUID) error { _, err := q.OwnIntake(t.Context(), id, who); return err }
	for what, err := range map[string]error{"the control": lock(maya.ID, start.Add(-time.Second)),
		"the answers": own(maya.ID)} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	begun, another, anothers := lock(maya.ID, start), lock(charlie.ID, start.Add(-time.Hour)), own(charlie.ID)
	seeOther(t, maya.Post(booking+"/cancellation", "why", "time", "sequence", "0"))
	for what, err := range map[string]error{"one that has begun": begun, "another's": another,
		"another's answers": anothers, "one that is canceled": lock(maya.ID, start.Add(-time.Hour))} {
		if !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func Test34AnswersToOneVisitHaveAnEndThatIsSaidAndAreNotChangedTooOften(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(0))
	intake := booking + "/intake"
	seeOther(t, maya.Post(intake, healthy("0")...))
	site.Clinic().SQL(t, `insert into intake_answer select (jsonb_populate_record(a, '{"sequence": 200}')).*
		from intake_answer a where appointment_id = $1`, webtest.IDOf(booking))
	maya.Post(intake, healthy("200")...).Has(http.StatusConflict, "changed so often that we take no more",
		"A canary mole")
	if n := saves(t, site); n != 2 {
		t.Errorf("%d are kept", n)
	}
	other := maya.Book(maya.Hold(1)) + "/intake"
	for n := 0; ; n++ {
		a := maya.Post(other, healthy(strconv.Itoa(n))...)
		if a.Status == http.StatusTooManyRequests {
			a.Has(http.StatusTooManyRequests, "You have changed this often")
			return
		}
		if seeOther(t, a); n > 100 {
			t.Fatal("it can be changed as often as one likes")
		}
	}
}
