package account_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestAConsentIsReadInItsWordsAndEndedWithEffectAtTheNextQuery(t *testing.T) {
	site := webtest.Open(t)
	maya, leo, alice := site.Person(t, "Maya"), site.Person(t, "Leo"), site.Alice(t)
	const page = "/account/consents"
	maya.Get(page).Has(http.StatusOK, "You share your details with no place")
	booking := maya.Book(maya.Hold(9))
	leo.Book(leo.Hold(12))
	end := page + "/" + site.Clinic().Slug + "/withdrawal"
	p := maya.Get(page)
	p.Has(http.StatusOK, "You share your details with one place", "Share these details with "+site.Clinic().Name,
		"You agreed to this on", "End this consent after the visit")
	maya.Post(end).Goes(page)
	maya.Get(page).Has(http.StatusOK, "Nothing was ended")
	chart := func(who *webtest.Person) string {
		return webtest.Workplace(site.Clinic()) + "/patients/" + pgtest.Value[uuid.UUID](t, site.Clinic(),
			`select id from patient where account_id = $1`, who.ID).String()
	}
	alice.Get(chart(maya)).Has(http.StatusOK, "Maya Okafor")
	maya.Post(booking+"/cancellation", "sequence", "0", "why", "time").Goes(booking)
	maya.Get(page).Has(http.StatusOK, `action="`+end+`"`)
	maya.Post(end).Goes(page)
	maya.Get(page).Has(http.StatusOK, "can no longer open your record", "You ended this consent on",
		"You share your details with no place")
	alice.Get(chart(maya)).Has(http.StatusNotFound)
	list := func() string { // of the day of their last visit
		return webtest.Workplace(site.Clinic()) + "/appointments?day=" + pgtest.Value[time.Time](t, site.Clinic(),
			`select starts_at from appointment where account_id = $1 order by booked_at desc limit 1`,
			maya.ID).In(site.Zone).Format(time.DateOnly)
	}
	day := alice.Get(list())
	day.Has(http.StatusOK, "Somebody who ended their consent")
	day.Lacks(chart(maya))
	find := func() webtest.Answer {
		return alice.Find(webtest.Workplace(site.Clinic())+"/patients", "q", "Okafor")
	}
	find().Lacks(chart(maya))
	find().Has(http.StatusOK, chart(leo))
	alice.Get(chart(leo)).Has(http.StatusOK) // the control: theirs is shared still
	maya.Post(end).Goes(page)                // the first answer may have been lost
	maya.Get(page).Has(http.StatusOK, "can no longer open your record")
	site.Person(t, "Zoe").Post(end).Has(http.StatusNotFound)
	leo.Get(page).Lacks("You ended this consent on")
	maya.Book(maya.Hold(15))
	alice.Get(chart(maya)).Has(http.StatusOK, "Maya Okafor") // asked anew
	alice.Get(list()).Has(http.StatusOK, chart(maya))
	alice.Get(list()).Lacks("Somebody who ended")
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from audit.event where patient = $1
		and resource = 'Consent' and action = 'withdraw' and outcome = 'success'`, maya.ID); n != 1 {
		t.Errorf("the audit has it %d times", n)
	}
}

func TestAConsentIsEndedBeforehandAndCountsAfterTheVisit(t *testing.T) {
	site := webtest.Open(t)
	maya, alice := site.Person(t, "Maya"), site.Alice(t)
	booking := maya.Book(maya.Hold(9))
	const page = "/account/consents"
	end := page + "/" + site.Clinic().Slug + "/withdrawal"
	chart := webtest.Workplace(site.Clinic()) + "/patients/" + pgtest.Value[uuid.UUID](t, site.Clinic(),
		`select id from patient where account_id = $1`, maya.ID).String()
	maya.Post(end, "when", "after-visits").Goes(page)
	told := maya.Get(page)
	told.Has(http.StatusOK, "Your consent ends when your visit at", "It lasts until your visit there is over")
	told.Lacks("End this consent")
	alice.Get(chart).Has(http.StatusOK, "Maya Okafor", "Ends with the visits to come")
	back := end + "/removal"
	told.Has(http.StatusOK, `action="`+back+`"`)
	site.Person(t, "Leo").Post(back).Has(http.StatusNotFound)
	for range 2 { // the first answer may have been lost
		maya.Post(back).Goes(page)
		maya.Get(page).Has(http.StatusOK, "stays until you end it", "it lasts until you end it", "End this consent after")
	}
	maya.Post(end, "when", "after-visits").Goes(page)
	hold := maya.Get(maya.Hold(12))
	hold.Has(http.StatusOK, `name="share"`) // who books again is asked anew
	maya.Post(booking+"/cancellation", "sequence", "0", "why", "time").Goes(booking)
	maya.Post(back).Goes(page) // from another window
	maya.Get(page).Has(http.StatusOK, "Your consent has ended already", "You share your details with no place",
		"You ended this consent on")
	alice.Get(chart).Has(http.StatusNotFound)
}

func TestA59WhoeverHasEndedTheirConsentIsReadByNoLookOfThoseWhoWorkThere(t *testing.T) {
	site := webtest.Open(t)
	clinic := site.Clinic()
	maya, alice := site.Person(t, "Maya"), site.Alice(t)
	visit := site.VisitOf(t, clinic, maya.ID, "Maya Okafor", 0)
	const street = "12 Canary Lane"
	clinic.SQL(t, `with home as (insert into home_address (id, patient_id, street, town, state, zip, entry)
		values (gen_random_uuid(), $1, '`+street+`', 'Providence', 'RI', '02906', 'code 4711') returning id)
		update appointment set address_id = home.id, visit_mode = 'home' from home where appointment.id = $2`,
		visit.Patient, visit.ID)
	work := webtest.Workplace(clinic)
	chart := work + "/patients/" + visit.Patient.String()
	looks := func() map[string]string {
		day := alice.Get(work + "/appointments?day=" + visit.Day)
		day.Has(http.StatusOK, visit.Ref)
		return map[string]string{"record": alice.Get(chart).Body, "contact": alice.Get(chart + "/contact").Body,
			"search": alice.Find(work+"/patients", "q", "Okafor").Body, "list": day.Body, "address": day.Body}
	}
	words := map[string][]string{"record": {"Maya Okafor", street, "555-0134"},
		"contact": {"Maya Okafor", "+14015550134", street, "4711"},
		"search":  {chart}, "list": {"Maya Okafor", "+14015550134"}, "address": {street, "4711"}}
	says := func(when string, shown bool) {
		for look, body := range looks() {
			for _, word := range words[look] {
				if strings.Contains(body, word) != shown {
					t.Errorf("%s: %q in %s: %v", when, word, look, !shown)
				}
			}
		}
	}
	says("before", true)
	if n := pgtest.Value[int64](t, clinic, `select count(*) from audit.event where resource_id in ($1, $2)
		and 'address' = any (fields)`, visit.ID, visit.Patient); n != 3 {
		t.Errorf("the audit has %d looks at the address, not 3", n)
	}
	clinic.SQL(t, `insert into consent (id, patient_id, purpose, version, text_hash, state)
		values (gen_random_uuid(), $1, 'share', '1', '', 'withdrawn')`, visit.Patient)
	says("after", false)
	clinic.SQL(t, `create or replace view ended_consent with (security_invoker = true) as
		select patient_id from consent where false`)
	says("control", true)
}

func TestWhoeverHasEndedTheirConsentSeesWhereTheirOwnVisitsWere(t *testing.T) {
	site := webtest.Open(t)
	clinic := site.Clinic()
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	visit := site.VisitOf(t, clinic, maya.ID, "Maya Okafor", 0)
	clinic.SQL(t, `with home as (insert into home_address (id, patient_id, street, town, state, zip, entry)
		values (gen_random_uuid(), $1, '12 Canary Lane', 'Providence', 'RI', '02906', 'code 4711') returning id)
		update appointment set address_id = home.id, visit_mode = 'home' from home where appointment.id = $2`,
		visit.Patient, visit.ID)
	own := "/bookings/" + visit.ID.String()
	maya.Get(own).Has(http.StatusOK, "12 Canary Lane", "code 4711")
	clinic.SQL(t, `insert into consent (id, patient_id, purpose, version, text_hash, state)
		values (gen_random_uuid(), $1, 'share', '1', '', 'withdrawn')`, visit.Patient)
	maya.Get(own).Has(http.StatusOK, "12 Canary Lane", "code 4711")
	leo.Get(own).Has(http.StatusNotFound)
	work := webtest.Workplace(clinic) + "/appointments?day=" + visit.Day
	list := site.Alice(t).Get(work)
	list.Has(http.StatusOK, visit.Ref)
	list.Lacks("Canary Lane")
}
