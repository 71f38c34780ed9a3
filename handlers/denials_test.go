package handlers_test

import (
	"testing"
	"time"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/identity"
)

func TestA46ARefusalIsKeptAtOnceAndItsRepetitionsInOneMoreRow(t *testing.T) {
	site := webtest.Open(t)
	charlie, leo := site.Charlie(t), site.Person(t, "Leo")
	members, keys := "/organizations/"+site.Clinic().Slug+"/members", "/organizations/"+site.Clinic().Slug+"/api-keys"
	rows := func(p *webtest.Person, fields string) int {
		return site.Count(t, `select count(*) from audit.event where actor = $1 and outcome = 'denied' and array_to_string(fields, ' ') = $2`, p.ID, fields)
	}
	for range 5 {
		charlie.Get(members).Has(404)
	}
	charlie.Get(keys).Has(404) // another thing
	leo.Get(members).Has(404)  // another person
	if c, l := rows(charlie, ""), rows(leo, ""); c != 2 || l != 1 {
		t.Errorf("at once: %d of Charlie and %d of Leo", c, l)
	}
	site.Web.Drain() // as at the end of a minute
	if c, l := rows(charlie, "times:4"), rows(leo, "times:4"); c != 1 || l != 0 {
		t.Errorf("afterward: %d summaries of Charlie and %d of Leo", c, l)
	}
	charlie.Get(members).Has(404)
	if c := rows(charlie, ""); c != 3 {
		t.Errorf("after the minute one more is kept at once: %d", c)
	}
}

func TestA46NegativeControlWithoutCountingEachRefusalIsARow(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Web: func(s *web.Site) { s.Denials.Window = -1 }})
	charlie := site.Charlie(t)
	for range 5 {
		charlie.Get("/organizations/" + site.Clinic().Slug + "/members").Has(404)
	}
	if n := site.Count(t, `select count(*) from audit.event where actor = $1 and outcome = 'denied'`, charlie.ID); n != 5 {
		t.Errorf("five refusals are %d rows", n)
	}
}

func TestA46WhoeverIsCountedTogetherIsNotNamedInTheCount(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Web: func(s *web.Site) {
		s.Denials = web.DenialLimits{Window: time.Hour, Most: 1}
	}})
	charlie, leo, ben := site.Charlie(t), site.Person(t, "Leo"), site.Person(t, "Ben")
	for _, p := range []*webtest.Person{charlie, charlie, leo, leo, ben, charlie} {
		p.Get("/organizations/" + site.Clinic().Slug + "/members").Has(404)
	}
	site.Web.Drain()
	rows := func(fields string, p *webtest.Person) int {
		return site.Count(t, `select count(*) from audit.event where actor = $1 and outcome = 'denied'
			and array_to_string(fields, ' ') = $2`, p.ID, fields)
	}
	if rows("", charlie) != 1 || rows("", leo) != 1 || rows("times:2", charlie) != 1 {
		t.Error("the first of two, or a count of one person's, is not in the audit")
	}
	if rows("times:2", leo) != 0 || site.Count(t, `select count(*) from audit.event where actor is null and ip is null
		and tenant_id is null and outcome = 'denied' and array_to_string(fields, ' ') = 'times:2'
		and resource_id is null`) == 0 {
		t.Error("Leo's second and Ben's are counted in somebody's name, or not at all")
	}
}

func TestACountOfSeveralKeysNamesNone(t *testing.T) {
	site := webtest.Open(t)
	stranger := site.Visitor(t)
	for _, body := range []string{"kw_live_aaaaaaaaaaaa_", "kw_live_bbbbbbbbbbbb_"} {
		body += "cccccccccccccccccccccccccccccccccccccccccccccccccccc"
		stranger.Get("/api/v1/organizations/"+site.Clinic().Slug+"/slots", "Authorization",
			"Bearer "+body+"_"+identity.KeyChecksum(body)).Has(401)
	}
	site.Web.Drain()
	of := func(fields string) int {
		return site.Count(t, `select count(*) from audit.event where resource_id = $1 and resource = 'ApiKey'
			and array_to_string(fields, ' ') = $2`, site.Clinic().ID, fields)
	}
	if of("times:1") != 1 || of("key:aaaaaaaaaaaa times:1") != 0 {
		t.Error("what was tried with the second key is booked on the first, or not at all")
	}
}

// The minute is a millisecond, so that counts are being written when the site is closed.
func TestA46NoRefusalIsLostWhenAProcessEnds(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Web: func(s *web.Site) {
		s.Denials = web.DenialLimits{Window: time.Millisecond, Most: 100}
	}})
	charlie := site.Charlie(t)
	const asked = 30
	for n := range asked {
		if n == asked/2 {
			site.Web.Drain() // as before the time in which a process goes on to answer
		}
		charlie.Get("/organizations/" + site.Clinic().Slug + "/members").Has(404)
	}
	site.Web.Close()
	kept := site.Count(t, `select coalesce(sum(case when fields[1] like 'times:%' then substr(fields[1], 7)::int else 1 end), 0)
		from audit.event where actor = $1 and outcome = 'denied'`, charlie.ID)
	if kept != asked {
		t.Errorf("of %d refusals %d are in the audit", asked, kept)
	}
}
