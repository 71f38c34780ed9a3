package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
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

func TestA46TwoThousandRequestsOfStrangersLeaveFewRows(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{}), Host: "localhost"})
	site.Clinic()
	maya, starts := site.Person(t, "Maya"), site.Visitor(t).Get(site.Times()+"?week="+site.Day(9)).Starts()
	body := func(n int) string { return fmt.Sprintf("kw_live_%012d_%052d", n, n) }
	for _, kind := range []struct {
		name string
		ask  func(p *webtest.Person, n int) webtest.Answer
	}{
		{"a challenge for a passkey", func(p *webtest.Person, _ int) webtest.Answer {
			return p.Post("/sign-in/passkey/challenge")
		}},
		{"an invented API key", func(p *webtest.Person, n int) webtest.Answer {
			key := strings.NewReplacer("0", "a", "1", "b", "8", "c", "9", "d").Replace(body(n)[8:])
			key = "kw_live_" + key + "_" + identity.KeyChecksum("kw_live_"+key)
			return p.Do(http.MethodGet, "/api/v1/organizations/"+site.Clinic().Slug+"/slots", nil, "Authorization",
				"Bearer "+key)
		}},
		{"a patient's look at a workplace", func(*webtest.Person, int) webtest.Answer {
			return maya.Get("/organizations/" + site.Clinic().Slug + "/members")
		}},
		{"a sign-up that is not finished", func(p *webtest.Person, n int) webtest.Answer {
			return p.Post("/sign-up", "name", "Mallory", "email", fmt.Sprintf("m%d@example.test", n), "password",
				"seven green bicycles")
		}},
		{"a hold without a cookie", func(p *webtest.Person, n int) webtest.Answer {
			return p.HoldAt(starts[n%len(starts)])
		}},
	} {
		network := site.Visitor(t).IP
		before := sizes(t, site)
		const requests, atOnce = 2000, 8
		var group sync.WaitGroup
		for w := range atOnce {
			group.Go(func() {
				for n := w; n < requests; n += atOnce {
					p := site.Visitor(t)
					p.IP = network
					if a := kind.ask(p, n); a.Status == http.StatusInternalServerError {
						t.Errorf("%s: %d", kind.name, a.Status)
						return
					}
				}
			})
		}
		group.Wait()
		for table, n := range sizes(t, site) {
			if more := n - before[table]; more > 200 {
				t.Errorf("%s, %d times: %d more rows in %s", kind.name, requests, more, table)
			} else if more > 0 {
				t.Logf("%s: %d in %s", kind.name, more, table)
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
}
