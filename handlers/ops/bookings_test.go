package ops_test

import (
	"net/url"
	"strings"
	"testing"

	"kindward/handlers/webtest"
)

func TestABookingIsShownByItsReferenceWithoutWhatItIsFor(t *testing.T) {
	site := webtest.Open(t)
	clinic, other := site.NewClinic(t), site.NewClinic(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	visit := site.VisitOf(t, clinic, maya.ID, maya.Name, 30)
	site.Admin(t, `update directory.account set phone = '+14015550199' where id = $1`, maya.ID)
	clinic.SQL(t, `insert into message (id, appointment_id, kind, channel, sequence, leased_until, sent_at) values (gen_random_uuid(), $1, 'booked', 'mail', 0, now(), now())`, visit.ID)
	site.Admin(t, `insert into audit.event (tenant_id, actor, patient, purpose, resource, resource_id, action, outcome) values
		($1, $2, $2, 'booking', 'Appointment', $3, 'book', 'success'), ($1, null, $2, 'message', 'Appointment', $3, 'send', 'success')`, clinic.ID, maya.ID, visit.ID)
	path := "/ops/bookings/" + clinic.Slug + "/" + visit.ID.String()
	for _, asked := range []string{visit.Ref, strings.TrimPrefix(visit.Ref, "KW-")} {
		sam.Find("/ops/people", "q", asked).Has(200, path, "Booking "+visit.Ref, "Maya Okafor")
	}
	for _, phone := range []string{"401 555 0199", "(401) 555-0199", "+1 401.555.0199"} {
		sam.Find("/ops/people", "q", phone).Has(200, "1 person fits", "Maya Okafor")
	}
	sam.Find("/ops/people", "q", "401 555 0198").Has(200, "Nobody was found")
	looks := `actor = $1 and patient = $2 and resource_id = $3 and action = 'find' and purpose = 'support' and tenant_id = $4`
	before := events(t, site, looks, sam.ID, maya.ID, visit.ID, clinic.ID)
	// looks at it, however many, hide nobody who changed it
	site.Admin(t, `insert into audit.event (tenant_id, actor, patient, purpose, resource, resource_id, action, outcome)
		select $1, $2, $3, 'support', 'Appointment', $4, 'list', 'success' from generate_series(1, 510)`, clinic.ID, sam.ID,
		maya.ID, visit.ID)
	sam.Get(path).Lacks("By video")
	clinic.SQL(t, `update appointment set visit_mode = 'video' where id = $1`, visit.ID)
	page := sam.Get(path)
	page.Has(200, "By video, ")
	page.Has(200, "Booking "+visit.Ref+" at "+clinic.Name+" is booked.", "booked an appointment", "Confirmation",
		"/ops/people/"+maya.ID.String())
	page.Lacks("Skin check", "Dr. Test", "canary note")
	if n := events(t, site, looks, sam.ID, maya.ID, visit.ID, clinic.ID); before != 2 || n != 4 {
		t.Errorf("%d looks in searches are kept, %d with the two at the page", before, n)
	}
	site.Admin(t, `insert into audit.event (tenant_id, actor, patient, purpose, resource, action, outcome) values
		($1, $2, $2, 'own record', 'Consent', 'withdraw', 'success'), ($1, $2, $2, 'own record', 'Consent', 'list', 'success'),
		(null, $2, $2, 'account', 'Passkey', 'create', 'success')`, clinic.ID, maya.ID)
	person := sam.Get("/ops/people/" + maya.ID.String())
	person.Has(200, "added a passkey", "ended the sharing of their own details")
	person.Lacks("details are shared for")
	link := "/ops/people/" + maya.ID.String() + "/bookings/" + visit.ID.String()
	person.Has(200, link, "To come", "booked an appointment", "sent a patient an email about an appointment")
	// where is told of one booking, not here
	person.Lacks("Skin check", "canary note", clinic.Name, clinic.Slug, visit.Ref)
	sam.Get(link).Goes(path)
	sam.Get("/ops/people/" + sam.ID.String() + "/bookings/" + visit.ID.String()).Has(404)
	sam.Get("/ops/bookings/" + other.Slug + "/" + visit.ID.String()).Has(404)
	site.Staff(t, "Rita", "reviewer").Get(path).Has(403)
	site.Person(t, "Charlie").Get(path).Has(404)
}

func TestOrganizationsAreFoundByNameOrWordAndComeInPages(t *testing.T) {
	site := webtest.Open(t)
	elm := site.NewClinic(t)
	name := "Elm % " + elm.Slug
	site.Admin(t, `update directory.tenant set name = $2 where id = $1`, elm.ID, name)
	sam := site.Staff(t, "Sam Support", "support")
	sam.Get("/ops/organizations?q=elm+%25+test").Has(200, "1 organization fits.", name)
	sam.Get("/ops/organizations?q="+elm.Slug).Has(200, name)
	sam.Get("/ops/organizations?q=nowhere-at-all").Has(200, "No organization is called so.")
	sam.Get("/ops/organizations?id=x").Has(404)
	behind := sam.Get("/ops/organizations?" + url.Values{"q": {elm.Slug}, "after": {name},
		"id": {elm.ID.String()}}.Encode())
	behind.Has(200, "No organization is called so.") // the page behind the last
	site.Person(t, "Charlie").Get("/ops/organizations").Has(404)
}
