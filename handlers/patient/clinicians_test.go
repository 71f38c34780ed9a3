package patient_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

func TestAClinicianHasAPageWithTimesToTakeAtOnce(t *testing.T) {
	site := webtest.Open(t)
	c := site.Clinic()
	c.SQL(t, `update practitioner set languages = '{en,pt}', age_to = 17, about = 'Takes time to explain.'`)
	publish(t, site)
	leo := site.Visitor(t)
	path := ""
	for _, a := range leo.Get(site.Place()).All("a") {
		if a.Text() == "Dr. Test" {
			path = a.Value("href")
		}
	}
	if path != site.Place()+"/clinicians/"+c.Practitioner.String() {
		t.Fatalf("the page of the place leads to %q", path)
	}
	page := leo.Get(path)
	page.Has(http.StatusOK, "Dr. Test", "Family doctor", "English and Portuguese", "Children up to 17", "Welcome",
		"1 Test St", "Takes time to explain.", "Skin check", "$140")
	page.Lacks("icons.svg#star", "from 0 visits")
	starts := page.Starts()
	if page.H1() != "Dr. Test" || len(starts) == 0 || page.Field("listing") != c.OfferingID.String() {
		t.Fatalf("%d times: %s", len(starts), page.Text())
	}
	if a := leo.Post(site.Place()+"/holds", "listing", page.Field("listing"), "start", starts[0]); a.Location == "" {
		t.Errorf("its time is not held: %d", a.Status)
	}
	if !strings.Contains(page.Body, `<link rel="canonical" href="`+path+`">`) &&
		!strings.Contains(page.Body, `<link rel="canonical" href="`+path+`"/>`) {
		t.Error("the page does not say its own address")
	}
	results := leo.Get("/search?reason=skin+check&near=02906")
	for !strings.Contains(results.Body, path) { // other tests' organizations stand there as well
		next := slices.IndexFunc(results.All("a"), func(a webtest.Node) bool { return strings.HasPrefix(a.Text(), "Show ") })
		if next < 0 {
			break
		}
		results = leo.Get(results.All("a")[next].Value("href"))
	}
	leadsTo(t, results, "Dr. Test", path)
	leadsTo(t, leo.Get("/search?reason=Dr.+Test"), "Dr. Test", path)
	maya := site.Person(t, "Maya")
	form := append(webtest.Details(), "key", uuid.NewString())
	booked := maya.Post(maya.Hold(1)+"/confirmation", form...).Location
	leadsTo(t, maya.Get(booked), "About Dr. Test", path)
	leo.Get(site.Place()+"/clinicians").Has(http.StatusOK, "Who works at", "Dr. Test", "children up to 17")
	c.SQL(t, `update offering set accepts_new = false`)
	publish(t, site)
	leo.Get(path).Has(http.StatusOK, "None at the moment")
}

func TestWhoHasLeftOrCannotBeBookedThereHasNoPageAndWaysOn(t *testing.T) {
	site := webtest.Open(t)
	c, other := site.Clinic(), site.Other()
	leo, at := site.Visitor(t), site.Place()+"/clinicians/"
	leo.Get(at+c.Practitioner.String()).Has(http.StatusOK, "Dr. Test")
	gone := func(why, id string) {
		t.Helper()
		page := leo.Get(at + id)
		page.Has(http.StatusNotFound, "can be booked here")
		if strings.Contains(page.Text(), "Dr. Test") || !strings.Contains(page.Body, `href="`+site.Place()+`"`) {
			t.Errorf("%s: %s", why, page.Text())
		}
	}
	gone("an unknown one", uuid.NewString())
	gone("no id", "x")
	gone("nobody", uuid.Nil.String())
	gone("another organization's", other.Practitioner.String())
	c.SQL(t, `update practitioner set valid_until = current_date - 2`)
	publish(t, site)
	gone("who has left", c.Practitioner.String())
	c.SQL(t, `update practitioner set valid_until = null`)
	publish(t, site)
	leo.Get(at+c.Practitioner.String()).Has(http.StatusOK, "Dr. Test")
	c.SQL(t, `update offering set live = false`)
	publish(t, site)
	gone("who is not published", c.Practitioner.String())
}

func TestTwoCliniciansOfOneNameAreToldApart(t *testing.T) {
	site := webtest.Open(t)
	manyOfferings(t, site)
	c := site.Clinic()
	c.SQL(t, `update practitioner set name = 'Dr. Twin' where name in ('Dr. Núñez 001', 'Dr. Núñez 002', 'Dr. Núñez 003')`)
	c.SQL(t, `update practitioner set specialty = 'Dentist' where id = (select id from practitioner
		where name = 'Dr. Twin' order by id limit 1)`)
	publish(t, site)
	leo := site.Visitor(t)
	texts, pages := map[string]bool{}, map[string]bool{}
	for _, o := range leo.Get(site.Place()).All("option") {
		if strings.HasPrefix(o.Text(), "Dr. Twin") {
			texts[o.Text()] = true
			page := leo.Get(site.Place() + "/clinicians/" + o.Value("value"))
			page.Has(http.StatusOK, "Dr. Twin")
			pages[page.Text()] = true
			leo.Get(site.Place()+"?clinician="+o.Value("value")).Has(http.StatusOK, "1 service")
		}
	}
	if len(texts) != 3 || len(pages) != 3 {
		t.Errorf("3 clinicians are %d names and %d pages: %v", len(texts), len(pages), texts)
	}
}

// leadsTo tells whether a page has a link of this text to an address.
func leadsTo(t *testing.T, page webtest.Answer, text, path string) {
	t.Helper()
	for _, a := range page.All("a") {
		if a.Value("href") == path && strings.HasPrefix(a.Text(), text) {
			return
		}
	}
	t.Errorf("no %q leads to %s: %s", text, path, page.Text())
}
