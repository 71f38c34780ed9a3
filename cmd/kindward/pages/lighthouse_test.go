package pages_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// least is the score, of 100, that a phone on a slow line must give; tries is how often a busy machine may be asked,
// unless all of it has taken enough time.
const (
	least  = 95
	tries  = 3
	enough = 2 * time.Minute
)

func TestLighthouseIsContentWithSearchBookingAndConfirmation(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	browser.NeedTools(t)
	site := sitetest.Open(t)
	began := time.Now()
	maya := site.SignedIn(t, "maya@example.test")
	booking := maya.Book(t, maya.Hold(t, site.TimesAt(t, sitetest.Wickenden, "Strep swab")))
	for _, page := range []struct{ name, path string }{
		{"search", site.CommonSearch(t)},
		{"booking", maya.Hold(t, site.TimesAt(t, sitetest.FoxPoint, "Flu shot Paola Castro"))},
		{"confirmation", booking},
	} {
		t.Run(page.name, func(t *testing.T) {
			var best browser.Scores
			for n := 0; n < tries && best.Least() < least && (n == 0 || time.Since(began) < enough); n++ {
				if s := browser.Lighthouse(t, site.Home+page.path, cookies(maya.Cookies(t))); s.Least() >= best.Least() {
					best = s
				}
			}
			t.Log(best)
			if best.At != site.Home+page.path {
				t.Errorf("it measured %s", best.At)
			}
			if best.Least() < least {
				t.Errorf("below %d", least)
			}
		})
	}
}

// cookies is the header that a browser with these would send.
func cookies(of []*http.Cookie) string {
	var all []string
	for _, c := range of {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}
