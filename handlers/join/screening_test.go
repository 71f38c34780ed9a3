package join_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/civil"
	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
	"kindward/internal/pgtest"
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

func TestALicenseIsLookedUpAtItsStateAndItsDaysAreKept(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	server := httptest.NewServer(&simulator.Licenses{Now: w.Clock.Now})
	t.Cleanup(server.Close)
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	w.asks()
	answer(maya, at+"/steps/organization", "email", "office@example.org", "contact", "Maya, owner").Goes(at)
	answer(maya, at+"/steps/location", "more_locations", "no").Goes(at)
	license := func(number string) {
		answer(maya, at+"/steps/licenses", "clia", "41D2093377", "certificate", "waiver", "director", "Ada Medeiros",
			"director_npi", "1245319599", "director_born", "1970-07-01", "home_draws", "no", "license", number, "stations",
			"no").Goes(at)
		w.asks()
	}
	result := func(number string) string {
		return pgtest.One[string](t, w.DB, `select result || ' ' || (facts ->> 'license_until') from onboarding.check_result
			where tenant_id = $1 and step = 'license' and subject like $2 order by version desc limit 1`,
			at[len("/join/"):], number+" %")
	}
	w.checks.Licenses = nil
	license("LCI09999")
	if n := w.Count(t, `select count(*) from onboarding.check_result where tenant_id = $1 and step = 'license'
		and result = 'REVIEW' and reason like '%look this one up%'`, at[len("/join/"):]); n != 1 {
		t.Errorf("where no register is asked %d are to look at", n)
	}
	w.checks.Licenses = kyc.NewLicenses(server.URL)
	license(simulator.LicenseSuspended)
	maya.Get(at).Has(http.StatusOK, "State license did not pass", "is suspended")
	license(simulator.LicenseDown)
	maya.Get(at).Has(http.StatusOK, "Waiting for the state&#39;s register of licenses", "It did not answer")
	license(simulator.LicenseOthers)
	until := civil.DateOf(w.Clock.Now().UTC())
	until.Year, until.Day = until.Year+1, min(until.Day, 28)
	if got := result(simulator.LicenseOthers); got != "REVIEW "+until.String() {
		t.Errorf("somebody else's, with a byte that no row takes: %s", got)
	}
	license("LCI01234")
	w.attach(maya, at)
	maya.Get(at).Has(http.StatusOK, "It is your turn: Check and send")
	maya.Get(at+"/steps/agreement").Has(http.StatusOK, "w9.pdf", "Signed by")
	if got := result("LCI01234"); got != "PASS "+until.String() {
		t.Errorf("a good one: %s", got)
	}
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
	w.attach(maya, at)
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
