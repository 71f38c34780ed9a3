// Package pages_test looks at every page of the running program, in the states that differ: it is accessible, valid,
// light, and says what browsers must not do with it.
package pages_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
	"kindward/static"
)

// noPage are the addresses of the table that answer with something else than a page.
var noPage = []string{"health", "ready", "static", "favicon", "calendar", "export access log", "export audit",
	"export sealed audit", "document", "contract", "progress", "api listings", "api slots", "api appointments",
	"api import", "api import rows", "upload", "guest upload"}

// dead counts the buttons and forms that can be seen and do nothing without a script.
const dead = `[...document.querySelectorAll("button, form")].filter(e => e.checkVisibility())
	.filter(e => e.matches("button") ? !e.form : !e.getAttribute("action")).length`

func TestEveryPageOfTheTableIsLookedAt(t *testing.T) {
	site := sitetest.Open(t)
	var seen []string
	for _, v := range visits(t, site) {
		seen = append(seen, v.route)
	}
	for _, r := range inProcess(t, site).Routes {
		if r.Method == http.MethodGet && !slices.Contains(noPage, r.Name) && !slices.Contains(seen, r.Name) && !elsewhere(r) {
			t.Errorf("nobody looks at %s (%s)", r.Path, r.Name)
		}
	}
}

// widths are a desk and a phone.
var widths = []int{1440, 390}

func TestEveryPageIsAccessibleInBothColorsAndWidths(t *testing.T) {
	browser.NeedTools(t)
	onTour(t, func(v *browser.Tab, t *testing.T, n int, p visit) {
		v.Resize(widths[0], 900)
		v.Go(p.path)
		if p.act != nil {
			p.act(v)
		} else if v.Status() != p.status {
			t.Errorf("answered with %d, not %d", v.Status(), p.status)
		}
		if n := browser.Eval[int](v, `document.querySelectorAll("h1").length`); n != 1 || v.Heading() == "" {
			t.Errorf("%d h1, the first %q", n, v.Heading())
		}
		if title := browser.Eval[string](v, "document.title"); !strings.Contains(title, "Kindward") {
			t.Errorf("title %q", title)
		}
		for i, width := range widths { // each width and each color once a page, the other way round on every second one
			scheme := []string{"light", "dark"}[(i+n)%2]
			v.Resize(width, 900)
			v.Prefer(scheme, "screen")
			for _, finding := range v.Axe() {
				t.Errorf("%d %s: %s", width, scheme, finding)
			}
		}
		for _, width := range []int{320, 768, 960, 1920} {
			v.Resize(width, 800)
			if wide := v.Sideways(); wide != "" {
				t.Errorf("at %d px: %s", width, wide)
			}
		}
		for _, nameless := range v.NamelessCells() {
			t.Error(nameless)
		}
		for _, idle := range v.Unprintable() {
			t.Errorf("is printed: %s", idle)
		}
		v.Prefer("light", "screen")
		for _, wrong := range v.DoubleText() {
			t.Error(wrong)
		}
	})
}

func TestEveryPageWorksWithoutScripts(t *testing.T) {
	onTour(t, func(v *browser.Tab, t *testing.T, _ int, p visit) {
		if p.act != nil { // the journeys do these without scripts
			return
		}
		v.Go(p.path)
		if v.Status() != p.status || v.Heading() == "" {
			t.Errorf("answered with %d, and says %q", v.Status(), v.Heading())
		}
		if wide := v.Sideways(); wide != "" {
			t.Errorf("at 320 px: %s", wide)
		}
		if n := browser.Eval[int](v, dead); n > 0 && p.name != "styleguide" {
			t.Errorf("%d buttons or forms that do nothing without a script", n)
		}
		for _, wrong := range v.DoubleText() {
			t.Error(wrong)
		}
	}, sitetest.NoScript, func(o *browser.Options) { o.Width = 320 })
}

// look is what is done with one page; the n-th is told its number.
type look func(v *browser.Tab, t *testing.T, n int, p visit)

// onTour looks at every page of visitors, patients and providers.
func onTour(t *testing.T, look look, how ...func(*browser.Options)) {
	t.Helper()
	site := sitetest.Open(t)
	onTourOf(t, site, visits(t, site), look, how...)
}

