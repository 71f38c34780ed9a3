package offering

import "testing"

func Test310WhatIsLeftFollowsFromWhatIsThere(t *testing.T) {
	for _, c := range []struct {
		kind string
		has  Counts
		left int
	}{
		{"clinic", Counts{}, 4}, {"laboratory", Counts{}, 3}, {"home_care", Counts{Locations: 1, Services: 1}, 1},
		{"clinic", Counts{Locations: 1, Services: 2, Hours: 1}, 1}, {"clinic", Counts{1, 1, 1, 1}, 0},
		{"laboratory", Counts{Locations: 1, Services: 1, Hours: 1}, 0},
	} {
		if got := LeftOf(Parts(c.kind, c.has)); got != c.left {
			t.Errorf("%s %+v: %d are left, not %d", c.kind, c.has, got, c.left)
		}
	}
}
