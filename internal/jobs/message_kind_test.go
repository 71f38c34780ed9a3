package jobs

import (
	"maps"
	"slices"
	"testing"

	"kindward/internal/notify"
)

func TestEveryKindOfMessageFollowsAnEventAndNoOtherDoes(t *testing.T) {
	t.Parallel()
	got, want := slices.Sorted(maps.Values(messageOf)), slices.Sorted(slices.Values(notify.MessageKinds()))
	if !slices.Equal(got, want) {
		t.Errorf("events are told of as %v, the list is %v", got, want)
	}
}
