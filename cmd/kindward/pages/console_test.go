package pages_test

import (
	"net/url"
	"regexp"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// consolePages are the pages of the console, each as somebody of the staff sees it whose work is there.
func consolePages(t testing.TB, site *sitetest.Site) []visit {
	t.Helper()
	support, officer := site.SignedIn(t, "support@example.test"), site.SignedIn(t, "compliance@example.test")
	operator, administrator := site.SignedIn(t, "operator@example.test"), site.SignedIn(t, "administrator@example.test")
	return []visit{
		{name: "ops-overview", path: "/ops", as: support},
		{name: "ops-people", path: found(t, support, "example.test"), as: support},
		{name: "ops-organizations", path: "/ops/organizations", as: support},
		{name: "ops-availability", path: "/ops/organizations/" + sitetest.FoxPoint + "/availability", as: support},
		{name: "ops-person", path: personOf(t, support, "owner@example.test"), as: support},
		{name: "ops-emergency-access", path: "/ops/emergency-access", as: operator},
		{name: "ops-alerts", path: "/ops/alerts", as: officer},
		{name: "ops-audit", path: "/ops/audit", as: officer},
		{name: "ops-staff", path: "/ops/staff", as: administrator},
		{name: "ops-policies", path: "/ops/policies", as: administrator},
		{name: "ops-health", path: "/ops/health", as: operator},
	}
}

// found is the page of the people whom support finds.
func found(t testing.TB, support *sitetest.Person, asked string) string {
	t.Helper()
	return support.Post(t, "/ops/people", url.Values{"q": {asked}}).Location
}

// personOf is the page that support has of somebody.
func personOf(t testing.TB, support *sitetest.Person, email string) string {
	t.Helper()
	path := regexp.MustCompile(`/ops/people/[0-9a-f-]{36}`).FindString(support.Get(t, found(t, support, email)).Body)
	if path == "" {
		t.Fatalf("support does not find %s", email)
	}
	return path
}

// tooWide are the tables of a page, and what stands around them, that are wider than their box or beside the screen.
const tooWide = `[...document.querySelectorAll("main table, main .table, nav.side li a")].filter(e =>
	e.scrollWidth > e.clientWidth && getComputedStyle(e).display !== "inline" ||
	e.getBoundingClientRect().right > document.documentElement.clientWidth)
	.map(e => e.tagName + " " + e.className + ": " + e.innerText.slice(0, 40)).join("; ")`

func TestOnAPhoneNoTableOfTheConsoleIsWiderThanItsBox(t *testing.T) {
	site := sitetest.Open(t)
	onTourOf(t, site, consolePages(t, site), func(v *browser.Tab, t *testing.T, _ int, p visit) {
		v.Resize(320, 800)
		v.Go(p.path)
		if v.Status() != 200 {
			t.Fatalf("answered with %d", v.Status())
		}
		if wide := browser.Eval[string](v, tooWide); wide != "" {
			t.Errorf("wider than its box: %s", wide)
		}
		for _, nameless := range v.NamelessCells() {
			t.Error(nameless)
		}
		for _, width := range []int{960, 1200, 1440} {
			v.Resize(width, 900)
			if wide := v.Sideways(); wide != "" {
				t.Errorf("at %d px: %s", width, wide)
			}
		}
		for _, wrong := range v.DoubleText() {
			t.Error(wrong)
		}
	}, sitetest.Phone)
}
