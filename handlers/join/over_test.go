package join_test

import (
	"net/http"
	"testing"
)

func TestWhatIsWithdrawnIsWithNobodyAndIsDeclaredAnewWhenItIsOpenAgain(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.sent(maya)
	maya.Get(at).Has(http.StatusOK, "With us")
	maya.Get(at).Lacks("Let a guest answer one step")
	maya.Post(at + "/withdrawal").Goes(at)
	page := maya.Get(at)
	page.Has(http.StatusOK, "Not done")
	page.Lacks("With us")
	page.Lacks("Let a guest answer one step")
	maya.Post(at + "/reopening").Goes(at)
	maya.Get(at).Has(http.StatusOK, "Let a guest answer one step")
	form := maya.Get(at + "/steps/agreement")
	form.Has(http.StatusOK, "Send the application")
	if got := form.Field("signer"); got != "" {
		t.Errorf("the name of before stands there: %q", got)
	}
	maya.Get(at+"/steps/organization").Has(http.StatusOK, "Save and continue", "Maya, owner") // the control: it stays
}

func TestOnlyTheOwnerIsLedToTheOrganizationsPages(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya"), w.Person(t, "Leo")
	at := w.sent(maya)
	w.join(maya, leo, at)
	w.approves(at)
	maya.Get(at).Has(http.StatusOK, "Your organization's pages")
	page := leo.Get(at)
	page.Has(http.StatusOK, "What patients see")
	page.Lacks("Your organization's pages")
}
