package patient_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

// mostOfAPlace is what the page of an organization may weigh in bytes, however much it offers: sent, and unpacked.
const (
	mostOfAPlace         = 12_000
	mostOfAPlaceUnpacked = 60_000
)

// manyOfferings gives the clinic a hundred services more, each of its own clinician at its own location.
func manyOfferings(t *testing.T, site *webtest.Site) {
	t.Helper()
	c := site.Clinic()
	c.SQL(t, `with n as materialized (select lpad(n::text, 3, '0') as n, gen_random_uuid() as at, gen_random_uuid() as who,
			gen_random_uuid() as what, gen_random_uuid() as hours, gen_random_uuid() as offer from generate_series(0, 99) n),
		at as (insert into location (id, name, street, city, state, zip, lat, lon, zone)
			select at, 'Place ' || n, '1 Test St', 'Providence', 'RI', '02906', 41.83, -71.39, $1 from n),
		who as (insert into practitioner (id, name, specialty) select who, 'Dr. Núñez ' || n, 'Family doctor' from n),
		what as (insert into service (id, reason_code, name, minutes) select what, 'C09', 'Check number ' || n, 20 from n),
		hours as (insert into schedule (id, location_id, practitioner_id) select hours, at, who from n),
		open as (insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute)
			select gen_random_uuid(), hours, day, 'open', 540, 1020 from n, generate_series(0, 6) day),
		offer as (insert into offering (id, service_id, location_id, schedule_id, practitioner_id)
			select offer, what, at, hours, who from n)
		insert into offering_resource (offering_id, resource_id, position) select offer, $2, 0 from n`, c.Zone,
		c.Resources[0])
	publish(t, site)
}

