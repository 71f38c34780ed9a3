package pages_test

import (
	"net/http"
	"net/url"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// joinPages are those of somebody whose organization wants to join.
func joinPages(t testing.TB, site *sitetest.Site) []visit {
	t.Helper()
	founder := site.SignedIn(t, leo)
	a := founder.Post(t, "/join", url.Values{"kind": {"laboratory"}, "state": {"RI"}, "number": {"1234567893"},
		"key": {"k"}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("no application: %d\n%s", a.Status, a.Body)
	}
	at := a.Location
	licenses := at + "/steps/licenses"
	wrong := url.Values{"asked": {"clia certificate"}, "version": {"1"}, "clia": {"12"}}
	return []visit{
		{name: "join", route: "join", path: "/join"},
		{name: "join-begun", route: "join", path: "/join", as: founder},
		{name: "join-chosen", route: "join", path: "/join?kind=clinic&state=MA&number=1234567893", as: founder},
		{name: "join-tracker", route: "tracker", path: at, as: founder},
		{name: "join-step", route: "step", path: at + "/steps/organization", as: founder},
		{name: "join-step-because", route: "step", as: founder,
			path: licenses + "?asked=certificate+stations&certificate=accreditation&stations=yes&version=1"},
		{name: "join-wrong", route: "join", path: "/join", status: 422, act: func(v *browser.Tab) {
			v.Press("Begin the application")
			v.Sees("There is a problem")
		}, served: func(t testing.TB) sitetest.Answer { return site.Person(t).Post(t, "/join", nil) }},
		{name: "join-step-wrong", route: "step", path: licenses, as: founder, status: 422, act: func(v *browser.Tab) {
			v.Press("Save and continue")
			v.Sees("There is a problem")
		}, served: func(t testing.TB) sitetest.Answer { return founder.Post(t, licenses, wrong) }},
	}
}
