package patient_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

// mostOfAPlace is what the page of an organization may weigh in bytes, however much it offers: sent, and unpacked.
const (
	mostOfAPlace         = 16_000
	mostOfAPlaceUnpacked = 110_000
)

// manyOfferings gives the clinic a hundred services more, each of its own clinician at its own location.
func manyOfferings(t *testing.T, site *webtest.Site) {
	t.Helper()
	c := site.Clinic()
	for n := range 100 {
		location, person, service, schedule, offering := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
		c.SQL(t, `insert into location (id, name, street, city, state, zip, lat, lon, zone) values ($1, $2, '1 Test St', 'Providence', 'RI', '02906', 41.83, -71.39, $3)`,
			location, fmt.Sprintf("Place %03d", n), c.Zone)
		c.SQL(t, `insert into practitioner (id, name, specialty) values ($1, $2, 'Family doctor')`, person,
			fmt.Sprintf("Dr. Núñez %03d", n))
		c.SQL(t, `insert into service (id, reason_code, name, minutes) values ($1, 'C09', $2, 20)`, service,
			fmt.Sprintf("Check number %03d", n))
		c.SQL(t, `insert into schedule (id, location_id, practitioner_id) values ($1, $2, $3)`, schedule, location, person)
		for day := range 7 {
			c.SQL(t, `insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute) values ($1, $2, $3, 'open', 540, 1020)`,
				uuid.New(), schedule, day)
		}
		c.SQL(t, `insert into offering (id, service_id, location_id, schedule_id, practitioner_id) values ($1, $2, $3, $4, $5)`,
			offering, service, location, schedule, person)
		c.SQL(t, `insert into offering_resource (offering_id, resource_id, position) values ($1, $2, 0)`, offering,
			c.Resources[0])
	}
	c.Publish(t)
	if err := site.Market.Reload(t.Context()); err != nil {
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
	for path != "" && pages < 10 {
		page := leo.Get(path)
		page.Has(http.StatusOK)
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
	if len(seen) != 101 || pages != 6 {
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
	for _, after := range []string{"x", uuid.NewString(), uuid.NewString() + "+Check+number+0505"} {
		leo.Get(site.Place() + "?after=" + after).Has(http.StatusOK)
	}
	for _, none := range []string{"%00", "%ff"} { // no text, wherever it stands
		leo.Get(site.Place() + "?after=" + none).Has(http.StatusUnprocessableEntity)
	}
}
