package patient

import (
	"strings"
	"testing"

	"kindward/internal/search"
)

func TestACardSaysNoFactTwiceAndWhomSomebodySeesWhereThatIsUnusual(t *testing.T) {
	for _, c := range []struct {
		why, tag string
		ages     search.Ages
		shown    bool
	}{
		{"Soonest near you", "Replies in", search.Ages{}, true},
		{"Free today, replies in about an hour", "Replies in", search.Ages{}, false},
		{"", "4.5 from 50 visits", search.Ages{}, true},
		{"4.5 from 50 visits, free today", "4.5 from 50 visits", search.Ages{}, false},
		{"", "Sees children up to 17", search.Ages{To: 17}, true},
		{"", "Sees ", search.Ages{From: 18}, false},
		{"", "Sees ", search.Ages{}, false},
	} {
		l := search.Listing{Rating: 4.5, Ratings: 50, ResponseMinutes: 62, Ages: c.ages}
		shown := false
		for _, tag := range tags(search.Hit{Listing: &l, Km: -1}, c.why) {
			shown = shown || strings.HasPrefix(tag.Text, c.tag)
		}
		if shown != c.shown {
			t.Errorf("%q with %q: %v", c.tag, c.why, shown)
		}
	}
}
