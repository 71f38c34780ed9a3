package account_test

import (
	"net/http"
	"testing"

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
		"You agreed to this on", "Cancel it")
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
	maya.Get(page).Has(http.StatusOK, "can open your record no more", "You ended this consent on",
		"You share your details with no place")
	alice.Get(chart(maya)).Has(http.StatusNotFound)
	list := webtest.Workplace(site.Clinic()) + "/appointments?day=" + site.Day(9)
	day := alice.Get(list)
	day.Has(http.StatusOK, "Somebody who ended their consent")
	day.Lacks(chart(maya))
	find := func() webtest.Answer {
		return alice.Post(webtest.Workplace(site.Clinic())+"/patients", "q", "Okafor")
	}
	find().Lacks(chart(maya))
	find().Has(http.StatusOK, chart(leo))
	alice.Get(chart(leo)).Has(http.StatusOK) // the control: theirs is shared still
	maya.Post(end).Has(http.StatusNotFound)
	leo.Get(page).Lacks("You ended this consent on")
	maya.Book(maya.Hold(15))
	alice.Get(chart(maya)).Has(http.StatusOK, "Maya Okafor") // asked anew
	alice.Get(list).Has(http.StatusOK, chart(maya))
	alice.Get(list).Lacks("Somebody who ended")
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from audit.event where patient = $1
		and resource = 'Consent' and action = 'withdraw' and outcome = 'success'`, maya.ID); n != 1 {
		t.Errorf("the audit has it %d times", n)
	}
}
