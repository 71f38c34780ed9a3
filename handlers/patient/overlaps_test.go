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

// sent are the details of a booking as the page of a hold asks for them.
func sent(page webtest.Answer) []string {
	return append(webtest.Details(), "key", page.Field("key"), "seen", page.Field("seen"))
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
	if page.Field("seen") != webtest.IDOf(booked).String() {
		t.Errorf("the page has looked at %q", page.Field("seen"))
	}
	maya.HTMX().Get(same).IsPart("hold")
	second := maya.Post(same+"/confirmation", sent(page)...)
	if maya.Get(second.Location).Has(http.StatusOK, "You are booked for"); second.Status != http.StatusSeeOther {
		t.Errorf("it is refused: %d", second.Status)
	}
	if n := pgtest.Value[int](t, elm, "select count(*) from audit.event where tenant_id = $1", elm.ID); n != told {
		t.Errorf("the other organization sees %d events of it", n-told)
	}
	maya.Get(held(t, maya, other, starts[5])).Lacks(alsoHave) // at another time
	leo.Get(held(t, leo, site.NewClinic(t), starts[2])).Lacks(alsoHave, alsoKeep, "Elm Clinic")
	maya.Post(booked+"/cancellation", "sequence", "0", "why", "better")
	maya.Get(held(t, maya, site.NewClinic(t), starts[2])).Lacks("with Dr. Test, Elm Clinic") // which is canceled
}

func TestRule2_22WhatWasBookedSinceThePageWasOpenedIsSaidOnceMoreBeforeBothAreBooked(t *testing.T) {
	site, elm, other, starts := twoClinics(t)
	maya := site.Person(t, "Maya")
	hold := held(t, maya, other, starts[2])
	opened := maya.Get(hold)
	opened.Lacks(alsoHave)
	maya.Book(held(t, maya, elm, starts[2]))
	asked := maya.Post(hold+"/confirmation", sent(opened)...)
	asked.Has(http.StatusUnprocessableEntity, "You have booked something else at this time", alsoHave, "Elm Clinic",
		"Left arm, please", "401 555 0134")
	if again := maya.Post(hold+"/confirmation", sent(asked)...); again.Status != http.StatusSeeOther {
		t.Errorf("it is refused: %d %s", again.Status, again.Text())
	}
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
