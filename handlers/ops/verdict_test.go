package ops

import (
	"testing"

	"kindward/queries/shareddb"
)

func TestListingsThatCannotBeShownNeedAPerson(t *testing.T) {
	for leftOut, want := range map[int64]string{0: "Nothing needs a person now.",
		1: "1 listing that cannot be shown needs a person.", 3: "3 listings that cannot be shown need a person."} {
		if got := verdict(shareddb.OpenStaffWorkRow{}, leftOut, 0); got != want {
			t.Errorf("%d: %q", leftOut, got)
		}
		if task := listingsTask(leftOut); (task.Tone == "good") != (leftOut == 0) {
			t.Errorf("%d: %+v", leftOut, task)
		}
	}
	if got := verdict(shareddb.OpenStaffWorkRow{}, 0, 2); got != "2 parts of the site that are behind need a person." {
		t.Errorf("%q", got)
	}
}
