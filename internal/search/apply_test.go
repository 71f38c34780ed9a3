package search

import (
	"slices"
	"testing"

	"kindward/internal/events"
)

func TestTheListingsTakeExactlyTheKindsThatTheListGivesThem(t *testing.T) {
	for _, k := range events.Kinds {
		listed := slices.Contains(k.Consumers, events.Listings)
		if takes := concerns(k.Kind) != concernsNothing; takes != listed {
			t.Errorf("%s: taken %v, listed %v", k.Kind, takes, listed)
		}
		if concerns(k.Kind) == concernsTimes && !slices.Contains(k.Fields, "resource") {
			t.Errorf("%s concerns times and names no resource", k.Kind)
		}
	}
	if concerns("appointment.of-a-newer-release") != concernsTimes {
		t.Error("what is not known yet is passed over")
	}
}
