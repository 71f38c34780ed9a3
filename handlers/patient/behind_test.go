package patient_test

import (
	"testing"

	"kindward/handlers/webtest"
)

func TestMyAppointmentsAreListedWhileOneOrganizationIsBehind(t *testing.T) {
	site := webtest.Open(t)
	fine, behind := site.NewClinic(t), site.NewClinic(t)
	maya, sam := site.Person(t, "Maya"), site.Staff(t, "Sam Support", "support")
	seen, hidden := site.VisitOf(t, fine, maya.ID, maya.Name, 3), site.VisitOf(t, behind, maya.ID, maya.Name, 4)
	site.Admin(t, "update directory.tenant set schema_version = schema_version - 1 where id = $1", behind.ID)
	list := maya.Get("/bookings")
	list.Has(200, "We cannot show your appointments at "+behind.Name, seen.ID.String())
	list.Lacks(hidden.ID.String(), "You have no appointments")
	sam.Get("/ops/people?q="+seen.Ref).Has(200, maya.Email, "could not be asked for that reference", behind.Name)
	site.Admin(t, "update directory.tenant set schema_version = schema_version + 1 where id = $1", behind.ID)
	sam.Get("/ops/people?q=" + hidden.Ref).Lacks("could not be asked") // control
}
