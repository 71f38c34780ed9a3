package journeys_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// focused says what has the focus: its name, and why a person could not see that it has.
func focused(v *browser.Tab) (name, hidden string) {
	both := browser.Eval[[]string](v, `(() => {
		const e = document.activeElement;
		if (!e || e === document.body) return ["", ""];
		const name = (e.getAttribute("aria-label") || (e.labels && e.labels.length ? e.labels[0].textContent : e.textContent) || "").replace(/\s+/g, " ").trim();
		const style = getComputedStyle(e), box = e.getBoundingClientRect();
		const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
		if (!ring && !(e.matches(".choice input") && parseFloat(getComputedStyle(e.labels[0]).outlineWidth) >= 2)) return [name, "no ring: outline " + style.outline];
		if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return [name, "outside of the window"];
		const at = document.elementFromPoint(box.x + box.width / 2, Math.min(innerHeight - 1, Math.max(0, box.y + box.height / 2)));
		if (!at || !(e.contains(at) || at.contains(e))) return [name, "covered by " + (at ? at.className || at.tagName : "nothing")];
		return [name, ""];
	})()`)
	return both[0], both[1]
}

// tabTo presses Tab until something whose name contains want has the focus; on the way everything that has it must show
// it.
func tabTo(t *testing.T, v *browser.Tab, want string, most int) {
	t.Helper()
	var seen []string
	for range most {
		v.Keys(kb.Tab)
		name, hidden := focused(v)
		if hidden != "" {
			t.Errorf("%s: the focus on %q cannot be seen: %s", v.Address(), name, hidden)
		}
		if strings.Contains(name, want) {
			return
		}
		seen = append(seen, name)
	}
	t.Fatalf("%s: %d times Tab do not reach %q but %s", v.Address(), most, want, strings.Join(seen, " | "))
}

func TestTheKeyboardAloneIsEnoughFromTheSearchToTheHold(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Go("/")
		tabTo(t, v, "Skip to main content", 1)
		tabTo(t, v, "What do you need?", 10)
		v.Keys("strep swab")
		if script(v) {
			v.Until("suggestions appear", `document.querySelectorAll("#suggestions a").length > 0`)
			tabTo(t, v, "Strep", 1)
			v.Keys(kb.ArrowUp)
			v.Until("the arrow leads back to the box", `document.activeElement.id === "reason"`)
			v.Keys(kb.ArrowDown)
			v.Until("and down again", `document.activeElement.matches("#suggestions a")`)
			v.Keys(kb.Escape)
			v.Until("Escape puts them away and leads back",
				`document.querySelectorAll("#suggestions a").length === 0 && document.activeElement.id === "reason"`)
		}
		tabTo(t, v, "Where?", 1)
		v.Keys("02906")
		v.Keys(kb.Enter)
		v.Sees("have times for a strep swab")
		tabTo(t, v, "Skip to main content", 1)
		v.Keys(kb.Enter)
		first := browser.Eval[string](v, `document.querySelector("article.result h2").textContent`)
		tabTo(t, v, "Skip to times", 1) // past the filters
		v.Keys(kb.Enter)
		tabTo(t, v, first, 8)
		tabTo(t, v, ", "+first, 8)
		v.Keys(kb.Enter)
		v.Sees("We are holding this time for you")
		tabTo(t, v, "Skip to main content", 1)
		tabTo(t, v, "Create an account", 16)
		sitetest.Silent(t, v)
	})
}

func TestASuggestionLeadsToItsSearch(t *testing.T) {
	site := sitetest.Open(t)
	v := site.Visit(t)
	v.Go("/")
	v.Type("What do you need?", "blood wo")
	v.Until("suggestions appear", `document.querySelectorAll("#suggestions a").length > 0`)
	browser.Eval[bool](v, `(document.getElementById("near").value = "Providence", true)`) // after the suggestions came
	v.PressAt("#suggestions a")
	v.Sees("have times for a")
	if !strings.Contains(v.Address(), "near=Providence") {
		t.Errorf("the suggestion forgets the place: %s", v.Address())
	}
	v.Go("/")
	v.Type("Where?", "Cranston")
	v.Type("What do you need?", "blood work in warwick")
	v.Until("suggestions appear", `document.querySelectorAll("#suggestions a").length > 0`)
	v.PressAt("#suggestions a")
	v.Sees("for a")
	if !strings.Contains(v.Address(), "near=Warwick") {
		t.Errorf("the place that was typed before wins over the one in the question: %s", v.Address())
	}
	sitetest.Silent(t, v)
}

