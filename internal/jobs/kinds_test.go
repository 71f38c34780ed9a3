package jobs

import (
	"slices"
	"testing"

	"kindward/internal/events"
)

func TestMessagesAreMadeOfExactlyTheKindsThatTheListGivesThem(t *testing.T) {
	t.Parallel()
	known := 0
	for _, k := range events.Kinds {
		listed := slices.Contains(k.Consumers, events.Messages)
		if _, takes := messageOf[k.Kind]; takes != listed && !slices.Contains([]events.Kind{events.EmailQueued,
			events.AccountChanged, events.ImportStarted}, k.Kind) {
			t.Errorf("%s: taken %v, listed %v", k.Kind, takes, listed)
		} else if takes {
			known++
		}
	}
	if known != len(messageOf) {
		t.Errorf("%d of %d kinds that become messages are in the list", known, len(messageOf))
	}
}
