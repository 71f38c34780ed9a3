package browser

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// Text is what the page says, as far as it can be seen or is read out.
func (v *Tab) Text() string {
	v.t.Helper()
	return Eval[string](v, `(document.body ? document.body.innerText.replace(/\s+/g, " ") : "")`)
}

// Sees waits until the page says all of this.
func (v *Tab) Sees(texts ...string) {
	v.t.Helper()
	for _, text := range texts {
		if !v.eventually(func() bool { return strings.Contains(v.Text(), text) }) {
			v.t.Fatalf("%s does not say %q%s\nbut:\n%s", v.Address(), text, v.kept(), clip(v.Text(), 3000))
		}
	}
}

// SeesNot waits until the page does not say this any more.
func (v *Tab) SeesNot(text string) {
	v.t.Helper()
	if !v.eventually(func() bool { return !strings.Contains(v.Text(), text) }) {
		v.t.Fatalf("%s says %q%s", v.Address(), text, v.kept())
	}
}

// Until waits until an expression is true in the page.
func (v *Tab) Until(what, expression string) {
	v.t.Helper()
	if !v.eventually(func() bool { return Eval[bool](v, expression) }) {
		v.t.Fatalf("%s: not so: %s%s", v.Address(), what, v.kept())
	}
}

func (v *Tab) eventually(done func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return false
}

// Value is what stands in the field with this label.
func (v *Tab) Value(label string) string {
	v.t.Helper()
	name, _ := json.Marshal(label)
	return Eval[string](v, `(label => { const all = [...document.querySelectorAll("input, textarea, select")].filter(e => e.labels && e.labels.length);
		const e = all.find(e => e.labels[0].textContent.trim() === label) || all.find(e => e.labels[0].textContent.trim().startsWith(label));
		return e ? (e.type === "checkbox" || e.type === "radio" ? String(e.checked) : e.value) : "no such field"; })(`+string(name)+`)`)
}

// Heading is the page's h1.
func (v *Tab) Heading() string {
	v.t.Helper()
	return Eval[string](v, `((document.querySelector("h1") || {}).textContent || "").replace(/\s+/g, " ").trim()`)
}

// Address is where the tab is, without the site.
func (v *Tab) Address() string {
	v.t.Helper()
	at, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`location.href`))
	if err != nil {
		return "(nowhere)"
	}
	return strings.TrimPrefix(at, v.o.Home)
}

// Path is Address without the query.
func (v *Tab) Path() string {
	v.t.Helper()
	u, err := url.Parse(v.Address())
	v.must("address", err)
	return u.Path
}

// kept saves a picture of a page that is not as it should be and says where.
func (v *Tab) kept() string {
	dir := os.Getenv("KINDWARD_SHOTS")
	if dir == "" {
		return ""
	}
	name := filepath.Join(dir, strings.Map(func(r rune) rune {
		if r == '/' || r == ' ' {
			return '-'
		}
		return r
	}, v.t.Name())+".png")
	raw, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	if err != nil || os.WriteFile(name, raw, 0o644) != nil {
		return ""
	}
	return " (picture: " + name + ")"
}

// Shot saves a picture of the whole page.
func (v *Tab) Shot(file string) {
	v.t.Helper()
	raw, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	v.must("picture", err)
	v.must("picture", os.WriteFile(file, raw, 0o644))
}

func clip(s string, most int) string {
	if len(s) > most {
		return s[:most] + " ..."
	}
	return s
}
