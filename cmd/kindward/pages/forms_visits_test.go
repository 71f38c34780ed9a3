package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

var sequence = regexp.MustCompile(`name="sequence" value="(\d+)"`)

// formsPages are those on which one of the staff writes what patients are asked and another publishes it.
func formsPages(t testing.TB, site *sitetest.Site) []visit {
	t.Helper()
	const form = "/ops/forms/intake"
	rita, omar := site.SignedIn(t, "reviewer@example.test"), site.SignedIn(t, "operator@example.test")
	question := url.Values{"base": {"1"}, "sequence": {"0"}, "section": {"general"}, "old": {""}, "variable": {"pain"},
		"label": {"How bad is it?"}, "type": {"number"}, "unit": {"points of 10"}, "when": {`reason != ""`}}
	if a := rita.Post(t, form+"/question", question); a.Status != http.StatusSeeOther {
		t.Fatalf("no draft: %d\n%s", a.Status, a.Body)
	}
	wrong := url.Values{"base": {"1"}, "sequence": {sequence.FindStringSubmatch(rita.Get(t, form).Body)[1]},
		"section": {"general"}, "old": {""}}
	return []visit{
		{name: "forms", route: "forms", path: "/ops/forms", as: rita},
		{name: "intake-form", route: "intake form", path: form, as: omar},
		{name: "intake-version", route: "intake version", path: form + "/versions/1", as: rita},
		{name: "intake-preview", route: "intake preview", path: form + "/preview", as: rita},
		{name: "intake-text", route: "intake text", path: form + "/text", as: rita},
		{name: "intake-question-wrong", route: "intake question", path: form + "/question?section=general", as: rita,
			status: 422, act: func(v *browser.Tab) {
				v.Press("Add the question")
				v.Sees("There is a problem")
			}, served: func(t testing.TB) sitetest.Answer { return rita.Post(t, form+"/question", wrong) }},
	}
}
