package handlers_test

import (
	"testing"

	"kindward/handlers/webtest"
)

func TestA46ARefusalIsKeptAtOnceAndItsRepetitionsInOneMoreRow(t *testing.T) {
	site := webtest.Open(t)
	charlie, leo := site.Charlie(t), site.Person(t, "Leo")
	members, keys := "/organizations/"+site.Clinic().Slug+"/members", "/organizations/"+site.Clinic().Slug+"/api-keys"
	rows := func(p *webtest.Person, fields string) int {
		return site.Count(t, `select count(*) from audit.event where actor = $1 and outcome = 'denied' and array_to_string(fields, ' ') = $2`, p.ID, fields)
	}
	for range 5 {
		charlie.Get(members).Has(404)
	}
	charlie.Get(keys).Has(404) // another thing
	leo.Get(members).Has(404)  // another person
	if c, l := rows(charlie, ""), rows(leo, ""); c != 2 || l != 1 {
		t.Errorf("at once: %d of Charlie and %d of Leo", c, l)
	}
	site.Web.Drain() // as at the end of a minute
	if c, l := rows(charlie, "times:4"), rows(leo, "times:4"); c != 1 || l != 0 {
		t.Errorf("afterward: %d summaries of Charlie and %d of Leo", c, l)
	}
	charlie.Get(members).Has(404)
	if c := rows(charlie, ""); c != 3 {
		t.Errorf("after the minute one more is kept at once: %d", c)
	}
}
