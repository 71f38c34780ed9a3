package patient_test

import (
	"net/http"
	"net/url"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
)

const alsoHave, alsoKeep = "You also have Skin check on ", "You also keep "

// twoClinics are one that is called Elm Clinic, another, and times that are free at both.
func twoClinics(t *testing.T) (site *webtest.Site, elm, other *pgtest.Clinic, starts []string) {
	t.Helper()
	site = webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	elm, other = site.NewClinic(t), site.NewClinic(t)
	site.Admin(t, "update directory.tenant set name = 'Elm Clinic' where id = $1", elm.ID)
	return site, elm, other, freeTimes(t, site, other, 8)
}

func TestE19AndRule2_22WhoeverTakesATimeIsWarnedOfTheirOwnVisitThenAnywhereAndMayKeepBoth(t *testing.T) {
	site, elm, other, starts := twoClinics(t)
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	booked := maya.Book(held(t, maya, elm, starts[2]))
	told := pgtest.Value[int](t, elm, "select count(*) from audit.event where tenant_id = $1", elm.ID)
	same := held(t, maya, other, starts[2])
	page := maya.Get(same)
	page.Has(http.StatusOK, alsoHave, "with Dr. Test, Elm Clinic. You can keep both.", `class="notice warn"`,
		`href="/bookings"`)
	maya.HTMX().Get(same).IsPart("hold")
	second := maya.Book(same)
	maya.Get(second).Has(http.StatusOK, "You are booked for", alsoHave, "Elm Clinic", "You can keep both.")
	if n := pgtest.Value[int](t, elm, "select count(*) from audit.event where tenant_id = $1", elm.ID); n != told {
		t.Errorf("the other organization sees %d events of it", n-told)
	}
	maya.Get(booked).Has(http.StatusOK, alsoHave)             // whichever was booked first
	maya.Get(held(t, maya, other, starts[5])).Lacks(alsoHave) // at another time
	leo.Get(held(t, leo, site.NewClinic(t), starts[2])).Lacks(alsoHave, alsoKeep, "Elm Clinic")
	maya.Post(booked+"/cancellation", "sequence", "0", "why", "better")
	maya.Get(held(t, maya, site.NewClinic(t), starts[2])).Lacks("with Dr. Test, Elm Clinic") // which is canceled
}

func TestE19AndRule2_22AMoveToTheTimeOfAnotherVisitWarnsAndMoves(t *testing.T) {
	site, elm, other, starts := twoClinics(t)
	maya := site.Person(t, "Maya")
	maya.Book(held(t, maya, elm, starts[2]))
	moving := maya.Book(held(t, maya, other, starts[5]))
	ask := func(start string) string {
		return moving + "/reschedule/confirmation?" + url.Values{"sequence": {"0"}, "start": {start}}.Encode()
	}
	maya.Get(ask(starts[6])).Lacks(alsoHave)
	page := maya.Get(ask(starts[2]))
	page.Has(http.StatusOK, alsoHave, "with Dr. Test, Elm Clinic. You can keep both.")
	maya.Post(moving+"/reschedule", "sequence", "0", "start", starts[2]).Goes(ask(starts[2])) // who was not warned is
	maya.Post(moving+"/reschedule", "sequence", "0", "start", starts[2], "seen", page.Field("seen")).Goes(moving)
	maya.Get(moving).Has(http.StatusOK, "Moved to")
}

// What somebody has elsewhere is told neither to an organization's sign-in alone (A41) nor to staff who see the site as
// them, of whom that organization would have no event (A36).
func TestA41TheWarningIsForWhoeverShowedWhoTheyAreThemselves(t *testing.T) {
	site, elm, other, starts := twoClinics(t)
	noor, sam := site.Person(t, "Noor"), site.Staff(t, "Sam", "support")
	noor.Employ(site.Clinic(), "clinician")
	noor.Book(held(t, noor, elm, starts[2]))
	moving := noor.Book(held(t, noor, other, starts[5]))
	same := site.Known(t, noor.ID, noor.Email, noor.Name)
	same.SignIn(1, "organization", site.Clinic().ID.String())
	same.Get(held(t, same, site.NewClinic(t), starts[2])).Lacks(alsoHave, "Elm Clinic")
	clash := moving + "/reschedule/confirmation?" + url.Values{"sequence": {"0"}, "start": {starts[2]}}.Encode()
	noor.Get(clash).Has(http.StatusOK, alsoHave, "Elm Clinic") // the control
	sam.Post("/ops/impersonations", "person", noor.ID.String(), "reason", "She cannot find it at all")
	seen := sam.Get(clash)
	seen.Has(http.StatusOK, "Move it to ")
	seen.Lacks(alsoHave, "Elm Clinic")
}

func TestE19AndRule2_22ABrowserIsWarnedOfAnotherTimeThatItKeepsThen(t *testing.T) {
	site, elm, other, starts := twoClinics(t)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	guest, stranger := site.Visitor(t), site.Visitor(t)
	first := held(t, guest, elm, starts[2])
	second := held(t, guest, other, starts[2])
	guest.Get(second).Has(http.StatusOK, alsoKeep, "Dr. Test, ", "You can keep both.")
	guest.Get(first).Has(http.StatusOK, alsoKeep)
	stranger.Get(held(t, stranger, site.NewClinic(t), starts[2])).Lacks(alsoKeep) // control
	guest.Post(first + "/release")
	guest.Get(second).Lacks(alsoKeep)
}
