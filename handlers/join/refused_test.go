package join_test

import (
	"net/http"
	"testing"

	view "kindward/views/join"
)

func Test33WhatCannotBeTrueIsRefusedInWordsAndKept(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	right := []string{"director", "Ada Medeiros", "director_npi", "1245319599", "director_born", "1972-04-11",
		"practitioner_owned", "yes", "tests", "no"}
	page := answer(maya, at+"/steps/location", "street", "1 Wall St", "city", "New York", "zip", "10001",
		"more_locations", "no")
	page.Has(http.StatusUnprocessableEntity, `value="10001"`, `href="#zip"`, `value="1 Wall St"`,
		"10001 is not in Rhode Island. Enter the ZIP code of the location, like 02906")
	answer(maya, at+"/steps/location", "zip", "02906").Goes(at) // the control
	answer(maya, at+"/steps/licenses", append(right, "director_npi", "1234567893", "director_born", "2020-06-30")...).
		Has(http.StatusUnprocessableEntity, "1234567893 is the NPI of the organization", `value="1234567893"`,
			"Enter a date of birth of somebody who is 18 or older", `value="2020-06-30"`)
	answer(maya, at+"/steps/licenses", right...).Goes(at)
	part := maya.HTMX().Post(at+"/steps/organization", "version", "1", "asked", "email", "email", "")
	part.IsPart(view.StepForm)
	part.Has(http.StatusUnprocessableEntity, "Enter the work email address")

	answer(maya, at+"/steps/organization", "npi", "1245319599", "later", "yes").Goes(at)
	maya.Get(at+"/steps/licenses").Has(http.StatusOK, "1245319599 is the NPI of the organization", `value="1245319599"`)
	maya.Get(at + "/steps/location").Lacks("There is a problem") // the control
}

func Test31TheTrackerAndTheFirstPageSayHowToGoOn(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	maya.Get("/join").Has(http.StatusOK, "What it takes", "About 20 questions")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	maya.Get(at).Has(http.StatusOK, `<a class="button" href="`+at+`/steps/organization">Go on: Your organization</a>`)
	maya.Get(at+"/steps/location").Has(http.StatusOK, `autocomplete="postal-code"`, `autocomplete="address-line1"`)
	maya.Post(at + "/withdrawal").Goes(at)
	maya.Get(at).Lacks("Go on:") // the control
}