// onTourOf looks at pages, which say nothing on the console of the browser.
func onTourOf(t *testing.T, site *sitetest.Site, all []visit, look look, how ...func(*browser.Options)) {
	t.Helper()
	n := 0
	for _, tour := range tours(all) {
		first := n
		n += len(tour)
		t.Run(tour[0].name+" and more", func(t *testing.T) {
			t.Parallel()
			tab := site.Visit(t, append(slices.Clone(how), tour[0].as.Browser(t))...)
			for i, p := range tour {
				t.Run(p.name, func(t *testing.T) {
					v := tab.For(t)
					look(v, t, first+i, p)
					sitetest.Silent(t, v)
				})
			}
		})
	}
}

// tours are the pages in parts: what one person looks at in one tab, a page after the other. A tab of its own for each
// page, with a process and nothing compiled, takes twice as long.
func tours(all []visit) (tours [][]visit) {
	const most = 12
	open := map[*sitetest.Person]int{}
	for _, v := range all {
		at, begun := open[v.as]
		if !begun || v.act != nil || len(tours[at]) == most {
			at = len(tours)
			tours = append(tours, nil)
		}
		if tours[at] = append(tours[at], v); v.act == nil {
			open[v.as] = at
		}
	}
	return tours
}

func TestTheMarkupOfEveryPageIsValid(t *testing.T) {
	browser.NeedTools(t)
	site := sitetest.Open(t)
	dir := t.TempDir()
	for _, p := range visits(t, site) {
		if err := os.WriteFile(filepath.Join(dir, p.name+".html"), []byte(p.get(t).Body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, finding := range browser.HTMLValidate(t, dir) {
		t.Error(finding)
	}
}

// policy is the one of the design language, word for word.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// securityHeaders stand in every answer, once.
var securityHeaders = map[string]string{"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
	"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin"}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	site := sitetest.Open(t)
	check := func(name string, r sitetest.Answer, status int) {
		t.Helper()
		if r.Status != status {
			t.Errorf("%s: answered with %d, not %d", name, r.Status, status)
		}
		for header, want := range securityHeaders {
			if got := r.Header.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if r.Header.Get("Permissions-Policy") == "" || r.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no Permissions-Policy, or no name for the request", name)
		}
	}
	for _, p := range visits(t, site) {
		r := p.get(t)
		check(p.name, r, p.status)
		for _, inline := range []string{" style=", "<style", "hx-on", "<script>"} {
			if strings.Contains(r.Body, inline) {
				t.Errorf("%s: a style, a script or a handler stands in the page: %s", p.name, inline)
			}
		}
	}
	guest := site.Person(t)
	holds, strep := "/places/"+sitetest.Wickenden+"/holds", site.TimesAt(t, sitetest.Wickenden, "Strep")
	noTime := url.Values{"listing": {strings.Split(strep, "/")[4]}, "start": {"noon"}}
	check("no such page", guest.Get(t, "/no/such/page"), 404)
	check("two readings", guest.Get(t, "/places/%2e%2e/bookings"), 404)
	check("wrong method", guest.Post(t, "/privacy", nil), 405)
	check("no time", guest.Post(t, holds, noTime), 422)
	check("too much", guest.Post(t, "/sign-in", url.Values{"email": {strings.Repeat("x", 70_000)}}), 413)
	file := guest.Get(t, static.Path("app.js")) // what only documents obey would be weight without effect
	if file.Status != 200 || file.Header.Get("X-Content-Type-Options") != "nosniff" ||
		file.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("a file: %d, %v", file.Status, file.Header)
	}
	check("no such file", guest.Get(t, "/static/app.js"), 404)
	check("health", guest.Get(t, "/healthz"), 200)
	check("to sign in", guest.Get(t, "/bookings"), 303)
	check("from elsewhere", guest.PostFrom(t, "https://elsewhere.example", "/sign-in", url.Values{}), 403)
	greedy := site.Person(t)
	greedy.Hold(t, strep)
	greedy.Hold(t, site.TimesAt(t, sitetest.FoxPoint, "Strep"))
	greedy.Hold(t, site.TimesAt(t, sitetest.Blackstone, "blood"))
	tried := false
	for _, times := range site.OtherTimes(t) {
		var fourth sitetest.Answer
		if fourth, tried = greedy.TryHold(t, times); tried {
			check("a fourth time at once", fourth, 429)
			break
		}
	}
	if !tried {
		t.Error("nobody else has a time")
	}
}
