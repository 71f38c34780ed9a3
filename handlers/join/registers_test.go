package join_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/internal/npi/simulator"
)

func TestF08NumbersThatAreNeverAnsweredDoNotHoldUpOthers(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	for n := range 4 {
		w.begin(maya, "clinic", "RI", simulator.Number(simulator.Garbage, n))
	}
	for range 3 { // three are asked in a round until one answers
		w.asks()
		w.Clock.Forward(time.Hour)
	}
	late := w.begin(maya, "clinic", "RI", "1245319599")
	due, err := w.checks.Due.DueChecks(t.Context(), w.Clock.Now(), 1)
	if err != nil || len(due) != 1 || "/join/"+due[0].TenantID.String() != late {
		t.Errorf("first due is %v, %v", due, err)
	}
	w.asks()
	maya.Get(late).Has(http.StatusOK, "Steps done: 1 of")
}

func TestACorrectedNumberShowsWhatTheRegistryHasOfIt(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	step := at + "/steps/organization"
	w.asks()
	answer(maya, step, "phone", "401-555-0199", "later", "yes").Goes(at)
	answer(maya, step, "npi", "1245319599", "later", "yes").Goes(at)
	maya.Get(step).Has(http.StatusOK, `value="Harbor Health 7893"`, "From the NPI registry, of what was answered before.")
	w.asks()
	page := maya.Get(step)
	if page.Field("name") != "Harbor Health 9599" || page.Field("phone") != "401-555-0199" {
		t.Errorf("%q, %q", page.Field("name"), page.Field("phone"))
	}
	page.Has(http.StatusOK, "From the NPI registry.")
	page.Lacks("answered before")
}

func TestF08WhatIsKeptToGoOnLaterFitsAndHoldsNothingUp(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	step, long := at+"/steps/organization", strings.Repeat("1", 300)
	page := answer(maya, step, "npi", long, "name", strings.Repeat("é", 201), "contact", "Ada", "later", "yes")
	page.Has(http.StatusUnprocessableEntity, "Organization NPI must be 200 characters or less",
		"Legal name must be 200 characters or less", `value="`+long+`"`, `value="Ada"`)
	if n := w.Count(t, `select count(*) from onboarding.answer where tenant_id = $1 and field = 'contact'`,
		at[len("/join/"):]); n != 0 {
		t.Error("half of the form was kept")
	}
	answer(maya, step, "npi", "12345", "name", strings.Repeat("é", 200), "later", "yes").Goes(at)
	w.asks()
	if page = maya.Get(step); page.Field("npi") != "12345" || page.Field("name") != strings.Repeat("é", 200) {
		t.Errorf("%q, %q", page.Field("npi"), page.Field("name"))
	}
	if n := w.registry.Asked("12345"); n != 0 {
		t.Errorf("asked %d times about half a number", n)
	}
	maya.Get(at).Has(http.StatusOK, "It is your turn: Your organization", "Not started")
}
