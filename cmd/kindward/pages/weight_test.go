package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/civil"
	"kindward/internal/sitetest"
)

// What a search may weigh in a browser, headers included: the first visit with all files, with a Spanish name on the
// page, with one that needs the letters of Eastern Europe too; and the next search. They have room for what another
// day's page says: 54.8, 62.1 and 72.3 kB were seen, with ten places and the clinicians of each.
const (
	coldest  = 56_000
	spanish  = 65_000
	european = 75_000
	warmest  = 10_000
)

func TestASearchIsLightOnTheFirstVisitAndLighterAfterwards(t *testing.T) {
	site := sitetest.Open(t)
	for _, c := range []struct {
		name  string
		most  int
		fonts int
	}{{"", coldest, 1}, {"Lucía Núñez", spanish, 2}, {"Zoë Wójcik-Łukasiewicz", european, 3}} {
		t.Run(c.name, func(t *testing.T) {
			v := site.Visit(t, signedUp(t, site, c.name))
			v.Go(site.CommonSearch(t) + workingWeek(time.Now()))
			if n := browser.Eval[int](v, `document.querySelectorAll("article.result").length`); n < 10 {
				t.Fatalf("%d results: too few to weigh", n)
			}
			fonts := 0
			for _, a := range v.Answers() {
				t.Logf("%6d B %-10s %s", a.Bytes, a.Kind, strings.TrimPrefix(a.URL, site.Home))
				if a.Kind == "Font" {
					fonts++
				}
			}
			if cold := weight(v); cold > c.most || fonts != c.fonts {
				t.Errorf("the first visit weighs %d B of %d and has %d fonts, not %d", cold, c.most, fonts, c.fonts)
			} else {
				t.Logf("the first visit weighs %d B of %d", cold, c.most)
			}
			v.Forget()
			v.Go(site.CommonSearch(t) + workingWeek(time.Now()) + "&time=am")
			warm := weight(v)
			v.Forget()
			v.PressAt("#pager a")
			t.Logf("next search %d B, ten more results %d B", warm, weight(v))
			if warm > warmest {
				t.Errorf("the next search weighs %d B of %d", warm, warmest)
			}
		})
	}
}

// workingWeek asks for the five days from next Monday on: the most times that a page shows, whatever the hour of the
// test.
func workingWeek(now time.Time) string {
	monday := civil.DateOf(now)
	for monday = monday.AddDays(1); monday.Weekday() != time.Monday; {
		monday = monday.AddDays(1)
	}
	return "&from=" + monday.String()
}

// weight is what the tab has received, as the browser counts it: what came from its cache is nothing.
func weight(v *browser.Tab) (bytes int) {
	for _, a := range v.Answers() {
		bytes += a.Bytes
	}
	return bytes
}

// signedUp is a visitor with a new account of this name, which stands on top of every page; a stranger without one.
func signedUp(t *testing.T, site *sitetest.Site, name string) func(*browser.Options) {
	t.Helper()
	if name == "" {
		return func(*browser.Options) {}
	}
	p, email := site.Person(t), site.NewEmail("light")
	p.Post(t, "/sign-up", url.Values{"name": {name}, "email": {email}, "password": {"three-ferries-at-dawn"}})
	code := regexp.MustCompile(`\b\d{3} ?\d{3}\b`).FindString(site.Email(t, email, "code").Text)
	if a := p.Post(t, "/sign-up/code", url.Values{"code": {code}}); a.Status != http.StatusSeeOther {
		t.Fatalf("the code %q of a new account is refused: %d\n%s", code, a.Status, a.Body)
	}
	return p.Browser(t)
}
