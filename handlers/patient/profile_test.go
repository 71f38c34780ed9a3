package patient_test

import (
	"net/http"
	"slices"
	"testing"

	"kindward/handlers/webtest"
)

func TestAnAccountKeepsOfABookingOnlyWhatItDoesNotKnowAndWhatIsItsOwn(t *testing.T) {
	site := webtest.Open(t)
	book := func(who *webtest.Person, name, year, phone string) webtest.Answer {
		at := who.Hold(1)
		return who.Post(at+"/confirmation", "name", name, "dob-month", "3", "dob-day", "27", "dob-year", year,
			"phone", phone, "payer", "self", "share", "on", "key", who.Get(at).Field("key"))
	}
	knows := func(who *webtest.Person, year, phone string) {
		t.Helper()
		p := who.Get("/account/profile")
		if p.Field("dob-year") != year || p.Field("phone") != phone {
			t.Errorf("%s: born in %q, phone %q", who.Name, p.Field("dob-year"), p.Field("phone"))
		}
	}
	maya, ida := site.Person(t, "Maya"), site.Person(t, "Ida")
	book(ida, "María Okafor", "1941", "401 555 0111") // perhaps her mother
	knows(ida, "", "")
	book(maya, "Maya Okafor", "1988", "401 555 0134")
	knows(maya, "1988", "(401) 555-0134")
	book(maya, "Maya Okafor", "1988", "401 555 0188") // for this visit
	knows(maya, "1988", "(401) 555-0134")
	book(maya, "Ida Okafor", "1941", "401 555 0134").Has(http.StatusUnprocessableEntity,
		"Your account has another name and another date of birth")
}

func TestWhatOnePlaceWasToReadDoesNotStandInTheFormOfAnother(t *testing.T) {
	site := webtest.Open(t)
	maya, other := site.Person(t, "Maya"), site.NewClinic(t)
	hold := maya.Hold(1)
	maya.Post(hold+"/extension", append(webtest.Details(), "key", "k")...)
	if note := maya.Get(hold).Field("note"); note != "Left arm, please" {
		t.Fatalf("the control: the note here is %q", note)
	}
	elsewhere := "/places/" + other.Slug
	starts := maya.Get(elsewhere + "/listings/" + other.OfferingID.String() + "/times?week=" + site.Day(9)).Starts()
	p := maya.Get(maya.Post(elsewhere+"/holds", "listing", other.OfferingID.String(), "start", starts[0]).Location)
	if p.Field("note") != "" || p.Field("name") != "Maya Okafor" {
		t.Errorf("name %q, note %q", p.Field("name"), p.Field("note"))
	}
}

// Who has agreed is not asked again as long as that stands; who has ended it is.
func TestAConsentThatStandsIsNotAskedForAgain(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	const box = `name="share"`
	send := func(hold string) webtest.Answer {
		form := webtest.Details()
		i := slices.Index(form, "share")
		return maya.Post(hold+"/confirmation", append(slices.Delete(form, i, i+2), "key", maya.Get(hold).Field("key"))...)
	}
	hold := maya.Hold(1)
	maya.Get(hold).Has(http.StatusOK, box)
	send(hold).Has(http.StatusUnprocessableEntity, "Tick the box to share your details")
	first := maya.Book(hold)
	hold = maya.Hold(3)
	page := maya.Get(hold)
	page.Has(http.StatusOK, "You have shared your details with this place since")
	page.Lacks(box)
	second := send(hold)
	if second.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", second.Status, second.Text())
	}
	if n := site.Count(t, `select count(*) from consent c join patient p on p.id = c.patient_id where p.account_id = $1`,
		maya.ID); n != 1 {
		t.Errorf("it is kept %d times", n)
	}
	for _, booking := range []string{first, second.Location} {
		maya.Post(booking+"/cancellation", "sequence", "0", "why", "time").Goes(booking)
	}
	hold = maya.Hold(5)
	maya.Post("/account/consents/" + site.Clinic().Slug + "/withdrawal").Goes("/account/consents")
	send(hold).Has(http.StatusUnprocessableEntity, "Tick the box to share your details")
	maya.Get(hold).Has(http.StatusOK, box)
}
