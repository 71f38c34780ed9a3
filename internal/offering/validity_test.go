package offering_test

import (
	"testing"
	"time"

	"kindward/internal/civil"
	"kindward/internal/offering"
)

func Test33ItIsSaidUntilWhenTimesAreShown(t *testing.T) {
	today := civil.Date{Year: 2026, Month: 11, Day: 29}
	for _, c := range []struct {
		days int
		want offering.Validity
	}{
		{-1, offering.Validity{Text: "Dr. X: license ended 28 November 2026: no times are shown; renew it.", Soon: true}},
		{0, offering.Validity{Text: "Dr. X: license ends 29 November 2026: times after that are not shown; renew it.",
			Soon: true}},
		{60, offering.Validity{Text: "Dr. X: license ends 28 January 2027: times after that are not shown; renew it.",
			Soon: true}},
		{61, offering.Validity{Text: "Dr. X: license ends 29 January 2027: times after that are not shown."}},
	} {
		until := today.AddDays(c.days).Start(time.UTC)
		if got := offering.ValidityOf("Dr. X", "license", &until, today); got != c.want {
			t.Errorf("%d days: %+v, not %+v", c.days, got, c.want)
		}
	}
	if got := offering.ValidityOf("Dr. X", "license", nil, today); got != (offering.Validity{}) {
		t.Errorf("without a bound: %+v", got)
	}
}