func TestOnesOwnLocationIsAskedForByAPressAndAsAZIPCodeOnly(t *testing.T) {
	site := sitetest.Open(t)
	v := site.Visit(t)
	v.StandsHidden()
	v.Go("/")
	v.Press("Use my location")
	v.Sees("Your browser does not share where you are.")
	v.Stands(10, 10)
	v.Press("Use my location")
	v.Sees("You are outside of the region")
	v.Stands(41.83149, -71.39731) // to a house; a hundredth of a degree is sent
	v.Press("Use my location")
	v.Sees("now has the ZIP code nearest to you")
	near := browser.Eval[string](v, `document.getElementById("near").value`)
	if !regexp.MustCompile(`^[A-Z].* 0\d{4}$`).MatchString(near) {
		t.Errorf("the box has %q", near)
	}
	sitetest.Silent(t, v)
}

const results = `document.querySelectorAll("article.result").length`

func TestShowMoreKeepsThePlace(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Go(site.CommonSearch(t))
		before := browser.Eval[int](v, results)
		last := browser.Eval[string](v, `[...document.querySelectorAll("article.result")].at(-1).id`)
		at := fmt.Sprintf(`Math.round(document.getElementById(%q).getBoundingClientRect().top)`, last)
		v.PressAt("#pager a")
		v.Until("there are more results", fmt.Sprintf(`%s > %d`, results, before))
		if now := browser.Eval[int](v, at); now < 0 || now > 700 {
			t.Errorf("the last result of before is not to be seen any more: it stands at %d px", now)
		}
		if !strings.Contains(v.Address(), "page=2") {
			t.Errorf("the address does not say so: %s", v.Address())
		}
		if script(v) {
			v.Until("the keyboard goes on with the first new result",
				fmt.Sprintf(`document.querySelectorAll("article.result")[%d].contains(document.activeElement)`, before))
		}
		many := browser.Eval[int](v, results)
		v.Reload()
		if n := browser.Eval[int](v, results); n != many {
			t.Errorf("%d results, and %d after loading the page again", many, n)
		}
		sitetest.Silent(t, v)
	})
}

func TestFiltersNarrowTheResults(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Go(site.CommonSearch(t))
		all := v.Heading()
		browser.Eval[bool](v, `(document.body.dataset.mark = "the same page", true)`)
		v.Choose("Portuguese")
		if !script(v) {
			v.PressAt(".filters button")
		}
		v.Until("the address says what was chosen", `new URL(location).searchParams.get("language") === "pt"`)
		v.Until("the box is ticked", `document.getElementById("language-pt").checked`)
		v.Sees("Clear all filters")
		if narrow := v.Heading(); narrow == all {
			t.Errorf("still %q", all)
		}
		if n := browser.Eval[int](v, `document.querySelectorAll(".notice").length`); n != 0 {
			t.Errorf("the page complains: %s", v.Text())
		}
		if script(v) {
			v.Until("only a part of the page was exchanged", `document.body.dataset.mark === "the same page"`)
			v.Until("the focus stays on the box", `document.activeElement.id === "language-pt"`)
			v.Select("Distance", "25 miles")
			v.Until("the address follows", `new URL(location).searchParams.get("within") === "25"`)
			v.Back()
			v.Back()
			v.Until("back is before the filter", `!document.getElementById("language-pt").checked`)
		} else {
			v.Back() // the browser shows the page as it was left, the box ticked
		}
		if v.Heading() != all {
			t.Errorf("it was %q and is %q", all, v.Heading())
		}
		sitetest.Silent(t, v)
	})
}

