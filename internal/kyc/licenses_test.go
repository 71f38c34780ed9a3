package kyc_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kindward/internal/civil"
	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
)

func TestALicenseIsGoodOnItsDaysAndOfWhoeverHasIt(t *testing.T) {
	now := time.Date(2027, 3, 5, 12, 0, 0, 0, time.UTC)
	register := &simulator.Licenses{Name: "Harbor Health, Inc.", Now: func() time.Time { return now }}
	server := httptest.NewServer(register)
	defer server.Close()
	ours := kyc.NewLicenses(server.URL)
	for number, want := range map[string]struct {
		result kyc.Result
		says   string
	}{
		"LCI01234":                 {kyc.Pass, ""},
		simulator.LicenseUnknown:   {kyc.Fail, "does not know this license"},
		simulator.LicenseSuspended: {kyc.Fail, "is suspended"},
		simulator.LicenseExpired:   {kyc.Fail, "has expired on 4 March 2027"},
		simulator.LicenseLater:     {kyc.Fail, "begins on 6 March 2027"},
		simulator.LicenseOthers:    {kyc.Review, "The license is Somebody Else"},
		simulator.LicenseNoName:    {kyc.Review, "does not say whose"},
		simulator.LicenseAnother:   {kyc.Error, "did not answer"},
		simulator.LicenseNoDay:     {kyc.Error, "did not answer"},
		simulator.LicenseGarbage:   {kyc.Error, "did not answer"},
		simulator.LicenseDown:      {kyc.Error, "did not answer"},
		simulator.LicenseTooMany:   {kyc.Error, "did not answer"},
		simulator.LicenseOddStatus: {kyc.Fail, "does not count"},
	} {
		got := ours.Check(t.Context(), "RI", number, "Harbor Health", civil.DateOf(now))
		if got.Result != want.result || !strings.Contains(got.Reason, want.says) || want.says == "" && got.Reason != "" {
			t.Errorf("%s: %+v, not %s", number, got, want.result)
		}
		if want.result == kyc.Pass && (got.Facts[kyc.FactFrom] != "2026-03-05" || got.Facts[kyc.FactUntil] != "2028-03-05") {
			t.Errorf("it is good from %v", got.Facts)
		}
	}
	for day, want := range map[string]kyc.Result{"2026-03-04": kyc.Fail, "2026-03-05": kyc.Pass, "2028-03-05": kyc.Pass,
		"2028-03-06": kyc.Fail} {
		today, _ := civil.ParseDate(day)
		if got := ours.Check(t.Context(), "RI", "LCI01234", "Harbor Health", today); got.Result != want {
			t.Errorf("on %s: %+v, not %s", day, got, want)
		}
	}
	server.Close()
	if got := ours.Check(t.Context(), "RI", "LCI01234", "Harbor Health", civil.DateOf(now)); got.Result != kyc.Error {
		t.Errorf("of nobody: %+v", got)
	}
}
