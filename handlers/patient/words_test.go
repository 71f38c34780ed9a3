package patient

import (
	"maps"
	"slices"
	"testing"

	"kindward/internal/booking"
	"kindward/internal/search"
)

// same tells whether a page's map has a name for each word of a list and for no other.
func same[T any](names map[string]T, list []string) bool {
	return slices.Equal(slices.Sorted(maps.Keys(names)), slices.Sorted(slices.Values(list)))
}

func TestPatientsReadANameForEveryStatusAndKindAndForNoOtherWord(t *testing.T) {
	if !same(states, booking.VisitStatuses()) {
		t.Errorf("states of %v, not of %v", slices.Sorted(maps.Keys(states)), booking.VisitStatuses())
	}
	if !same(kinds, search.OrganizationKinds()) {
		t.Errorf("kinds %v, not %v", slices.Sorted(maps.Keys(kinds)), search.OrganizationKinds())
	}
	if same(kinds, append(search.OrganizationKinds(), "pharmacy")) {
		t.Error("control: a kind without a name is not noticed")
	}
}

func TestASentenceBeginsWithACapitalInAnyScript(t *testing.T) {
	for in, want := range map[string]string{"": "", "clinic": "Clinic", "árbol clinic": "Árbol clinic", "Ärzte": "Ärzte"} {
		if got := capital(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}
