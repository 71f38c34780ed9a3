package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

var applicationPath = regexp.MustCompile(`/ops/onboarding/[0-9a-f-]{36}`)

// onboardingPages are those of a reviewer, about the applications of the demo.
func onboardingPages(t testing.TB, site *sitetest.Site) []visit {
	t.Helper()
	rita := site.SignedIn(t, "reviewer@example.test")
	sent := applicationPath.FindString(rita.Get(t, "/ops/onboarding?kind=laboratory").Body)
	returned := applicationPath.FindString(rita.Get(t, "/ops/onboarding?whose=applicant&kind=home_care&state=RI").Body)
	if sent == "" || returned == "" {
		t.Fatalf("the demo's applications: %q, %q", sent, returned)
	}
	if a := rita.Post(t, sent+"/claim", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("not claimed: %d\n%s", a.Status, a.Body)
	}
	wrong := url.Values{"about": {"Something else"}}
	return []visit{
		{name: "onboarding", route: "onboarding", path: "/ops/onboarding", as: rita},
		{name: "onboarding-applicant", route: "onboarding", path: "/ops/onboarding?whose=applicant", as: rita},
		{name: "onboarding-empty", route: "onboarding", path: "/ops/onboarding?whose=decided&kind=laboratory", as: rita},
		{name: "definition", route: "definition", path: "/ops/onboarding/definitions", as: rita},
		{name: "changes", route: "changes", path: "/ops/changes", as: rita},
		{name: "application-claimed", route: "application", path: sent, as: rita},
		{name: "application-returned", route: "application", path: returned, as: rita},
		{name: "rejection", route: "new rejection", path: sent + "/rejection", as: rita},
		{name: "rejection-wrong", route: "new rejection", path: sent + "/rejection", as: rita, status: 422,
			act: func(v *browser.Tab) {
				v.Press("Reject the application")
				v.Sees("There is a problem")
			}, served: func(t testing.TB) sitetest.Answer { return rita.Post(t, sent+"/rejection", nil) }},
		{name: "application-wrong", route: "application", path: sent, as: rita, status: 422, act: func(v *browser.Tab) {
			v.Press("Ask for more")
			v.Press("Give it back")
			v.Sees("There is a problem")
		}, served: func(t testing.TB) sitetest.Answer { return rita.Post(t, sent+"/return", wrong) }},
	}
}
