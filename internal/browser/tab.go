package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a person would wait for something to appear on a busy machine.
const patience = 45 * time.Second

// stillness is how long a page must be quiet to count as loaded.
const stillness = 80 * time.Millisecond

func (v *Tab) must(what string, err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
}

func call[P, R any](v *Tab, command cdp.Command[P, R], params P) R {
	v.t.Helper()
	r, err := chromedp.Call(v.ctx, command, params)
	v.must(command.Method, err)
	return r
}

// Eval runs an expression in the page; it works where the page's own scripts are off too.
func Eval[T any](v *Tab, expression string) T {
	v.t.Helper()
	var out T
	var err error
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if out, err = chromedp.Run(v.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)); err == nil ||
			time.Now().After(end) {
			break
		}
		if text := err.Error(); !strings.Contains(text, "context") && !strings.Contains(text, "navigated") &&
			!strings.Contains(text, "null") {
			break
		}
	}
	v.must("expression "+clip(expression, 200), err)
	return out
}

// Go opens an address of the site and waits until it is loaded.
func (v *Tab) Go(path string) {
	v.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = v.o.Home + path
	}
	v.record.mu.Lock()
	v.record.last = time.Now()
	v.record.mu.Unlock()
	if r := call(v, page.Navigate, page.NavigateParams{URL: address}); r.ErrorText != "" &&
		r.ErrorText != "net::ERR_ABORTED" && r.ErrorText != "net::ERR_HTTP_RESPONSE_CODE_FAILURE" {
		v.t.Fatalf("%s: %s", path, r.ErrorText)
	}
	v.settle()
}

// Back and Reload are the browser's own buttons.
func (v *Tab) Back() {
	v.t.Helper()
	h := call(v, page.GetNavigationHistory, cdp.Empty{})
	if h.CurrentIndex == 0 {
		v.t.Fatal("there is no page before this one")
	}
	v.touch()
	call(v, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: h.Entries[h.CurrentIndex-1].ID})
	v.settle()
}

// Reload loads the page again.
func (v *Tab) Reload() {
	v.t.Helper()
	v.touch()
	call(v, page.Reload, page.ReloadParams{})
	v.settle()
}

func (v *Tab) touch() {
	v.record.mu.Lock()
	defer v.record.mu.Unlock()
	v.record.last = time.Now()
}

// settle waits until the page is complete and has been quiet for a moment.
func (v *Tab) settle() {
	v.t.Helper()
	end := time.Now().Add(2 * patience)
	for time.Now().Before(end) {
		time.Sleep(20 * time.Millisecond)
		if v.record.quiet() < stillness {
			continue
		}
		ready, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`document.readyState`))
		if err == nil && ready == "complete" && v.record.quiet() >= stillness {
			return
		}
	}
	v.t.Fatalf("%s does not come to rest", v.Address())
}

type spot struct {
	Missing  bool     `json:"missing"`
	Names    []string `json:"names"`
	X        float64  `json:"x"`
	Y        float64  `json:"y"`
	Name     string   `json:"name"`
	Disabled bool     `json:"disabled"`
	Covered  string   `json:"covered"`
}

//go:embed find.js
var find string

// find waits until something of this name can be seen, and reached.
func (v *Tab) find(kind, name string) spot {
	v.t.Helper()
	what, _ := json.Marshal(name)
	var s spot
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		s = Eval[spot](v, "("+find+")("+fmt.Sprintf("%q", kind)+","+string(what)+")")
		if !s.Missing && !s.Disabled && s.Covered == "" {
			return s
		}
		if time.Now().After(end) {
			break
		}
	}
	switch {
	case s.Missing:
		v.t.Fatalf("%s: nothing to %s is called %q; there are: %s%s", v.Address(), kind, name, strings.Join(s.Names, " | "),
			v.kept())
	case s.Disabled:
		v.t.Fatalf("%s: %q cannot be pressed%s", v.Address(), name, v.kept())
	default:
		v.t.Fatalf("%s: %q is covered by %s%s", v.Address(), name, s.Covered, v.kept())
	}
	return s
}

// Press clicks the link or button of this name with the mouse and waits for what follows.
func (v *Tab) Press(name string) {
	v.t.Helper()
	v.click(v.find("press", name))
}

// PressAt clicks the first visible element that fits a CSS selector.
func (v *Tab) PressAt(selector string) {
	v.t.Helper()
	v.click(v.find("any", selector))
}

func (v *Tab) click(s spot) {
	v.t.Helper()
	v.touch()
	v.must("click on "+s.Name, chromedp.Do(v.ctx, chromedp.MouseClickXY(s.X, s.Y)))
	v.settle()
}

// Type replaces what is in the field with this label.
func (v *Tab) Type(label, text string) {
	v.t.Helper()
	v.click(v.find("field", label))
	Eval[bool](v, `(document.activeElement.select?.(), true)`)
	if text == "" {
		v.Keys(kb.Delete)
		return
	}
	v.Keys(text)
}

// Keys presses keys where the focus is.
func (v *Tab) Keys(keys string) {
	v.t.Helper()
	v.touch()
	v.must("keys", chromedp.Do(v.ctx, chromedp.KeyEvent(keys)))
	v.settle()
}

// Choose ticks the box or the radio button with this label.
func (v *Tab) Choose(label string) {
	v.t.Helper()
	v.click(v.find("field", label))
}

// Select chooses an option by what it begins with, with the keyboard as people can.
func (v *Tab) Select(label, option string) {
	v.t.Helper()
	v.find("field", label)
	args, _ := json.Marshal([]string{label, option})
	v.touch()
	if !Eval[bool](v, `((label, option) => {
		const box = [...document.querySelectorAll("select")].find(s => s.labels.length && s.labels[0].textContent.trim().startsWith(label));
		const found = [...box.options].find(o => o.textContent.trim().startsWith(option));
		if (!found) return false;
		box.value = found.value;
		box.dispatchEvent(new Event("input", {bubbles: true}));
		box.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})(...`+string(args)+`)`) {
		v.t.Fatalf("%s has no option %q%s", label, option, v.kept())
	}
	v.settle()
}
