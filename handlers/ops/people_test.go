package ops_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestPeopleAreFoundAsTheirNamesAndReferencesAreTypedAndPasted(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	leo, support := site.Account(t, "Leo Medeiros"), site.Staff(t, "Sam", "support")
	v := site.VisitOf(t, site.NewClinic(t), leo, "Leo Medeiros", 1)
	for _, asked := range []string{"medeiros, leo", "Leo\u200b Medeiros\ufeff", "leo  medeiros", v.Ref,
		strings.TrimPrefix(v.Ref, "KW-"), strings.ReplaceAll(strings.ToLower(v.Ref), "-", "") + "\u200b"} {
		support.Get("/ops/people?q="+url.QueryEscape(asked)).Has(200, "1 person fits.", leo.String())
	}
	support.Get("/ops/people?q="+url.QueryEscape("leo, medeiros")).Has(200, "Nobody was found")
	support.Get("/ops/people?q="+url.QueryEscape("L\u200b\u200b\u200b")).Has(422, "3 characters or more")
}

func TestPeopleBeyondAPageAreFoundOnTheNextWhichKnowsWhatWasAsked(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	support := site.Staff(t, "Sam", "support")
	site.Admin(t, `insert into directory.account (id, email, name) select gen_random_uuid(), 'crowd' || i || '@example.test',
		'Crowd & co ' || to_char(i, 'FM000') from generate_series(1, 70) i`)
	first := support.Get("/ops/people?q=crowd+%26+co")
	first.Has(200, "50 people or more fit, by name.", "Crowd &amp; co 050", `autocomplete="off"`)
	first.Lacks("Crowd &amp; co 051", "First page")
	next := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(first.Body)
	if next == nil {
		t.Fatal("no way to the next page")
	}
	second := support.Get(html.UnescapeString(next[1]))
	second.Has(200, "20 more people fit.", "Crowd &amp; co 051", "Crowd &amp; co 070", `value="crowd &amp; co"`,
		`href="/ops/people?q=crowd+%26+co"`)
	second.Lacks("Crowd &amp; co 050", "Next page")
	support.Get("/ops/people?q=crowd&after=x").Has(404)
	if n := events(t, site, `actor = $1 and action = 'list' and purpose = 'support'`, support.ID); n != 70 {
		t.Errorf("%d of 70 people are told that they were listed", n)
	}
}
