package browser_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindward/internal/browser"
)

// faulty has one fault for each thing that is looked for.
const faulty = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Faulty</title></head><body><main><h1>Faulty</h1>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==">
<p id="pale" style="color:#ccc;width:2000px">Too pale and too wide</p><p id="pale">The same id</p>
<p class="short" style="width:200px;overflow:hidden;white-space:nowrap">Fits once, not twice</p>
<table class="data"><thead><tr><th>Name<th>Role</thead><tbody><tr><th>Ana<td data-label="Since">Owner</table><p class="paper">Of whom
<button>Below</button><div style="position:fixed;inset:0;background:#fff8" class="veil"></div>
</main><script>console.log("inside"); undefinedThing()</script></body></html>`

const sound = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sound</title></head><body><main><h1>Sound</h1>
<form action="/next" method="get"><label for="name">Name</label><input id="name" name="name" type="text"><button type="submit">Go on</button></form></main></body></html>`

func site(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/faulty":
			fmt.Fprint(w, faulty)
		case "/strict":
			w.Header().Set("Content-Security-Policy", "default-src 'none'")
			fmt.Fprint(w, faulty)
		case "/address":
			fmt.Fprintf(w, "<!doctype html><title>Address</title><h1>From %s.</h1>", r.Header.Get("X-Forwarded-For"))
		case "/next":
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, "<!doctype html><title>Next</title><h1>%s</h1>", html.EscapeString(r.URL.Query().Get("name")))
		default:
			fmt.Fprint(w, sound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func start(t *testing.T) *browser.Browser {
	t.Helper()
	browser.NeedTools(t)
	b, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	return b
}

func has(lines []string, word string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, word) })
}

func TestWhatIsWrongWithAPageIsFound(t *testing.T) {
	v := start(t).Visit(t, browser.Options{Home: site(t), Width: 390})
	v.Go("/faulty")
	findings := v.Axe()
	for _, rule := range []string{"image-alt", "color-contrast"} {
		if !has(findings, rule) {
			t.Errorf("axe-core does not find %s among %q", rule, findings)
		}
	}
	if v.Sideways() == "" {
		t.Error("the page is too wide, and nobody sees it")
	}
	if !has(v.NamelessCells(), "called Since, not Role") || !has(v.Covered(), "Below") ||
		!has(v.Unprintable(), "Below") {
		t.Error("a cell of another name, a button under a veil or one on paper is not found")
	}
	if len(v.CutOff()) > 0 {
		t.Errorf("what fits is called cut off: %q", v.CutOff())
	}
	if wrong := v.DoubleText(); !has(wrong, "cut off p.short: Fits once") || !has(wrong, " px in ") {
		t.Errorf("with letters twice as large this is found: %q", wrong)
	}
	if said := v.Console(); !has(said, "inside") || !has(said, "undefinedThing") {
		t.Errorf("the console is not heard: %q", said)
	}
	v.Go("/strict")
	if !has(v.Console(), "Content Security Policy") {
		t.Errorf("what a policy blocks is not heard: %q", v.Console())
	}
}

func TestNothingIsFoundOnASoundPageAndItCanBeUsedWithAndWithoutScripts(t *testing.T) {
	b, home := start(t), site(t)
	for _, noScript := range []bool{false, true} {
		v := b.Visit(t, browser.Options{Home: home, NoScript: noScript})
		v.Go("/")
		if !noScript {
			if findings := v.Axe(); len(findings) > 0 {
				t.Errorf("axe-core: %q", findings)
			}
		}
		if wide := v.Sideways(); wide != "" {
			t.Error(wide)
		}
		v.Type("Name", "Inês & <co>")
		v.Press("Go on")
		v.Sees("Inês & <co>")
		if v.Status() != http.StatusTeapot || v.Path() != "/next" {
			t.Errorf("%d at %s", v.Status(), v.Path())
		}
		v.Back()
		v.Sees("Sound")
		if said := v.Console(); len(said) > 0 {
			t.Errorf("console: %q", said)
		}
	}
}

func TestHTMLValidateFindsTwoElementsWithOneID(t *testing.T) {
	browser.NeedTools(t)
	dir := t.TempDir()
	for name, page := range map[string]string{"faulty.html": faulty, "sound.html": sound} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	findings := browser.HTMLValidate(t, dir)
	if !has(findings, "no-dup-id") || has(findings, "sound.html") {
		t.Errorf("%q", findings)
	}
}

func TestAVisitorComesFromTheirAddressInEveryTab(t *testing.T) {
	b, home := start(t), site(t)
	there, nowhere := b.Visit(t, browser.Options{Home: home, Address: "10.1.2.7"}), b.Visit(t, browser.Options{Home: home})
	for _, v := range []*browser.Tab{there, there.Another()} {
		v.Go("/address")
		v.Sees("From 10.1.2.7.")
	}
	nowhere.Go("/address")
	nowhere.Sees("From .")
}
