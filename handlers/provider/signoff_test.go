package provider_test

import (
	"net/url"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/browser"
)

// later puts the page's own clock forward, as waking up a computer does.
func later(v *browser.Tab, seconds string) {
	browser.Eval[bool](v, `(() => { const now = Date.now; Date.now = () => now() + `+seconds+` * 1000; return true })()`)
}

// covered waits until a page shows that its session is over, and nothing else.
func covered(t *testing.T, v *browser.Tab, name, back string) {
	t.Helper()
	v.Until("the page is covered", `document.querySelector("h1")?.textContent === "You were signed out"`)
	if all := browser.Eval[string](v, `document.title + document.body.outerHTML`); strings.Contains(all, name) {
		t.Errorf("the covered page still has %q in it: %s", name, all)
	}
	if to := browser.Eval[string](v, `document.querySelector("main a").getAttribute("href")`); to != "/sign-in?next="+
		url.QueryEscape(back) {
		t.Errorf("the covered page leads to %s", to)
	}
}

const warned = `document.querySelector("#sign-off [role=status]").textContent === "You will be signed out in 2 minutes."`

func TestAPageOfWorkWarnsBeforeItsSessionEndsAndShowsNothingAfterward(t *testing.T) {
	b := browser.Shared(t)
	site := webtest.Open(t)
	visit, alice := site.Visit(t, site.Clinic(), 0), site.Alice(t)
	chart := webtest.Workplace(site.Clinic()) + "/patients/" + visit.Patient.String()
	v := look(t, b, site, alice, chart)
	name := webtest.PatientName(site.Clinic())
	v.Sees(name)
	other := v.Another()
	other.Go(chart)
	later(other, "1690")
	later(v, "1690")
	v.Until("it warns", warned)
	other.Until("the other tab warns too", warned)
	v.Press("Stay signed in")
	v.Until("whoever stays is warned no more", `document.querySelector("#sign-off button").hidden`)
	other.Until("nor is the other tab", `document.querySelector("#sign-off button").hidden`)
	v.Sees(name)
	later(v, "1801")
	covered(t, v, name, chart)
	other.Sees(name) // control: its clock goes on as it did
	other.Press("Sign out")
	v.Go(chart)
	v.Sees("Sign in")
}

func TestSigningOutInOneTabOrSigningInAsSomebodyElseCoversTheOthers(t *testing.T) {
	b := browser.Shared(t)
	site := webtest.Open(t)
	visit, alice := site.Visit(t, site.Clinic(), 0), site.Alice(t)
	chart := webtest.Workplace(site.Clinic()) + "/patients/" + visit.Patient.String()
	name := webtest.PatientName(site.Clinic())
	v := look(t, b, site, alice, chart)
	other := v.Another()
	other.Go(webtest.Workplace(site.Clinic()))
	v.Sees(name)
	other.Press("Sign out")
	covered(t, v, name, chart)

	w := look(t, b, site, site.Alice(t), chart)
	w.Sees(name)
	next := w.Another()
	next.Cookies(site.Bob(t, "manager").Cookies())
	next.Go(webtest.Workplace(site.Clinic()))
	covered(t, w, name, chart)
}