func TestOnAPhoneTheFiltersStayOpenWhileOneChooses(t *testing.T) {
	site := sitetest.Open(t)
	v := site.Visit(t, sitetest.Phone)
	v.Go(site.CommonSearch(t))
	v.Press("Filters")
	v.Choose("Portuguese")
	v.Sees("Filters, 1 chosen")
	v.Choose("Spanish")
	v.Sees("Filters, 2 chosen")
	sitetest.Silent(t, v)
}

func TestTheColorsThatAVisitorChoosesStay(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Prefer("light", "screen")
		const dark = `getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).slice(0, 3).every(n => n < 60)`
		v.Go("/search?reason=strep+swab&near=02906")
		v.Until("it is light at first", "!("+dark+")")
		v.Press("Dark")
		v.Until("it is dark", dark)
		if !strings.HasPrefix(v.Address(), "/search?") || !strings.Contains(v.Address(), "reason=strep+swab") {
			t.Errorf("choosing colors leads to %s", v.Address())
		}
		v.Go("/help")
		v.Until("it is dark on other pages", dark)
		v.Go("/no-such-page")
		v.Until("it is dark on error pages", dark)
		v.Go("/help")
		v.Press("Like my device")
		v.Until("it is light again", "!("+dark+")")
		v.Prefer("dark", "screen")
		v.Until("it follows the device", dark)
		sitetest.Silent(t, v)
	})
}

func TestAConfirmationIsPrintedWithoutWhatCannotBePressed(t *testing.T) {
	site := sitetest.Open(t)
	maya := site.SignedIn(t, "maya@example.test")
	v := site.Visit(t, maya.Browser(t))
	v.Go(maya.Book(t, maya.Hold(t, site.TimesAt(t, sitetest.Wickenden, "Strep swab"))))
	v.Prefer("dark", "print")
	v.Sees("You are booked for", "Your reference", "What, when and where", "What it costs")
	for _, gone := range []string{"Add to calendar", "Change the time", "Find care", "Sign out", "Like my device",
		"All my appointments"} {
		v.SeesNot(gone)
	}
	v.Until("paper is white",
		`getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).slice(0, 3).every(n => n > 240)`)
}

func TestWhenAnAnswerDoesNotComeThePageSaysWhatDidNotHappenAndStays(t *testing.T) {
	site := sitetest.Open(t)
	failing := webtest.OpenWith(t, webtest.Options{DB: site.DB}) // what cannot be provoked from outside
	failing.Echo.Pre(failParts)
	for kind, words := range map[string]string{
		"fault": "Sorry, we could not do that. If you were booking, look at your appointments",
		"cut":   "We cannot reach Kindward. What you typed stays."} {
		t.Run(kind, func(t *testing.T) {
			v := site.Visit(t, func(o *browser.Options) {
				o.Home, o.Cookies = failing.URL, []*http.Cookie{{Name: "fail-parts", Value: kind}}
			})
			v.Go(site.CommonSearch(t))
			before := browser.Eval[int](v, results)
			v.Choose("Portuguese")
			v.Sees(words)
			if kind == "fault" {
				v.Sees("Reference R-")
			}
			if n := browser.Eval[int](v, results); n != before {
				t.Errorf("%d results stood there, and %d do", before, n)
			}
			v.Until("the filter goes back to what the results show", `!document.getElementById("language-pt").checked`)
			v.PressAt(".filters button") // the way without scripts is there still
			v.Until("the alert has gone", `document.getElementById("alert").hidden`)
		})
	}
}

// failParts lets the parts of pages fail for a visitor who has its cookie: "fault" on our side, or "cut" on the line.
func failParts(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if cookie, err := c.Cookie("fail-parts"); err == nil && web.Partial(c) {
			if cookie.Value == "cut" {
				panic(http.ErrAbortHandler)
			}
			return errors.New("as asked")
		}
		return next(c)
	}
}
