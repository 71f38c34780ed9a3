package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/document"
	"kindward/internal/document/simulator"
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
	people, guests := at+"/participants", at+"/guest-links"
	asked := founder.Post(t, at+"/invitations", url.Values{"email": {"nora@example.test"}})
	if asked.Status != http.StatusSeeOther {
		t.Fatalf("nobody is invited: %d\n%s", asked.Status, asked.Body)
	}
	made := founder.Post(t, guests, url.Values{"step": {"licenses"}})
	documents := documentStates(t, site)
	return []visit{
		{name: "join-documents-states", route: "step", path: documents.path, as: documents.as},
		{name: "join-people", route: "participants", path: people, as: founder},
		{name: "join-people-wrong", route: "participants", path: people, as: founder, status: 422, act: func(v *browser.Tab) {
			v.Press("Send invitation")
			v.Sees("There is a problem")
		}, served: func(t testing.TB) sitetest.Answer { return founder.Post(t, at+"/invitations", nil) }},
		{name: "join-invitation", route: "applicant invitation",
			path: link(t, site, "nora@example.test", "fill in an application", `/join/\S+`)},
		{name: "join-guests", route: "guest links", path: guests, as: founder},
		{name: "join-guest", route: "guest step", path: guestPath(t, made)},
		{name: "join", route: "join", path: "/join"},
		{name: "join-begun", route: "join", path: "/join", as: founder},
		{name: "join-chosen", route: "join", path: "/join?kind=clinic&state=MA&number=1234567893", as: founder},
		{name: "join-tracker", route: "tracker", path: at, as: founder},
		{name: "join-step", route: "step", path: at + "/steps/organization", as: founder},
		{name: "join-documents", route: "step", path: at + "/steps/documents", as: founder},
		contractToSign(t, site),
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

// contractToSign is the contract of an application that has a name by now.
func contractToSign(t testing.TB, site *sitetest.Site) visit {
	t.Helper()
	manager := site.SignedIn(t, "manager@example.test")
	before, _, _ := strings.Cut(manager.Get(t, "/join").Body, "Blackstone")
	at := before[max(0, strings.LastIndex(before, "/join/")):]
	at = at[:min(len(at), len("/join/")+36)]
	step := at + "/steps/organization"
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(manager.Get(t, step).Body)
	if version == nil {
		t.Fatal("no step of an application is found")
	}
	a := manager.Post(t, step, url.Values{"version": version[1:], "npi": {"1715328401"},
		"asked": {"npi name known_as phone email contact"},
		"name":  {"Blackstone Family Practice PC"}, "phone": {"401-555-0142"}, "email": {"office@example.org"},
		"contact": {"Manuel Ortiz, manager"}})
	if a.Status != http.StatusSeeOther || a.Location == step {
		t.Fatalf("a step is not saved: %d\n%s", a.Status, a.Body)
	}
	return visit{name: "join-contract", route: "step", path: at + "/steps/contract", as: manager}
}

// guestPath is the link that a page shows which has just made it.
func guestPath(t testing.TB, made sitetest.Answer) string {
	t.Helper()
	_, after, found := strings.Cut(made.Body, "/guest/")
	before, _, _ := strings.Cut(made.Body, "/guest/")
	secret, _, _ := strings.Cut(after, "<")
	if !found {
		t.Fatalf("no link was made: %d", made.Status)
	}
	return before[strings.LastIndex(before, "/join/"):] + "/guest/" + secret
}

// documentStates is a page of documents of which one is being scanned, one has a virus, one is on its way.
func documentStates(t testing.TB, site *sitetest.Site) visit {
	t.Helper()
	founder := site.SignedIn(t, "owner@example.test")
	at := founder.Post(t, "/join", url.Values{"kind": {"laboratory"}, "state": {"MA"}, "number": {"1234567893"},
		"key": {"k"}, "anyway": {"yes"}}).Location
	page := visit{path: at + "/steps/documents", as: founder}
	send := func(kind, mark string) {
		t.Helper()
		a := founder.Upload(t, at+"/documents", kind+".pdf", document.Sample(mark), url.Values{"step": {"documents"},
			"kind": {kind}, "expires-" + kind: {"2031-01-01"}})
		if a.Location != page.path {
			t.Fatalf("%s is not sent: %d\n%s", kind, a.Status, a.Body)
		}
	}
	send("w9", simulator.MarkFound)
	for end := time.Now().Add(time.Minute); !strings.Contains(page.get(t).Body, "A virus was found"); {
		if time.Sleep(100 * time.Millisecond); time.Now().After(end) {
			t.Fatal("no virus is found")
		}
	}
	send("insurance", "a certificate")
	return page
}
