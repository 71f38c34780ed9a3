package join_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

// An employer does not learn by its own sign-in that somebody founds an organization, nor begins one in their name.
func TestA41AnOrganizationsSignInFindsNoApplicationAndBeginsNone(t *testing.T) {
	w := open(t)
	noor := w.Person(t, "Noor")
	noor.Employ(w.Clinic(), "clinician")
	at := w.begin(noor, "clinic", "RI", "1234567893")
	same := w.Known(t, noor.ID, noor.Email, noor.Name)
	same.SignIn(1, "organization", w.Clinic().ID.String())
	same.Get("/join").Lacks(at)
	noor.Get("/join").Has(http.StatusOK, at) // the control
	a := same.Post("/join", "kind", "laboratory", "state", "MA", "number", "1245319599", "key", uuid.NewString())
	if !strings.HasPrefix(a.Location, "/account/confirm?next=") {
		t.Errorf("it begins one: %d %s", a.Status, a.Location)
	}
	if n := w.DB.Count(t, "select count(*) from onboarding.participant where account_id = $1", noor.ID); n != 1 {
		t.Errorf("Noor takes part in %d", n)
	}
}

// Whoever sees the site as somebody else answers and signs nothing for their organization, nor begins anything.
func TestA35StaffAnswerNoApplicationForSomebodyElse(t *testing.T) {
	w := open(t)
	maya, sam := w.Person(t, "Maya"), w.Staff(t, "Sam", "support")
	at := w.begin(maya, "home_care", "MA", "1234567893")
	sam.Post("/ops/impersonations", "person", maya.ID.String(), "reason", "She cannot find it at all", "may_change", "on")
	sam.Get(at).Has(http.StatusOK, "Your organization") // looking helps
	answers := []string{"version", "1", "asked", "city", "city", "Sams", "later", "yes"}
	if a := sam.Post(at+"/steps/location", answers...); a.Status != http.StatusForbidden {
		t.Errorf("Sam answers for Maya: %d", a.Status)
	}
	a := sam.Post("/join", "kind", "clinic", "state", "RI", "number", "1234567893", "key", uuid.NewString())
	if a.Status != http.StatusForbidden {
		t.Errorf("Sam begins one for Maya: %d %s", a.Status, a.Location)
	}
	leo := w.Person(t, "Leo")
	theirs := w.begin(leo, "clinic", "RI", "1234567893")
	link := w.invite(leo, theirs, maya.Email)
	sam.Get(link).Lacks("Accept the invitation")
	sam.Post(link)
	if n := w.Count(t, `select count(*) from onboarding.participant where tenant_id = $1 and account_id = $2`,
		webtest.IDOf(theirs), maya.ID); n != 0 {
		t.Error("Sam accepts an invitation for Maya")
	}
	maya.Get(link).Has(http.StatusOK, "Accept the invitation")                             // the control
	if a := maya.Post(at+"/steps/location", answers...); a.Status != http.StatusSeeOther { // the control
		t.Errorf("Maya's own answer: %d %s", a.Status, a.Text())
	}
}
