package booking

import (
	"reflect"
	"slices"
	"testing"
)

func TestWhatABookingSharesIsWhatPeopleAreToldThatItShares(t *testing.T) {
	given := map[string]string{"Name": "name", "Phone": "phone", "Email": "email", "Born": "born", "PayerID": "payer",
		"Note": "note", "Home": "address"}
	ofTheVisit := []string{"PlanKnown", "Mode", "ConsentVersion", "ConsentText", "ConsentStands"}
	details := reflect.TypeFor[Details]()
	for i := range details.NumField() {
		name := details.Field(i).Name
		if slices.Contains(ofTheVisit, name) {
			continue
		}
		if !slices.Contains(sharedFields(), given[name]) {
			t.Errorf("%s goes to the organization and consent.SharedFields does not say so", name)
		}
	}
	if len(sharedFields()) != len(given) {
		t.Errorf("told is %v, given %v", sharedFields(), given)
	}
}
