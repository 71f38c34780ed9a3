package ops_test

import (
	"testing"

	"kindward/handlers/webtest"
)

func TestRefusedSignInsHideNoneThatSucceeded(t *testing.T) {
	site := webtest.Open(t)
	maya, support := site.Account(t, "Maya Okafor"), site.Staff(t, "Sam", "support")
	site.Admin(t, `insert into audit.event (patient, purpose, resource, resource_id, action, outcome, ip)
		values ($1, 'account', 'Account', $1, 'sign-in', 'success', '192.0.2.9')`, maya)
	site.Admin(t, `insert into audit.event (patient, purpose, resource, resource_id, action, outcome, ip)
		select $1, 'account', 'Account', $1, 'sign-in', 'denied', ('203.0.113.' || n)::inet from generate_series(1, 24) n`, maya)
	site.Admin(t, `insert into audit.event (patient, purpose, resource, resource_id, action, outcome, ip)
		values ($1, 'account', 'Account', $1, 'reset', 'denied', '198.51.100.4')`, maya)
	page := support.Get("/ops/people/" + maya.String())
	page.Has(200, "192.0.2.9", "Refused: signed in, 24 times", "203.0.113.0/24", "Refused: new password<")
	page.Lacks("203.0.113.7")
}

func TestTheConsoleTellsDaysOnItsOwnClockNotTheMachines(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Account(t, "Maya Okafor"), site.Staff(t, "Sam", "support", "administrator")
	site.Admin(t, `update directory.account set created_at = '2026-03-01 03:00:00+00' where id = $1`, maya)
	site.Admin(t, `update directory.staff set created_at = '2026-03-01 03:00:00+00' where account_id = $1`, sam.ID)
	found := sam.Post("/ops/people", "q", maya.String()).Location
	for _, page := range []string{"/ops/people/" + maya.String(), found, "/ops/staff"} {
		a := sam.Get(page)
		a.Has(200, "28 February 2026")
		a.Lacks("1 March 2026")
	}
}
