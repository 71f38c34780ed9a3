package join_test

import (
	"net/http"
	"sync"
	"testing"

	"kindward/handlers/webtest"
)

func TestAnApplicationIsWithdrawnAndOpenedAgain(t *testing.T) {
	w := open(t)
	maya, charlie := w.Person(t, "Maya"), w.Person(t, "Charlie")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	answer(maya, at+"/steps/location", "city", "Bristol", "later", "yes").Goes(at)
	page := maya.Get(at)
	page.Has(http.StatusOK, "Withdraw the application", "Yes, withdraw it")
	page.Lacks("Open it again")
	charlie.Post(at + "/withdrawal").Has(http.StatusNotFound)
	charlie.Post(at + "/reopening").Has(http.StatusNotFound)
	maya.Post(at + "/reopening").Has(http.StatusConflict)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { maya.Post(at + "/withdrawal") })
	}
	all.Wait()
	page = maya.Get(at)
	page.Has(http.StatusOK, "This application is withdrawn", "Open it again")
	page.Lacks("Yes, withdraw it")
	answer(maya, at+"/steps/location", "city", "Warren", "later", "yes").Has(http.StatusConflict)
	maya.Post(at + "/reopening").Goes(at)
	maya.Get(at).Has(http.StatusOK, "The application is open again", "It is your turn")
	if city := maya.Get(at + "/steps/location").Field("city"); city != "Bristol" {
		t.Errorf("what was answered is %q", city)
	}
	if n := w.Count(t, `select count(*) from audit.event where resource_id = $1 and actor = $2
		and action in ('withdrawn', 'reopened')`, webtest.IDOf(at), maya.ID); n != 2 {
		t.Errorf("the audit has %d", n)
	}
}
