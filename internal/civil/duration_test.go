package civil

import (
	"testing"
	"time"
)

func TestALengthIsToldInTheUnitThatPeopleCountItIn(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Minute: "1 minute", 10 * time.Minute: "10 minutes", time.Hour: "60 minutes", 90 * time.Minute: "90 minutes",
		2 * time.Hour: "120 minutes", 150 * time.Minute: "150 minutes", 3 * time.Hour: "3 hours", 72 * time.Hour: "72 hours",
		7 * 24 * time.Hour: "7 days", 100 * time.Hour: "100 hours",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
