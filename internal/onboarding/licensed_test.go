package onboarding

import (
	"net/http/httptest"
	"testing"
	"time"

	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
)

func TestALicenseEndsWithItsLastDayWhereItsStateIs(t *testing.T) {
	issued := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	server := httptest.NewServer(&simulator.Licenses{Now: func() time.Time { return issued }}) // good until 5 March 2027
	defer server.Close()
	for _, state := range States {
		for at, want := range map[string]Result{"2027-03-06T04:59:59Z": Pass, "2027-03-06T05:00:00Z": Fail} {
			now, _ := time.Parse(time.RFC3339, at)
			c := Checks{Licenses: kyc.NewLicenses(server.URL), Now: func() time.Time { return now }}
			if got := c.licensed(t.Context(), state, map[string]string{"license": "LCI01234",
				"name": "Harbor"}); got.Result != want {
				t.Errorf("%s at %s: %+v, not %s", state, at, got, want)
			}
		}
	}
}
