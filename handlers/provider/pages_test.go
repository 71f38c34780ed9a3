package provider_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"kindward/handlers/webtest"
)

// crowd gives an organization so many members, invitations, former members and keys, each of a name with a number.
func crowd(t *testing.T, site *webtest.Site, n int) {
	t.Helper()
	at := site.Clinic().ID
	site.Admin(t, `with account as (
			insert into directory.account (id, email, name)
			select gen_random_uuid(), 'page' || i || '@example.test', 'Crowd ' || to_char(i, 'FM0000') from generate_series(1, $2) i
			returning id
		), formerly as (
			insert into directory.membership (id, tenant_id, account_id, role, created_at, ended_at)
			select gen_random_uuid(), $1, id, 'billing', now() - interval '2 days', now() - interval '1 day' from account
		)
		insert into directory.membership (id, tenant_id, account_id, role) select gen_random_uuid(), $1, id, 'clinician' from account`, at, n)
	site.Admin(t, `insert into directory.invitation (id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at)
		select gen_random_uuid(), $1, 'invited' || to_char(i, 'FM0000') || '@example.test', 'clinician', sha256(('crowd' || i)::bytea),
			gen_random_uuid(), now(), now() + interval '1 day' from generate_series(1, $2) i`, at, n)
	site.Admin(t, `insert into directory.api_key (id, tenant_id, name, hash, scopes, created_by, created_at, expires_at, mac)
		select 'crowd' || to_char(i, 'FM0000'), $1, 'Key ' || to_char(i, 'FM0000'), '\x00', '{slots.read}', gen_random_uuid(), now(),
			now() + interval '1 day', '\x00' from generate_series(1, $2) i`, at, n)
}

var nextPage = regexp.MustCompile(`href="([^"]+)" rel="next"`)

// throughPages reads a list to its end and tells how often each match of a pattern stood there. Each page leads to the
// next with a link that says what was asked.
func throughPages(t *testing.T, p *webtest.Person, path, pattern, list, asked string) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for pages := 1; ; pages++ {
		a := p.Get(path)
		if a.Status != http.StatusOK || pages > 10 {
			t.Fatalf("page %d is answered with %d", pages, a.Status)
		}
		for _, one := range regexp.MustCompile(pattern).FindAllString(a.Body, -1) {
			seen[one]++
		}
		path = ""
		for _, link := range nextPage.FindAllStringSubmatch(a.Body, -1) {
			if strings.Contains(link[1], list+"=") {
				path = html.UnescapeString(link[1])
			}
		}
		if path == "" {
			return seen
		}
		if !strings.Contains(path, asked) {
			t.Errorf("the way to the next page, %s, has forgotten %s", path, asked)
		}
	}
}

func TestTeamsInvitationsAndKeysWithoutNumberComeInPagesThatKeepWhatWasAsked(t *testing.T) {
	site := webtest.Open(t)
	alice, at := site.Member(t, site.Clinic(), "Alice Owner", "owner"), webtest.Workplace(site.Clinic())
	alice.Get(at + "/members").Lacks("Name or email address") // a team that is seen at a glance
	const crowded = 120
	crowd(t, site, crowded)
	found := func(typed string) string {
		return strings.TrimPrefix(alice.Post(at+"/members", "q", typed).Location, at)
	}
	for name, list := range map[string]struct {
		path, pattern, list, asked string
		want                       int
	}{
		"the team":        {"/members", `>Crowd \d{4}<small`, "after", "", crowded},
		"by name":         {"/members?sort=name", `>Crowd \d{4}<small`, "after", "sort=name", crowded},
		"the newest":      {"/members?sort=since", `>Crowd \d{4}<small`, "after", "sort=since", crowded},
		"of a name":       {found("crowd 00"), `>Crowd \d{4}<small`, "after", "search=", 99},
		"of an address":   {found("page77"), `>Crowd \d{4}<small`, "after", "", 1},
		"nobody":          {found("cr%d"), `>Crowd \d{4}<small`, "after", "", 0},
		"the invitations": {"/members", `invited\d{4}@`, "invited", "", crowded},
		"who was here":    {"/members", `>Crowd \d{4}</th>`, "former", "", crowded},
		"the keys":        {"/api-keys", `>Key \d{4}<`, "after", "", crowded},
	} {
		t.Run(name, func(t *testing.T) {
			seen := throughPages(t, alice, at+list.path, list.pattern, list.list, list.asked)
			if len(seen) != list.want {
				t.Errorf("%d are seen, not %d", len(seen), list.want)
			}
			for one, times := range seen {
				if times != 1 && list.pattern[:3] == ">Cr" && list.list == "after" {
					t.Errorf("%s stands there %d times", one, times)
				}
			}
		})
	}
	alice.Get(at+"/members").Has(http.StatusOK, "121 people work here", "Name or email address")
	alice.Get(at+found("crowd 00")).Has(http.StatusOK, "99 people here are called so", `value="crowd 00"`)
	alice.Get(at+"/api-keys").Has(http.StatusOK, "120 keys work")
	for _, wrong := range []string{"after=x", "invited=1", "former=%20"} {
		if a := alice.Get(at + "/members?" + wrong); a.Status != http.StatusNotFound && a.Status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", wrong, a.Status)
		}
	}
	otto := site.Member(t, site.Other(), "Otto", "owner")
	if other := otto.Find(webtest.Workplace(site.Other())+"/members", "q", "crowd"); other.Status != http.StatusOK ||
		strings.Contains(other.Body, "Crowd 0001") {
		t.Error("another organization sees the crowd")
	}
}

func TestWhomSomebodyLooksForInATeamStandsInNoAddress(t *testing.T) {
	site := webtest.Open(t)
	alice, at := site.Member(t, site.Clinic(), "Alice Owner", "owner"), webtest.Workplace(site.Clinic())+"/members"
	site.Member(t, site.Clinic(), "Zora Neale", "front_desk")
	site.Member(t, site.Other(), "Zora Other", "front_desk")
	sent := alice.Post(at, "q", "zora", "sort", "name")
	if sent.Status != http.StatusSeeOther || strings.Contains(sent.Location, "zora") ||
		!strings.Contains(sent.Location, "sort=name") {
		t.Fatal(sent.Status, sent.Location)
	}
	found := alice.Get(sent.Location)
	found.Has(http.StatusOK, "1 person here is called so", "Zora Neale", `value="zora"`)
	found.Lacks("Zora Other")
	if again := alice.Post(at, "q", "zora", "sort", "name"); again.Location != sent.Location {
		t.Error("the same search is at", again.Location)
	}
	// The key opens nothing for whoever did not search.
	bob := site.Member(t, site.Clinic(), "Bob", "manager")
	bob.Get(sent.Location).Has(http.StatusOK, "is not kept any more", "Alice Owner", "Bob")
	alice.Get(at+"?q=zora").Has(http.StatusOK, "Alice Owner") // an address of before is the whole team
	alice.Post(at, "q", strings.Repeat("x", 121)).Has(http.StatusUnprocessableEntity, "Type 120 characters or fewer",
		strings.Repeat("x", 121))
	if a := alice.Post(at, "q", " "); a.Location != at {
		t.Error("nothing is looked for at", a.Location)
	}
	site.Charlie(t).Post(at, "q", "zora").Has(http.StatusNotFound)
}