// publish brings what the site shows up to date with its clinic.
func publish(t *testing.T, site *webtest.Site) {
	t.Helper()
	site.Clinic().Publish(t)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := site.Market.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func packed(t *testing.T, body string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestThePageOfAPlaceWithAHundredServicesIsLightAndLeadsToEachOfThem(t *testing.T) {
	site := webtest.Open(t)
	few := site.Visitor(t).Get(site.Place())
	if few.HasID("find") {
		t.Error("a place with one service has a search in it")
	}
	manyOfferings(t, site)
	leo := site.Visitor(t)
	seen := map[string]bool{}
	pages, path := 0, site.Place()
	for path != "" && pages < 20 {
		page := leo.Get(path)
		page.Has(http.StatusOK, "95 more addresses", "All 101 people")
		if sent := packed(t, page.Body); sent > mostOfAPlace || len(page.Body) > mostOfAPlaceUnpacked {
			t.Errorf("page %d weighs %d B of %d, unpacked %d of %d", pages, sent, mostOfAPlace, len(page.Body),
				mostOfAPlaceUnpacked)
		}
		for _, a := range page.All("a") {
			if strings.HasSuffix(a.Value("href"), "/times") {
				seen[a.Value("href")] = true
			}
		}
		pages++
		path = ""
		for _, a := range page.All("a", "class", "button quiet") {
			if strings.HasPrefix(a.Text(), "Show ") {
				path, _, _ = strings.Cut(a.Value("href"), "#")
			}
		}
	}
	if len(seen) != 101 || pages != 11 {
		t.Errorf("%d of 101 services on %d pages", len(seen), pages)
	}
	for find, want := range map[string]string{"skin 077": "Dr. Núñez 077", "nunez 042": "Dr. Núñez 042",
		"dermatologist 013": "Dr. Núñez 013"} {
		page := leo.Get(site.Place() + "?find=" + strings.ReplaceAll(find, " ", "+"))
		offers := page.All("ul", "class", "offers")
		if page.Field("find") != find || len(offers) != 1 || len(offers[0].All("li")) != 1 ||
			!strings.Contains(offers[0].Text(), want) {
			t.Errorf("%q finds %s", find, page.Text())
		}
	}
	leo.Get(site.Place()+"?find=zebra").Has(http.StatusOK, "Nothing here is called that")
	part := leo.HTMX()
	found := part.Get(site.Place() + "?find=skin+077")
	found.IsPart("offered")
	found.Has(http.StatusOK, "1 service")
	more := part.Get(site.Place() + "?after=Family+doctor~Skin+check~0")
	if more.HasID("offered") || more.HasID("find") || !more.HasID("pager") || len(more.All("li")) != 10 ||
		!strings.Contains(more.Body, "autofocus") {
		t.Errorf("what follows the lines shown is not such lines: %s", more.Body)
	}
	for _, after := range []string{"x", uuid.NewString(), uuid.NewString() + "+Check+number+0505"} {
		leo.Get(site.Place() + "?after=" + after).Has(http.StatusOK)
	}
	for _, none := range []string{"%00", "%ff"} { // no text, wherever it stands
		leo.Get(site.Place() + "?after=" + none).Has(http.StatusUnprocessableEntity)
	}
}

func TestALineOfAPlaceStandsForAllWhoDoAServiceAndLeadsToEach(t *testing.T) {
	site := webtest.Open(t)
	c := site.Clinic()
	c.SQL(t, `with n as materialized (select n, gen_random_uuid() as who, gen_random_uuid() as hours, gen_random_uuid() as offer
			from generate_series(1, 2) n),
		who as (insert into practitioner (id, name, specialty, age_to, valid_until)
			select who, 'Dr. Twin', 'Family doctor', 17, case n when 2 then current_date + 365 end from n),
		hours as (insert into schedule (id, location_id, practitioner_id) select hours, $1, who from n),
		open as (insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute)
			select gen_random_uuid(), hours, day, 'open', 540, 1020 from n, generate_series(0, 6) day),
		offer as (insert into offering (id, service_id, location_id, schedule_id, practitioner_id)
			select offer, $2, $1, hours, who from n)
		insert into offering_resource (offering_id, resource_id, position) select offer, $3, 0 from n`, c.Location, c.Service,
		c.Resources[0])
	publish(t, site)
	leo := site.Visitor(t)
	page := leo.Get(site.Place())
	page.Has(http.StatusOK, "3 clinicians", "1 service", "Next free")
	all := ""
	for _, a := range page.All("a") {
		if strings.HasPrefix(a.Text(), "All 3 clinicians") {
			all, _, _ = strings.Cut(a.Value("href"), "#")
		}
	}
	each := leo.Get(all)
	each.Has(http.StatusOK, "3 choices", "All services")
	if n := len(each.All("ul", "class", "offers")[0].All("li")); n != 3 {
		t.Errorf("%d of 3 clinicians: %s", n, each.Text())
	}
	c.SQL(t, `update practitioner set valid_until = current_date - 2 where valid_until is not null`)
	publish(t, site)
	page = leo.Get(site.Place())
	page.Has(http.StatusOK, "2 clinicians")
	page.Lacks("3 clinicians")
}

func TestHoursAreToldAsStretchesOfTheDay(t *testing.T) {
	site := webtest.Open(t)
	maya, c := site.Person(t, "Maya"), site.Clinic()
	for hours, want := range map[string]string{
		"(540, 720), (780, 1050)":  "9 am to noon, 1 pm to 5:30 pm",
		"(0, 600), (420, 1260)":    "Midnight to 9 pm",
		"(0, 600), (420, 1440)":    "All day",
		"(1080, 1440), (540, 720)": "9 am to noon, 6 pm to midnight",
	} {
		c.SQL(t, `delete from schedule_rule`)
		c.SQL(t, `insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute)
			select gen_random_uuid(), $1, day, 'open', from_minute, to_minute
			from generate_series(0, 6) day, (values `+hours+`) as h(from_minute, to_minute)`, c.Schedule)
		maya.Get("/places/"+c.Slug).Has(http.StatusOK, "Opening hours", want, "Open today, ")
	}
}
