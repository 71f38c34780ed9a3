package patient_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/booking"
	"kindward/internal/pgtest"

	"github.com/google/uuid"
)

func TestThePagesOfSigningInShowAHeldTimeAndPromiseNothingOfOneThatIsOver(t *testing.T) {
	site := webtest.Open(t)
	leo := site.Visitor(t)
	hold := leo.Hold(1)
	next := "?next=" + url.QueryEscape(hold)
	leo.Post("/sign-up"+next, "name", "Leo", "email", "leo-"+uuid.NewString()+"@example.test", "password",
		"four words are easy", "next", hold).Has(http.StatusSeeOther)
	pages := []string{"/sign-in" + next, "/sign-up" + next, "/sign-up/code" + next, "/password-reset" + next}
	for _, path := range append(pages, "/sign-in") {
		p := leo.Get(path)
		p.Has(http.StatusOK, "stays yours until", "Skin check", "Your appointment")
		if len(p.All("span", "role", "timer")) != 1 || !strings.Contains(p.Body, " data-say ") {
			t.Errorf("%s has no clock, or says nothing of it", path)
		}
	}
	if _, err := booking.FreeHold(t.Context(), site.Clinic().In(uuid.Nil), webtest.IDOf(hold)); err != nil {
		t.Fatal(err) // the browser knows nothing of it
	}
	for _, path := range pages {
		p := leo.Get(path)
		p.Has(http.StatusOK, "has gone back to everyone", "The nearest free times")
		p.Lacks("stays yours")
	}
	leo.Get("/sign-in").Lacks("stays yours", "Skin check")
}

func TestAVisitorsHoldIsTheAccountsAsSoonAsTheySignIn(t *testing.T) {
	site := webtest.Open(t)
	email := "ana-" + uuid.NewString() + "@example.test"
	sign := func(p *webtest.Person) {
		p.Post("/sign-up", "name", "Ana Reis", "email", email, "password", "four words are easy").Goes("/sign-up/code")
		p.Post("/sign-up/code", "code", site.Mailbox().Last(email).Code).Has(http.StatusSeeOther)
	}
	phone, desk := site.Visitor(t), site.Visitor(t)
	hold := phone.Hold(1)
	sign(phone) // and opens nothing
	desk.Post("/sign-in", "email", email, "password", "four words are easy").Has(http.StatusSeeOther)
	desk.Get(hold).Has(http.StatusOK, "Ana Reis", "We are holding this time for you")
	if by := pgtest.Value[string](t, site.Clinic(), `select held_by from appointment where id = $1`,
		webtest.IDOf(hold)); by != booking.HeldByPatient {
		t.Errorf("it counts as that of a %s", by)
	}
	other := site.Visitor(t) // the control: nobody's who does not sign in
	left := other.Hold(2)
	desk.Get(left).Has(http.StatusNotFound, "No time is held for you here")
	desk.Get(hold).Has(http.StatusOK)
}

// typed are the details of a booking with a note, and without what a test leaves out.
func typed(without string) (fields []string) {
	all := webtest.Details()
	for i := 0; i < len(all); i += 2 {
		if all[i] != without {
			fields = append(fields, all[i], all[i+1])
		}
	}
	return fields
}

func ticked(a webtest.Answer) bool {
	return strings.Contains(a.Body, `name="share" value="on" checked`)
}

func TestMoreTimeKeepsWhatWasTypedAndWhatWasAgreedToForThisHoldAlone(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(1)
	button := maya.Get(hold).All("button", "formaction", hold+"/extension")
	if len(button) != 1 || button[0].Value("form") != "details" {
		t.Fatalf("the button sends not what was typed: %d", len(button))
	}
	maya.Post(hold+"/extension", webtest.Details()...).Goes(hold)
	p := maya.Get(hold)
	if p.Has(http.StatusOK, "You have had the extra time"); p.Field("note") != "Left arm, please" || !ticked(p) {
		t.Errorf("the note is %q, consent is ticked: %v", p.Field("note"), ticked(p))
	}
	other := maya.Hold(2)
	if p := maya.Get(other); p.Field("note") != "Left arm, please" || ticked(p) {
		t.Errorf("of another hold the note is %q, consent is ticked: %v", p.Field("note"), ticked(p))
	}
	part := maya.HTMX().Post(other+"/extension", webtest.Details()...)
	if part.Status != http.StatusOK || len(part.All("div", "id", "hold")) != 1 ||
		len(part.All("form", "id", "details")) > 0 {
		t.Errorf("with scripts the answer is not the clock alone: %d %s", part.Status, part.Body)
	}
}

func TestARefusedFormSaysWhyAgainWhenItsPageIsOpenedAgain(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(1)
	const wrong = "Enter your mobile number"
	send := func(fields []string) webtest.Answer {
		return maya.Post(hold+"/confirmation", append(fields, "key", maya.Get(hold).Field("key"))...)
	}
	send(typed("phone")).Has(http.StatusUnprocessableEntity, wrong)
	for _, path := range []string{hold, hold + "/confirmation", hold} {
		p := maya.Get(path)
		if p.Status == http.StatusSeeOther {
			p = maya.Get(p.Location)
		}
		if p.Has(http.StatusOK, wrong, "There is a problem"); p.Field("note") != "Left arm, please" || !ticked(p) {
			t.Errorf("%s: the note is %q, consent is ticked: %v", path, p.Field("note"), ticked(p))
		}
	}
	maya.Post("/theme", "theme", "dark", "return", hold).Goes(hold)
	maya.Get(hold).Has(http.StatusOK, wrong)
	other := maya.Hold(2)
	maya.Get(other).Lacks("There is a problem") // the control: it was of that hold
	hold = other
	send(webtest.Details()).Has(http.StatusSeeOther)
}

func TestATimeThatIsLostIsSaidAgainWhenThePageIsOpenedAgain(t *testing.T) {
	site := webtest.Open(t)
	maya, leo := site.Visitor(t), site.Visitor(t)
	hold := maya.Hold(5)
	start := pgtest.Value[string](t, site.Clinic(),
		`select to_char(starts_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from appointment where id = $1`,
		webtest.IDOf(hold))
	own := holdAt(leo, site.Clinic(), start).Field("return")
	leo.Get(own).Has(http.StatusOK, "Someone else has just taken", "The nearest free times")
	maya.Post(hold + "/release").Has(http.StatusSeeOther)
	leo.Get(own).Lacks("Someone else has just taken") // the control: it is free
}

func TestTheAddressOfAHoldThatIsGoneLeadsToTheTimesAndKeepsWhatWasTyped(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	maya.Get(site.Times())
	gone := site.Place() + "/holds/" + uuid.NewString()
	p := maya.Post(gone+"/confirmation", webtest.Details()...)
	p.Has(http.StatusNotFound, "No time is held for you here", "What you typed is kept", `href="`+site.Place()+`"`)
	if p := maya.Get(maya.Hold(1)); p.Field("note") != "Left arm, please" || ticked(p) {
		t.Errorf("the note is %q, consent is ticked: %v", p.Field("note"), ticked(p))
	}
	site.Visitor(t).Get(gone, "Sec-Fetch-Site", "none").Has(http.StatusNotFound, "There is no page here")
}
