package journeys_test

import (
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// longestPlace is how many pixels the page of a place may be long on a phone, however much it does.
const longestPlace = 4_000

func TestThePageOfAPlaceIsShortOnAPhoneAndSaysMoreWhenItIsAsked(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, sitetest.Phone, way)
		v.Go("/places/" + sitetest.FoxPoint)
		lines := `document.querySelectorAll("ul.offers > li").length`
		if n := browser.Eval[int](v, lines); n != 10 {
			t.Errorf("%d lines at first", n)
		}
		if px := browser.Eval[int](v, `document.documentElement.scrollHeight`); px > longestPlace {
			t.Errorf("%d px long of %d", px, longestPlace)
		}
		v.Resize(320, 800)
		if px := browser.Eval[int](v, `document.documentElement.scrollWidth`); px > 320 {
			t.Errorf("%d px wide on the narrowest phone", px)
		}
		first := browser.Eval[string](v, `document.querySelector("ul.offers b").textContent`)
		v.Press("Show 10 more")
		if script(v) {
			v.Until("ten more stand below", lines+` === 20`)
			v.Until("the keyboard goes on at the first of them",
				`document.activeElement === document.querySelectorAll("ul.offers .next a:first-child")[10]`)
		} else {
			v.Until("the next ten are shown", lines+` === 10 && document.querySelector("ul.offers b").textContent !== "`+
				first+`"`)
			v.Press("All services")
		}
		v.Type("Service or clinician", "strep")
		v.Press("Find")
		v.Until("only what was looked for is shown", lines+` < 10 && document.querySelector("ul.offers b").textContent`+
			`.includes("trep")`)
		v.Press("All services")
		v.Until("everything is there again", lines+` === 10`)
		v.PressAt("#people ~ dl a")
		v.Sees("Times for", "Services and prices", "New patients")
	})
}
