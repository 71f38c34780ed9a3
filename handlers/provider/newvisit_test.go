package provider_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// timeAt is a time that the page of times has, the nth of it, as the fields of the form that books it.
func timeAt(t *testing.T, desk *webtest.Person, times string, n int) (start, form string) {
	t.Helper()
	page := desk.Get(times)
	page.Has(http.StatusOK, "Book a visit for")
	starts := page.Starts()
	if len(starts) <= n {
		t.Fatalf("%d times: %s", len(starts), page.Text())
	}
	return starts[n], strings.SplitN(times, "?", 2)[0] + "?offering=" + desk.Site.Clinic().OfferingID.String() +
		"&start=" + starts[n]
}

func TestTheDeskBooksForANewCallerOnceAndReadsTheTimeToThem(t *testing.T) {
	site := webtest.Open(t)
	desk, work := site.Bob(t, "front_desk"), webtest.Workplace(site.Clinic())
	day := desk.Get(work + "/appointments")
	day.Has(http.StatusOK, "Book a visit")
	desk.Get(work+"/patients?book=on").Has(http.StatusOK, "Whom is the visit for?", work+"/patients/new?book=on")
	page := desk.Get(work + "/patients/new?book=on")
	page.Has(http.StatusOK, "Who is the new patient?")
	key := page.Field("key")
	bad := desk.HTMX().Post(work+"/patients/new", "key", key, "book", "on", "name", "Ines Cabral", "phone", "12")
	bad.Has(http.StatusUnprocessableEntity, "Enter their date of birth", "Ines Cabral")
	bad.IsPart("new-patient")
	fields := []string{"key", key, "book", "on", "name", "Ines Cabral", "dob-month", "4", "dob-day", "2",
		"dob-year", "1961", "phone", "401 555 0177"}
	added := desk.Post(work+"/patients/new", fields...)
	added.Has(http.StatusSeeOther)
	if again := desk.Post(work+"/patients/new", fields...); again.Location != added.Location {
		t.Errorf("2.9 the same form again leads to %s, not to %s", again.Location, added.Location)
	}
	start, form := timeAt(t, desk, added.Location, 2)
	page = desk.Get(form)
	page.Has(http.StatusOK, "Ines Cabral", "Read this to them", "Do they agree?")
	visits := strings.TrimSuffix(strings.SplitN(added.Location, "?", 2)[0], "/new")
	fields = []string{"key", page.Field("key"), "offering", site.Clinic().OfferingID.String(), "start", start,
		"note", "Speaks slowly"}
	bad = desk.Post(visits, append(fields, "payer", "self")...)
	bad.Has(http.StatusUnprocessableEntity, "say how they agreed", "Speaks slowly")
	bad = desk.HTMX().Post(visits, append(fields, "channel", "phone")...)
	bad.Has(http.StatusUnprocessableEntity, "Choose how they pay", "Speaks slowly")
	bad.IsPart("visit-form-page")
	fields = append(fields, "payer", "self", "channel", "phone")
	done := desk.Post(visits, fields...)
	done.Has(http.StatusSeeOther)
	if again := desk.Post(visits, fields...); again.Location != done.Location {
		t.Errorf("2.9 the same form again leads to %s, not to %s", again.Location, done.Location)
	}
	other := append(append([]string{}, fields...), "note", "another")
	other[len(other)-2], other[7] = "ignored", "another note"
	desk.Post(visits, other...).Has(http.StatusUnprocessableEntity, "was sent before")
	visit := desk.Get(done.Location)
	visit.Has(http.StatusOK, "No message can be sent", "Read this to them", "Your reference is KW-", "Bring photo ID")
	visit.Lacks("Speaks slowly")
	id := webtest.IDOf(done.Location)
	for what, want := range map[string]int{
		"select count(*) from outbox.event where subject_id = $1 and kind = 'appointment.booked'":                            1,
		"select count(*) from outbox.event where subject_id = $1 and kind = 'appointment.held'":                              1,
		"select count(*) from audit.event where resource_id = $1 and action = 'book' and actor = '" + desk.ID.String() + "'": 1,
		"select count(*) from market.appointment_reference where appointment_id = $1":                                        1,
	} {
		if n := site.Count(t, what, id); n != want {
			t.Errorf("%d, not %d: %s", n, want, what)
		}
	}
	stands := pgtest.Value[string](t, site.Clinic(), `select a.status || ' ' || a.note || ' ' || (a.booked_by = $2)::text
		|| ' ' || c.channel || ' ' || (c.taken_by = $2)::text || ' ' || c.state
		from appointment a join consent c on c.patient_id = a.patient_id where a.id = $1`, id, desk.ID)
	if stands != "booked Speaks slowly true phone true granted" {
		t.Error(stands)
	}
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from market.busy where tenant_id = $1
		and expires_at is null`, site.Clinic().ID); n != 1 {
		t.Errorf("E1 %d times are taken", n)
	}
	desk.Get(form).Has(http.StatusConflict, "is not free any more")
}

func TestATimeThatIsTakenMeanwhileIsSaidWithOthersAndWhatWasTyped(t *testing.T) {
	site := webtest.Open(t)
	desk, maya := site.Bob(t, "front_desk"), site.Person(t, "Maya")
	v := site.Visit(t, site.Clinic(), 1)
	contact := webtest.Workplace(site.Clinic()) + "/patients/" + v.Patient.String() + "/contact"
	desk.Get(contact).Has(http.StatusOK, "Book a visit")
	visits := webtest.Workplace(site.Clinic()) + "/patients/" + v.Patient.String() + "/visits"
	start, form := timeAt(t, desk, visits+"/new?day="+site.Day(9), 0)
	key := desk.Get(form).Field("key")
	maya.HoldAt(start).Has(http.StatusSeeOther)
	fields := []string{"key", key, "offering", site.Clinic().OfferingID.String(), "start", start, "payer", "self",
		"channel", "desk", "note", "Left arm"}
	lost := desk.Post(visits, fields...)
	lost.Has(http.StatusConflict, "has just taken", "Left arm")
	others := lost.Starts()
	if len(others) < 3 {
		t.Fatalf("%d others: %s", len(others), lost.Text())
	}
	fields[1], fields[5] = lost.Field("key"), others[0]
	done := desk.Post(visits, fields...)
	done.Has(http.StatusSeeOther)
	desk.Get(done.Location).Has(http.StatusOK, "gets an email with all of this")
	if n := site.Count(t, `select count(*) from market.appointment_index where appointment_id = $1 and account_id = $2`,
		webtest.IDOf(done.Location), v.Account); n != 1 {
		t.Error("who has an account does not find the visit")
	}
	clash := visits + "/new?offering=" + site.Clinic().OfferingID.String() + "&start="
	site.Clinic().SQL(t, `update appointment set starts_at = $2::timestamptz, ends_at = $2::timestamptz + interval '20 minutes'
		where id = $1`, v.ID, lost.Starts()[1]) // theirs, with somebody else
	page := desk.Get(clash + lost.Starts()[1])
	page.Has(http.StatusOK, "has another visit at that time")
	desk.Get(clash + lost.Starts()[2]).Lacks("has another visit")
	// the consent stands: it is asked for once
	_, form = timeAt(t, desk, visits+"/new?day="+site.Day(9), 3)
	desk.Get(form).Lacks("Do they agree?")
}

func TestWhoLooksLikeSomebodyOnFileIsAskedAboutBeforeTheyAreAdded(t *testing.T) {
	site := webtest.Open(t)
	desk, work := site.Bob(t, "front_desk"), webtest.Workplace(site.Clinic())
	v := site.Visit(t, site.Clinic(), 1)
	site.Visit(t, site.Other(), 1) // the same number elsewhere
	fields := []string{"key", uuid.NewString(), "book", "on", "name", "Cathy Other", "dob-month", "5", "dob-day",
		"6", "dob-year", "1970", "phone", "401 555 0134"}
	asked := desk.Post(work+"/patients/new", fields...)
	asked.Has(http.StatusConflict, "Is it one of these people?", webtest.PatientName(site.Clinic()), v.Patient.String(),
		"Add Cathy Other as somebody else")
	asked.Lacks(webtest.PatientName(site.Other()))
	count := func() int64 {
		return pgtest.Value[int64](t, site.Clinic(), `select count(*) from patient where name = 'Cathy Other'`)
	}
	if count() != 0 {
		t.Error("E17 somebody was added who may be on file")
	}
	desk.Post(work+"/patients/new", append(fields, "sure", "on")...).Has(http.StatusSeeOther)
	if count() != 1 {
		t.Error("they are not added")
	}
	if n := site.Count(t, `select count(*) from audit.event where resource_id = $1 and action = 'list' and actor = $2`,
		v.Patient, desk.ID); n != 1 {
		t.Errorf("that they were seen is kept %d times", n)
	}
}

func TestE17OfTwoWhoAddTheSamePersonAtOnceOneIsAskedFirst(t *testing.T) {
	site := webtest.Open(t)
	work := webtest.Workplace(site.Clinic())
	desks := []*webtest.Person{site.Bob(t, "front_desk"), site.Member(t, site.Clinic(), "Rui Desk", "front_desk")}
	atOnce := func(name string, more ...string) (added, asked int) {
		answers := make([]webtest.Answer, len(desks))
		var all sync.WaitGroup
		for i, desk := range desks {
			all.Go(func() {
				answers[i] = desk.Post(work+"/patients/new", append([]string{"key", uuid.NewString(), "book", "on", "name", name,
					"dob-month", "4", "dob-day", "2", "dob-year", "1961", "phone", "401 555 0177"}, more...)...)
			})
		}
		all.Wait()
		for _, a := range answers {
			switch a.Status {
			case http.StatusSeeOther:
				added++
			case http.StatusConflict:
				a.Has(http.StatusConflict, "Is it one of these people?", name)
				asked++
			}
		}
		return added, asked
	}
	if added, asked := atOnce("Ines Cabral"); added != 1 || asked != 1 {
		t.Errorf("%d added, %d asked", added, asked)
	}
	// the control: whoever is sure is not asked
	if added, _ := atOnce("Ines Cabral", "sure", "on"); added != 2 {
		t.Errorf("%d added", added)
	}
}

func TestNobodyElseBooksForAPatient(t *testing.T) {
	site := webtest.Open(t)
	v := site.Visit(t, site.Clinic(), 1)
	visits := webtest.Workplace(site.Clinic()) + "/patients/" + v.Patient.String() + "/visits"
	theirs := webtest.Workplace(site.Other()) + "/patients/" + v.Patient.String() + "/visits"
	charlie, billing := site.Charlie(t), site.Member(t, site.Clinic(), "Billa", "billing")
	start := site.Clock.Now().Add(72 * time.Hour).UTC().Format(time.RFC3339)
	fields := []string{"key", "k", "offering", site.Clinic().OfferingID.String(), "start", start, "payer", "self",
		"channel", "phone"}
	for _, try := range []struct {
		who  *webtest.Person
		path string
		want int
	}{{charlie, visits, 404}, {charlie, theirs, 404}, {billing, visits, 403}} {
		for _, a := range []webtest.Answer{try.who.Get(try.path + "/new"), try.who.Post(try.path, fields...)} {
			if a.Status != try.want || strings.Contains(a.Body, webtest.PatientName(site.Clinic())) {
				t.Errorf("A01 %s: %d, not %d: %s", try.path, a.Status, try.want, a.Text())
			}
		}
	}
	desk := site.Bob(t, "front_desk")
	desk.Post(visits, append(fields[:4:4], "start", start[:11]+"03:07:00Z", "payer", "self", "channel", "phone")...).
		Has(http.StatusConflict, "has just taken") // no time that patients see
	desk.Post(visits, "key", "k", "offering", "x").Has(http.StatusUnprocessableEntity)
	desk.Get(visits + "/new?day=yesterday").Has(http.StatusNotFound)
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment`); n != 1 {
		t.Errorf("%d appointments", n)
	}
}
