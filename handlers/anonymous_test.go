package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

// tableSizes counts the rows of every table of the shared schemas and of one organization's.
const tableSizes = `select coalesce(string_agg(schemaname || '.' || relname || ' ' || n, E'\n' order by schemaname, relname), '') from (
	select schemaname, relname, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', schemaname, relname), false, true, '')))[1]::text as n
	from pg_stat_user_tables where schemaname in ('directory', 'market', 'outbox', 'audit', 'river', $1)) x`

// sizes are how many rows each table has.
func sizes(t *testing.T, site *webtest.Site) map[string]int {
	t.Helper()
	all := map[string]int{}
	for line := range strings.Lines(pgtest.Value[string](t, site.Clinic(), tableSizes, site.Clinic().Schema)) {
		var table string
		var n int
		if _, err := fmt.Sscan(line, &table, &n); err != nil {
			t.Fatal(line, err)
		}
		all[table] = n
	}
	return all
}

// leftBy are the rows that each kind of request of strangers leaves when it is made so many times from one network,
// table by table.
func leftBy(t *testing.T, site *webtest.Site, requests int) map[string]map[string]int {
	t.Helper()
	maya, starts := site.Person(t, "Maya"), site.Visitor(t).Get(site.Times()+"?week="+site.Day(9)).Starts()
	site.Admin(t, `insert into directory.sso (id, tenant_id, issuer, client_id, client_secret, updated_at, updated_by)
		values (gen_random_uuid(), $1, 'https://login.example.org', 'kindward', '', now(), $2) on conflict do nothing`,
		site.Clinic().ID, maya.ID)
	digits := strings.NewReplacer("0", "a", "1", "b", "8", "c", "9", "d")
	all := map[string]map[string]int{}
	for name, ask := range map[string]func(p *webtest.Person, n int) webtest.Answer{
		"a challenge for a passkey": func(p *webtest.Person, _ int) webtest.Answer {
			return p.Post("/sign-in/passkey/challenge")
		},
		"an invented API key": func(p *webtest.Person, n int) webtest.Answer {
			key := "kw_live_" + digits.Replace(fmt.Sprintf("%012d_%052d", n, n))
			return p.Do(http.MethodGet, "/api/v1/organizations/"+site.Clinic().Slug+"/slots", nil, "Authorization",
				"Bearer "+key+"_"+identity.KeyChecksum(key))
		},
		"an answer that no provider gave": func(p *webtest.Person, n int) webtest.Answer {
			return p.Get(fmt.Sprintf("/sso/%s/callback?state=%d&code=x", site.Clinic().Slug, n))
		},
		"a patient's look at a workplace": func(*webtest.Person, int) webtest.Answer {
			return maya.Get("/organizations/" + site.Clinic().Slug + "/members")
		},
		"a sign-up that is not finished": func(p *webtest.Person, n int) webtest.Answer {
			return p.Post("/sign-up", "name", "Mallory", "email", fmt.Sprintf("m%d@example.test", n), "password",
				"seven green bicycles")
		},
		"a hold without a cookie": func(p *webtest.Person, n int) webtest.Answer {
			return p.HoldAt(starts[n%len(starts)])
		},
	} {
		before := sizes(t, site)
		askAtOnce(t, site, name, requests, ask)
		all[name] = map[string]int{}
		for table, n := range sizes(t, site) {
			if more := n - before[table]; more > 0 {
				all[name][table] = more
			}
		}
		t.Log(name, all[name])
	}
	return all
}

// askAtOnce lets new visitors of one network ask, eight at a time.
func askAtOnce(t *testing.T, site *webtest.Site, name string, requests int,
	ask func(p *webtest.Person, n int) webtest.Answer) {
	t.Helper()
	const atOnce = 8
	network := site.Visitor(t).IP
	var group sync.WaitGroup
	for w := range atOnce {
		group.Go(func() {
			for n := w; n < requests; n += atOnce {
				p := site.Visitor(t)
				p.IP = network
				if a := ask(p, n); a.Status == http.StatusInternalServerError {
					t.Errorf("%s: %d", name, a.Status)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestA46ManyRequestsOfStrangersLeaveFewRows(t *testing.T) {
	const requests, few = 300, 120
	db := pgtest.Fresh(t, tenancy.Options{})
	site := webtest.OpenWith(t, webtest.Options{DB: db, Host: "localhost"})
	for name, tables := range leftBy(t, site, requests) {
		for table, more := range tables {
			if more > few {
				t.Errorf("%s, %d times: %d more rows in %s", name, requests, more, table)
			}
		}
	}
	visitors := func() int {
		return site.Count(t, `select count(*) from directory.session where account_id is null`)
	}
	if visitors() == 0 {
		t.Error("control: no visitor had a session")
	}
	later := site.Clock.Now().Add(identity.VisitorIdle + time.Minute)
	if err := identity.Sweep(t.Context(), site.Gateway.Anonymous(), later); err != nil || visitors() != 0 {
		t.Errorf("after half an hour %d sessions of visitors are left: %v", visitors(), err)
	}

	open := webtest.OpenWith(t, webtest.Options{DB: db, Host: "localhost", Web: func(s *web.Site) {
		s.NewVisitors, s.Denials.Window = ratelimit.Unlimited, -1
	}})
	left := leftBy(t, open, requests)
	for name, table := range map[string]string{"a challenge for a passkey": "directory.session",
		"an invented API key": "audit.event", "a patient's look at a workplace": "audit.event",
		"an answer that no provider gave": "audit.event"} {
		if more := left[name][table]; more <= few {
			t.Errorf("control: without the limit %s, %d times, leaves %d rows in %s", name, requests, more, table)
		}
	}
}
