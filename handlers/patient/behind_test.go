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
	sam.Find("/ops/people", "q", hidden.Ref).Has(200, "could not be asked for that reference", behind.Name)
	control := sam.Find("/ops/people", "q", seen.Ref)
	control.Has(200, maya.Email)
	control.Lacks("could not be asked")
	site.Admin(t, "update directory.tenant set schema_version = schema_version + 1 where id = $1", behind.ID)
}

func TestAThousandCanceledAppointmentsDoNotHideOneThatIsToCome(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	soon := site.VisitOf(t, site.Clinic(), maya.ID, maya.Name, 3)
	site.Clinic().SQL(t, `insert into appointment (id, ref, offering_id, status, cancelled_by, cancelled_why, holder,
			account_id, patient_id, resource_id, starts_at, ends_at)
		select gen_random_uuid(), 'MANY' || n, offering_id, 'cancelled', 'patient', 'plans', gen_random_uuid(),
			account_id, patient_id, resource_id, starts_at + n * interval '1 hour', ends_at + n * interval '1 hour'
		from appointment, generate_series(1, 1000) n where id = $1`, soon.ID)
	maya.Get("/bookings").Has(200, soon.ID.String(), "Your next appointment is on")
}
