package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// pageOfDay is one answer of a day's visits.
type pageOfDay struct {
	Appointments []struct {
		ID    uuid.UUID
		Start string
	}
	Next string
}

func readDay(t *testing.T, site *webtest.Site, path, key string) (page pageOfDay) {
	t.Helper()
	a := ask(t, site, "GET", path, key)
	if err := json.Unmarshal([]byte(a.Body), &page); err != nil || a.Status != 200 {
		t.Fatal(path, err, a.Status, a.Body)
	}
	return page
}

// manyVisits puts so many more visits on a visit's day, three at each minute, and gives the day's address.
func manyVisits(t *testing.T, site *webtest.Site, c *pgtest.Clinic, n int) string {
	t.Helper()
	first := site.Visit(t, c, 0)
	c.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at,
			ends_at, note, booked_at, is_new)
		select gen_random_uuid(), 'KW-' || translate(lpad(i::text, 4, '0'), '01', 'XY') || '-999', offering_id, status, gen_random_uuid(), account_id,
			patient_id, resource_id, date_trunc('day', starts_at at time zone $3) at time zone $3 + i / 3 * interval '1 minute',
			date_trunc('day', starts_at at time zone $3) at time zone $3 + (i / 3 + 20) * interval '1 minute', note, booked_at,
			is_new
		from appointment, generate_series(1, $2::int) i where id = $1`, first.ID, n, c.Zone)
	return addresses(c) + "/appointments?day=" + first.Day
}

func TestADayOfManyVisitsComesInPagesAndComesWhole(t *testing.T) {
	site := webtest.Open(t)
	key := newKey(t, site, site.Clinic(), "appointments.read")
	path := manyVisits(t, site, site.Clinic(), 1000) // and one
	id := strings.Split(key, "_")[2]
	seen, last, pages := map[uuid.UUID]bool{}, "", 0
	for next := path; next != ""; pages++ {
		page := readDay(t, site, next, key)
		for _, v := range page.Appointments {
			if seen[v.ID] || v.Start < last {
				t.Errorf("%s at %s comes again or too late", v.ID, v.Start)
			}
			seen[v.ID], last = true, v.Start
		}
		if pages == 0 && len(page.Appointments) != 1000 {
			t.Errorf("the first page has %d", len(page.Appointments))
		}
		if next = page.Next; pages == 0 { // what is shown already moves nothing that is still to come
			site.Clinic().SQL(t, `delete from appointment where id = $1`, page.Appointments[999].ID)
		}
	}
	if len(seen) != 1001 || pages != 2 {
		t.Errorf("%d visits on %d pages", len(seen), pages)
	}
	if kept := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and purpose = 'api'
		and fields = array['key:' || $2]`, site.Clinic().ID, id); kept != 1001 {
		t.Errorf("%d looks are in the audit", kept)
	}
	if one := readDay(t, site, manyVisits(t, site, site.Other(), 2), newKey(t, site, site.Other(),
		"appointments.read")); len(one.Appointments) != 3 || one.Next != "" {
		t.Errorf("a short day has %d visits and goes on at %q", len(one.Appointments), one.Next)
	}
}

func TestACursorOpensNothingOfAnotherOrganization(t *testing.T) {
	site := webtest.Open(t)
	path := manyVisits(t, site, site.Clinic(), 1000)
	key := newKey(t, site, site.Clinic(), "appointments.read")
	others := newKey(t, site, site.Other(), "appointments.read")
	next := readDay(t, site, path, key).Next
	if a := ask(t, site, "GET", next, others); a.Status != 401 || strings.Contains(a.Body, "start") {
		t.Error("another organization's key:", a.Status, a.Body)
	}
	if a := ask(t, site, "GET", next, ""); a.Status != 401 {
		t.Error("no key:", a.Status)
	}
	elsewhere := strings.Replace(next, addresses(site.Clinic()), addresses(site.Other()), 1)
	if page := readDay(t, site, elsewhere, others); len(page.Appointments) != 0 {
		t.Error("A's cursor at B shows", page.Appointments)
	}
	if page := readDay(t, site, next, key); len(page.Appointments) != 1 {
		t.Error("the control: nothing follows the cursor")
	}
}

func TestABadCursorIsSaid(t *testing.T) {
	site := webtest.Open(t)
	day, key := site.Visit(t, site.Clinic(), 0).Day, newKey(t, site, site.Clinic(), "appointments.read")
	for _, after := range []string{"x", "AAAA", strings.Repeat("A", 32), strings.Repeat("_", 32),
		strings.Repeat("A", 33), "é", strings.Repeat("B", 5000)} {
		a := ask(t, site, "GET", fmt.Sprintf("%s/appointments?day=%s&after=%s", addresses(site.Clinic()), day,
			url.QueryEscape(after)), key)
		var p web.Problem
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil || a.Status != 422 || len(p.Errors) != 1 ||
			p.Errors[0].Field != "after" || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.40q: %d %s", after, a.Status, a.Body)
		}
	}
	a := ask(t, site, "GET", addresses(site.Clinic())+"/appointments?after=%00&day="+day, key) // no text at all
	if a.Status != 422 || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("NUL: %d %s", a.Status, a.Body)
	}
}
