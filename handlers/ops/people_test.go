package ops_test

import (
	"html"
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
	for _, asked := range []string{"medeiros, leo", "leo, medeiros", "Leo\u200b Medeiros\ufeff", "leo  medeiros", v.Ref,
		strings.TrimPrefix(v.Ref, "KW-"), strings.ReplaceAll(strings.ToLower(v.Ref), "-", "") + "\u200b"} {
		support.Find("/ops/people", "q", asked).Has(200, "1 person fits.", leo.String())
	}
	support.Find("/ops/people", "q", "leo, madeira").Has(200, "Nobody was found")
	support.Find("/ops/people", "q", "L\u200b\u200b\u200b").Has(422, "3 characters or more")
}

func TestPeopleAreFoundByAnyWordsOfTheirNameHoweverTheyAreWritten(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	support := site.Staff(t, "Sam", "support")
	ana, long := site.Account(t, "Ana María Sánchez O’Neill"), site.Account(t, "María de los Ángeles García Moreno")
	find := func(asked string) webtest.Answer { return support.Find("/ops/people", "q", asked) }
	for _, asked := range []string{"Sanchez", "ana maria", "Ana Sánchez", "O'Neill", "o‛neill", "oneill", "O Neill",
		"neill", "SÁNCHEZ ana", "Oʻneill, Ana", "o`neill maria"} {
		find(asked).Has(200, "1 person fits.", ana.String())
	}
	for _, asked := range []string{"García", "garcia moreno", "Moreno María", "los angeles", "ángeles"} {
		find(asked).Has(200, "1 person fits.", long.String())
	}
	for _, asked := range []string{"anchez", "ana garcia", "maria oneil smith", "a m s", "%an", "___", "ma ri"} {
		find(asked).Has(200, "Nobody was found for that.")
	}
	site.Admin(t, "update directory.account set name = 'Ana Müller' where id = $1", ana)
	find("muller").Has(200, "1 person fits.", ana.String())
	find("sanchez").Has(200, "Nobody was found for that.")
	site.Admin(t, "delete from directory.account_name_word where word = 'muller'") // the control
	find("muller").Has(200, "Nobody was found for that.")
}

func TestPeopleBeyondAPageAreFoundOnTheNextWhichKnowsWhatWasAsked(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	support := site.Staff(t, "Sam", "support")
	site.Admin(t, `insert into directory.account (id, email, name) select gen_random_uuid(), 'crowd' || i || '@example.test',
		'Crowd & co ' || to_char(i, 'FM000') from generate_series(1, 70) i`)
	first := support.Find("/ops/people", "q", "crowd & co")
	first.Has(200, "50 people or more fit, by name.", "Crowd &amp; co 050", `autocomplete="off"`)
	first.Lacks("Crowd &amp; co 051", "First page")
	next := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(first.Body)
	if next == nil {
		t.Fatal("no way to the next page")
	}
	second := support.Get(html.UnescapeString(next[1]))
	second.Has(200, "20 more people fit.", "Crowd &amp; co 051", "Crowd &amp; co 070", `value="crowd &amp; co"`,
		"First page")
	second.Lacks("Crowd &amp; co 050", "Next page")
	support.Get(strings.Replace(html.UnescapeString(next[1]), "after=", "after=x", 1)).Has(404)
	if n := events(t, site, `actor = $1 and action = 'list' and purpose = 'support'`, support.ID); n != 70 {
		t.Errorf("%d of 70 people are told that they were listed", n)
	}
}

func TestWhoIsFoundInTheConsoleHasAnAddressThatSaysNothingOfThem(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam", "support")
	sent := sam.Post("/ops/people", "q", maya.Email, "sort", "seen")
	sent.Has(303, "/ops/people?search=")
	for range 2 { // Back and Reload
		sam.Get(sent.Location).Has(200, "1 person fits.", maya.Email)
	}
	part := sam.HTMX().Post("/ops/people", "q", maya.Email)
	part.IsPart("people")
	for _, path := range []string{sent.Location, part.Header.Get("HX-Push-Url")} {
		if !strings.HasPrefix(path, "/ops/people?search=") || strings.Contains(path, "example") {
			t.Error("the address says whom somebody looked for:", path)
		}
		theirs := site.Staff(t, "Sue", "support").Get(path)
		theirs.Has(200, "That search is not kept any more")
		theirs.Lacks(maya.Email)
	}
	sam.Get("/ops/people?q=" + maya.Email).Lacks("fits")
	site.Person(t, "Leo").Post("/ops/people", "q", maya.Email).Has(404)
}

func TestPeopleComeByNameOrTheLastSeenOrTheNewestFirst(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	support := site.Staff(t, "Sam", "support")
	site.Admin(t, `insert into directory.account (id, email, name, created_at) select md5(i::text)::uuid,
		'crowd' || i || '@example.test', 'Crowd ' || to_char(i, 'FM000'), now() - i * interval '1 day' from generate_series(1, 70) i`)
	site.Admin(t, `insert into directory.session (token, account_id, data, last_seen_at, expires_at, revoked_at)
		select 'crowd' || i || n, md5(i::text)::uuid, '', now() - (71 - i) * interval '1 minute' - n * interval '1 day',
			now() + interval '1 day', case when n = 0 then now() end from generate_series(1, 69) i, generate_series(0, 1) n`)
	for sort, want := range map[string]struct{ said, first, last, next, end string }{
		"":      {"by name", "Crowd 001", "Crowd 050", "Crowd 051", "Crowd 070"},
		"since": {"the newest first", "Crowd 001", "Crowd 050", "Crowd 051", "Crowd 070"},
		"seen":  {"the last seen first", "Crowd 069", "Crowd 020", "Crowd 019", "Crowd 070"},
		"x":     {"by name", "Crowd 001", "Crowd 050", "Crowd 051", "Crowd 070"},
	} {
		one := support.Find("/ops/people", "q", "crowd", "sort", sort)
		one.Has(200, "50 people or more fit, "+want.said, "Last seen")
		if names := called(one); names[0] != want.first || names[49] != want.last {
			t.Errorf("%q: from %s to %s", sort, names[0], names[49])
		}
		if sort == "seen" { // who is seen meanwhile does not come twice, nor does the page begin anew
			site.Admin(t, `update directory.session set last_seen_at = now() where account_id = md5('20')::uuid`)
		}
		next := one.All("a", "rel", "next")
		if len(next) != 1 {
			t.Fatalf("%q: no way to the next page", sort)
		}
		two := support.HTMX().Get(next[0].Value("href"))
		two.IsPart("people")
		if names := called(two); len(names) != 20 || names[0] != want.next || names[19] != want.end {
			t.Errorf("%q: then %v", sort, names)
		}
	}
	support.Find("/ops/people", "q", "crowd 070").Has(200, "Not lately")
}

// called are the names in a list of people.
func called(a webtest.Answer) (names []string) {
	for _, row := range a.All("th", "scope", "row") {
		names = append(names, row.Text())
	}
	return names
}
