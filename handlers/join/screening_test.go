package join_test

import (
	"net/http"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/kyc/simulator"
)

// excluded puts somebody on the list of exclusions that counts.
func (w world) excluded(line int, npi, person, born any) {
	w.t.Helper()
	w.Admin(w.t, `insert into onboarding.exclusion (list_id, line, npi, person, name, born, state, kind, excluded_on,
		waiver_state) select max(id), $1, $2, $3, 'SOMEBODY LISTED', $4, 'RI', '1128a1', '2020-02-20', ''
		from onboarding.exclusion_list`, line, npi, person, born)
}

func (w world) licensed(who *webtest.Person, at, director, number, born string) {
	w.t.Helper()
	w.asks()
	answer(who, at+"/steps/organization", "email", "office@example.org", "contact", "Maya, owner").Goes(at)
	answer(who, at+"/steps/location", "more_locations", "no").Goes(at)
	answer(who, at+"/steps/licenses", "director", director, "director_npi", number, "director_born", born,
		"practitioner_owned", "yes", "tests", "no").Goes(at)
	w.asks()
}

func TestWhoeverIsExcludedGoesNoFurtherAndWhoeverHasTheNameGoesToTheReview(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	w.excluded(2, simulator.ExcludedNPI, nil, nil)
	w.excluded(3, nil, "vera quill", "1961-04-12")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	w.licensed(maya, at, "Ada Medeiros", simulator.ExcludedNPI, "1970-07-01")
	page := maya.Get(at)
	page.Has(http.StatusOK, "List of exclusions did not pass",
		"SOMEBODY LISTED is on the list of exclusions since 20 February 2020 (1128a1), under NPI "+simulator.ExcludedNPI)
	page.Lacks("It is your turn: Check and send", "Change the answer to")
	// another director; the one of that name and date of birth is for whoever reviews
	w.licensed(maya, at, "Vera Quill, MD", "1245319599", "1961-04-12")
	maya.Get(at).Has(http.StatusOK, "It is your turn: Check and send")
	id := at[len("/join/"):]
	if n := w.Count(t, `select count(*) from onboarding.check_result where tenant_id = $1 and kind = 'exclusion'
		and result = 'REVIEW' and reason like '%same name and date of birth%'`, id); n != 1 {
		t.Errorf("%d results to look at", n)
	}
	if n := w.Count(t, `select count(*) from onboarding.check_result where tenant_id = $1 and subject like '%1961%'`,
		id); n != 0 {
		t.Error("what was asked about has the date of birth")
	}
	w.licensed(maya, at, "Vera Quill, MD", "1245319599", "1961-04-13")
	if n := w.Count(t, `select count(*) from onboarding.check_result where tenant_id = $1 and kind = 'exclusion'
		and result = 'PASS' and reason like '%1 have the same name%'`, id); n != 1 {
		t.Errorf("control: %d passes of a namesake", n)
	}
}
