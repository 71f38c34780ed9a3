package journeys_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// turn presses Enter on what has the focus and waits until the heading of the month or week has changed.
func turn(v *browser.Tab, what string) (title string) {
	heading := fmt.Sprintf(`document.querySelector(".%s h2").textContent`, what)
	before := browser.Eval[string](v, heading)
	v.Keys(kb.Enter)
	v.Until("the "+what+" is another one", fmt.Sprintf(`%s !== %q`, heading, before))
	return browser.Eval[string](v, heading)
}

// stays checks, where only a part of the page was exchanged, that the keyboard is where it was and that one sees it.
func stays(t *testing.T, v *browser.Tab, id string) {
	t.Helper()
	if !script(v) {
		browser.Eval[bool](v, fmt.Sprintf(`(document.getElementById(%q).focus(), true)`, id)) // a page begins at its top
		return
	}
	v.Until("only a part of the page was exchanged", `document.body.dataset.mark === "the same page"`)
	v.Until("the focus stays on "+id, fmt.Sprintf(`document.activeElement.id === %q`, id))
	if name, hidden := focused(v); hidden != "" {
		t.Errorf("the focus on %q cannot be seen: %s", name, hidden)
	}
}

func TestTheCalendarTurnsAndTheKeyboardStaysWhereItWas(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		times := site.TimesAt(t, sitetest.FoxPoint, "Flu shot Paola Castro")
		v.Go(times)
		browser.Eval[bool](v, `(document.body.dataset.mark = "the same page", true)`)
		first := browser.Eval[string](v, `document.querySelector(".month h2").textContent`)
		tabTo(t, v, browser.Eval[string](v, `document.getElementById("month-later").textContent.trim()`), 30)
		second := turn(v, "month")
		stays(t, v, "month-later")
		month := browser.Eval[string](v, `new URL(location).searchParams.get("month") || ""`)
		if month == "" {
			t.Errorf("the address does not say which month: %s", v.Address())
		}
		last := second
		if browser.Eval[bool](v, `!!document.querySelector("a#month-later")`) { // not where the calendar ends
			if last = turn(v, "month"); first == last || second == last {
				t.Fatalf("forward: %s, %s, %s", first, second, last)
			}
			if script(v) {
				stays(t, v, "month-later")
				v.Keys(kb.Shift + kb.Tab)
			}
			browser.Eval[bool](v, `(document.getElementById("month-earlier").focus(), true)`)
			if got := turn(v, "month"); got != second {
				t.Errorf("back from %s is %s, not %s", last, got, second)
			}
			stays(t, v, "month-earlier")
		}
		if first == second {
			t.Fatalf("%s twice", first)
		}
		browser.Eval[bool](v, `(document.getElementById("month-earlier").focus(), true)`)
		if got := turn(v, "month"); got != first {
			t.Errorf("back from %s is %s, not %s", second, got, first)
		}
		stays(t, v, "month-earlier") // the link is not there any more in the first month: its heading is
		if script(v) {
			tabTo(t, v, strings.Fields(second)[0], 1)
		}
		v.Back()
		v.Until("back in the browser is back in the calendar",
			fmt.Sprintf(`document.querySelector(".month h2").textContent === %q`, second))

		v.Go(times + "?month=" + month)
		browser.Eval[bool](v, `(document.body.dataset.mark = "the same page", true)`)
		day := browser.Eval[string](v,
			`(() => { const all = [...document.querySelectorAll(".month td a:not([aria-current])")], a = all.at(-1); a.focus(); return a.id })()`)
		turn(v, "week")
		stays(t, v, day)
		v.Until("the day's week is the one that is shown",
			fmt.Sprintf(`document.getElementById(%q).ariaCurrent === "true"`, day))
		week := "week-later"
		if !browser.Eval[bool](v, `!!document.querySelector("a#week-later")`) { // the calendar ends there
			week = "week-earlier"
		}
		browser.Eval[bool](v, fmt.Sprintf(`(document.getElementById(%q).focus(), true)`, week))
		turn(v, "week")
		stays(t, v, week)
		sitetest.Silent(t, v)
	})
}
